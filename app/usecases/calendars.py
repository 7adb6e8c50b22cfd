"""What happens to calendars."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from app.domain.calendars import Layer, missing
from app.domain.events import NewEvent
from app.outside.calendars import national_calendar
from app.store.calendars import advance_calendars, load_layer, write_layer
from app.store.events import append_office_events

NATIONAL_OFFICE = "ID"
SEEDED_YEARS = range(2024, 2029)


async def seed_calendar(connection: AsyncConnection, now: datetime, *, years: Iterable[int] = SEEDED_YEARS) -> Layer:
    """Put the national calendar at office ID, as far as it is missing there, and tell what was added.

    What an administrator changed, moved or removed stays so. It blocks while the days off are computed: seeding has its own process.
    """
    present = await load_layer(connection, NATIONAL_OFFICE)
    new = missing(national_calendar(years), present)
    if new:
        added = {"schedules": len(new.schedules), "seasons": len(new.seasons), "days_off": len(new.days_off)}
        event = NewEvent("calendar.changed", {"reason": "seeded", **added})
        told = await append_office_events(connection, NATIONAL_OFFICE, now, actor=None, events=[event])
        await write_layer(connection, NATIONAL_OFFICE, before=present, after=present.with_rows(new.identified(uuid7)))
        await advance_calendars(connection, NATIONAL_OFFICE, changed_by=told)
    return new
