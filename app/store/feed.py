"""Reading the one log: the feed over all streams, and one instance's timeline."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Text, and_, cast, literal_column, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.events import EVENT, Row, as_shown, instance_stream

Place = tuple[int, int]
"""(xid, position): the order in which the feed is read. Sequences commit out of order; transactions below the oldest running one do not."""

SHOWN = [EVENT.c[name] for name in ("id", "stream", "sequence", "type", "instance_id", "office_code", "at", "actor", "data", "previous_hash", "hash")]
_XID = cast(cast(EVENT.c.xid, Text), BigInteger)


@dataclass(frozen=True, slots=True)
class FedEvent:
    place: Place
    shown: Row


async def feed(
    connection: AsyncConnection, *, offices: Sequence[str], office_streams: Sequence[str], after: Place | None, limit: int
) -> list[FedEvent]:
    """Events of instances at `offices`, and of the own streams of `office_streams` among them, in the order of commit; each is seen once."""
    settled: list[ColumnElement[bool]] = []
    if connection.dialect.name == "postgresql":
        settled.append(literal_column("event.xid < pg_snapshot_xmin(pg_current_snapshot())"))
    at_office = EVENT.c.office_code == offices[0] if len(offices) == 1 else EVENT.c.office_code.in_(offices)
    visible = and_(at_office, or_(EVENT.c.instance_id.is_not(None), EVENT.c.office_code.in_(office_streams)))
    later = [] if after is None else [_after(after, is_postgres=connection.dialect.name == "postgresql")]
    statement = select(_XID.label("xid"), EVENT.c.position, *SHOWN).where(visible, *settled, *later)
    rows = (await connection.execute(statement.order_by(EVENT.c.xid, EVENT.c.position).limit(limit))).mappings()
    return [FedEvent((row["xid"], row["position"]), as_shown(dict(row))) for row in rows]


def _after(place: Place, *, is_postgres: bool) -> ColumnElement[bool]:
    """Both are whole numbers of ours; an xid8 is compared as itself so that its index serves."""
    if is_postgres:
        return literal_column(f"(event.xid, event.position) > ('{int(place[0])}'::xid8, {int(place[1])})")
    return tuple_(EVENT.c.xid, EVENT.c.position) > place


async def timeline(connection: AsyncConnection, instance_id: UUID, *, after: int, limit: int) -> list[Row]:
    statement = select(*SHOWN).where(EVENT.c.stream == instance_stream(instance_id), EVENT.c.sequence > after)
    rows = (await connection.execute(statement.order_by(EVENT.c.sequence).limit(limit))).mappings()
    return [as_shown(dict(row)) for row in rows]
