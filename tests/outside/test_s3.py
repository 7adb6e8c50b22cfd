"""A bucket on a real server: what only a bucket can do wrong, and that every failure is a problem with a name and without a secret."""

import io
import logging
import os
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest

from app.domain.problems import StorageFull
from app.outside.storage import BlobMissing
from app.outside.storage.s3 import PART_BYTES, S3Blobs, StorageUnreachable
from tests.support.blobs import read, run
from tests.support.broken_line import Line
from tests.support.s3_server import FULL_BUCKET, SECRET, S3Server, blobs_on

MIB = 1024 * 1024
NO_SUCH_KEY = "ab/cd/019aab3c-0000-7000-8000-00000000cdab"


@pytest.fixture
def blobs(s3: S3Server, tmp_path: Path) -> S3Blobs:
    return blobs_on(s3, tmp_path)


@pytest.fixture
def line(s3: S3Server) -> Iterator[Line]:
    with Line(s3.port) as line:
        yield line


async def keep(blobs: S3Blobs, content: bytes) -> str:
    async with blobs.receive(1024 * MIB) as temporary:
        for start in range(0, len(content), MIB):
            await temporary.write(content[start : start + MIB])
        await temporary.finish()
        return await blobs.keep(temporary)


CALLS: dict[str, Callable[[S3Blobs], Awaitable[Any]]] = {
    "keep": lambda blobs: keep(blobs, b"paper"),
    "keep in parts": lambda blobs: keep(blobs, bytes(PART_BYTES + 1)),
    "open_range": lambda blobs: blobs.open_range(NO_SUCH_KEY, 0, 1),
    "read": lambda blobs: blobs.read(NO_SUCH_KEY, 0, 1),
    "size": lambda blobs: blobs.size(NO_SUCH_KEY),
    "remove": lambda blobs: blobs.remove(NO_SUCH_KEY),
    "listed": lambda blobs: anext(blobs.listed(datetime.now(UTC))),
    "answers": lambda blobs: blobs.answers(),
}
"""Everything that asks the server."""


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("wrong", ["secret", "rights", "bucket", "server"])
def test_whatever_is_wrong_is_unreachable_storage(s3: S3Server, tmp_path: Path, wrong: str, call: Any, caplog: pytest.LogCaptureFixture) -> None:
    access = {
        "secret": s3.access(secret="of-another-server"),
        "rights": s3.access(key="alur:stranger"),
        "bucket": s3.access(),
        "server": s3.access(endpoint="http://127.0.0.1:1"),
    }[wrong]
    blobs = blobs_on(s3, tmp_path, bucket="not-there" if wrong == "bucket" else "documents", access=access)
    with caplog.at_level(logging.DEBUG), pytest.raises(StorageUnreachable) as refused:
        run(call, blobs)
    assert "ALUR_S3_ENDPOINT" in caplog.text
    assert [*(tmp_path / "incoming").iterdir()] == []
    for secret in (SECRET, "of-another-server", "Signature=", "StringToSign"):
        assert secret not in caplog.text + str(refused.value)


def test_what_is_not_there_is_missing_and_its_removal_is_done(blobs: S3Blobs) -> None:
    assert not run(blobs.exists, NO_SUCH_KEY)
    run(blobs.remove, NO_SUCH_KEY)
    for call in (CALLS["read"], CALLS["size"], CALLS["open_range"]):
        with pytest.raises(BlobMissing):
            run(call, blobs)


@pytest.mark.parametrize("start", [5, 6, 1000])
def test_reading_past_the_end_is_missing(blobs: S3Blobs, start: int) -> None:
    key = run(keep, blobs, b"paper")
    with pytest.raises(BlobMissing):
        run(blobs.read, key, start, 1)


@pytest.mark.parametrize("size", [11, PART_BYTES + 1], ids=["at once", "in parts"])
def test_beyond_a_quota_is_full_storage(s3: S3Server, tmp_path: Path, size: int) -> None:
    with pytest.raises(StorageFull):
        run(keep, blobs_on(s3, tmp_path, bucket=FULL_BUCKET), bytes(size))
    assert [*(tmp_path / "incoming").iterdir()] == []


def test_what_is_large_goes_in_parts_and_comes_back_whole(blobs: S3Blobs) -> None:
    content = os.urandom(1000) * 41_944  # 40 MiB
    key = run(keep, blobs, content)
    back = io.BytesIO()
    for piece in run(read, blobs, key, 0, len(content)):
        back.write(piece)
    assert back.getvalue() == content


def test_the_hour_of_keeping_decides_what_is_listed(blobs: S3Blobs) -> None:
    key = run(keep, blobs, b"paper")
    written = blobs._store.head(key)["last_modified"]

    async def listed(before: datetime) -> list[str]:
        return [found async for batch in blobs.listed(before) for found in batch]

    assert run(listed, written - timedelta(seconds=2)) == []
    assert run(listed, written + timedelta(seconds=2)) == [key]


def test_nothing_kept_is_written_over(blobs: S3Blobs, tmp_path: Path) -> None:
    """A second try of the same bytes, whose first answer was lost, is the first one's success."""
    key = run(keep, blobs, b"paper")
    blobs._create(key, b"paper")
    with pytest.raises(StorageUnreachable):
        run(blobs._call, key, lambda: blobs._create(key, b"other"))
    assert run(blobs.read, key, 0, 9) == b"paper"


def test_thirty_two_at_once_keep_thirty_two(blobs: S3Blobs) -> None:
    keys: dict[str, bytes] = {}

    async def one(number: int) -> None:
        content = f"paper {number}".encode()
        keys[await keep(blobs, content)] = content

    async def race() -> None:
        async with anyio.create_task_group() as tasks:
            for number in range(32):
                tasks.start_soon(one, number)
        for key, content in keys.items():
            assert await blobs.read(key, 0, 99) == content

    run(race)
    assert len(keys) == 32


@pytest.mark.parametrize("sent", [100_000, 6 * MIB], ids=["in the first part", "in the second"])
def test_a_server_that_goes_away_in_the_middle_of_a_keep(s3: S3Server, line: Line, tmp_path: Path, sent: int) -> None:
    blobs = blobs_on(s3, tmp_path, access=s3.access(endpoint=line.endpoint))
    line.cut_after(up=sent)
    with pytest.raises(StorageUnreachable):
        run(keep, blobs, bytes(12 * MIB))
    assert [*(tmp_path / "incoming").iterdir()] == []


def test_a_server_that_goes_away_in_the_middle_of_a_read(s3: S3Server, line: Line, tmp_path: Path) -> None:
    blobs = blobs_on(s3, tmp_path, access=s3.access(endpoint=line.endpoint))
    key = run(keep, blobs, bytes(4 * MIB))
    got: list[int] = []

    async def reading() -> None:
        pieces = await blobs.open_range(key, 0, 4 * MIB)
        line.cut_after(down=1_500_000)
        async for piece in pieces:
            got.append(len(piece))  # noqa: PERF401 - what came before the line was cut counts

    with pytest.raises(StorageUnreachable):
        run(reading)
    assert got == [MIB]


def test_a_server_that_takes_the_question_and_says_nothing_is_not_ready_within_seconds(tmp_path: Path, s3: S3Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        blobs = blobs_on(s3, tmp_path, access=s3.access(endpoint=f"http://127.0.0.1:{silent.getsockname()[1]}"))
        began = time.monotonic()
        with pytest.raises(StorageUnreachable):
            run(blobs.answers)
        assert time.monotonic() - began < 10
