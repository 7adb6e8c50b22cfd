"""The calendar of Samboja as it is seeded, for tests that need no database; and short ways to say when."""

from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from app.domain.calendars import Calendar, Layer, Pause, merge
from app.domain.durations import Duration
from app.outside.calendars import national_calendar
from app.store.calendars import advance_calendars, load_layer, write_layer

WITA = ZoneInfo("Asia/Makassar")


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


async def add_layer(connection: AsyncConnection, office_code: str, layer: Layer) -> None:
    """What the office says, and these rows beside it, without an event that tells of them."""
    before = await load_layer(connection, office_code)
    await write_layer(connection, office_code, before=before, after=before.with_rows(layer.identified(uuid7)))
    await advance_calendars(connection, office_code, changed_by=uuid7())
