"""Calendars in the store: inherited, cached by version, seeded once and never over an administrator's work."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from sqlalchemy import delete, event, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.calendars import DayOff, Layer, Schedule, Season
from app.domain.events import text_hash
from app.domain.offices import NewOffice
from app.domain.problems import NotVisible
from app.store.calendars import CalendarCache, load_calendar
from app.store.database import Database
from app.store.offices import add_office
from app.store.tables import DayOffRow, EventRow, OfficeRow, SeasonRow, WorkScheduleRow, table
from app.usecases.calendars import NATIONAL_OFFICE, seed_calendar
from tests.support.calendars import add_layer, at, layer_of, samboja

NOW = datetime(2026, 11, 22, tzinfo=UTC)
KABUPATEN, SAMBOJA, MUARA_JAWA = "64.02", "64.02.13", "64.02.14"
DAY_OFF = table(DayOffRow)


@asynccontextmanager
async def offices(database: Database) -> AsyncIterator[AsyncConnection]:
    """One transaction in which the tree of offices stands."""
    async with database.write() as connection:
        for code, parent in ((NATIONAL_OFFICE, None), (KABUPATEN, NATIONAL_OFFICE), (SAMBOJA, KABUPATEN), (MUARA_JAWA, KABUPATEN)):
            await add_office(connection, NewOffice(code=code, name=code, parent=parent, time_zone="Asia/Makassar"))
        yield connection


async def versions(connection: AsyncConnection) -> dict[str, int]:
    office = table(OfficeRow)
    return {row.code: row.calendar_version for row in await connection.execute(select(office.c.code, office.c.calendar_version))}


async def counted(connection: AsyncConnection) -> list[int]:
    kinds = (WorkScheduleRow, SeasonRow, DayOffRow, EventRow)
    return [(await connection.execute(select(func.count()).select_from(table(kind)))).scalar_one() for kind in kinds]


async def test_a_seeded_office_has_the_national_calendar(database: Database) -> None:
    async with offices(database) as connection:
        await seed_calendar(connection, NOW)
        loaded = await load_calendar(connection, SAMBOJA)
    assert loaded.version == 2
    assert (loaded.zone, loaded.schedules, loaded.seasons, loaded.days_off, loaded.covered_years) == (
        samboja().zone,
        samboja().schedules,
        samboja().seasons,
        samboja().days_off,
        {2024, 2025, 2026, 2027, 2028},
    )
    assert loaded.intervals(date(2027, 1, 15)) == ((at("2027-01-15 07:30"), at("2027-01-15 11:30")), (at("2027-01-15 13:00"), at("2027-01-15 16:30")))


async def test_seeding_twice_changes_nothing(database: Database) -> None:
    async with offices(database) as connection:
        assert await seed_calendar(connection, NOW)
        before = await counted(connection), await versions(connection)
        assert not await seed_calendar(connection, NOW)
        assert (await counted(connection), await versions(connection)) == before
        assert before[1] == dict.fromkeys((NATIONAL_OFFICE, KABUPATEN, SAMBOJA, MUARA_JAWA), 2)


async def test_seeding_is_told_in_the_national_offices_stream(database: Database) -> None:
    async with offices(database) as connection:
        new = await seed_calendar(connection, NOW)
        log = table(EventRow)
        found = (await connection.execute(select(log.c.type, log.c.stream, log.c.data))).all()
    ((kind, stream, data),) = [tuple(row) for row in found]
    assert (kind, stream, data["reason"], data["years"]) == ("calendar.changed", "office:ID", "seeded", [2024, 2025, 2026, 2027, 2028])
    assert {name: len(rows) for name, rows in data["added"].items()} == {"schedules": 2, "seasons": 4, "days_off": len(new.days_off)}
    assert (data["changed"], data["removed"]) == ({}, {})
    christmas = next(row for row in new.days_off if (row.day, row.kind) == (date(2026, 12, 25), "public"))
    assert {
        "id": str(christmas.id),
        "date": "2026-12-25",
        "kind": "public",
        "provisional": False,
        "name_sha256": text_hash(christmas.name),
        "source_sha256": text_hash(christmas.source),
        "decree_sha256": None,
    } in data["added"]["days_off"]


async def test_seeding_leaves_alone_what_an_administrator_changed(database: Database) -> None:
    season, schedule = table(SeasonRow), table(WorkScheduleRow)
    async with offices(database) as connection:
        await seed_calendar(connection, NOW)
        await connection.execute(update(DAY_OFF).where(DAY_OFF.c.day == date(2027, 3, 10)).values(day=date(2027, 3, 9), kind="public"))
        await connection.execute(update(DAY_OFF).where(DAY_OFF.c.day == date(2026, 12, 25)).values(name="Natal"))
        await connection.execute(delete(DAY_OFF).where(DAY_OFF.c.day == date(2026, 12, 24)))
        await connection.execute(update(season).where(season.c.starts_on == date(2027, 2, 8)).values(starts_on=date(2027, 2, 9)))
        await connection.execute(update(schedule).where(schedule.c.season == "ramadan").values(week=[[["08:00", "14:00"]]] * 7))
        before = await load_calendar(connection, SAMBOJA)
        assert not await seed_calendar(connection, NOW)
        assert await load_calendar(connection, SAMBOJA) == before
        assert before.is_working_day(date(2026, 12, 24))


async def test_a_later_year_is_added_to_a_seeded_calendar(database: Database) -> None:
    async with offices(database) as connection:
        await seed_calendar(connection, NOW, years=[2026])
        assert (await load_calendar(connection, SAMBOJA)).covered_years == {2026}
        new = await seed_calendar(connection, NOW, years=[2026, 2027])
        assert {row.day.year for row in new.days_off} == {2027}
        assert (await load_calendar(connection, SAMBOJA)).covered_years == {2026, 2027}


async def test_the_nearest_office_wins_and_its_siblings_see_nothing_of_it(database: Database) -> None:
    shorter = Schedule(date(2027, 1, 1), None, (((time(8), time(12)),),) * 5 + ((), ()), source="SK Camat")
    local = Layer((shorter,), (Season("ramadan", date(2027, 2, 9), date(2027, 3, 10)),), (DayOff(date(2027, 1, 12), "local", "Banjir"),))
    async with offices(database) as connection:
        await seed_calendar(connection, NOW)
        await add_layer(connection, KABUPATEN, Layer(days_off=(DayOff(date(2027, 1, 12), "local", "Hari Jadi"),)))
        await add_layer(connection, SAMBOJA, local)
        own, sibling = await load_calendar(connection, SAMBOJA), await load_calendar(connection, MUARA_JAWA)
        assert await layer_of(connection, SAMBOJA) == local
        assert await versions(connection) == {NATIONAL_OFFICE: 2, KABUPATEN: 3, SAMBOJA: 4, MUARA_JAWA: 3}
    tuesday = date(2027, 1, 12)
    assert [found.reason for found in (own.reason(tuesday), sibling.reason(tuesday)) if found] == ["Banjir", "Hari Jadi"]
    assert own.closing(date(2027, 1, 13)) == at("2027-01-13 12:00")
    assert sibling.closing(date(2027, 1, 13)) == at("2027-01-13 16:00")
    assert own.closing(date(2027, 2, 8)) == at("2027-02-08 12:00")
    assert own.closing(date(2027, 2, 9)) == at("2027-02-09 15:00")
    assert shorter in own.schedules


async def test_an_office_without_any_rows_has_an_empty_calendar(database: Database) -> None:
    async with offices(database) as connection:
        found = await load_calendar(connection, SAMBOJA)
    assert (found.schedules, found.seasons, found.days_off, found.covered_years) == ((), (), (), frozenset())


async def test_an_unknown_office_has_no_calendar(database: Database) -> None:
    async with database.read() as connection:
        with pytest.raises(NotVisible):
            await load_calendar(connection, "00.00")


async def test_a_calendar_is_loaded_in_one_statement(database: Database, statements: list[str]) -> None:
    async with offices(database) as connection:
        await seed_calendar(connection, NOW)
        statements.clear()
        await load_calendar(connection, SAMBOJA)
    assert len(statements) == 1


@pytest.fixture
def statements(database: Database) -> list[str]:
    """What is sent to the database from now on."""
    sent: list[str] = []

    @event.listens_for(database._writer.sync_engine, "before_cursor_execute")
    def _note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    return sent


# ── The cache ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_calendar_is_read_once_per_version(database: Database, statements: list[str]) -> None:
    cache = CalendarCache()
    async with offices(database) as connection:
        await seed_calendar(connection, NOW)
        first = await cache.get(connection, SAMBOJA, 2)
        statements.clear()
        assert await cache.get(connection, SAMBOJA, 2) is first
        assert statements == []
        await add_layer(connection, SAMBOJA, Layer(days_off=(DayOff(date(2027, 1, 12), "local", "Banjir"),)))
        newer = await cache.get(connection, SAMBOJA, 3)
    assert (first.version, newer.version) == (2, 3)
    assert newer.reason(date(2027, 1, 12)) == (date(2027, 1, 12), "local", "Banjir")


async def test_a_calendar_that_moved_on_meanwhile_is_kept_under_its_own_version(database: Database, statements: list[str]) -> None:
    cache = CalendarCache()
    async with offices(database) as connection:
        await connection.execute(text("UPDATE office SET calendar_version = 5"))
        found = await cache.get(connection, SAMBOJA, 4)
        statements.clear()
        assert await cache.get(connection, SAMBOJA, 5) is found
        assert statements == []
    assert found.version == 5


async def test_the_cache_forgets_what_was_used_longest_ago(database: Database, statements: list[str]) -> None:
    cache = CalendarCache(size=2)
    async with offices(database) as connection:
        for office in (SAMBOJA, MUARA_JAWA, SAMBOJA, KABUPATEN):
            await cache.get(connection, office, 1)
        statements.clear()
        await cache.get(connection, SAMBOJA, 1)
        assert statements == []
        await cache.get(connection, MUARA_JAWA, 1)
        assert len(statements) == 1
