"""An upload under way: its bytes go to a file of its own, hashed as they come, whole and by chunk."""

import errno
import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from anyio import CancelScope, to_thread

from app.domain.documents import CHUNK_BYTES
from app.domain.problems import PayloadTooLarge, StorageFull, Unavailable

BATCH_BYTES = CHUNK_BYTES
"""Collected before a thread is asked to hash and write: a network chunk alone (64 KiB) costs more in the hop than in the writing."""

_OVER = "This upload was finished or discarded before."
_FULL = {errno.ENOSPC, errno.EDQUOT}


class BlobTooLarge(PayloadTooLarge):
    """More bytes came than the cap allows."""


class BlobMissing(Unavailable):
    """A row names a blob that is not there, or is shorter than it says: the disk was not restored with the database. Somebody has to."""

    code = "content_missing"
    retry_after = 60


class TornWrite(ValueError):
    """A write was broken off before a thread took it: not all that was counted is on the disk."""


class TemporaryBlob:
    """One upload under way. `async with` it: whatever was not kept is gone at the end of the block.

    `size` counts what was written; `sha256` and `digests` (SHA-256 hex of each chunk) are right once `finish()` has returned.
    """

    def __init__(self, path: Path, max_bytes: int) -> None:
        self.path = path
        self.size = 0
        self.finished = False
        self._max_bytes = max_bytes
        self._pending = bytearray()  # not a list of chunks: a client that sends single bytes would make it 40 times as large
        self._filled = 0
        self._written = 0
        self._digest = hashlib.sha256()
        self._digests: list[str] = []
        self._descriptor: int | None = None
        self._gone = False
        self._lock = threading.Lock()

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    @property
    def digests(self) -> tuple[str, ...]:
        return tuple(self._digests)

    async def write(self, chunk: bytes) -> None:
        if self.size + len(chunk) > self._max_bytes:
            raise BlobTooLarge(self._max_bytes)
        if self._gone or self.finished:
            raise ValueError(_OVER)
        self.size += len(chunk)
        rest = memoryview(chunk)
        while rest:
            rest = self._collect(rest)
            if self._filled == BATCH_BYTES:
                await self._hand_over(self._append)

    async def finish(self) -> None:
        """All bytes are on the disk when this returns. Raises TornWrite when some never will be."""
        await self._hand_over(self._finish)

    async def discard(self) -> None:
        with CancelScope(shield=True):
            await to_thread.run_sync(self._discard)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.discard()

    def _collect(self, chunk: memoryview) -> memoryview:
        """What found no room. The buffer grows to one batch and is used again for the next: a new one each time costs more than hashing it."""
        taken = chunk[: BATCH_BYTES - self._filled]
        end = self._filled + len(taken)
        self._pending[self._filled : end] = taken
        self._filled = end
        return chunk[len(taken) :]

    async def _hand_over(self, write_out: Callable[[bytearray, int], None]) -> None:
        """Whole chunks until the last, so that each is hashed in one piece.

        The buffer is the thread's until that is done, and comes back only then: after a cancellation the thread may still be reading it.
        Shielded: cancelled before a thread is free, the batch would be counted and not written. A server that stops cancels through the shield.
        """
        buffer, self._pending = self._pending, bytearray()
        size, self._filled = self._filled, 0
        with CancelScope(shield=True):
            await to_thread.run_sync(write_out, buffer, size)
        self._pending = buffer

    # What follows runs in threads. The lock keeps `discard` from closing the file under a writer whose task was cancelled.

    def _append(self, buffer: bytearray, size: int) -> None:
        with self._lock, full_disk_is_storage_full(), memoryview(buffer) as whole, whole[:size] as batch:
            self._write_out(batch)

    def _finish(self, buffer: bytearray, size: int) -> None:
        with self._lock, full_disk_is_storage_full(), memoryview(buffer) as whole, whole[:size] as batch:
            descriptor = self._write_out(batch)
            if self._written != self.size:
                raise TornWrite
            os.fsync(descriptor)
            self._close()
            self.finished = True

    def _write_out(self, batch: memoryview) -> int:
        if self._gone or self.finished:
            raise ValueError(_OVER)
        if self._descriptor is None:
            self._descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._digest.update(batch)
        if batch:
            self._digests.append(hashlib.sha256(batch).hexdigest())
        _write_all(self._descriptor, batch)
        self._written += len(batch)
        return self._descriptor

    def _discard(self) -> None:
        with self._lock:
            self._gone = True
            self._close()
            self.path.unlink(missing_ok=True)

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


def _write_all(descriptor: int, batch: memoryview) -> None:
    """A nearly full disk takes a part and refuses only the next write."""
    written = 0
    while written < len(batch):
        with batch[written:] as rest:
            written += os.write(descriptor, rest)


@contextmanager
def full_disk_is_storage_full() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull(str(error)) from error
        raise
