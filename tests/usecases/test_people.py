"""Offices, accounts and positions are entered with care and recorded in the office's stream."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import anyio
import pytest
from sqlalchemy import select

from app.domain.accounts import NewAccount
from app.domain.assignments import MAX_POSITIONS, Position
from app.domain.events import text_hash
from app.domain.offices import NewOffice
from app.domain.problems import Invalid
from app.store import offices
from app.store.database import Database
from app.store.errors import Collision
from app.store.events import EVENT, as_shown, event_hash
from app.usecases.accounts import create_account
from app.usecases.assignments import assign
from app.usecases.offices import add_office, seed_offices
from tests.support.people import KUTAI, NOW, SAMBOJA, SINCE, enrol, seed, session_terms
from tests.support.signing_in import signed_in_as

OFFICE = NewOffice("64.02.15", "Kecamatan Anggana", KUTAI, "Asia/Makassar")
ACCOUNT = NewAccount("camat", "Camat", SAMBOJA, "!")
POSITION = Position(SAMBOJA, "camat", SINCE)


@pytest.fixture
async def database(sqlite_database: Database) -> Database:
    """What is tested here is Python; the statements are tested on both databases in tests/store."""
    await seed(sqlite_database)
    return sqlite_database


async def events(database: Database, office: str = SAMBOJA) -> list[dict[str, Any]]:
    async with database.read() as connection:
        found = await connection.execute(select(EVENT).where(EVENT.c.office_code == office).order_by(EVENT.c.position))
        return [as_shown(dict(row._mapping)) for row in found]


async def test_seeding_twice_is_seeding_once(database: Database) -> None:
    async with database.write() as connection:
        await seed_offices(connection, NOW)
        root = await offices.find_office(connection, "ID", NOW)
    assert root == NewOffice("ID", "Indonesia", None, "Asia/Jakarta")


async def test_an_office_added_again_word_for_word_is_no_mistake(database: Database) -> None:
    async with database.write() as connection:
        await add_office(connection, NOW, OFFICE)
        await add_office(connection, NOW, OFFICE)
        assert await offices.find_office(connection, OFFICE.code, NOW) == OFFICE
    (founded,) = await events(database, OFFICE.code)
    assert (founded["type"], founded["stream"], founded["sequence"]) == ("office.created", "office:64.02.15", 1)
    assert founded["actor"] is None
    assert founded["data"] == {"code": "64.02.15", "name": "Kecamatan Anggana", "parent": "64.02", "time_zone": OFFICE.time_zone}


async def test_the_stream_of_each_office_begins_with_its_founding(database: Database) -> None:
    for code in ("ID", "64", KUTAI, SAMBOJA):
        founded = (await events(database, code))[0]
        assert (founded["type"], founded["sequence"], founded["hash"]) == ("office.created", 1, event_hash(founded))


@pytest.mark.parametrize(
    ("office", "pointer", "code"),
    [
        (replace(OFFICE, code="64:02"), "/code", "malformed"),
        (replace(OFFICE, code="64 02"), "/code", "malformed"),
        (replace(OFFICE, code="6" * 41), "/code", "malformed"),
        (replace(OFFICE, code="64."), "/code", "malformed"),
        (replace(OFFICE, name=" "), "/name", "malformed"),
        (replace(OFFICE, name="a\nb"), "/name", "malformed"),
        (replace(OFFICE, time_zone="WITA"), "/time_zone", "unknown_time_zone"),
        (replace(OFFICE, time_zone="Asia"), "/time_zone", "unknown_time_zone"),
        (replace(OFFICE, time_zone="../../etc/passwd"), "/time_zone", "unknown_time_zone"),
        (replace(OFFICE, time_zone=""), "/time_zone", "unknown_time_zone"),
        (replace(OFFICE, parent="64.99"), "/parent", "unknown_office"),
        (replace(OFFICE, parent=None), "/parent", "unknown_office"),
        (replace(OFFICE, code=SAMBOJA), "/code", "office_exists"),
        (replace(OFFICE, code="id"), "/code", "office_exists"),
    ],
)
async def test_an_office_that_cannot_be_is_refused_with_the_place_of_the_mistake(
    database: Database, office: NewOffice, pointer: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        async with database.write() as connection:
            await add_office(connection, NOW, office)
    assert [(error.pointer, error.code) for error in refused.value.errors] == [(pointer, code)]


@pytest.mark.parametrize(
    ("account", "pointer", "code"),
    [
        (replace(ACCOUNT, username="Camat"), "/username", "malformed"),
        (replace(ACCOUNT, username=".camat"), "/username", "malformed"),
        (replace(ACCOUNT, username="ca mat"), "/username", "malformed"),
        (replace(ACCOUNT, username="c" * 101), "/username", "malformed"),
        (replace(ACCOUNT, name=""), "/name", "malformed"),
        (replace(ACCOUNT, office="64.99"), "/office", "unknown_office"),
        (replace(ACCOUNT, username="taken"), "/username", "username_taken"),
    ],
)
async def test_an_account_that_cannot_be_is_refused(database: Database, account: NewAccount, pointer: str, code: str) -> None:
    await enrol(database, "taken")
    with pytest.raises(Invalid) as refused:
        async with database.write() as connection:
            await create_account(connection, NOW, account)
    assert [(error.pointer, error.code) for error in refused.value.errors] == [(pointer, code)]


@pytest.mark.parametrize(
    ("username", "position", "pointer", "code"),
    [
        ("camat", replace(POSITION, role="Camat"), "/role", "malformed"),
        ("camat", replace(POSITION, role="64.02:camat"), "/role", "malformed"),
        ("camat", replace(POSITION, valid_to=date(2023, 12, 31)), "/valid_to", "before_valid_from"),
        ("camat", replace(POSITION, office="64.99"), "/office", "unknown_office"),
        ("nobody", POSITION, "/username", "unknown_account"),
    ],
)
async def test_a_position_that_cannot_be_is_refused(database: Database, username: str, position: Position, pointer: str, code: str) -> None:
    await enrol(database, "camat")
    with pytest.raises(Invalid) as refused:
        async with database.write() as connection:
            await assign(connection, NOW, username, position=position)
    assert [(error.pointer, error.code) for error in refused.value.errors] == [(pointer, code)]


async def test_an_account_holds_no_more_than_its_token_can_name(database: Database) -> None:
    """The longest name, beside as much as is given: what is refused before it is given can never keep its holder from signing in."""
    longest = NewAccount("camat", "𝒏" * 200, SAMBOJA, "!")
    terms = session_terms()
    async with database.write() as connection:
        await create_account(connection, NOW, longest)
        past = replace(POSITION, role="over", valid_to=date(2025, 1, 1))
        for number in range(MAX_POSITIONS + 1):
            await assign(connection, NOW, "camat", position=replace(past, role=f"over_{number}"))
        long = [replace(POSITION, role="r".ljust(61, "x") + f"{number:02}") for number in range(MAX_POSITIONS)]
        for position in long[:34]:
            await assign(connection, NOW, "camat", position=position)
        with pytest.raises(Invalid, match="too_many_positions"):
            await assign(connection, NOW, "camat", position=long[34])
    signed_in = await signed_in_as(database, "camat", terms=terms, now=NOW)
    assert len(terms.tokens.verify(signed_in.access_token, NOW).roles) == 34


async def test_sixty_positions_are_enough_for_one_account(database: Database) -> None:
    await enrol(database, "camat")
    async with database.write() as connection:
        for number in range(MAX_POSITIONS):
            await assign(
                connection, NOW, "camat", position=replace(POSITION, role=f"peran_panjang_{number}", valid_from=NOW.date() + timedelta(days=number))
            )
        with pytest.raises(Invalid, match="too_many_positions"):
            await assign(connection, NOW, "camat", position=POSITION)


async def test_the_office_records_accounts_and_positions_in_one_chain(database: Database) -> None:
    letter = replace(POSITION, capacity="plh", valid_to=date(2026, 12, 31), instrument_number="800/12/SK", instrument_date=date(2026, 11, 20))
    account_id = await enrol(database, "camat", letter)
    founded, created, assigned = await events(database)
    assert [event_hash(event) for event in (created, assigned)] == [created["hash"], assigned["hash"]]
    assert (created["type"], created["stream"], created["sequence"]) == ("account.created", "office:64.02.13", 2)
    assert created["previous_hash"] == founded["hash"]
    about = {"account_id": str(account_id), "username": "camat", "kind": "person", "is_demo": False}
    assert created["data"] == about | {"name_sha256": text_hash("Camat")}
    assert (assigned["type"], assigned["sequence"], assigned["previous_hash"]) == ("assignment.created", 3, created["hash"])
    assert assigned["data"].pop("assignment_id")
    assert assigned["data"] == {
        "account_id": str(account_id),
        "role": "camat",
        "capacity": "plh",
        "valid_from": "2024-01-01",
        "valid_to": "2026-12-31",
        "instrument_number_sha256": text_hash("800/12/SK"),
        "instrument_date": "2026-11-20",
    }


async def test_accounts_made_at_once_keep_one_chain(postgres_database: Database) -> None:
    """Who comes second finds the stream moved and writes nothing; the edge would try again."""
    await seed(postgres_database)
    outcomes: list[str] = []

    async def make(username: str) -> None:
        try:
            await enrol(postgres_database, username)
            outcomes.append("made")
        except Collision:
            outcomes.append("collision")

    async with anyio.create_task_group() as group:
        for number in range(6):
            group.start_soon(make, f"tim{number}")
    recorded = await events(postgres_database)
    assert len(outcomes) == 6
    assert [event["sequence"] for event in recorded] == list(range(1, outcomes.count("made") + 2))
