"""A calendar that changes while deadlines run: Monday 18 August 2025, as it happened, and the batches that follow such a change."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from app.domain.calendars import DayOff, Layer, Schedule, Week
from app.domain.calendars.changes import Change
from app.usecases.acts import Shelf
from app.usecases.calendars import change_calendar_at_the_server
from app.usecases.recomputing import RecomputedBatch, recompute_batch, something_is_stale
from app.web.session import act
from tests.support.audit import events_of
from tests.support.calendars import at
from tests.support.office import Office, open_office

AUGUST = at("2025-08-11 07:30")
ADDED = Layer(days_off=(DayOff(date(2025, 8, 18), "joint_leave", "Cuti bersama Hari Kemerdekaan", False, "SKB 3 Menteri", "933/2025"),))
"""As it happened: in August 2025 the Monday after Independence Day became joint leave."""

BEFORE, AFTER = "2025-08-18T16:00:00+08:00", "2025-08-19T16:00:00+08:00"
"""Step 3 takes five working days from Monday 2025-08-11."""


@asynccontextmanager
async def august_2025(url: str, directory: Path) -> AsyncIterator[Office]:
    """The calendar as it was in July 2025: what is seeded today knows that day already."""
    async with open_office(url, directory, now=at("2025-07-01 08:00")) as opened:
        async with opened.database.write() as connection:
            earlier = Change(lambda before: replace(before, days_off=tuple(row for row in before.days_off if row.day != date(2025, 8, 18))))
            await change_calendar_at_the_server(connection, shelf(opened), opened.clock(), office_code="ID", change=earlier, reason="edited")
        await opened.at(AUGUST)
        yield opened


async def change(office: Office, layer: Layer, *, code: str = "ID") -> UUID:
    """The office says these rows too, now; the event of it."""
    async with office.database.write() as connection:
        added = Change(lambda before: before.with_rows(layer))
        await change_calendar_at_the_server(connection, shelf(office), office.clock(), office_code=code, change=added, reason="edited")
    return UUID((await events_of(office, f"office:{code}"))[-1]["id"])


def closed_on(day: str) -> Layer:
    return Layer(days_off=(DayOff(date.fromisoformat(day), "local", "Tutup", False, "SK Camat"),))


def shelf(office: Office) -> Shelf:
    found: Shelf = office.app.state.shelf
    return found


async def batch(office: Office, **wanted: Any) -> RecomputedBatch:
    return await act(office.database, lambda connection: recompute_batch(connection, shelf(office), office.clock(), **wanted))


async def is_stale(office: Office, *offices: str) -> bool:
    async with office.database.read() as connection:
        return await something_is_stale(connection, offices=offices or None)


def without_hours() -> Layer:
    """No day is worked any more, in no season."""
    empty: Week = ((),) * 7
    return Layer(schedules=tuple(Schedule(date(2025, 1, 1), season, empty, "Salah ketik") for season in (None, "ramadan")))
