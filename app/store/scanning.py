"""Which stored bytes still wait for the malware scanner: read from one partial index, the longest waiting first."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.tables import DocumentVersionRow, table

VERSION = table(DocumentVersionRow)
WAITS = VERSION.c.scan == "quarantined"


@dataclass(frozen=True, slots=True)
class Waiting:
    """`size` in bytes, `sha256` hex: what is expected under the key."""

    uploaded_at: datetime
    instance_id: UUID
    storage_key: str
    sha256: str
    size: int


async def waiting(connection: AsyncConnection, *, tried_before: datetime, limit: int, after: Waiting | None = None) -> list[Waiting]:
    """Those that the scanner was not asked about, or could not take before that moment; from where an earlier page ended."""
    columns = (VERSION.c.uploaded_at, VERSION.c.instance_id, VERSION.c.storage_key, VERSION.c.sha256, VERSION.c.size)
    statement = select(*columns).where(WAITS, or_(VERSION.c.scanned_at.is_(None), VERSION.c.scanned_at < tried_before))
    if after is not None:
        statement = statement.where(tuple_(VERSION.c.uploaded_at, VERSION.c.instance_id) > (after.uploaded_at, after.instance_id))
    found = await connection.execute(statement.order_by(VERSION.c.uploaded_at, VERSION.c.instance_id).limit(limit))
    return [Waiting(*row) for row in found]


async def note_tried(connection: AsyncConnection, storage_key: str, now: datetime) -> None:
    """The scanner could not take it. Nothing that anybody decides on: no event, no new version of the instance."""
    await connection.execute(update(VERSION).where(VERSION.c.storage_key == storage_key, WAITS).values(scanned_at=now))
