"""Whose a document is: asked before the instance is loaded."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.tables import DocumentRow, InstanceRow, table

DOCUMENT = table(DocumentRow)
INSTANCE = table(InstanceRow)


async def instance_of(connection: AsyncConnection, document_id: UUID) -> UUID | None:
    found = await connection.execute(select(DOCUMENT.c.instance_id).where(DOCUMENT.c.id == document_id))
    return found.scalar_one_or_none()


async def office_of_document(connection: AsyncConnection, document_id: UUID) -> str | None:
    statement = select(INSTANCE.c.office_code).join(DOCUMENT, DOCUMENT.c.instance_id == INSTANCE.c.id).where(DOCUMENT.c.id == document_id)
    return (await connection.execute(statement)).scalar_one_or_none()
