"""Offices know what lies below them; assignments reach as far as their office does."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.assignments import Position
from app.domain.instances import Person
from app.domain.offices import NewOffice
from app.store import accounts, assignments, offices
from app.store.database import Database
from app.store.starting import load_start
from tests.support.people import KUTAI, MUARA_JAWA, NOW, SAMBOJA, SINCE, enrol, seed


@pytest.fixture
async def database(database: Database) -> Database:
    await seed(database)
    return database


async def test_every_office_is_covered_by_itself_and_by_all_above_it(database: Database) -> None:
    async with database.read() as connection:
        found = await connection.execute(select(offices.COVER.c.ancestor, offices.COVER.c.depth).where(offices.COVER.c.code == SAMBOJA))
    assert {row.ancestor: row.depth for row in found} == {SAMBOJA: 0, KUTAI: 1, "64": 2, "ID": 3}


async def test_adding_an_office_again_changes_nothing(database: Database) -> None:
    again = NewOffice(SAMBOJA, "Another name", "31", "Asia/Jakarta")
    async with database.write() as connection:
        assert not await offices.add_office(connection, again)
        found = await offices.find_office(connection, SAMBOJA, NOW)
        covers = await connection.execute(select(offices.COVER.c.ancestor).where(offices.COVER.c.code == SAMBOJA))
    assert found == NewOffice(SAMBOJA, "Kecamatan Samboja", KUTAI, "Asia/Makassar")
    assert set(covers.scalars()) == {SAMBOJA, KUTAI, "64", "ID"}


async def test_the_offices_below_are_named_in_the_order_of_their_codes(database: Database) -> None:
    async with database.read() as connection:
        names = await offices.office_names(connection, {KUTAI}, NOW)
    assert list(names.items()) == [
        (KUTAI, "Kabupaten Kutai Kartanegara"),
        (SAMBOJA, "Kecamatan Samboja"),
        (MUARA_JAWA, "Kecamatan Muara Jawa"),
    ]


async def test_an_assignment_reaches_the_offices_below(database: Database) -> None:
    account_id = await enrol(database, "auditor", Position(KUTAI, "auditor", SINCE), Position(SAMBOJA, "staf", SINCE))
    async with database.read() as connection:
        above, local = await assignments.assignments_of(connection, account_id, NOW)
    assert above.covers == {KUTAI, SAMBOJA, MUARA_JAWA}
    assert local.covers == {SAMBOJA}
    assert local.time_zone == "Asia/Makassar"


async def people_at_samboja(connection: AsyncConnection) -> list[Person]:
    """As an act at Samboja loads them."""
    facts = await load_start(connection, procedure="none", office=SAMBOJA, period="2026", retry=None)
    return sorted(facts.people, key=lambda person: person.username)


async def test_a_revoked_assignment_is_gone(database: Database) -> None:
    account_id = await enrol(database, "camat", Position(SAMBOJA, "camat", SINCE))
    async with database.write() as connection:
        await connection.execute(update(assignments.ASSIGNMENT).values(revoked_at=NOW))
    async with database.read() as connection:
        assert await assignments.assignments_of(connection, account_id, NOW) == []
        assert await people_at_samboja(connection) == []


async def test_the_people_of_an_office_are_those_who_hold_something_there(database: Database) -> None:
    future = Position(SAMBOJA, "sekretaris", NOW.date() + timedelta(days=30))
    await enrol(database, "sekretaris", future)
    await enrol(database, "camat", Position(SAMBOJA, "camat", SINCE, valid_to=NOW.date()))
    await enrol(database, "above", Position(KUTAI, "auditor", SINCE))
    await enrol(database, "closed", Position(SAMBOJA, "staf", SINCE))
    async with database.write() as connection:
        await connection.execute(update(accounts.ACCOUNT).where(accounts.ACCOUNT.c.username == "closed").values(active=False))
    async with database.read() as connection:
        found = await people_at_samboja(connection)
    assert [(p.username, p.role, p.valid_from, p.valid_to) for p in found] == [
        ("camat", "camat", SINCE, NOW.date()),
        ("sekretaris", "sekretaris", future.valid_from, None),
    ]


async def test_the_list_of_people_has_those_who_hold_nothing_too(database: Database) -> None:
    await enrol(database, "camat", Position(SAMBOJA, "camat", SINCE), Position(SAMBOJA, "pegawai", SINCE))
    await enrol(database, "baru")
    async with database.read() as connection:
        listed = await assignments.list_people(connection, NOW)
    assert [(account.username, [a.claim for a in held]) for account, held in listed] == [
        ("baru", []),
        ("camat", ["64.02.13:camat", "64.02.13:pegawai"]),
    ]
