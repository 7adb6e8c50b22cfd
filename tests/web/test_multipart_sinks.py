"""Where the file goes: piece by piece, to memory or to the disk, and never finished when the body is not."""

import asyncio
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.requests import ClientDisconnect

from app.outside.storage import BlobTooLarge, DiskBlobs
from app.web.multipart import read_form
from tests.support.multipart import END, VALID, Memory, file, read, refused, request


def test_pieces_reach_the_sink_while_the_body_still_comes() -> None:
    sink = Memory()

    def pieces() -> Iterator[bytes]:
        yield file(b"x" * 500)[:-2]
        yield b"x" * 500
        assert sink.size >= 500
        yield b"\r\n" + END

    assert read(pieces(), sink=sink)[1].size == 1000


def test_a_body_cut_off_does_not_finish_the_sink() -> None:
    sink = Memory()
    refused(file(b"x" * 500)[:-40], sink=sink)
    assert not sink.finished


def test_the_disk_is_a_sink(tmp_path: Path) -> None:
    async def receive() -> None:
        store = DiskBlobs(tmp_path)
        async with store.receive(1000) as temporary:
            form = await read_form(request([VALID]), temporary, max_file_bytes=1000)
            key = await store.keep(temporary)
        assert form.file is not None
        content = b"".join([piece async for piece in await store.open_range(key, 0, form.file.size)])
        assert hashlib.sha256(content).hexdigest() == form.file.sha256

    asyncio.run(receive())


def test_what_the_sink_refuses_is_refused(tmp_path: Path) -> None:
    async def receive() -> None:
        async with DiskBlobs(tmp_path).receive(10) as temporary:
            await read_form(request([VALID]), temporary, max_file_bytes=1000)

    with pytest.raises(BlobTooLarge):
        asyncio.run(receive())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_client_who_goes_away_is_no_malformed_body(tmp_path: Path) -> None:
    async def receive() -> None:
        async with DiskBlobs(tmp_path).receive(10_000_000) as temporary:
            await read_form(request([file(b"x" * 5_000_000)[:-20]], leaves=True), temporary, max_file_bytes=10_000_000)

    with pytest.raises(ClientDisconnect):
        asyncio.run(receive())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
