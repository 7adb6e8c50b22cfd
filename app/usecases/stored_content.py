"""Stored bytes, checked before anybody gets them, and what is noted of those that differ."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from anyio import to_thread
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.documents import CHUNK_BYTES
from app.domain.events import NewEvent
from app.domain.instances import DocumentVersion, Instance
from app.domain.problems import Unavailable
from app.domain.stored_content import Damage, Kept, damaged, restored
from app.outside.storage import BlobMissing, Blobs
from app.store import instances as store
from app.store.errors import Collision
from app.store.instances import moved_by_clock
from app.usecases.acts import Shelf


class ContentDamaged(Unavailable):
    """What is stored is not what was uploaded any more. Somebody has to bring it back."""

    code = "content_damaged"
    retry_after = 60

    def __init__(self, damage: Damage) -> None:
        self.damage = damage
        super().__init__(damage.storage_key)


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def open_version(blobs: Blobs, version: DocumentVersion, known: Kept | None, *, start: int, length: int) -> AsyncIterator[bytes]:
    """`length` bytes from `start`, each chunk checked whole before any byte of it is given out; one chunk is in memory at a time.

    `known`: the blob's row (store/blobs.py: `kept`). Without digests that fit, the whole file is read first. Raises BlobMissing and
    ContentDamaged before the first byte for the first chunk, and while iterating for a later one.
    """
    kept = expected(version, known)
    if await blobs.size(kept.storage_key) < kept.size:
        raise BlobMissing(kept.storage_key)
    if not kept.digests:
        kept = await hashed(blobs, kept)
    pieces = checked(blobs, kept, start=start, length=length)
    first = await anext(pieces, b"")
    return _resumed(first, pieces)


def expected(version: DocumentVersion, known: Kept | None) -> Kept:
    """What the version says counts; digests only where they belong to the same bytes and are all there."""
    if known is not None and (known.sha256, known.size) == (version.sha256, version.size) and len(known.digests) == known.chunks:
        return known
    return Kept(version.storage_key, version.sha256, version.size, CHUNK_BYTES)


async def checked(blobs: Blobs, kept: Kept, *, start: int, length: int) -> AsyncIterator[bytes]:
    """Raises BlobMissing, ContentDamaged."""
    if length <= 0:
        return
    end = start + length
    for number in range(start // kept.chunk_bytes, -(-end // kept.chunk_bytes)):
        chunk, begin = await _chunk(blobs, kept, number), number * kept.chunk_bytes
        found = await to_thread.run_sync(_digest, chunk)
        if found != kept.digests[number]:
            raise ContentDamaged(Damage(kept.storage_key, number, kept.digests[number], found))
        yield chunk[max(start - begin, 0) : end - begin]


async def hashed(blobs: Blobs, kept: Kept) -> Kept:
    """With the digests of the chunks as they are now, once all of them together are what was stored. Raises BlobMissing, ContentDamaged."""
    whole, digests = sha256(), []
    for number in range(kept.chunks):
        chunk = await _chunk(blobs, kept, number)
        await to_thread.run_sync(whole.update, chunk)
        digests.append(await to_thread.run_sync(_digest, chunk))
    if whole.hexdigest() != kept.sha256:
        raise ContentDamaged(Damage(kept.storage_key, _first_wrong(kept.digests, digests), kept.sha256, whole.hexdigest()))
    return replace(kept, digests=tuple(digests))


def _first_wrong(expected: tuple[str, ...], found: list[str]) -> int | None:
    return next((n for n, (wanted, seen) in enumerate(zip(expected, found, strict=False)) if wanted != seen), None)


async def _chunk(blobs: Blobs, kept: Kept, number: int) -> bytes:
    begin = number * kept.chunk_bytes
    size = min(kept.chunk_bytes, kept.size - begin)
    chunk = await blobs.read(kept.storage_key, begin, size)
    if len(chunk) < size:
        raise BlobMissing(kept.storage_key)
    return chunk


def _digest(chunk: bytes) -> str:
    return sha256(chunk).hexdigest()


async def _resumed(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if first:
        yield first
        del first
    async for piece in rest:
        yield piece


# ── noting ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def note_damage(connection: AsyncConnection, shelf: Shelf, now: datetime, *, instance_id: UUID, damage: Damage) -> bool:
    """An act of the clock: whoever reads did not do it. False where it is noted already. Raises Collision."""
    before, at = await _loaded(connection, shelf, now, instance_id=instance_id)
    return await _saved(connection, before, damaged(before, damage, at), at)


async def note_restored(connection: AsyncConnection, shelf: Shelf, now: datetime, *, instance_id: UUID, storage_key: str) -> bool:
    """False where no damage was noted. Raises Collision."""
    before, at = await _loaded(connection, shelf, now, instance_id=instance_id)
    return await _saved(connection, before, restored(before, storage_key), at)


async def _loaded(connection: AsyncConnection, shelf: Shelf, now: datetime, *, instance_id: UUID) -> tuple[Instance, datetime]:
    """With the time that its events will bear. Raises Collision where it is not to be had at the moment."""
    found = await store.load_many(connection, [instance_id])
    if not found:
        raise Collision
    instance = (await shelf.with_procedure(connection, found[0])).instance
    return instance, instance.head.next_at(now)


async def _saved(connection: AsyncConnection, before: Instance, decided: tuple[Instance, NewEvent] | None, at: datetime) -> bool:
    """Nobody decides on it, so the instance keeps its version; the place in its stream is what two who note it at once race for."""
    if decided is None:
        return False
    move = moved_by_clock(before, decided[0], events=[decided[1]], now=at, is_new_version=False)
    if before.id not in await store.save_many(connection, [move]):
        raise Collision
    return True
