"""The tree in the store: who stands above whom when, on both databases, and what a move does to the calendars below."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from app.domain.calendars import DayOff, Layer
from app.domain.offices import AT_FOUNDING, Move, NewOffice, Parent
from app.domain.problems import Refused
from app.store import offices
from app.store.calendars import CalendarCache, load_calendar
from app.store.database import Database
from app.store.errors import Collision
from app.store.offices import COVER, OFFICE, known_office, list_offices, rename_office, write_move
from app.usecases.offices import add_office, move_office_at_the_server, rename_office_at_the_server
from tests.support.calendars import add_layer
from tests.support.people import JAKARTA, KUTAI, MUARA_JAWA, NOW, SAMBOJA, seed
from tests.support.statements import sent

WITA = ZoneInfo("Asia/Makassar")
PASER = NewOffice("64.01", "Kabupaten Paser", "64", "Asia/Makassar")
SUNGAI = NewOffice("64.02.13.1001", "Kelurahan Sungai Seluang", SAMBOJA, "Asia/Makassar")
JULY = date(2027, 7, 1)
MIDNIGHT = datetime(2027, 6, 30, 16, 0, tzinfo=UTC)
LATER = datetime(2027, 8, 1, tzinfo=UTC)


@pytest.fixture
async def database(database: Database) -> Database:
    await seed(database)
    async with database.write() as connection:
        for office in (PASER, SUNGAI):
            await add_office(connection, NOW, office)
    return database


async def put(database: Database, code: str, parent: str, day: date = JULY) -> None:
    async with database.write() as connection:
        await move_office_at_the_server(connection, NOW, Move(code, parent, day))


async def above(connection: AsyncConnection, code: str) -> set[tuple[str, int, datetime, datetime | None]]:
    rows = await connection.execute(select(COVER.c.ancestor, COVER.c.depth, COVER.c.from_at, COVER.c.until_at).where(COVER.c.code == code))
    return {(row.ancestor, row.depth, row.from_at, row.until_at) for row in rows}


async def versions(connection: AsyncConnection) -> dict[str, int]:
    return {row.code: row.calendar_version for row in await connection.execute(select(OFFICE.c.code, OFFICE.c.calendar_version))}


async def test_a_move_changes_what_stands_above_the_office_and_all_below_it(database: Database) -> None:
    await put(database, SAMBOJA, PASER.code)
    async with database.read() as connection:
        assert await above(connection, SAMBOJA) == {
            (SAMBOJA, 0, AT_FOUNDING, None),
            (KUTAI, 1, AT_FOUNDING, MIDNIGHT),
            ("64", 2, AT_FOUNDING, MIDNIGHT),
            ("ID", 3, AT_FOUNDING, MIDNIGHT),
            (PASER.code, 1, MIDNIGHT, None),
            ("64", 2, MIDNIGHT, None),
            ("ID", 3, MIDNIGHT, None),
        }
        lower = {(ancestor, depth + 1, since, until) for ancestor, depth, since, until in await above(connection, SAMBOJA)}
        assert await above(connection, SUNGAI.code) == lower | {(SUNGAI.code, 0, AT_FOUNDING, None)}
        assert await above(connection, MUARA_JAWA) == {(MUARA_JAWA, 0, AT_FOUNDING, None)} | {
            (code, depth, AT_FOUNDING, None) for depth, code in enumerate((KUTAI, "64", "ID"), start=1)
        }


async def test_what_left_an_office_still_follows_the_moves_of_that_time(database: Database) -> None:
    """Samboja is under Kutai until July; Kutai moves in May: that concerns Samboja for two months."""
    await put(database, SAMBOJA, PASER.code)
    await put(database, KUTAI, JAKARTA.code, date(2027, 5, 1))
    may = datetime(2027, 4, 30, 16, 0, tzinfo=UTC)
    async with database.read() as connection:
        found = await above(connection, SUNGAI.code)
    assert {row for row in found if row[0] == JAKARTA.code} == {(JAKARTA.code, 3, may, MIDNIGHT)}
    assert {row for row in found if row[0] == "64"} == {("64", 3, AT_FOUNDING, may), ("64", 3, MIDNIGHT, None)}


async def test_a_new_office_under_a_moved_one_stands_where_that_one_stood(database: Database) -> None:
    await put(database, SAMBOJA, PASER.code)
    late = NewOffice("64.02.13.1002", "Kelurahan Lain", SAMBOJA, "Asia/Makassar")
    async with database.write() as connection:
        await add_office(connection, NOW, late)
        lower = {(ancestor, depth + 1, since, until) for ancestor, depth, since, until in await above(connection, SAMBOJA)}
        assert await above(connection, late.code) == lower | {(late.code, 0, AT_FOUNDING, None)}
    await put(database, SAMBOJA, KUTAI)  # taken back
    async with database.read() as connection:
        assert {row[0]: row[1] for row in await above(connection, late.code)} == {late.code: 0, SAMBOJA: 1, KUTAI: 2, "64": 3, "ID": 4}
        assert all(row[2:] == (AT_FOUNDING, None) for row in await above(connection, late.code))


async def test_an_office_knows_its_parents_in_time(database: Database) -> None:
    async with database.write() as connection:
        await move_office_at_the_server(connection, NOW, Move(SAMBOJA, PASER.code, JULY, "PP 12/2027", date(2026, 12, 30)))
        found = await known_office(connection, SAMBOJA, NOW)
        assert found is not None
        assert found.parents == (Parent(KUTAI, AT_FOUNDING), Parent(PASER.code, MIDNIGHT, JULY, "PP 12/2027", date(2026, 12, 30)))
        assert (found.version, found.children, found.names) == (2, 1, {KUTAI: "Kabupaten Kutai Kartanegara", PASER.code: PASER.name})
        assert [parent.code for now in (NOW, MIDNIGHT) if (parent := found.parent_at(now))] == [KUTAI, PASER.code]
        kutai = [await known_office(connection, KUTAI, now) for now in (NOW, LATER)]
        assert [office.children for office in kutai if office] == [2, 1]
        assert await known_office(connection, "99", NOW) is None


async def test_a_page_of_offices_follows_the_tree_of_its_moment(database: Database) -> None:
    async def page(now: datetime, *held: str, parent: str | None = None, words: str | None = None, after: str | None = None) -> list[str]:
        async with database.read() as connection:
            lines = await list_offices(connection, held, now, parent=parent, words=words, after=after, limit=3)
        return [f"{line.code} < {line.parent}" for line in lines]

    await put(database, SAMBOJA, PASER.code)
    assert await page(NOW, PASER.code) == ["64.01 < 64"]
    assert await page(LATER, PASER.code) == ["64.01 < 64", "64.02.13 < 64.01", "64.02.13.1001 < 64.02.13"]
    assert await page(NOW, KUTAI) == ["64.02 < 64", "64.02.13 < 64.02", "64.02.13.1001 < 64.02.13"]
    assert await page(NOW, KUTAI, SAMBOJA, after="64.02.13.1001") == ["64.02.14 < 64.02"]
    assert await page(LATER, "ID", parent=KUTAI) == ["64.02.14 < 64.02"]
    assert await page(NOW, "ID", words="KELURAHAN") == ["64.02.13.1001 < 64.02.13"]
    assert await page(NOW, "ID", words="13.1") == ["64.02.13.1001 < 64.02.13"]
    assert await page(NOW, "ID", after="64.02.14") == ["ID < None"]
    assert await page(NOW) == []


async def test_writes_are_guarded_by_the_version(database: Database) -> None:
    async with database.write() as connection:
        assert not await rename_office(connection, SAMBOJA, "Lain", version=2)
        assert await rename_office(connection, SAMBOJA, "Lain", version=1)
        assert not await write_move(connection, SAMBOJA, (), covers=(), version=1, told=uuid7())
        found = await known_office(connection, SAMBOJA, NOW)
    assert found is not None
    assert (found.name, found.version) == ("Lain", 2)


async def test_a_rename_decided_on_an_older_version_collides(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async def not_written(*_: object, **__: object) -> bool:
        return False

    monkeypatch.setattr(offices, "rename_office", not_written)
    with pytest.raises(Collision):
        async with database.write() as connection:
            await rename_office_at_the_server(connection, NOW, SAMBOJA, name="Lain")


async def test_a_refused_move_leaves_the_tree_as_it_was(database: Database) -> None:
    with pytest.raises(Refused):
        await put(database, KUTAI, SUNGAI.code)
    async with database.read() as connection:
        assert {row[0] for row in await above(connection, KUTAI)} == {KUTAI, "64", "ID"}


async def test_a_move_takes_the_same_statements_however_many_offices_lie_below(database: Database) -> None:
    counts = []
    for day, parent, more in ((JULY, PASER.code, 0), (date(2027, 8, 1), KUTAI, 40)):
        async with database.write() as connection:
            for number in range(more):
                await add_office(connection, NOW, NewOffice(f"{SUNGAI.code}.{number}", "RT", SUNGAI.code, "Asia/Makassar"))
        with sent(database) as statements:
            await put(database, SAMBOJA, parent, day)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 16


# ── calendars ───────────────────────────────────────────────────────────────────────────────────────────────────────


def off(day: date, name: str) -> Layer:
    return Layer(days_off=(DayOff(day, "local", name),))


async def test_what_an_office_above_says_counts_on_the_days_on_which_it_stands_there(database: Database) -> None:
    before, after = date(2027, 6, 30), JULY
    async with database.write() as connection:
        for day in (before, after):
            await add_layer(connection, KUTAI, off(day, f"Kutai {day}"))
            await add_layer(connection, PASER.code, off(day, f"Paser {day}"))
    await put(database, SAMBOJA, PASER.code)
    async with database.read() as connection:
        for code in (SAMBOJA, SUNGAI.code):
            calendar = await load_calendar(connection, code)
            assert [row.reason for day in (before, after) if (row := calendar.reason(day))] == ["Kutai 2027-06-30", "Paser 2027-07-01"]
        sibling = await load_calendar(connection, MUARA_JAWA)
        assert [row.reason for day in (before, after) if (row := sibling.reason(day))] == ["Kutai 2027-06-30", "Kutai 2027-07-01"]


async def test_a_move_makes_the_calendars_below_new_and_those_alone(database: Database) -> None:
    cache = CalendarCache()
    async with database.read() as connection:
        before = await versions(connection)
        old = await cache.get(connection, SUNGAI.code, before[SUNGAI.code])
    await put(database, SAMBOJA, PASER.code)
    async with database.read() as connection:
        after = await versions(connection)
        assert (await cache.get(connection, SUNGAI.code, after[SUNGAI.code])).version == old.version + 1
    assert {code for code in after if after[code] != before[code]} == {SAMBOJA, SUNGAI.code}


async def test_a_change_reaches_those_that_were_and_those_that_will_be_below(database: Database) -> None:
    await put(database, SAMBOJA, PASER.code)
    for code in (KUTAI, PASER.code):
        async with database.write() as connection:
            before = await versions(connection)
            await add_layer(connection, code, off(JULY, "Hari Jadi"))
            after = await versions(connection)
        assert {SAMBOJA, SUNGAI.code, code} <= {changed for changed in after if after[changed] != before[changed]}


async def test_a_moved_calendar_is_loaded_in_one_statement(database: Database) -> None:
    await put(database, SAMBOJA, PASER.code)
    with sent(database) as statements:
        async with database.read() as connection:
            await load_calendar(connection, SUNGAI.code)
    assert len(statements) == 1
