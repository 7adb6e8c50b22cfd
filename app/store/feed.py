"""Reading the one log: the feed over all streams, one instance's timeline, and whole streams for verification."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Text, and_, cast, literal_column, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.events import Head
from app.store.events import EVENT, OFFICE, Row, as_shown, instance_stream, office_stream
from app.store.tables import InstanceRow, table

INSTANCE = table(InstanceRow)
BATCH = 1000

Place = tuple[int, int]
"""(xid, position): the order in which the feed is read. Sequences commit out of order; transactions below the oldest running one do not."""

_SHOWN = [
    EVENT.c[name] for name in ("id", "stream", "sequence", "type", "instance_id", "office_code", "at", "actor", "data", "previous_hash", "hash")
]
_XID = cast(cast(EVENT.c.xid, Text), BigInteger)


@dataclass(frozen=True, slots=True)
class FedEvent:
    place: Place
    shown: Row


@dataclass(frozen=True, slots=True)
class StreamEnd:
    """A stream and where its owner says that it ends: a chain alone cannot see that its tail was cut."""

    stream: str
    head: Head


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
    statement = select(_XID.label("xid"), EVENT.c.position, *_SHOWN).where(visible, *settled, *later)
    rows = (await connection.execute(statement.order_by(EVENT.c.xid, EVENT.c.position).limit(limit))).mappings()
    return [FedEvent((row["xid"], row["position"]), as_shown(dict(row))) for row in rows]


def _after(place: Place, *, is_postgres: bool) -> ColumnElement[bool]:
    """Both are whole numbers of ours; an xid8 is compared as itself so that its index serves."""
    if is_postgres:
        return literal_column(f"(event.xid, event.position) > ('{int(place[0])}'::xid8, {int(place[1])})")
    return tuple_(EVENT.c.xid, EVENT.c.position) > place


async def timeline(connection: AsyncConnection, instance_id: UUID, *, after: int, limit: int) -> list[Row]:
    statement = select(*_SHOWN).where(EVENT.c.stream == instance_stream(instance_id), EVENT.c.sequence > after)
    rows = (await connection.execute(statement.order_by(EVENT.c.sequence).limit(limit))).mappings()
    return [as_shown(dict(row)) for row in rows]


async def stream_ends(connection: AsyncConnection, offices: Sequence[str] | None, *, instance_id: UUID | None = None) -> list[StreamEnd]:
    """Every stream of those offices (None: of all), or of one instance only."""
    own = select(INSTANCE.c.id, INSTANCE.c.event_sequence, INSTANCE.c.event_hash, INSTANCE.c.event_at).order_by(INSTANCE.c.id)
    if offices is not None:
        own = own.where(INSTANCE.c.office_code.in_(offices))
    if instance_id is not None:
        own = own.where(INSTANCE.c.id == instance_id)
    ends = [StreamEnd(instance_stream(row[0]), Head(*row[1:])) for row in await connection.execute(own)]
    if instance_id is not None:
        return ends
    of_offices = select(OFFICE.c.code, OFFICE.c.event_sequence, OFFICE.c.event_hash, OFFICE.c.event_at).order_by(OFFICE.c.code)
    if offices is not None:
        of_offices = of_offices.where(OFFICE.c.code.in_(offices))
    return ends + [StreamEnd(office_stream(row[0]), Head(*row[1:])) for row in await connection.execute(of_offices)]


async def whole_stream(connection: AsyncConnection, stream: str) -> AsyncIterator[Row]:
    """All events of a stream, in order, a batch at a time."""
    last = 0
    while True:
        statement = select(*_SHOWN).where(EVENT.c.stream == stream, EVENT.c.sequence > last).order_by(EVENT.c.sequence).limit(BATCH)
        rows: list[Any] = list((await connection.execute(statement)).mappings())
        for row in rows:
            yield as_shown(dict(row))
        if len(rows) < BATCH:
            return
        last = rows[-1]["sequence"]
