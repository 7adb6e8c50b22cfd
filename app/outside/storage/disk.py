"""Documents' bytes on the local disk.

An upload is written to `incoming/`, synced, then linked under a key that nothing ever overwrites and the directories are synced too:
only then may a row name it. What a crash leaves in `incoming/` belongs to no row and is swept.
"""

import errno
import os
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from anyio import to_thread
from uuid_utils.compat import uuid7

from app.outside.storage.spool import BlobMissing, TemporaryBlob, full_disk_is_storage_full

READ_BYTES = 256 * 1024
LISTED_KEYS = 500
"""In one batch of a listing."""

_KEY = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}
_NO_DIRECTORY_SYNC = {errno.EINVAL, errno.EBADF}  # network file systems that sync names by themselves; PostgreSQL passes over the same two


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

    async def read(self, key: str, start: int, length: int) -> bytes:
        """At most `length` bytes from `start`, in one piece; fewer where the blob ends. Raises BlobMissing."""
        return await to_thread.run_sync(_read, self._path(key), start, length)

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

    async def listed(self, before: datetime) -> AsyncIterator[tuple[str, ...]]:
        """A directory of first digits at a time. What vanishes meanwhile is left out, and so is whatever is named like no key."""
        for directory in await to_thread.run_sync(_directories, self.root):
            keys = await to_thread.run_sync(self._listed_in, directory, before.timestamp())
            for start in range(0, len(keys), LISTED_KEYS):
                yield tuple(keys[start : start + LISTED_KEYS])

    async def answers(self) -> bool:
        async with self.receive(1) as probe:
            await probe.write(b"1")
            await probe.finish()
        return True

    def _listed_in(self, first: Path, before: float) -> list[str]:
        found = []
        for path in first.glob("*/*"):
            key = str(path.relative_to(self.root))
            with suppress(FileNotFoundError):
                if _KEY.fullmatch(key) and path.stat().st_mtime < before:
                    found.append(key)
        return found

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
        with full_disk_is_storage_full():
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


def _directories(root: Path) -> list[Path]:
    """Those of the first two digits, so `incoming/` is none."""
    return [path for path in root.iterdir() if len(path.name) == 2 and path.is_dir()]


def _new_key() -> str:
    name = str(uuid7())
    return f"{name[-2:]}/{name[-4:-2]}/{name}"


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
