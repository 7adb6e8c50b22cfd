"""After a change of a calendar the deadlines that run are computed anew, so many instances in one transaction, by any number of workers.

What is still to be done is not written down anywhere: a deadline waits as long as it stands on an older calendar than its office's. So a
process may die at any moment, and whoever looks next goes on. Each instance is done whole or not at all, and nobody waits for it:
one that somebody else holds or has changed meanwhile is left for the next look.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.calendars import CalendarHasNoWorkingTime
from app.domain.instances import Instance
from app.domain.recomputing import Cause, recomputed
from app.store import instances as store
from app.store import recomputing
from app.store.instances import Move, Unresolved, moved_by_clock
from app.store.recomputing import Place, StaleDeadline
from app.usecases.acts import Act, Shelf, View

BATCH = 100
"""Instances in one transaction."""

log = structlog.get_logger("alur.recomputing")


@dataclass(frozen=True, slots=True)
class RecomputedBatch:
    """What one batch did: deadlines `moved`; `stamped` ones are on the new calendar as they were; `left` for the next look.

    `after`: where the next batch goes on; None when there is none.
    """

    moved: int = 0
    stamped: int = 0
    left: int = 0
    after: Place | None = None


async def recompute_batch(
    connection: AsyncConnection,
    shelf: Shelf,
    now: datetime,
    *,
    offices: Sequence[str] | None = None,
    limit: int = BATCH,
    after: Place | None = None,
) -> RecomputedBatch:
    """One transaction, in which nothing is written before everything is read. Raises Collision, and then nothing was done.

    A moved deadline is one event and one new version of its instance. One that the new calendar does not move, or of which it has none to
    give, makes neither.
    """
    found = {line.place.instance_id: line for line in await recomputing.stale(connection, offices=offices, limit=limit, after=after)}
    unresolved = await store.load_many(connection, list(found)) if found else ()
    moves = [move for one in unresolved if (move := await _moved(connection, shelf, one, line=found[one.facts.id], now=now)) is not None]
    written = await store.save_many(connection, moves)
    moved = sum(bool(move.events) for move in moves if move.after.id in written)
    last = list(found.values())[-1].place if len(found) == limit else None
    return RecomputedBatch(moved, len(written) - moved, len(found) - len(written), last)


async def something_is_stale(connection: AsyncConnection, *, offices: Sequence[str] | None = None) -> bool:
    return bool(await recomputing.stale(connection, offices=offices, limit=1))


async def is_to_be_recomputed(connection: AsyncConnection, shelf: Shelf, instance: Instance, now: datetime) -> bool:
    """Whether its calendar changed since the clock looked for such: then nothing is told of a deadline that is about to move.

    One that cannot be computed anew, since the calendar has none to give or by a defect (logged where it is tried), goes by the old one.
    """
    active = instance.active
    if active is None or active.calendar_version >= instance.office.calendar_version:
        return False
    calendar = await shelf.calendars.get(connection, instance.office.code, instance.office.calendar_version)
    try:
        return recomputed(instance, calendar, now, cause=_cause(None, None)) is not None
    except Exception:
        return False


async def on_its_calendar(act: Act, view: View) -> View:
    """Who acts while a deadline still waits to be computed anew is not judged by the old one: it is computed first, in the same act."""
    stored, at = view.instance, view.situation.act_time
    if stored.active is None or stored.active.calendar_version >= view.calendar.version:
        return view
    change, changed_by = await recomputing.last_change(act.connection, stored.office.code)
    try:
        found = recomputed(stored, view.calendar, at, cause=_cause(change, changed_by))
    except CalendarHasNoWorkingTime:
        return view
    if found is None:
        return view
    is_new_version = found.event is not None
    instance = replace(found.instance, version=stored.version + is_new_version)
    events = () if found.event is None else (found.event,)
    return replace(view, situation=replace(view.situation, instance=instance), stored=stored, caught_up=events)


async def _moved(connection: AsyncConnection, shelf: Shelf, found: Unresolved, *, line: StaleDeadline, now: datetime) -> Move | None:
    """By the time that its event will bear. None: left for the next look.

    If the calendar changed once more since it was found, the cause known here is not that of the calendar in force.
    """
    calendar = await shelf.calendars.get(connection, found.office.code, found.office.calendar_version)
    if calendar.version != line.wanted:
        return None
    before = (await shelf.with_procedure(connection, found)).instance
    at = before.head.next_at(now)
    try:
        after = recomputed(before, calendar, at, cause=_cause(line.change, line.changed_by))
    except CalendarHasNoWorkingTime:
        warn_once(found.office.code, calendar.version)
        return None
    if after is None:
        return None
    events = [] if after.event is None else [after.event]
    return moved_by_clock(before, after.instance, events=events, now=at, is_new_version=bool(events))


def _cause(change: UUID | None, changed_by: str | None) -> Cause:
    return Cause("office_moved" if changed_by == "office.moved" else "calendar_changed", change)


@lru_cache(maxsize=1024)
def warn_once(office_code: str, version: int) -> None:
    """Once in a process: such a deadline is found again at every look, until somebody mends the calendar."""
    log.warning("no office time", office=office_code, calendar_version=version)
