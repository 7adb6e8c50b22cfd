"""The key ring over files: a rotation is picked up by a running server, old keys verify until their last token is gone, and no longer."""

import base64
import json
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from structlog.testing import capture_logs

from app.outside.key_files import GivenKey, KeyFile, retired_path
from app.outside.key_rotation import forget, rotate
from app.outside.tokens import HeldKey, KeyRing, Keys, SigningKey, Tokens
from tests.support.key_files import Counting, key_file, kid_in, server
from tests.support.tokens import CLAIMS, HEADER, IAT, KEY, NOW, OTHER_PEM, PEM, RSA_PEM, SUB, assert_refused, forged, issue, public

SECOND, HONOURED = timedelta(seconds=1), timedelta(minutes=11)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return key_file(tmp_path)


def kid_of(token: str) -> str:
    return str(json.loads(base64.urlsafe_b64decode(token.split(".", maxsplit=1)[0] + "=="))["kid"])


def kids(by: Tokens, now: datetime = NOW) -> list[str]:
    return [key["kid"] for key in by.jwks(now)["keys"]]


# ── a running server ──


def test_a_running_server_signs_with_the_new_key_and_takes_the_tokens_of_the_old_one(path: Path) -> None:
    running = server(KeyFile(path))
    before = issue(running)
    rotated = rotate(path, NOW)
    after = issue(running)
    assert (kid_of(before), kid_of(after)) == (KEY.kid, rotated.kid) == (rotated.previous_kid, kid_in(path))
    assert running.verify(before, NOW).sub == running.verify(after, NOW).sub == SUB
    assert kids(running) == [rotated.kid, rotated.previous_kid]


def test_a_server_that_only_verifies_knows_the_new_key_at_once(path: Path) -> None:
    """Two processes over one directory: the other one signed first."""
    verifying = server(KeyFile(path))
    rotate(path, NOW)
    assert verifying.verify(issue(server(KeyFile(path))), NOW).sub == SUB


def test_the_key_set_shows_the_new_key_at_once(path: Path) -> None:
    running = server(KeyFile(path))
    rotated = rotate(path, NOW)
    assert kids(running) == [rotated.kid, KEY.kid]


@pytest.mark.parametrize("leeway", [0, 60])
def test_the_last_token_of_the_old_key_is_taken_until_its_own_end(path: Path, leeway: int) -> None:
    running = server(KeyFile(path), leeway_seconds=leeway)
    last = issue(running)
    rotate(path, NOW)
    end = NOW + timedelta(minutes=10, seconds=leeway)
    assert server(KeyFile(path), leeway_seconds=leeway).verify(last, end - SECOND).sub == SUB
    assert running.verify(last, end - SECOND).sub == SUB
    assert_refused(last, running, end)


def test_a_retired_key_that_is_over_verifies_nothing_whatever_the_token_says(path: Path) -> None:
    rotate(path, NOW)
    running = server(KeyFile(path))
    for_a_year = forged(claims=CLAIMS | {"exp": IAT + 365 * 86400})
    assert running.verify(for_a_year, NOW + HONOURED - SECOND).sub == SUB
    assert_refused(for_a_year, running, NOW + HONOURED)
    assert_refused(for_a_year, server(KeyFile(path)), NOW + HONOURED)
    assert kids(running, NOW + HONOURED) == [kid_in(path)]


def test_a_forged_token_that_was_kept_before_the_rotation_ends_with_its_key(path: Path) -> None:
    """Somebody stole the key and made a token for a year; the server has verified it, and hears nothing else than this token."""
    running = server(KeyFile(path))
    for_a_year = forged(claims=CLAIMS | {"exp": IAT + 365 * 86400})
    running.verify(for_a_year, NOW)
    rotate(path, NOW)
    for minute in range(11):
        running.verify(for_a_year, NOW + timedelta(minutes=minute))
    assert_refused(for_a_year, running, NOW + HONOURED)


def test_a_key_that_leaked_and_was_taken_away_takes_its_kept_tokens_with_it(path: Path) -> None:
    running = server(KeyFile(path))
    stolen = issue(running)
    running.verify(stolen, NOW)
    rotate(path, NOW)
    retired_path(path, NOW).unlink()
    running.verify(issue(running), NOW)
    assert_refused(stolen, running)
    assert kids(running) == [kid_in(path)]


# ── how often files are read ──


def test_files_are_read_when_they_change_and_not_for_each_request(path: Path) -> None:
    source = Counting(KeyFile(path))
    running = server(source)
    for number in range(20):
        running.verify(issue(running, NOW + number * SECOND), NOW + number * SECOND)
        running.jwks(NOW)
    assert source.reads == 1
    rotate(path, NOW)
    for number in range(20):
        running.verify(issue(running, NOW + number * SECOND), NOW + number * SECOND)
    assert source.reads == 2


def test_unknown_keys_make_nobody_read_for_each_request(path: Path) -> None:
    source = Counting(KeyFile(path))
    running = server(source)
    for number in range(100):
        assert_refused(forged(HEADER | {"kid": f"made-up-{number}"}), running, NOW + number * timedelta(milliseconds=100))
    assert source.reads == 1 + 2  # at the start, and twice in ten seconds


def test_unknown_keys_do_not_empty_the_cache(path: Path) -> None:
    running = server(Counting(KeyFile(path)))
    running.verify(issue(running), NOW)
    assert_refused(forged(HEADER | {"kid": "made-up"}), running)
    assert len(running._cache) == 1


def test_an_unknown_key_is_looked_for_where_the_dates_of_files_are_late(path: Path) -> None:
    source = Counting(KeyFile(path))
    source.blind = True
    running = server(source)
    rotate(path, NOW)
    token = issue(server(KeyFile(path)))
    assert running.verify(token, NOW).sub == SUB
    rotate(path, NOW + SECOND)
    newer = issue(server(KeyFile(path)), NOW + SECOND)
    assert_refused(newer, running, NOW + SECOND)
    assert running.verify(newer, NOW + 6 * SECOND).sub == SUB


def test_a_clock_that_was_set_back_does_not_keep_the_server_from_looking(path: Path) -> None:
    source = Counting(KeyFile(path))
    running = server(source)
    assert_refused(forged(HEADER | {"kid": "made-up"}), running, NOW + timedelta(days=365))
    assert_refused(forged(HEADER | {"kid": "made-up"}), running, NOW)
    assert source.reads == 3


# ── what cannot be read ──


def half_written(path: Path) -> None:
    path.write_text(OTHER_PEM[:80])


def gone(path: Path) -> None:
    path.unlink()


def binary(path: Path) -> None:
    path.write_bytes(b"\xff\xfe\x00")


def a_public_key(path: Path) -> None:
    path.write_bytes(public(Encoding.PEM, OTHER_PEM))


@pytest.mark.parametrize("spoil", [half_written, gone, binary, a_public_key])
def test_a_key_file_that_cannot_be_read_leaves_the_server_signing_as_before(path: Path, spoil: Callable[[Path], None]) -> None:
    running = server(KeyFile(path))
    spoil(path)
    with capture_logs() as logs:
        assert kid_of(issue(running)) == kid_of(issue(running)) == KEY.kid
    assert [(line["log_level"], str(path) in line["reason"]) for line in logs] == [("warning", True)]
    assert "PRIVATE" not in repr(logs)
    path.write_text(OTHER_PEM)
    assert kid_of(issue(running)) == SigningKey(OTHER_PEM).kid


def test_a_server_does_not_start_on_a_key_file_that_cannot_be_read(path: Path) -> None:
    half_written(path)
    with pytest.raises(ValueError, match=r"key\.pem: A key is"):
        Keys(KeyFile(path))
    gone(path)
    with pytest.raises(ValueError, match=r"key\.pem cannot be read"):
        Keys(KeyFile(path))


def test_a_broken_retired_file_keeps_nobody_from_signing_with_the_new_key(path: Path) -> None:
    rotated = rotate(path, NOW)
    retired_path(path, NOW).write_text("half")
    with capture_logs() as logs:
        assert kids(server(KeyFile(path))) == [rotated.kid]
    assert [line["log_level"] for line in logs] == ["warning"]


@pytest.mark.parametrize(
    "name", ["key.retired-yesterday.pem", "key.retired-20261399T000000Z.pem", "other.retired-20270104T073000Z.pem", "key.pem.bak"]
)
def test_other_files_beside_the_key_are_no_retired_keys(path: Path, name: str) -> None:
    (path.parent / name).write_text(OTHER_PEM)
    assert kids(server(KeyFile(path))) == [KEY.kid]


# ── where keys come from ──


def test_a_crash_between_keeping_the_old_key_and_placing_the_new_one_changes_nothing(path: Path) -> None:
    retired_path(path, NOW).write_text(PEM)
    running = server(KeyFile(path))
    assert kids(running, NOW + HONOURED) == [KEY.kid]
    rotate(path, NOW + timedelta(days=1))
    assert running.verify(issue(running, NOW), NOW).sub == SUB
    assert KEY.kid in kids(running, NOW + timedelta(days=1))


@pytest.mark.parametrize("pem", [RSA_PEM, SigningKey(RSA_PEM)], ids=["private", "public"])
def test_previous_files_verify_for_as_long_as_they_are_named(tmp_path: Path, path: Path, pem: str | SigningKey) -> None:
    other = tmp_path / "previous.pem"
    other.write_text(pem if isinstance(pem, str) else public(Encoding.PEM, RSA_PEM).decode())
    for source in (KeyFile(path, (other,)), GivenKey(PEM, (other,))):
        running = server(source)
        assert kids(running, NOW + timedelta(days=3650)) == [KEY.kid, SigningKey(RSA_PEM).kid]
        assert running.verify(issue(server(GivenKey(RSA_PEM))), NOW).sub == SUB


def test_a_key_that_was_retired_is_over_whoever_else_names_it(tmp_path: Path, path: Path) -> None:
    """Named before it signed, so that other hosts knew it, and forgotten in the settings."""
    named = tmp_path / "named.pem"
    named.write_bytes(public(Encoding.PEM))
    rotate(path, NOW)
    running = server(KeyFile(path, (named,)))
    assert KEY.kid in kids(running, NOW + HONOURED - SECOND)
    assert KEY.kid not in kids(running, NOW + HONOURED)


def test_a_key_retired_twice_verifies_until_the_later_end(path: Path) -> None:
    """The first time something broke before the new key was in place."""
    retired_path(path, NOW - timedelta(minutes=5)).write_text(PEM)
    rotate(path, NOW)
    assert KEY.kid in kids(server(KeyFile(path)), NOW + HONOURED - SECOND)


def test_a_previous_file_that_is_missing_is_named_at_the_start(tmp_path: Path, path: Path) -> None:
    with pytest.raises(ValueError, match=r"nowhere\.pem cannot be read"):
        Keys(KeyFile(path, (tmp_path / "nowhere.pem",)))


def test_a_key_that_is_there_twice_verifies_once() -> None:
    ring = KeyRing(KEY, (HeldKey(KEY.public, None, NOW), HeldKey.from_pem(RSA_PEM), HeldKey.from_pem(RSA_PEM, NOW)))
    assert [held.kid for held in ring.verifying(NOW)] == [KEY.kid, SigningKey(RSA_PEM).kid]


def test_forgetting_deletes_what_verifies_no_more_and_nothing_else(path: Path) -> None:
    first, second = NOW, NOW + timedelta(minutes=5)
    rotate(path, first)
    rotate(path, second)
    assert forget(path, first + HONOURED - SECOND) == []
    assert forget(path, first + HONOURED) == [retired_path(path, first)]
    assert {file.name for file in path.parent.iterdir()} == {"key.pem", retired_path(path, second).name}
    assert os.stat(path).st_mode & 0o777 == 0o600
