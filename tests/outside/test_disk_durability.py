"""A key that was told stays: its bytes are synced before it exists, and no other upload takes it."""

import errno
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from app.outside.storage import DiskBlobs
from app.outside.storage import disk as module
from tests.support.blobs import failing, files, read, run, upload


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was synced and linked, in order; a descriptor is named by its path."""
    log: list[str] = []
    fsync, link = os.fsync, os.link

    def record_fsync(descriptor: int) -> None:
        log.append("fsync " + os.readlink(f"/proc/self/fd/{descriptor}"))
        fsync(descriptor)

    def record_link(source: Path, target: Path) -> None:
        log.append(f"link {target}")
        link(source, target)

    monkeypatch.setattr(os, "fsync", record_fsync)
    monkeypatch.setattr(os, "link", record_link)
    return log


def test_the_bytes_are_synced_before_the_key_exists_and_the_directories_before_it_is_told(store: DiskBlobs, recorded: list[str]) -> None:
    key = run(upload, store, b"isi")
    target = store.root / key
    incoming, rest = recorded[0], recorded[1:]
    assert incoming.startswith(f"fsync {store.root}/incoming/")
    linked = rest.index(f"link {target}")
    assert rest[:linked] == [f"fsync {store.root}", f"fsync {target.parent.parent}"]  # the two directories are new
    assert rest[linked + 1 :] == [f"fsync {target.parent}", f"fsync {target.parent.parent}", f"fsync {store.root}"]


def test_the_root_is_synced_into_its_parents_when_it_is_made(tmp_path: Path, recorded: list[str]) -> None:
    DiskBlobs(tmp_path / "var" / "documents")
    assert recorded == [f"fsync {tmp_path}", f"fsync {tmp_path}/var", f"fsync {tmp_path}/var/documents"]


# ── disks that sync no directories ──


def test_a_directory_that_cannot_be_synced_takes_the_key_back(store: DiskBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_sync", failing(errno.EIO))
    monkeypatch.setattr(module, "_make_directory", lambda directory: directory.mkdir(parents=True))
    with pytest.raises(OSError, match="failing"):
        run(upload, store, b"x")
    assert files(store) == []


def test_a_network_disk_that_knows_no_directory_sync_is_good_enough(store: DiskBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    fsync = os.fsync

    def files_only(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", files_only)
    assert run(store.exists, run(upload, store, b"x"))


# ── no overwriting ──


@pytest.fixture(params=["hard links", "no hard links"])
def either_file_system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """SMB shares have no hard links; the same promises hold there."""

    def unsupported(*_: Any) -> None:
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    if request.param == "no hard links":
        monkeypatch.setattr(os, "link", unsupported)


@pytest.mark.usefixtures("either_file_system")
def test_a_key_is_never_given_twice(store: DiskBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    key = run(upload, store, b"first")
    monkeypatch.setattr(module, "_new_key", lambda: key)
    with pytest.raises(FileExistsError):
        run(upload, store, b"second")
    assert run(read, store, key, 0, 5) == [b"first"]
    assert files(store) == [store.root / key]


def test_a_rename_that_fails_gives_its_name_back(store: DiskBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", failing(errno.EPERM))
    monkeypatch.setattr(os, "rename", failing(errno.EIO))
    with pytest.raises(OSError, match="failing"):
        run(upload, store, b"x")
    assert files(store) == []


def test_the_same_bytes_twice_are_two_blobs(store: DiskBlobs) -> None:
    assert run(upload, store, b"x") != run(upload, store, b"x")
    assert len(files(store)) == 2
