"""Questions about documents outside an act: whose they are, and one version for its download."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.instances import DocumentVersion, Mark
from app.store.rows import columns
from app.store.tables import DocumentRow, DocumentVersionRow, InstanceRow, MarkRow, table

DOCUMENT = table(DocumentRow)
VERSION = table(DocumentVersionRow)
MARK = table(MarkRow)
INSTANCE = table(InstanceRow)


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a document stands: whose it is and what it fills."""

    document_id: UUID
    instance_id: UUID
    office: str
    slot: str


async def instance_of(connection: AsyncConnection, document_id: UUID) -> UUID | None:
    found = await connection.execute(select(DOCUMENT.c.instance_id).where(DOCUMENT.c.id == document_id))
    return found.scalar_one_or_none()


async def placed(connection: AsyncConnection, document_id: UUID) -> Placed | None:
    statement = (
        select(DOCUMENT.c.id, DOCUMENT.c.instance_id, INSTANCE.c.office_code, DOCUMENT.c.slot)
        .join(INSTANCE, INSTANCE.c.id == DOCUMENT.c.instance_id)
        .where(DOCUMENT.c.id == document_id)
    )
    found = (await connection.execute(statement)).one_or_none()
    return None if found is None else Placed(*found)


async def versions(connection: AsyncConnection, document_id: UUID) -> tuple[DocumentVersion, ...]:
    """All versions of one document, oldest first."""
    statement = select(*(VERSION.c[name] for name in columns(DocumentVersion))).where(VERSION.c.document_id == document_id)
    rows = (await connection.execute(statement.order_by(VERSION.c.version))).mappings()
    return tuple(DocumentVersion(**row) for row in rows)


async def marks(connection: AsyncConnection, document_id: UUID) -> tuple[Mark, ...]:
    statement = select(*(MARK.c[name] for name in columns(Mark))).where(MARK.c.document_id == document_id)
    rows = (await connection.execute(statement.order_by(MARK.c.at, MARK.c.id))).mappings()
    return tuple(Mark(**row) for row in rows)


async def keys_in_use(connection: AsyncConnection, keys: list[str]) -> frozenset[str]:
    """Which of these storage keys a version points to: the others were stored by acts that never committed."""
    found = await connection.execute(select(VERSION.c.storage_key).where(VERSION.c.storage_key.in_(keys)))
    return frozenset(found.scalars())
