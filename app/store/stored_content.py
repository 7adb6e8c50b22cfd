"""Which rows name what storage holds: page by page, for whoever compares the two."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, exists, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.restricted_records import RestrictedRecord
from app.domain.resumable_uploads import Parts
from app.domain.stored_content import Kept, split_digests
from app.store.blobs import BLOB
from app.store.inserts import insert_missing
from app.store.tables import DocumentRow, DocumentVersionRow, InstanceRow, RestrictedRecordRow, UploadRow, table

DOCUMENT, VERSION, INSTANCE = table(DocumentRow), table(DocumentVersionRow), table(InstanceRow)
RESTRICTED, UPLOAD = table(RestrictedRecordRow), table(UploadRow)
PAGE = 200

Place = tuple[str, UUID, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedVersion:
    """What a version says of its key, and its blob row (`known`). `is_damaged`: noted of any version with that key."""

    office: str
    instance_id: UUID
    document_id: UUID
    slot: str
    version: int
    storage_key: str
    sha256: str
    size: int
    is_damaged: bool
    known: Kept | None

    @property
    def place(self) -> Place:
        return self.storage_key, self.document_id, self.version

    @property
    def content(self) -> tuple[str, str, int]:
        return self.storage_key, self.sha256, self.size


@dataclass(frozen=True, slots=True)
class NamedParts:
    id: UUID
    office: str
    instance_id: UUID
    slot: str
    parts: Parts


# ── pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def named_versions(connection: AsyncConnection, *, office: str | None, after: Place | None) -> list[NamedVersion]:
    """In the order of the keys: versions that share one come one after the other."""
    c, other = VERSION.c, VERSION.alias()
    damaged = exists().where(other.c.storage_key == c.storage_key, other.c.damaged_at.is_not(None)).label("damaged")
    blob = (BLOB.c.sha256.label("blob_sha256"), BLOB.c.size.label("blob_size"), BLOB.c.chunk_bytes, BLOB.c.digests)
    told = (
        select(c.storage_key, c.document_id, c.version, c.sha256, c.size, c.instance_id, INSTANCE.c.office_code, DOCUMENT.c.slot, damaged, *blob)
        .join(INSTANCE, INSTANCE.c.id == c.instance_id)
        .join(DOCUMENT, DOCUMENT.c.id == c.document_id)
        .outerjoin(BLOB, BLOB.c.storage_key == c.storage_key)
    )
    if office is not None:
        told = told.where(INSTANCE.c.office_code == office)
    if after is not None:
        told = told.where(tuple_(c.storage_key, c.document_id, c.version) > after)
    found = await connection.execute(told.order_by(c.storage_key, c.document_id, c.version).limit(PAGE))
    return [_named(row) for row in found]


async def named_parts(connection: AsyncConnection, *, office: str | None, after: UUID | None) -> list[NamedParts]:
    """Of uploads that are not finished."""
    columns = (UPLOAD.c.id, UPLOAD.c.office_code, UPLOAD.c.instance_id, UPLOAD.c.slot, UPLOAD.c.parts)
    found = await connection.execute(_page(select(*columns).where(UPLOAD.c.document_id.is_(None)), UPLOAD, office=office, after=after))
    return [NamedParts(row.id, row.office_code, row.instance_id, row.slot, tuple((str(k), int(size)) for k, size in row.parts)) for row in found]


async def named_records(connection: AsyncConnection, *, office: str | None, after: UUID | None) -> list[RestrictedRecord]:
    found = await connection.execute(_page(select(RESTRICTED), RESTRICTED, office=office, after=after))
    return [RestrictedRecord(**row) for row in found.mappings()]


def _page(statement: Select[Any], of: Any, *, office: str | None, after: UUID | None) -> Select[Any]:
    if office is not None:
        statement = statement.where(of.c.office_code == office)
    if after is not None:
        statement = statement.where(of.c.id > after)
    return statement.order_by(of.c.id).limit(PAGE)


def _named(row: Row[Any]) -> NamedVersion:
    known = None
    if row.blob_sha256 is not None:
        known = Kept(row.storage_key, row.blob_sha256, row.blob_size, row.chunk_bytes, split_digests(row.digests))
    return NamedVersion(
        office=row.office_code,
        instance_id=row.instance_id,
        document_id=row.document_id,
        slot=row.slot,
        version=row.version,
        storage_key=row.storage_key,
        sha256=row.sha256,
        size=row.size,
        is_damaged=bool(row.damaged),
        known=known,
    )


# ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def names_anything(connection: AsyncConnection) -> bool:
    for column in (BLOB.c.storage_key, VERSION.c.storage_key, RESTRICTED.c.storage_key, UPLOAD.c.id):
        if (await connection.execute(select(column).limit(1))).first() is not None:
            return True
    return False


async def unnamed(connection: AsyncConnection, keys: Sequence[str]) -> list[str]:
    """Those that no row of any kind names."""
    left = set(keys)
    for column in (BLOB.c.storage_key, VERSION.c.storage_key, RESTRICTED.c.storage_key):
        if left:
            left -= set((await connection.execute(select(column).where(column.in_(sorted(left))))).scalars())
    if left:
        for parts in (await connection.execute(select(UPLOAD.c.parts))).scalars():
            left -= {str(key) for key, _ in parts}
    return sorted(left)


async def fill_digests(connection: AsyncConnection, kept: Kept, now: datetime) -> bool:
    """For what was stored before digests were kept. Whether anything was written: another row says it already, or its digests are kept."""
    digests = "".join(kept.digests)
    row = {"storage_key": kept.storage_key, "sha256": kept.sha256, "size": kept.size, "chunk_bytes": kept.chunk_bytes, "digests": digests}
    if await insert_missing(connection, BLOB, row | {"stored_at": now}):
        return True
    same = (BLOB.c.storage_key == kept.storage_key, BLOB.c.sha256 == kept.sha256, BLOB.c.size == kept.size, BLOB.c.digests.is_(None))
    written = await connection.execute(update(BLOB).where(*same).values(digests=digests, chunk_bytes=kept.chunk_bytes))
    return written.rowcount > 0
