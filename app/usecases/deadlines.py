"""Deadlines to be asked for: one calculation, the dated plan of a procedure, why a round is due when it is. Nothing here is saved."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.calendars import Calendar, CalendarHasNoWorkingTime, Explanation, Pause, explain
from app.domain.calendars.values import in_utc
from app.domain.deadlines import PlannedStep, latest_start, plan
from app.domain.durations import Duration
from app.domain.instances import Instance, Office, StepRound
from app.domain.people import Actor
from app.domain.problems import FieldError, Invalid, NotVisible
from app.domain.procedures import Procedure
from app.store.procedures import latest
from app.store.starting import office_of
from app.usecases.acts import Shelf, View

_NO_TIME_AFTER = FieldError(
    "/starts_at",
    "no_office_time",
    "Kalender kantor tidak memiliki cukup jam kerja setelah waktu ini.",
    "The office's calendar has too few office hours after this time.",
)
_NO_TIME_BEFORE = FieldError(
    "/ends_by",
    "no_office_time",
    "Kalender kantor tidak memiliki cukup jam kerja sampai hari ini.",
    "The office's calendar has too few office hours up to this day.",
)


@dataclass(frozen=True, slots=True)
class Wish:
    """When a plan shall start, or by which day it must end: one of them."""

    starts_at: datetime | None = None
    ends_by: date | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """Each step with what led to its due time."""

    procedure: Procedure
    version: int
    office: Office
    steps: tuple[tuple[PlannedStep, Explanation], ...]


async def calculate(connection: AsyncConnection, shelf: Shelf, actor: Actor, *, office: str, starts_at: datetime, duration: Duration) -> Explanation:
    """When that much office time is over at that office, and why. Raises NotVisible, Invalid."""
    _, calendar = await _calendar(connection, shelf, actor, office=office)
    with _within_the_calendar(_NO_TIME_AFTER):
        return explain(calendar, starts_at, duration)


async def plan_procedure(connection: AsyncConnection, shelf: Shelf, actor: Actor, *, key: str, office: str, wish: Wish) -> Planned:
    """The procedure's latest version on the office's calendar, each step taking its whole allowance. Raises NotVisible, Invalid."""
    published = await latest(connection, key)
    if published is None:
        raise NotVisible
    found, calendar = await _calendar(connection, shelf, actor, office=office)
    with _within_the_calendar(_NO_TIME_AFTER if wish.ends_by is None else _NO_TIME_BEFORE):
        return Planned(published.procedure, published.version, found, _explained_plan(published.procedure, calendar, wish))


def _explained_plan(procedure: Procedure, calendar: Calendar, wish: Wish) -> tuple[tuple[PlannedStep, Explanation], ...]:
    starts_at = wish.starts_at
    if starts_at is None:
        assert wish.ends_by is not None
        starts_at = latest_start(procedure, calendar, wish.ends_by)
    steps = plan(procedure, calendar, starts_at)
    return tuple((step, explain(calendar, step.starts_at, procedure.step(step.number).duration)) for step in steps)


def explanation_of(view: View, found: StepRound) -> Explanation | None:
    """Why the round is (or was) due when it is, by the calendar of today.

    None where that calendar leads elsewhere, because it has changed since: then it cannot tell why.
    """
    if found.started_at is None or found.due_at is None:
        return None
    duration = view.instance.procedure.step(found.step).duration
    try:
        explained = explain(view.calendar, found.started_at, duration, _pauses(view.instance, found))
    except CalendarHasNoWorkingTime:
        return None
    return explained if in_utc(explained.due_at) == in_utc(found.due_at) else None


def _pauses(instance: Instance, found: StepRound) -> tuple[Pause, ...]:
    """Those that moved its due time: one that is not over has not moved it yet, and one that a cancellation ended never did."""
    ended_at = found.completed_at if found.state == "cancelled" else None
    over = (s for s in instance.pauses_of(found) if s.resumed_at is not None and s.resumed_at != ended_at)
    return tuple(Pause(s.suspended_at, s.resumed_at) for s in over)


@contextmanager
def _within_the_calendar(mistake: FieldError) -> Iterator[None]:
    """A day that no schedule covers, or too long an allowance, is the caller's mistake."""
    try:
        yield
    except CalendarHasNoWorkingTime as error:
        raise Invalid(mistake) from error


async def _calendar(connection: AsyncConnection, shelf: Shelf, actor: Actor, *, office: str) -> tuple[Office, Calendar]:
    found = await office_of(connection, office) if actor.sees(office) else None
    if found is None:
        raise NotVisible
    return found, await shelf.calendars.get(connection, found.code, found.calendar_version)
