"""Which instances the clock has something to tell of: read from one partial index, in the order in which it is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.listings import IS_ACTIVE, ROUND


@dataclass(frozen=True, slots=True)
class Ringing:
    alarm_at: datetime
    instance_id: UUID


async def ringing(
    connection: AsyncConnection, now: datetime, *, offices: Sequence[str] | None = None, limit: int, after: Ringing | None = None
) -> list[Ringing]:
    """Those whose alarm is past, the longest past first; at some offices only, and from where an earlier page ended.

    Strictly past: the due moment itself is in time. The index is partial, so its condition stands here as it stands there.
    """
    statement = select(ROUND.c.alarm_at, ROUND.c.instance_id).where(IS_ACTIVE, ROUND.c.alarm_at.is_not(None), ROUND.c.alarm_at < now)
    if offices is not None:
        statement = statement.where(ROUND.c.office_code.in_(offices))
    if after is not None:
        statement = statement.where(tuple_(ROUND.c.alarm_at, ROUND.c.instance_id) > (after.alarm_at, after.instance_id))
    found = await connection.execute(statement.order_by(ROUND.c.alarm_at, ROUND.c.instance_id).limit(limit))
    return [Ringing(*row) for row in found]
