"""Documents' bytes in an S3-compatible bucket. obstore is imported when the first of these is made: nobody else pays its memory.

Only its sync functions, in threads: the async ones have aborted the process at exit.
"""

import logging
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from anyio import to_thread
from uuid_utils.compat import uuid7

from app.domain.problems import StorageFull, Unavailable
from app.outside.storage.spool import BlobMissing, TemporaryBlob

PART_BYTES = 5 * 1024 * 1024
"""The least that S3 allows for a part. What is larger goes in parts of this size, two at a time: that is what an upload holds in memory."""

READ_BYTES = 1024 * 1024
LISTED_KEYS = 500

_KEY = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CODE = re.compile(r"<Code>(\w+)</Code>|status code: (\d{3})")
_FULL = {"507", "413", "EntityTooLarge", "QuotaExceeded", "InsufficientStorage", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded"}
"""Beyond a quota is 'EntityTooLarge', or 413 for the last step of a multipart upload, where Swift answers; other codes are Ceph's and MinIO's."""

_log = logging.getLogger(__name__)


class StorageUnreachable(Unavailable):
    """The bucket did not answer, or refused us. What the server said goes nowhere: it may quote what was signed."""

    code = "storage_unreachable"
    retry_after = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Access:
    """Without an `endpoint`, Amazon's own in that region."""

    endpoint: str | None
    region: str
    access_key_id: str | None
    secret_access_key: str | None = field(repr=False)


class S3Blobs:
    """`<prefix>/ab/cd/<uuid7>` in the bucket; uploads under way in `incoming`, on this machine."""

    def __init__(self, bucket: str, prefix: str, *, access: S3Access, incoming: Path) -> None:
        incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._bucket = bucket
        self._incoming = incoming
        self._store = _store(bucket, prefix, access, timeout="60s", retries=2)
        self._quick = _store(bucket, prefix, access, timeout="2s", retries=0)

    def receive(self, max_bytes: int) -> TemporaryBlob:
        return TemporaryBlob(self._incoming / str(uuid7()), max_bytes)

    async def keep(self, temporary: TemporaryBlob) -> str:
        """The storage key. When this returns the server has acknowledged the whole blob."""
        if not temporary.finished:
            raise ValueError("Only a finished upload is kept.")
        name = str(uuid7())
        key = f"{name[-2:]}/{name[-4:-2]}/{name}"
        await self._call(key, lambda: self._put(key, temporary.path))
        await temporary.discard()
        return key

    async def open_range(self, key: str, start: int, length: int) -> AsyncIterator[bytes]:
        size = await self.size(key)
        if start < 0 or length < 0 or start + length > size:
            raise ValueError(f"Bytes {start} to {start + length} lie outside of {size}.")
        return self._pieces(key, start, start + length)

    async def read(self, key: str, start: int, length: int) -> bytes:
        if length < 1:
            raise BlobMissing(key)
        piece: bytes = await self._call(key, lambda: bytes(self._store.get_range(key, start=start, length=length)))
        if not piece:
            raise BlobMissing(key)
        return piece

    async def size(self, key: str) -> int:
        """A bucket that is gone answers as a key that is gone does, so it is asked too before anything is called missing."""
        try:
            size: int = await self._call(key, lambda: self._store.head(key)["size"])
        except BlobMissing:
            await self._look_inside()
            raise
        return size

    async def exists(self, key: str) -> bool:
        try:
            await self.size(key)
        except BlobMissing:
            return False
        return True

    async def remove(self, key: str) -> None:
        with suppress(BlobMissing):
            await self._call(key, lambda: self._store.delete(key))

    async def sweep(self, older_than: timedelta, now: datetime) -> int:
        return await to_thread.run_sync(self._sweep, (now - older_than).timestamp())

    async def listed(self, before: datetime) -> AsyncIterator[tuple[str, ...]]:
        """What is named like no key is left out."""
        pages = await to_thread.run_sync(self._pages, self._store, LISTED_KEYS)
        while (page := await to_thread.run_sync(self._next, pages)) is not None:
            keys = tuple(item["path"] for item in page if _KEY.fullmatch(item["path"]) and item["last_modified"] < before)
            if keys:
                yield keys

    async def answers(self) -> bool:
        """Room here for an upload, and a bucket that lets us look inside within some seconds."""
        async with self.receive(1) as probe:
            await probe.write(b"1")
            await probe.finish()
        await self._look_inside()
        return True

    async def _look_inside(self) -> None:
        pages = await to_thread.run_sync(self._pages, self._quick, 1)
        await to_thread.run_sync(self._next, pages)

    def _pages(self, store: Any, keys: int) -> Iterator[Any]:
        with _problems("the listing", self._bucket):
            return iter(store.list(chunk_size=keys))

    def _next(self, pages: Iterator[Any]) -> Any:
        with _problems("the listing", self._bucket):
            try:
                return next(pages, None)
            except FileNotFoundError:  # the bucket itself
                raise _unreachable(self._bucket, "NoSuchBucket") from None

    async def _call(self, key: str, ask: Callable[[], Any]) -> Any:
        if not _KEY.fullmatch(key):
            raise ValueError(f"{key!r} is no storage key.")

        def asked() -> Any:
            with _problems(key, self._bucket):
                return ask()

        return await to_thread.run_sync(asked)

    def _put(self, key: str, path: Path) -> None:
        if path.stat().st_size <= PART_BYTES:
            self._create(key, path.read_bytes())
        else:
            self._store.put(key, path, use_multipart=True, chunk_size=PART_BYTES, max_concurrency=2)

    def _create(self, key: str, content: bytes) -> None:
        """A second try whose first one was done, only unanswered, finds what it came to write."""
        from obstore.exceptions import AlreadyExistsError  # noqa: PLC0415

        try:
            self._store.put(key, content, mode="create", use_multipart=False)
        except AlreadyExistsError:
            if bytes(self._store.get(key).bytes()) != content:
                raise

    async def _pieces(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        while start < end:
            piece = await self.read(key, start, min(READ_BYTES, end - start))
            yield piece
            start += len(piece)

    def _sweep(self, before: float) -> int:
        swept = 0
        for path in self._incoming.iterdir():
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    path.unlink()
                    swept += 1
        return swept


def _store(bucket: str, prefix: str, access: S3Access, *, timeout: str, retries: int) -> Any:
    from obstore.store import S3Store  # noqa: PLC0415 - only who keeps documents in a bucket pays for it

    endpoint: dict[str, Any] = {} if access.endpoint is None else {"endpoint": access.endpoint}
    return S3Store(
        bucket,
        prefix=prefix or None,
        region=access.region,
        access_key_id=access.access_key_id,
        secret_access_key=access.secret_access_key,
        virtual_hosted_style_request=False,
        client_options={"connect_timeout": "2s", "timeout": timeout, "allow_http": (access.endpoint or "").startswith("http://")},
        retry_config={"max_retries": retries, "retry_timeout": timedelta(seconds=30)},
        **endpoint,
    )


@contextmanager
def _problems(key: str, bucket: str) -> Iterator[None]:
    from obstore.exceptions import BaseError  # noqa: PLC0415

    try:
        yield
    except (FileNotFoundError, PermissionError, BaseError) as error:
        codes = {code for found in _CODE.findall(str(error)) for code in found if code}
        missing = isinstance(error, FileNotFoundError) or "InvalidRange" in codes
        if missing and "NoSuchBucket" not in codes:
            raise BlobMissing(key) from None
        if codes & _FULL:
            raise StorageFull(f"The bucket {bucket} is full.") from None
        raise _unreachable(bucket, " ".join(sorted(codes)) or type(error).__name__) from None


def _unreachable(bucket: str, reason: str) -> StorageUnreachable:
    _log.error("S3 bucket %s: %s. Check ALUR_STORAGE_URL, ALUR_S3_ENDPOINT, ALUR_S3_REGION, the key and its secret.", bucket, reason)
    return StorageUnreachable(f"The bucket {bucket} cannot be used.")
