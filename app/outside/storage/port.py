"""What every place for documents' bytes can do, whichever `ALUR_STORAGE_URL` names."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Protocol

from app.outside.storage.spool import TemporaryBlob


class Blobs(Protocol):
    """Keys are made here, unique, and never given twice: what is kept is never overwritten."""

    def receive(self, max_bytes: int) -> TemporaryBlob:
        """Room for one upload, on this machine's disk whatever the storage."""

    async def keep(self, temporary: TemporaryBlob) -> str:
        """The storage key. When this returns the blob outlives a power cut, so a row may name it."""

    async def open_range(self, key: str, start: int, length: int) -> AsyncIterator[bytes]:
        """`length` bytes from `start`, unchecked. Raises BlobMissing, or ValueError for a range outside the blob, before the first."""

    async def read(self, key: str, start: int, length: int) -> bytes:
        """At most `length` bytes from `start`, in one piece; fewer where the blob ends. Raises BlobMissing."""

    async def size(self, key: str) -> int:
        """In bytes. Raises BlobMissing."""

    async def exists(self, key: str) -> bool: ...

    async def remove(self, key: str) -> None:
        """Only for a blob that no row can name: its transaction was refused, not merely unanswered."""

    async def sweep(self, older_than: timedelta, now: datetime) -> int:
        """How many uploads were removed that nobody has written to since `now - older_than`."""

    def listed(self, before: datetime) -> AsyncIterator[tuple[str, ...]]:
        """Keys of what is kept and was last modified before that moment, in batches and no order. Uploads under way have no key."""

    async def answers(self) -> bool:
        """Whether an upload could be received and kept now: true, or an error raised."""
