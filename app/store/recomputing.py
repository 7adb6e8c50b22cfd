"""Which deadlines stand on an older calendar than their office's. No flag says so: the two versions do, read from one partial index."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.events import EVENT
from app.store.listings import IS_ACTIVE, ROUND
from app.store.offices import OFFICE, ever_below


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended, in the order of the index."""

    office_code: str
    calendar_version: int
    instance_id: UUID


@dataclass(frozen=True, slots=True)
class StaleDeadline:
    """`wanted`: the version of its office's calendar; `change` and `changed_by` are the event that made it, and that event's type."""

    place: Place
    wanted: int
    change: UUID | None
    changed_by: str | None


async def stale(connection: AsyncConnection, *, offices: Sequence[str] | None = None, limit: int, after: Place | None = None) -> list[StaleDeadline]:
    """A page of them by office, at some offices only, and from where an earlier page ended."""
    statement = _at_each_office(connection, limit, after)
    if offices is not None:
        statement = statement.where(OFFICE.c.code.in_(offices))
    if after is not None:
        statement = statement.where(OFFICE.c.code >= after.office_code)
    found = await connection.execute(statement)
    return [StaleDeadline(Place(row.code, row.calendar_version, row.instance_id), row.wanted, row.change, row.type) for row in found]


def _at_each_office(connection: AsyncConnection, limit: int, after: Place | None) -> Select[tuple[object, ...]]:
    """Office by office, each a short look into the index: where nothing is stale, that is one look an office and no row read.

    Both databases take a join of the two versions for a good part of all rounds, and would read them all; so PostgreSQL is told the way
    (LATERAL), and SQLite cannot go the other one: no index of offices knows `code || ''`.
    """
    changed_by = select(EVENT.c.type).where(EVENT.c.id == OFFICE.c.calendar_changed_by).scalar_subquery()
    shown = (OFFICE.c.code, OFFICE.c.calendar_version.label("wanted"), OFFICE.c.calendar_changed_by.label("change"), changed_by.label("type"))
    is_postgres = connection.dialect.name == "postgresql"
    here = OFFICE.c.code if is_postgres else OFFICE.c.code + ""
    is_stale = [IS_ACTIVE, ROUND.c.office_code == here, ROUND.c.calendar_version < OFFICE.c.calendar_version]
    if after is not None:
        at = (OFFICE.c.code, ROUND.c.calendar_version, ROUND.c.instance_id)
        is_stale.append(tuple_(*at) > (after.office_code, after.calendar_version, after.instance_id))
    own = select(ROUND.c.calendar_version, ROUND.c.instance_id)
    if is_postgres:
        order = (ROUND.c.calendar_version, ROUND.c.instance_id)
        found = own.where(*is_stale).order_by(*order).limit(limit).correlate(OFFICE).lateral("found")
        joined = OFFICE.join(found, true())
        statement = select(*shown, found.c.calendar_version, found.c.instance_id).select_from(joined)
        return statement.order_by(OFFICE.c.code, found.c.calendar_version, found.c.instance_id).limit(limit)
    statement = select(*shown, ROUND.c.calendar_version, ROUND.c.instance_id).select_from(OFFICE.join(ROUND, true())).where(*is_stale)
    return statement.order_by(OFFICE.c.code, ROUND.c.calendar_version, ROUND.c.instance_id).limit(limit)


async def last_change(connection: AsyncConnection, office_code: str) -> tuple[UUID | None, str | None]:
    """The event that made the office's calendar what it is, and that event's type."""
    kept = select(OFFICE.c.calendar_changed_by, EVENT.c.type).outerjoin(EVENT, EVENT.c.id == OFFICE.c.calendar_changed_by)
    found = (await connection.execute(kept.where(OFFICE.c.code == office_code))).one()
    return found[0], found[1]


async def running_below(connection: AsyncConnection, office_code: str, *, limit: int) -> list[tuple[str, UUID]]:
    """Office and instance of the deadlines that run at the office and at all that were, are or will be below it, by office."""
    here = (IS_ACTIVE, ROUND.c.office_code.in_(ever_below(office_code)))
    statement = select(ROUND.c.office_code, ROUND.c.instance_id).where(*here)
    found = await connection.execute(statement.order_by(ROUND.c.office_code, ROUND.c.calendar_version, ROUND.c.instance_id).limit(limit))
    return [(row.office_code, row.instance_id) for row in found]
