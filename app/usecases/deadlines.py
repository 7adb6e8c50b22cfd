"""Deadlines to be asked for: one calculation, and the dated plan of a procedure. Nothing here is saved."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.calendars import Calendar, CalendarHasNoWorkingTime, Explanation, explain
from app.domain.deadlines import PlannedStep, plan
from app.domain.durations import Duration
from app.domain.instances import Office
from app.domain.people import Actor
from app.domain.problems import FieldError, Invalid, NotVisible
from app.domain.procedures import Procedure
from app.store.procedures import latest
from app.store.starting import office_of
from app.usecases.acts import Shelf


@dataclass(frozen=True, slots=True)
class Planned:
    procedure: Procedure
    version: int
    office: Office
    steps: tuple[PlannedStep, ...]


async def calculate(connection: AsyncConnection, shelf: Shelf, actor: Actor, *, office: str, starts_at: datetime, duration: Duration) -> Explanation:
    """When that much office time is over at that office, and why. Raises NotVisible, Invalid."""
    _, calendar = await _calendar(connection, shelf, actor, office=office)
    with _within_the_calendar():
        return explain(calendar, starts_at, duration)


async def plan_procedure(connection: AsyncConnection, shelf: Shelf, actor: Actor, *, key: str, office: str, starts_at: datetime) -> Planned:
    """The procedure's latest version on the office's calendar, each step taking its whole allowance. Raises NotVisible, Invalid."""
    published = await latest(connection, key)
    if published is None:
        raise NotVisible
    found, calendar = await _calendar(connection, shelf, actor, office=office)
    with _within_the_calendar():
        return Planned(published.procedure, published.version, found, plan(published.procedure, calendar, starts_at))


@contextmanager
def _within_the_calendar() -> Iterator[None]:
    """A start before the first schedule, or too long an allowance, is the caller's mistake."""
    try:
        yield
    except CalendarHasNoWorkingTime as error:
        indonesian = "Kalender kantor tidak memiliki cukup jam kerja setelah waktu ini."
        english = "The office's calendar has too few office hours after this time."
        raise Invalid(FieldError("/starts_at", "no_office_time", indonesian, english)) from error


async def _calendar(connection: AsyncConnection, shelf: Shelf, actor: Actor, *, office: str) -> tuple[Office, Calendar]:
    found = await office_of(connection, office) if actor.sees(office) else None
    if found is None:
        raise NotVisible
    return found, await shelf.calendars.get(connection, found.code, found.calendar_version)
