"""What a calendar change would do to the deadlines that run, before anybody saves it: computed in memory, nothing written, no lock taken."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.calendars import Calendar, CalendarHasNoWorkingTime, Layer
from app.domain.instances import Instance, StepRound
from app.domain.recomputing import under
from app.store import instances as store
from app.store.calendars import load_inherited
from app.store.recomputing import running_below
from app.usecases.acts import Shelf

MOST_EXAMINED = 2_000
MOST_SHOWN = 200
_AT_A_TIME = 100


@dataclass(frozen=True, slots=True)
class MovedDeadline:
    """One deadline, in its office's zone. `after` None: the calendar would have no office time left for it, so it would stay as it is."""

    instance_id: UUID
    title: str
    office_code: str
    office_name: str
    step: int
    round: int
    before: datetime
    after: datetime | None


@dataclass(frozen=True, slots=True)
class Effect:
    """`examined` deadlines, all there are if `complete`; of those that would move, `moved` in number, the first 200 in sight as `items`."""

    examined: int
    complete: bool
    moved: int
    items: tuple[MovedDeadline, ...]


def everywhere(_: str) -> bool:
    return True


async def effect_of(
    connection: AsyncConnection, shelf: Shelf, *, office_code: str, before: Layer, after: Layer, sees: Callable[[str], bool] = everywhere
) -> Effect:
    """Which open deadlines would move, at that office and at all ever below it, if it said `after` instead of `before`.

    `sees`: whose deadlines may be named, by office. One that is below on other days than today is counted, and not named to who does not see it.

    Both are computed: a deadline that still waits for an earlier change is shown as it will be after that, and what only that moves is
    not told here.
    """
    found = await running_below(connection, office_code, limit=MOST_EXAMINED + 1)
    examined, moved = found[:MOST_EXAMINED], []
    for office, lines in groupby(examined, key=itemgetter(0)):
        inherited = await load_inherited(connection, office)
        calendars = [inherited.with_layer(office_code, layer).calendar() for layer in (before, after)]
        async for instance in _instances(connection, shelf, [instance_id for _, instance_id in lines]):
            moved += _moved(instance, *calendars)
    named = [line for line in moved if sees(line.office_code)]
    return Effect(len(examined), len(found) <= MOST_EXAMINED, len(moved), tuple(named[:MOST_SHOWN]))


async def _instances(connection: AsyncConnection, shelf: Shelf, ids: Sequence[UUID]) -> AsyncIterator[Instance]:
    for start in range(0, len(ids), _AT_A_TIME):
        for found in await store.load_many(connection, ids[start : start + _AT_A_TIME]):
            yield (await shelf.with_procedure(connection, found)).instance


def _moved(instance: Instance, before: Calendar, after: Calendar) -> list[MovedDeadline]:
    """None or one."""
    active, office = instance.active, instance.office
    if active is None or active.due_at is None:
        return []
    old, new = (_due(instance, active, calendar) for calendar in (before, after))
    shown = (old or active.due_at).astimezone(office.zone)
    if new in (old, shown):
        return []
    return [MovedDeadline(instance.id, instance.title, office.code, office.name, active.step, active.round, before=shown, after=new)]


def _due(instance: Instance, active: StepRound, calendar: Calendar) -> datetime | None:
    try:
        due_at = under(instance, active, calendar).due_at
    except CalendarHasNoWorkingTime:
        return None
    return None if due_at is None else due_at.astimezone(instance.office.zone)
