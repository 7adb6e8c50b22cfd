"""Documents' bytes on the local disk.

An upload is written to `incoming/`, synced, then linked under a key that nothing ever overwrites and the directories are synced too:
only then may a row name it. What a crash leaves in `incoming/` belongs to no row and is swept.
"""

import errno
import hashlib
import os
import re
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

from anyio import CancelScope, to_thread
from uuid_utils.compat import uuid7

from app.domain.problems import PayloadTooLarge, Unavailable

BATCH_BYTES = 1024 * 1024
"""Collected before a thread is asked to hash and write: a network chunk alone (64 KiB) costs more in the hop than in the writing."""

READ_BYTES = 256 * 1024

_KEY = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_FULL = {errno.ENOSPC, errno.EDQUOT}
_NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}
_NO_DIRECTORY_SYNC = {errno.EINVAL, errno.EBADF}  # network file systems that sync names by themselves; PostgreSQL passes over the same two


class BlobTooLarge(PayloadTooLarge):
    """More bytes came than the cap allows."""


class StorageFull(Unavailable):
    """The disk or the quota is full; nothing of the upload is left behind. Somebody has to make room, so a client need not hurry."""

    retry_after = 60


class BlobMissing(Unavailable):
    """A row names a blob that is not there, or is shorter than it says: the disk was not restored with the database. Somebody has to."""

    code = "content_missing"
    retry_after = 60


class TemporaryBlob:
    """One upload under way. `async with` it: whatever was not kept is gone at the end of the block.

    `size` counts what was written; `sha256` is right once `finish()` has returned.
    """

    def __init__(self, path: Path, max_bytes: int) -> None:
        self.path = path
        self.size = 0
        self.finished = False
        self._max_bytes = max_bytes
        self._pending = bytearray()  # not a list of chunks: a client that sends single bytes would make it 40 times as large
        self._digest = hashlib.sha256()
        self._descriptor: int | None = None
        self._gone = False
        self._lock = threading.Lock()

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    async def write(self, chunk: bytes) -> None:
        if self.size + len(chunk) > self._max_bytes:
            raise BlobTooLarge(self._max_bytes)
        self.size += len(chunk)
        self._pending += chunk
        if len(self._pending) >= BATCH_BYTES:
            await to_thread.run_sync(self._append, self._take_pending())

    async def finish(self) -> None:
        """All bytes are on the disk when this returns."""
        await to_thread.run_sync(self._finish, self._take_pending())

    async def discard(self) -> None:
        with CancelScope(shield=True):
            await to_thread.run_sync(self._discard)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.discard()

    def _take_pending(self) -> bytearray:
        batch, self._pending = self._pending, bytearray()
        return batch

    # What follows runs in threads. The lock keeps `discard` from closing the file under a writer whose task was cancelled.

    def _append(self, batch: bytearray) -> None:
        with self._lock, _full_disk_is_storage_full():
            self._write_out(batch)

    def _finish(self, batch: bytearray) -> None:
        with self._lock, _full_disk_is_storage_full():
            descriptor = self._write_out(batch)
            os.fsync(descriptor)
            self._close()
            self.finished = True

    def _write_out(self, batch: bytearray) -> int:
        if self._gone or self.finished:
            raise ValueError("This upload was finished or discarded before.")
        if self._descriptor is None:
            self._descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._digest.update(batch)
        _write_all(self._descriptor, batch)
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


class DiskBlobs:
    """`root/incoming/` for uploads under way, `root/ab/cd/<uuid7>` for what is kept: random digits first, so that directories fill evenly."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._incoming = root / "incoming"
        _make_directory(self._incoming)

    def receive(self, max_bytes: int) -> TemporaryBlob:
        """Touches the disk only when bytes come."""
        return TemporaryBlob(self._incoming / str(uuid7()), max_bytes)

    async def keep(self, temporary: TemporaryBlob) -> str:
        """The storage key. When this returns the blob outlives a power cut, so a row may name it."""
        if not temporary.finished:
            raise ValueError("Only a finished upload is kept.")
        return await to_thread.run_sync(self._keep, temporary.path)

    async def open_range(self, key: str, start: int, length: int) -> AsyncIterator[bytes]:
        """`length` bytes from `start`, in pieces. Raises before the first piece: BlobMissing, or ValueError for a range outside the blob."""
        size = await self.size(key)
        if start < 0 or length < 0 or start + length > size:
            raise ValueError(f"Bytes {start} to {start + length} lie outside of {size}.")
        return self._pieces(self._path(key), start, start + length)

    async def size(self, key: str) -> int:
        try:
            return (await to_thread.run_sync(self._path(key).stat)).st_size
        except FileNotFoundError as error:
            raise BlobMissing(key) from error

    async def exists(self, key: str) -> bool:
        return await to_thread.run_sync(self._path(key).is_file)

    async def remove(self, key: str) -> None:
        """Only for a blob that no row can name: its transaction was refused, not merely unanswered."""
        await to_thread.run_sync(partial(self._path(key).unlink, missing_ok=True))

    async def sweep(self, older_than: timedelta, now: datetime) -> int:
        """How many uploads were removed that nobody has written to since `now - older_than`."""
        return await to_thread.run_sync(self._sweep, (now - older_than).timestamp())

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ValueError(f"{key!r} is no storage key.")
        return self.root / key

    async def _pieces(self, path: Path, start: int, end: int) -> AsyncIterator[bytes]:
        """Opens the file anew for each piece: a slow reader then holds no descriptor, and one who goes away leaves none open."""
        while start < end:
            piece = await to_thread.run_sync(_read, path, start, min(READ_BYTES, end - start))
            yield piece
            start += len(piece)

    def _keep(self, temporary: Path) -> str:
        key = _new_key()
        target = self.root / key
        with _full_disk_is_storage_full():
            _make_directory(target.parent)
            _link(temporary, target)
            try:
                for directory in (target.parent, target.parent.parent, self.root):
                    _sync(directory)
            except OSError:
                target.unlink(missing_ok=True)
                raise
        temporary.unlink(missing_ok=True)
        return key

    def _sweep(self, before: float) -> int:
        swept = 0
        for path in self._incoming.iterdir():
            with suppress(FileNotFoundError):  # finished or discarded meanwhile
                if path.stat().st_mtime < before:
                    path.unlink()
                    swept += 1
        return swept


def blobs_from_url(url: str) -> DiskBlobs:
    """`file:///absolute/path`. Raises ValueError for anything else: `file://var/x` would silently mean /x on a host named var."""
    parts = urlsplit(url)
    if parts.scheme != "file":
        raise ValueError(f"ALUR_STORAGE_URL names {parts.scheme or 'no scheme'}; use file:///absolute/path")
    path = Path(unquote(parts.path))
    elsewhere = parts.netloc not in {"", "localhost"} or parts.query or parts.fragment
    if elsewhere or not path.is_absolute() or path == path.parent or "\0" in str(path):
        raise ValueError("ALUR_STORAGE_URL needs an absolute path, with three slashes and special characters percent-encoded: file:///absolute/path")
    return DiskBlobs(path)


def _new_key() -> str:
    name = str(uuid7())
    return f"{name[-2:]}/{name[-4:-2]}/{name}"


def _write_all(descriptor: int, batch: bytearray) -> None:
    """A nearly full disk takes a part and refuses only the next write."""
    rest = memoryview(batch)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _read(path: Path, start: int, length: int) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise BlobMissing(path.name) from error
    try:
        piece = os.pread(descriptor, length, start)
    finally:
        os.close(descriptor)
    if not piece:
        raise BlobMissing(path.name)
    return piece


def _link(temporary: Path, target: Path) -> None:
    """Gives the file its lasting name, never over another. A file system without hard links (SMB) gets a rename over a name claimed first."""
    try:
        os.link(temporary, target)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        try:
            os.rename(temporary, target)
        except OSError:
            target.unlink()
            raise


def _make_directory(directory: Path) -> None:
    """With its parents, each synced into the one above."""
    if not directory.is_dir():
        _make_directory(directory.parent)
        directory.mkdir(mode=0o700, exist_ok=True)
        _sync(directory.parent)


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_DIRECTORY_SYNC:
            raise
    finally:
        os.close(descriptor)


@contextmanager
def _full_disk_is_storage_full() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull(str(error)) from error
        raise
