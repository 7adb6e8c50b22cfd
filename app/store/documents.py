"""Whose a document is, and which versions it has: asked before the instance is loaded, or instead."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.tables import DocumentRow, DocumentVersionRow, InstanceRow, table

DOCUMENT = table(DocumentRow)
INSTANCE = table(InstanceRow)
VERSION = table(DocumentVersionRow)


async def instance_of(connection: AsyncConnection, document_id: UUID) -> UUID | None:
    found = await connection.execute(select(DOCUMENT.c.instance_id).where(DOCUMENT.c.id == document_id))
    return found.scalar_one_or_none()


async def office_of_document(connection: AsyncConnection, document_id: UUID) -> str | None:
    statement = select(INSTANCE.c.office_code).join(DOCUMENT, DOCUMENT.c.instance_id == INSTANCE.c.id).where(DOCUMENT.c.id == document_id)
    return (await connection.execute(statement)).scalar_one_or_none()


async def has_version(connection: AsyncConnection, document_id: UUID, number: int) -> bool:
    found = await connection.execute(select(VERSION.c.version).where(VERSION.c.document_id == document_id, VERSION.c.version == number))
    return found.scalar_one_or_none() is not None
