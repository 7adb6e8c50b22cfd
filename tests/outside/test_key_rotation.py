"""Rotating key files: whole or not at all, never two at once, and readable by whom the old key was."""

import fcntl
import os
import stat
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from app.outside import key_rotation
from app.outside.key_files import retired_files, retired_path
from app.outside.key_rotation import make, rotate
from app.outside.tokens import SigningKey
from tests.support.key_files import key_file, kid_in
from tests.support.tokens import KEY, NOW, OTHER_PEM, PEM, RSA_PEM, public


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return key_file(tmp_path)


def files(path: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}


def test_a_rotation_leaves_the_new_key_and_the_old_one_beside_it(path: Path) -> None:
    rotated = rotate(path, NOW + timedelta(microseconds=999))
    assert files(path) == {"key.pem": 0o600, "key.retired-20270104T073000Z.pem": 0o600}
    assert retired_path(path, NOW).read_text() == PEM
    assert (rotated.kid, rotated.previous_kid) == (kid_in(path), KEY.kid)
    assert rotated.until == NOW + timedelta(minutes=11)
    assert SigningKey(path.read_text()).public.algorithm == "ES256"


def test_an_rsa_key_is_followed_by_one_of_p_256(tmp_path: Path) -> None:
    path = key_file(tmp_path, RSA_PEM)
    rotate(path, NOW)
    assert SigningKey(path.read_text()).public.algorithm == "ES256"


def test_a_key_made_elsewhere_becomes_the_signing_key(path: Path) -> None:
    assert rotate(path, NOW, to=OTHER_PEM).kid == SigningKey(OTHER_PEM).kid
    assert path.read_text() == OTHER_PEM


@pytest.mark.parametrize(
    ("to", "said"),
    [(PEM, "holds this key already"), ("no key", "A key is"), (public(Encoding.PEM, OTHER_PEM).decode(), "A key is")],
    ids=["the same", "none", "public"],
)
def test_what_cannot_become_the_signing_key_changes_nothing(path: Path, to: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        rotate(path, NOW, to=to)
    assert (path.read_text(), files(path)) == (PEM, {"key.pem": 0o600})


def test_the_second_rotation_of_one_second_is_refused(path: Path) -> None:
    rotated = rotate(path, NOW)
    with pytest.raises(ValueError, match="this very second"):
        rotate(path, NOW)
    assert kid_in(path) == rotated.kid
    assert len(retired_files(path)) == 1


def test_a_rotation_while_another_one_goes_on_is_refused(path: Path) -> None:
    descriptor = os.open(path.parent, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    with pytest.raises(ValueError, match="Somebody else"):
        rotate(path, NOW)
    os.close(descriptor)  # as when its process dies
    rotate(path, NOW)


def test_of_many_rotations_at_once_each_is_whole_or_refused(path: Path) -> None:
    """And whoever reads meanwhile always finds a key."""
    refused: list[str] = []
    done: list[str] = []
    together = threading.Barrier(8)

    def one(number: int) -> None:
        together.wait()
        try:
            done.append(rotate(path, NOW + timedelta(seconds=number)).kid)
        except ValueError as error:
            refused.append(str(error))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        kid_in(path)
    for thread in threads:
        thread.join()
    assert len(done) + len(refused) == 8
    assert len(done) >= 1
    assert kid_in(path) in done
    assert {kid_in(file) for _, file in retired_files(path)} | {kid_in(path)} == {KEY.kid, *done}
    assert all("Somebody else" in said for said in refused)


def test_a_disk_that_refuses_the_new_key_leaves_everything_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put = key_rotation._put

    def failing(target: Path, pem: str, *, like: os.stat_result | None) -> None:
        if target == path:
            raise OSError(28, "No space left on device")
        put(target, pem, like=like)

    monkeypatch.setattr(key_rotation, "_put", failing)
    with pytest.raises(ValueError, match="No space left on device"):
        rotate(path, NOW)
    assert (path.read_text(), files(path)) == (PEM, {"key.pem": 0o600})


def test_a_rename_that_fails_leaves_no_half_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> Path:
        raise OSError(16, "Device or resource busy")

    monkeypatch.setattr(Path, "replace", busy)
    with pytest.raises(ValueError, match="mounted as a whole"):
        rotate(path, NOW)
    assert files(path) == {"key.pem": 0o600}


@pytest.mark.parametrize(("before", "after"), [(0o600, 0o600), (0o640, 0o640), (0o644, 0o640), (0o400, 0o600), (0o666, 0o640)])
def test_a_group_that_read_the_old_key_reads_the_new_one_and_nobody_else(path: Path, before: int, after: int) -> None:
    path.chmod(before)
    rotate(path, NOW)
    assert set(files(path).values()) == {after}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_root_rotates_for_the_user_of_the_server(path: Path) -> None:
    os.chown(path, 10001, 10001)
    rotate(path, NOW)
    assert {(file.stat().st_uid, file.stat().st_gid) for file in path.parent.iterdir()} == {(10001, 10001)}


def test_who_cannot_hand_the_new_key_to_its_owner_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(key_rotation, "_belong_to_the_same", forbidden)
    with pytest.raises(ValueError, match="the owner of the key file"):
        rotate(path, NOW)
    assert (path.read_text(), files(path)) == (PEM, {"key.pem": 0o600})


def test_where_there_is_no_directory_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be changed: No such file"):
        rotate(tmp_path / "nowhere" / "key.pem", NOW)


def test_a_first_key_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "data" / "key.pem"
    make(path)
    made = path.read_text()
    make(path)
    assert (path.read_text(), files(path)) == (made, {"key.pem": 0o600})
