"""The one log: every act appends here, in its own transaction; audit trail, timeline, feed and webhooks all read it.

Each event belongs to a stream (`instance:<id>` or `office:<code>`) with its own sequence and hash chain: SHA-256 of the RFC 8785 JSON of
the event as the API shows it, without `hash`. So whoever holds the feed can verify it without us.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import rfc8785
from sqlalchemy import ColumnElement, exists, insert, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from app.domain.events import OF_THE_CLOCK, Head, NewEvent
from app.store.errors import Collision
from app.store.tables import EventRow, OfficeRow, table

EVENT = table(EventRow)
OFFICE = table(OfficeRow)

Row = dict[str, Any]


def instance_stream(instance_id: UUID) -> str:
    return f"instance:{instance_id}"


def office_stream(code: str) -> str:
    return f"office:{code}"


def as_shown(row: Row) -> Row:
    """The event as the API shows it: what the hash covers, and the hash."""
    instance_id = row["instance_id"]
    return {
        "id": str(row["id"]),
        "type": row["type"],
        "stream": row["stream"],
        "sequence": row["sequence"],
        "instance_id": None if instance_id is None else str(instance_id),
        "office": row["office_code"],
        "at": row["at"].astimezone(UTC).isoformat(),
        "actor": row["actor"],
        "data": row["data"],
        "previous_hash": row["previous_hash"],
        "hash": row["hash"],
    }


def event_hash(shown: Row) -> str:
    return sha256(rfc8785.dumps({name: value for name, value in shown.items() if name != "hash"})).hexdigest()


def chain(
    events: Sequence[NewEvent], head: Head, *, stream: str, office: str, instance_id: UUID | None, actor: Row | None, now: datetime
) -> list[Row]:
    """Rows that continue the stream after `head`."""
    at = head.next_at(now)
    rows: list[Row] = []
    for offset, event in enumerate(events, start=1):
        row: Row = {
            "id": uuid7(),
            "stream": stream,
            "sequence": head.sequence + offset,
            "type": event.type,
            "instance_id": instance_id,
            "office_code": office,
            "at": at,
            "actor": None if event.type in OF_THE_CLOCK else actor,
            "data": event.data,
            "previous_hash": rows[-1]["hash"] if rows else head.hash,
            "hash": "",
        }
        row["hash"] = event_hash(as_shown(row))
        rows.append(row)
    return rows


def new_head(rows: Sequence[Row], head: Head) -> Head:
    return Head(rows[-1]["sequence"], rows[-1]["hash"], rows[-1]["at"]) if rows else head


async def append_office_events(
    connection: AsyncConnection, office_code: str, now: datetime, *, actor: Row | None, events: Sequence[NewEvent]
) -> UUID:
    """Append to the office's own stream, guarded by its head; the id of the last of them. Raises Collision when another act got there first."""
    stream = office_stream(office_code)
    columns = (OFFICE.c.event_sequence, OFFICE.c.event_hash, OFFICE.c.event_at)
    found = (await connection.execute(select(*columns).where(OFFICE.c.code == office_code))).one()
    head = Head(*found)
    rows = chain(events, head, stream=stream, office=office_code, instance_id=None, actor=actor, now=now)
    after = new_head(rows, head)
    moved = await connection.execute(
        update(OFFICE)
        .where(OFFICE.c.code == office_code, OFFICE.c.event_sequence == head.sequence, *_in_reading_order(connection, stream, head))
        .values(event_sequence=after.sequence, event_hash=after.hash, event_at=after.at)
    )
    if moved.rowcount != 1:
        raise Collision(stream)
    await connection.execute(insert(EVENT), rows)
    last: UUID = rows[-1]["id"]
    return last


def _in_reading_order(connection: AsyncConnection, stream: str, head: Head) -> list[ColumnElement[bool]]:
    """The feed is read by transaction id: one that wrote elsewhere before this stream's head was written came too early to follow it."""
    if connection.dialect.name != "postgresql":
        return []
    younger: ColumnElement[bool] = literal_column("event.xid > pg_current_xact_id()")
    return [~exists().where(EVENT.c.stream == stream, EVENT.c.sequence == head.sequence, younger)]
