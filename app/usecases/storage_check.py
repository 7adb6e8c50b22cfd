"""Everything in storage that a row names, read again and compared: whole, byte by byte. No transaction is open while it is read."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.documents import CHUNK_BYTES
from app.domain.restricted_records import RestrictedRecord
from app.domain.stored_content import Damage, Kept
from app.outside.restricted_keys import RestrictedKeys
from app.outside.storage import BlobMissing, Blobs
from app.store.database import Database
from app.store.resumable_uploads import find_upload
from app.store.stored_content import NamedParts, NamedVersion, fill_digests, named_parts, named_records, named_versions
from app.usecases.acts import Shelf
from app.usecases.restricted_content import opens
from app.usecases.restricted_records import note_damage as note_record_damage
from app.usecases.restricted_records import note_restored as note_record_restored
from app.usecases.stored_content import ContentDamaged, hashed, note_damage, note_restored

What = Literal["whole", "missing", "size", "content", "row", "unreadable"]
"""`row`: the bytes are those of the version, but its blob row says otherwise; of a restricted record, that its row does not open.
`unreadable`: the disk gave an error.
"""

MOST_CHUNK_BYTES = 16 * CHUNK_BYTES

T = TypeVar("T", bound="_HasPlace")


class _HasPlace(Protocol):
    @property
    def id(self) -> UUID: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One key and what was found under it. `place` says whose it is; `version` and `record` say what has it; neither, a part."""

    office: str
    instance_id: UUID
    place: str
    storage_key: str
    what: What
    damage: Damage | None = None
    version: NamedVersion | None = None
    record: RestrictedRecord | None = None
    opens: bool | None = None
    hashed: Kept | None = None

    @property
    def differs(self) -> bool:
        return self.what != "whole"

    @property
    def has_news(self) -> bool:
        """Whether there is something to write down: damage, its end, or digests that were never kept."""
        if self.record is not None:
            return _record_news(self, self.record) is not None
        if self.version is None:
            return False
        if self.what != "whole":
            return self.damage is not None and not self.version.is_damaged
        return self.version.is_damaged or _lacks_digests(self.version)


async def check(database: Database, blobs: Blobs, keys: RestrictedKeys, *, office: str | None) -> AsyncIterator[Checked]:
    """Each key once: of versions, parts of unfinished uploads, restricted records; of one office, or of all."""
    async for named in _versions(database, office):
        yield await _version(blobs, named)
    async for upload in _pages(database, lambda connection, after: named_parts(connection, office=office, after=after)):
        for key, size in upload.parts:
            if (found := await _part(database, blobs, upload, key=key, size=size)) is not None:
                yield found
    async for record in _pages(database, lambda connection, after: named_records(connection, office=office, after=after)):
        yield await _record(blobs, record, keys)


async def note(connection: AsyncConnection, shelf: Shelf, now: datetime, *, of: Checked) -> list[str]:
    """What was written down of it. Raises Collision."""
    if of.record is not None:
        return await _note_record(connection, now, of, of.record)
    told: list[str] = []
    version, key = of.version, of.storage_key
    if version is None:
        return told
    if of.damage is not None and await note_damage(connection, shelf, now, instance_id=version.instance_id, damage=of.damage):
        told.append("damaged")
    if of.hashed is None or of.differs:  # a wrong row would have the next reader note damage again
        return told
    if version.is_damaged and await note_restored(connection, shelf, now, instance_id=version.instance_id, storage_key=key):
        told.append("restored")
    if _lacks_digests(version) and await fill_digests(connection, of.hashed, now):
        told.append("digests")
    return told


def _record_news(of: Checked, record: RestrictedRecord) -> Literal["damaged", "restored"] | None:
    if record.damaged_at is None:
        return "damaged" if of.damage is not None or of.what == "row" else None
    return "restored" if of.opens and not of.differs else None


async def _note_record(connection: AsyncConnection, now: datetime, of: Checked, record: RestrictedRecord) -> list[str]:
    news = _record_news(of, record)
    if news == "damaged" and await note_record_damage(connection, now, record.id, "metadata" if of.what == "row" else "content"):
        return ["damaged"]
    if news == "restored" and await note_record_restored(connection, now, record.id):
        return ["restored"]
    return []


# ── one by one ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def _version(blobs: Blobs, named: NamedVersion) -> Checked:
    known = named.known
    chunk_bytes = known.chunk_bytes if known is not None and 0 < known.chunk_bytes <= MOST_CHUNK_BYTES else CHUNK_BYTES
    told = Kept(named.storage_key, named.sha256, named.size, chunk_bytes, known.digests if known is not None else ())
    what, damage, found = await _compared(blobs, told)
    if found is not None and known is not None and not _fits(known, found):
        what = "row"
    place = f"{named.document_id}/{named.slot} v{named.version}"
    return Checked(
        office=named.office,
        instance_id=named.instance_id,
        place=place,
        storage_key=named.storage_key,
        what=what,
        damage=damage,
        version=named,
        hashed=found,
    )


async def _part(database: Database, blobs: Blobs, upload: NamedParts, *, key: str, size: int) -> Checked | None:
    """None where the upload went on meanwhile: finished, withdrawn or expired, its parts are rightly gone."""
    what: What
    try:
        what = "whole" if await blobs.size(key) >= size else "size"  # of what was held back a chunk short, more lies there than counts
    except BlobMissing:
        async with database.read() as connection:
            now = await find_upload(connection, upload.id)
        if now is None or (key, size) not in now.parts:
            return None
        what = "missing"
    place = f"upload {upload.id}/{upload.slot}"
    return Checked(office=upload.office, instance_id=upload.instance_id, place=place, storage_key=key, what=what)


async def _record(blobs: Blobs, record: RestrictedRecord, keys: RestrictedKeys) -> Checked:
    """That it opens is only seen where its key is here."""
    what, damage, found = await _compared(blobs, Kept(record.storage_key, record.sha256, record.size, CHUNK_BYTES))
    does_open = None
    if found is not None and (does_open := await opens(blobs, record, keys)) is False:
        what = "row"
    place = f"restricted record {record.id}"
    return Checked(
        office=record.office_code,
        instance_id=record.instance_id,
        place=place,
        storage_key=record.storage_key,
        what=what,
        damage=damage,
        record=record,
        opens=does_open,
    )


async def _compared(blobs: Blobs, told: Kept) -> tuple[What, Damage | None, Kept | None]:
    """With the digests found, where the whole is right."""
    try:
        size = await blobs.size(told.storage_key)
        found = await hashed(blobs, Kept(told.storage_key, told.sha256, size, told.chunk_bytes, told.digests))
    except BlobMissing:
        return "missing", None, None
    except ContentDamaged as error:
        return "content" if size == told.size else "size", error.damage, None
    except OSError:
        return "unreadable", None, None
    return ("whole", None, found) if size == told.size else ("size", None, None)


def _fits(known: Kept, found: Kept) -> bool:
    digests = known.digests or found.digests
    return (known.sha256, known.size, known.chunk_bytes, digests) == (found.sha256, found.size, found.chunk_bytes, found.digests)


def _lacks_digests(version: NamedVersion) -> bool:
    return version.size > 0 and (version.known is None or not version.known.digests)


# ── pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _versions(database: Database, office: str | None) -> AsyncIterator[NamedVersion]:
    """Of those that share a key, one."""
    after, last = None, None
    while True:
        async with database.read() as connection:
            page = await named_versions(connection, office=office, after=after)
        for named in page:
            if named.content != last:
                yield named
            last = named.content
        if not page:
            return
        after = page[-1].place


async def _pages(database: Database, ask: Callable[[AsyncConnection, Any], Awaitable[list[T]]]) -> AsyncIterator[T]:
    after = None
    while True:
        async with database.read() as connection:
            page = await ask(connection, after)
        for named in page:
            yield named
        if not page:
            return
        after = page[-1].id
