"""What is uploaded: its bytes, its key and its cap; and nothing is left of what was not kept."""

import asyncio
import hashlib
import os
import threading

import pytest
from anyio import CancelScope, to_thread

from app.outside.storage import BATCH_BYTES, Blobs, TornWrite
from tests.support.blobs import CAP, EVERYWHERE, read, run

pytestmark = EVERYWHERE


@pytest.mark.parametrize("size", [0, 1, BATCH_BYTES - 1, BATCH_BYTES, 2 * BATCH_BYTES + 12345])
def test_what_was_uploaded_is_read_back(store: Blobs, size: int) -> None:
    content = os.urandom(size)

    async def there_and_back() -> None:
        async with store.receive(CAP) as temporary:
            for start in range(0, size, 60_000):
                await temporary.write(content[start : start + 60_000])
            await temporary.finish()
            assert (temporary.size, temporary.sha256) == (size, hashlib.sha256(content).hexdigest())
            key = await store.keep(temporary)
        assert await store.exists(key)
        assert await store.size(key) == size
        assert b"".join(await read(store, key, 0, size)) == content

    run(there_and_back)


@pytest.mark.parametrize("more", [b"more", b"", b"m" * (BATCH_BYTES + 1)], ids=["more", "nothing", "a batch"])
def test_nothing_is_written_after_the_end(store: Blobs, more: bytes) -> None:
    async def write_on() -> None:
        async with store.receive(CAP) as temporary:
            await temporary.write(b"all")
            await temporary.finish()
            await temporary.write(more)
            await temporary.finish()

    with pytest.raises(ValueError, match="finished or discarded"):
        run(write_on)


def test_a_thread_that_outlives_its_cancelled_writer_keeps_its_bytes(store: Blobs, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is collected next goes into a buffer of its own."""
    reading, go_on, written = threading.Event(), threading.Event(), []
    write = os.write

    def slow(descriptor: int, batch: memoryview) -> int:
        reading.set()
        assert go_on.wait(20)
        written.append(bytes(batch[:3]))
        return write(descriptor, batch)

    async def cancelled() -> None:
        temporary = store.receive(CAP)
        writing = asyncio.create_task(temporary.write(b"old" + bytes(BATCH_BYTES - 3)))
        await asyncio.to_thread(reading.wait, 20)
        writing.cancel()
        await asyncio.wait([writing], timeout=0.01)
        await temporary.write(b"new")
        go_on.set()
        await temporary.discard()
        await asyncio.wait([writing])
        assert not temporary.path.exists()

    monkeypatch.setattr("app.outside.storage.spool.os.write", slow)
    asyncio.run(cancelled())
    assert written == [b"old"]


def test_cancelled_before_a_thread_was_free_the_batch_is_written_all_the_same(store: Blobs) -> None:
    content = os.urandom(BATCH_BYTES)

    async def cancelled_early() -> None:
        async with store.receive(CAP) as temporary:
            with CancelScope() as scope:
                scope.cancel()
                await temporary.write(content)
            await temporary.finish()
            key = await store.keep(temporary)
        assert b"".join(await read(store, key, 0, BATCH_BYTES)) == content

    run(cancelled_early)


def test_what_a_stopping_server_tore_is_never_finished(store: Blobs) -> None:
    """The task itself is cancelled, which no shield holds back, while every thread is taken."""

    async def torn() -> None:
        limiter = to_thread.current_default_thread_limiter()
        async with store.receive(CAP) as temporary:
            free, limiter.total_tokens = limiter.total_tokens, 0
            writing = asyncio.create_task(temporary.write(bytes(BATCH_BYTES)))
            await asyncio.wait([writing], timeout=0)
            writing.cancel()
            await asyncio.wait([writing])
            limiter.total_tokens = free
            with pytest.raises(TornWrite):
                await temporary.finish()

    asyncio.run(torn())
