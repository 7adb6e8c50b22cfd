"""What happens to calendars.

A change takes the tree first of all, so that nobody moves an office below meanwhile and no two changes meet; then it is told in the
office's own stream, its rows are written as a difference, and the calendars of the office and of all ever below it get a new version.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from app.domain.administration import office_refusals
from app.domain.calendars import Layer, missing
from app.domain.calendars.changes import Change, Reason
from app.domain.calendars.differences import Difference, calendar_changed, difference
from app.domain.people import Actor
from app.domain.problems import NotVisible
from app.domain.refusals import Refusal
from app.domain.retries import StoredAnswer
from app.outside.calendars import national_calendar
from app.store.calendars import Inherited, advance_calendars, is_recomputing, load_inherited, write_layer, years_told
from app.store.events import append_office_events
from app.store.offices import take_tree
from app.usecases.acts import Act, Shelf, refuse
from app.usecases.administering import as_admin, once
from app.usecases.calendar_effects import Effect, effect_of, everywhere
from app.usecases.entries import ActorData

NATIONAL_OFFICE = "ID"
SEEDED_YEARS = range(2024, 2029)


@dataclass(frozen=True, slots=True)
class Changed:
    """An office's calendar as it is after a change; `recomputing`: deadlines are still to follow.

    `effect`: what a dry run found, which saved nothing.
    """

    office: str
    inherited: Inherited
    difference: Difference
    recomputing: bool = False
    effect: Effect | None = None


Show = Callable[[Changed], StoredAnswer]


async def view_calendar(connection: AsyncConnection, actor: Actor, office_code: str) -> Inherited:
    """Raises NotVisible."""
    if not actor.sees(office_code):
        raise NotVisible
    return await load_inherited(connection, office_code)


async def change_calendar(act: Act, office_code: str, change: Change, *, reason: Reason, show: Show, dry_run: bool = False) -> StoredAnswer:
    """An administrator of the office changes what it says. Raises NotVisible, KeyReused, AlreadyAnswered, PreconditionRequired, Stale,
    Refused, Invalid, Collision. A dry run is judged alike and saves nothing.
    """
    if not act.actor.sees(office_code):
        raise NotVisible
    if not dry_run:
        await take_tree(act.connection)

    async def work() -> StoredAnswer:
        before = await load_inherited(act.connection, office_code)
        lacking = tuple(_of_another_office(before, office_code, change))
        act.expected.check(before.version)
        refuse((*office_refusals(act.actor, office_code), *lacking))
        found = _changed(before, office_code, change)
        if dry_run:
            return show(await _foreseen(act.connection, act.shelf, before=before, found=found, sees=act.actor.sees))
        return show(await _write(act.connection, act.now, before, found=found, told=_Told(reason, change.years, as_admin(act.actor, office_code))))

    return await once(act, work)


async def change_calendar_at_the_server(
    connection: AsyncConnection, shelf: Shelf, now: datetime, *, office_code: str, change: Change, reason: Reason, dry_run: bool = False
) -> Changed:
    """As whoever runs the server: no permission is asked for. Raises NotVisible, Invalid, Collision."""
    if not dry_run:
        await take_tree(connection)
    before = await load_inherited(connection, office_code)
    found = _changed(before, office_code, change)
    if dry_run:
        return await _foreseen(connection, shelf, before=before, found=found)
    return await _write(connection, now, before, found=found, told=_Told(reason, change.years))


async def seed_calendar(connection: AsyncConnection, now: datetime, *, years: Iterable[int] = SEEDED_YEARS) -> Layer:
    """Put the national calendar at office ID, as far as it is missing there, and tell what was added.

    What an administrator changed, moved or removed stays so. It blocks while the days off are computed: seeding has its own process.
    """
    wanted = national_calendar(years)
    await take_tree(connection)
    before = await load_inherited(connection, NATIONAL_OFFICE)
    new = missing(wanted, before.own(), settled=await years_told(connection, NATIONAL_OFFICE))
    change = Change(lambda layer: layer.with_rows(new), years=tuple(sorted({row.day.year for row in new.days_off})))
    found = await _write(connection, now, before, found=_changed(before, NATIONAL_OFFICE, change), told=_Told("seeded", change.years))
    return found.difference.added


# ── one change ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Told:
    """What the event says besides the rows."""

    reason: Reason
    years: tuple[int, ...]
    actor: ActorData = None


def _of_another_office(before: Inherited, office_code: str, change: Change) -> Iterator[Refusal]:
    """A row is changed where it stands. Raises NotVisible for one that is nowhere in this calendar."""
    name = change.row
    if name is None or name.among(before.own()) is not None:
        return
    above = [standing for standing in before.above if standing[0] != office_code and name.among(standing[1].layer) is not None]
    if not above:
        raise NotVisible
    yield Refusal("inherited_row", {"office": min(above, key=lambda standing: standing[1].depth)[0]})


def _changed(before: Inherited, office_code: str, change: Change) -> Changed:
    """Raises Invalid. A change that makes no difference makes no version either."""
    own = before.own()
    layer = change.apply(own).identified(uuid7, office=office_code)
    found = difference(own, layer)
    after = replace(before.with_layer(office_code, layer), version=before.version + 1) if found else before
    return Changed(office_code, after, found)


async def _write(connection: AsyncConnection, now: datetime, before: Inherited, *, found: Changed, told: _Told) -> Changed:
    if found.difference:
        event = calendar_changed(found.difference, told.reason, told.years)
        event_id = await append_office_events(connection, found.office, now, actor=told.actor, events=[event])
        await write_layer(connection, found.office, before=before.own(), after=found.inherited.own())
        await advance_calendars(connection, found.office, changed_by=event_id)
    return replace(found, recomputing=await is_recomputing(connection, found.office))


async def _foreseen(
    connection: AsyncConnection, shelf: Shelf, *, before: Inherited, found: Changed, sees: Callable[[str], bool] = everywhere
) -> Changed:
    own, after = before.own(), found.inherited.own()
    effect = await effect_of(connection, shelf, office_code=found.office, before=own, after=after, sees=sees)
    return replace(found, effect=effect, recomputing=await is_recomputing(connection, found.office))
