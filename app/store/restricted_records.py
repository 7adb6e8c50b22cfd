"""Restricted records as they are kept: sealed. Nothing here can be read without a key that the database does not hold."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.restricted_records import RestrictedRecord
from app.store.offices import OFFICE
from app.store.tables import RestrictedRecordRow, table

RESTRICTED = table(RestrictedRecordRow)
REWRAP_BATCH = 200


async def add_record(connection: AsyncConnection, record: RestrictedRecord) -> None:
    values = {name: value for name, value in asdict(record).items() if name in RESTRICTED.c}
    await connection.execute(insert(RESTRICTED).values(values))


async def record_of(connection: AsyncConnection, record_id: UUID) -> RestrictedRecord | None:
    found = (await connection.execute(_records().where(RESTRICTED.c.id == record_id))).mappings().one_or_none()
    return None if found is None else RestrictedRecord(**found)


async def records_of(connection: AsyncConnection, instance_id: UUID, *, after: UUID | None, limit: int) -> list[RestrictedRecord]:
    """The oldest first: their ids are in the order of time."""
    statement = _records().where(RESTRICTED.c.instance_id == instance_id)
    if after is not None:
        statement = statement.where(RESTRICTED.c.id > after)
    found = await connection.execute(statement.order_by(RESTRICTED.c.id).limit(limit))
    return [RestrictedRecord(**row) for row in found.mappings()]


async def restricted_ids(connection: AsyncConnection, instance_id: UUID) -> list[UUID]:
    """All that anybody who reads the instance may know of them."""
    return list(
        (await connection.execute(select(RESTRICTED.c.id).where(RESTRICTED.c.instance_id == instance_id).order_by(RESTRICTED.c.id))).scalars()
    )


async def office_of_record(connection: AsyncConnection, record_id: UUID) -> str | None:
    return (await connection.execute(select(RESTRICTED.c.office_code).where(RESTRICTED.c.id == record_id))).scalar_one_or_none()


async def wrapped_before(connection: AsyncConnection, key_id: str, *, after: UUID | None, among: Sequence[str]) -> list[RestrictedRecord]:
    """The next batch of records whose data key another key has wrapped, one of `among`, in the order of their ids."""
    later = [] if after is None else [RESTRICTED.c.id > after]
    statement = _records().where(RESTRICTED.c.key_id != key_id, RESTRICTED.c.key_id.in_(among), *later)
    found = await connection.execute(statement.order_by(RESTRICTED.c.id).limit(REWRAP_BATCH))
    return [RestrictedRecord(**row) for row in found.mappings()]


async def rewrap(connection: AsyncConnection, record: RestrictedRecord, *, key_id: str, wrapped_key: str) -> bool:
    """Whether it was written: not where somebody else has wrapped it anew meanwhile."""
    unchanged = (RESTRICTED.c.id == record.id, RESTRICTED.c.wrapped_key == record.wrapped_key)
    return (await connection.execute(update(RESTRICTED).where(*unchanged).values(key_id=key_id, wrapped_key=wrapped_key))).rowcount == 1


async def mark_damaged(connection: AsyncConnection, record_id: UUID, at: datetime) -> bool:
    """Whether it was not marked before."""
    unmarked = (RESTRICTED.c.id == record_id, RESTRICTED.c.damaged_at.is_(None))
    return (await connection.execute(update(RESTRICTED).where(*unmarked).values(damaged_at=at))).rowcount == 1


async def unmark_damaged(connection: AsyncConnection, record_id: UUID) -> bool:
    """Whether it was marked."""
    marked = (RESTRICTED.c.id == record_id, RESTRICTED.c.damaged_at.is_not(None))
    return (await connection.execute(update(RESTRICTED).where(*marked).values(damaged_at=None))).rowcount == 1


async def counts_by_key(connection: AsyncConnection) -> dict[str, int]:
    """How many data keys each key has wrapped."""
    statement = select(RESTRICTED.c.key_id, func.count()).group_by(RESTRICTED.c.key_id).order_by(RESTRICTED.c.key_id)
    return {row[0]: row[1] for row in await connection.execute(statement)}


def _records() -> Select[Any]:
    return select(*RESTRICTED.c, OFFICE.c.time_zone).join(OFFICE, OFFICE.c.code == RESTRICTED.c.office_code)
