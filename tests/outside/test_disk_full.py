"""Disks that are full, or take a part at a time."""

import errno
import os
from typing import Any

import pytest

from app.domain.problems import StorageFull, Unavailable
from app.outside.storage import BATCH_BYTES, DiskBlobs
from tests.support.blobs import failing, files, read, run, upload


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("call", ["open", "write", "fsync", "link"])
def test_a_full_disk_says_so_and_leaves_nothing(store: DiskBlobs, monkeypatch: pytest.MonkeyPatch, call: str, number: int) -> None:
    monkeypatch.setattr(os, call, failing(number))
    with pytest.raises(StorageFull) as refusal:
        run(upload, store, b"x" * 100)
    monkeypatch.undo()
    assert isinstance(refusal.value, Unavailable)
    assert files(store) == []


def test_a_full_disk_in_the_middle_says_so_and_leaves_nothing(store: DiskBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    write, room = os.write, [BATCH_BYTES + 100]

    def until_full(descriptor: int, data: Any) -> int:
        if not room[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = write(descriptor, bytes(data[: room[0]]))
        room[0] -= written
        return written

    monkeypatch.setattr(os, "write", until_full)
    with pytest.raises(StorageFull):
        run(upload, store, bytes(3 * BATCH_BYTES))
    assert files(store) == []


def test_a_disk_that_takes_a_part_at_a_time_gets_it_all(store: DiskBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, bytes(data[:1000])))
    content = os.urandom(12_345)
    key = run(upload, store, content)
    assert b"".join(run(read, store, key, 0, 12_345)) == content
