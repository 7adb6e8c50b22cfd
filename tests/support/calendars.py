"""The calendar of Samboja as it is seeded, for tests that need no database; and short ways to say when."""

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.calendars import Calendar, Layer, Pause, merge
from app.domain.calendars.changes import Change
from app.domain.durations import Duration
from app.outside.calendars import national_calendar
from app.store.calendars import CalendarCache, load_inherited
from app.store.procedures import ProcedureCache
from app.usecases.acts import Shelf
from app.usecases.calendars import change_calendar_at_the_server

WITA = ZoneInfo("Asia/Makassar")
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@cache
def samboja() -> Calendar:
    return merge([national_calendar(range(2024, 2029))], zone="Asia/Makassar", version=1)


def at(text: str) -> datetime:
    """`2027-01-04 07:30` in Samboja."""
    return datetime.fromisoformat(text).replace(tzinfo=WITA)


def span(text: str) -> Duration:
    """`30 minute`, `5 working_day`."""
    value, unit = text.split()
    return Duration.model_validate({"value": int(value), "unit": unit})


def pauses_of(text: str) -> tuple[Pause, ...]:
    """`2027-01-11 09:00/2027-01-11 10:00, …`; an end left out is a pause that is not over."""
    found = []
    for pause in filter(None, text.split(", ")):
        since, _, to = pause.partition("/")
        found.append(Pause(at(since), at(to) if to else None))
    return tuple(found)


async def layer_of(connection: AsyncConnection, office_code: str) -> Layer:
    """What the office itself says."""
    return (await load_inherited(connection, office_code)).own()


async def add_layer(connection: AsyncConnection, office_code: str, layer: Layer) -> None:
    """The office says these rows too."""
    shelf, added = Shelf(ProcedureCache(), CalendarCache()), Change(lambda before: before.with_rows(layer))
    await change_calendar_at_the_server(connection, shelf, NOW, office_code=office_code, change=added, reason="edited")
