"""Reading from the disk: a file that changes meanwhile, and a reader who goes away."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.outside.storage import READ_BYTES, BlobMissing, DiskBlobs
from tests.support.blobs import run, upload


def open_files() -> list[str]:
    links = [Path("/proc/self/fd") / number for number in os.listdir("/proc/self/fd")]
    return [os.readlink(link) for link in links if link.is_symlink()]


def test_a_blob_that_vanishes_or_shrinks_while_read_is_told(store: DiskBlobs) -> None:
    async def while_reading(key: str, spoil: Callable[[Path], Any]) -> None:
        pieces = await store.open_range(key, 0, 3 * READ_BYTES)
        await anext(aiter(pieces))
        spoil(store.root / key)
        async for _ in pieces:
            pass

    for spoil in (Path.unlink, lambda path: os.truncate(path, READ_BYTES)):
        with pytest.raises(BlobMissing):
            run(while_reading, run(upload, store, bytes(3 * READ_BYTES)), spoil)


def test_a_reader_who_goes_away_leaves_no_file_open(store: DiskBlobs) -> None:
    async def read_one_piece() -> None:
        key = await upload(store, bytes(3 * READ_BYTES))
        pieces = await store.open_range(key, 0, 3 * READ_BYTES)
        await anext(aiter(pieces))
        assert not any(str(store.root) in name for name in open_files())

    run(read_one_piece)
