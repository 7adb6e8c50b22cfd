"""How the due times of an instance were computed anew, as its own events tell it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.events import EVENT, instance_stream


@dataclass(frozen=True, slots=True)
class Recomputation:
    """`change` is the event that made it necessary, where there is one."""

    step: int
    round: int
    at: datetime
    before: datetime
    after: datetime
    reason: str
    change: UUID | None


async def recomputations(connection: AsyncConnection, instance_id: UUID) -> list[Recomputation]:
    """Of every round, in the order in which they happened."""
    found = select(EVENT.c.at, EVENT.c.data).where(EVENT.c.stream == instance_stream(instance_id), EVENT.c.type == "deadline.recomputed")
    return [_recomputation(row.at, row.data) for row in await connection.execute(found.order_by(EVENT.c.sequence))]


def _recomputation(at: datetime, data: dict[str, Any]) -> Recomputation:
    before, after = (datetime.fromisoformat(data[name]) for name in ("from", "to"))
    change = None if data["change"] is None else UUID(data["change"])
    return Recomputation(data["step"], data["round"], at, before=before, after=after, reason=data["reason"], change=change)
