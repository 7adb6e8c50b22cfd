"""The demo stands after every start, whatever was there before."""

import time
from dataclasses import replace

import anyio
import pytest
from sqlalchemy import func, select

from app.domain.accounts import NewAccount
from app.domain.permissions import PERMISSIONS
from app.domain.problems import Invalid, Unauthenticated
from app.outside.passwords import hash_password, verify_password
from app.store import accounts, assignments
from app.store.database import Database
from app.store.events import EVENT
from app.usecases import sessions as usecases
from app.usecases.accounts import create_account
from app.usecases.demo import MUARA_JAWA, OFFICES, PEOPLE, SAMBOJA, DemoPerson, create_demo
from tests.support.people import NOW, seed, session_terms
from tests.support.signing_in import found, let_in, signed_in_as


async def start(database: Database, password: str = "rahasia") -> None:
    async with database.write() as connection:
        await create_demo(connection, NOW, password)


async def test_the_names_that_clients_count_on_are_there(database: Database) -> None:
    await start(database)
    async with database.read() as connection:
        held = {account.username: {a.claim for a in assignments} for account, assignments in await assignments.list_people(connection, NOW)}
    assert held == {
        "camat": {"64.02.13:camat", "64.02.13:pegawai"},
        "sekretaris": {"64.02.13:sekretaris", "64.02.13:pegawai"},
        "tim1": {"64.02.13:pegawai"},
        "tim2": {"64.02.13:pegawai"},
        "tim3": {"64.02.13:pegawai"},
        "staf": {"64.02.13:staf", "64.02.13:pegawai"},
        "admin": {"64.02.13:admin"},
        "auditor": {"64.02.13:auditor"},
        "camat.muarajawa": {"64.02.14:camat", "64.02.14:pegawai"},
    }


async def test_a_second_start_writes_nothing(database: Database) -> None:
    await start(database)
    async with database.read() as connection:
        before = await assignments.list_people(connection, NOW)
        events = await connection.scalar(select(func.count()).select_from(EVENT))
    await start(database)
    async with database.read() as connection:
        assert await assignments.list_people(connection, NOW) == before
        assert await connection.scalar(select(func.count()).select_from(EVENT)) == events


async def test_every_account_opens_with_the_password_and_has_its_own_salt(sqlite_database: Database) -> None:
    await start(sqlite_database)
    async with sqlite_database.read() as connection:
        accounts = [account for account, _ in await assignments.list_people(connection, NOW)]
    assert len({account.password_hash for account in accounts}) == len(PEOPLE)
    assert all([await verify_password(account.password_hash, "rahasia") for account in accounts])


async def test_another_password_replaces_the_old_one_and_ends_its_sessions(sqlite_database: Database) -> None:
    terms = replace(session_terms(), demo=True)
    await start(sqlite_database)
    signed_in = await signed_in_as(sqlite_database, "camat", terms=terms, now=NOW)
    await start(sqlite_database, "another one")
    async with sqlite_database.write() as connection:
        camat = await accounts.find_account(connection, "camat")
        assert camat is not None
        assert await verify_password(camat.password_hash, "another one")
        assert await usecases.refresh(connection, NOW, signed_in.refresh_token, terms=terms) is None


async def test_a_start_with_another_password_takes_less_than_five_seconds(sqlite_database: Database) -> None:
    """The dearest start: every old hash is tried in vain, and every account is hashed anew."""
    await start(sqlite_database)
    began = time.monotonic()
    await start(sqlite_database, "another one")
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.username)
def test_who_has_a_permission_only_reads(person: DemoPerson) -> None:
    held = set(person.holds)
    assert held.isdisjoint(PERMISSIONS) or held <= PERMISSIONS


def test_the_second_office_proves_separation() -> None:
    assert {person.office for person in PEOPLE} == {SAMBOJA, MUARA_JAWA}


async def test_two_servers_that_start_at_once_make_one_demo(postgres_database: Database) -> None:
    async with anyio.create_task_group() as group:
        group.start_soon(start, postgres_database)
        group.start_soon(start, postgres_database)
    async with postgres_database.read() as connection:
        assert len(await assignments.list_people(connection, NOW)) == len(PEOPLE)
        assert await connection.scalar(select(func.count()).select_from(EVENT)) == 1 + len(OFFICES) + sum(1 + len(person.holds) for person in PEOPLE)


async def test_outside_demo_mode_its_accounts_are_unknown_and_their_sessions_over(database: Database) -> None:
    """The database may have stayed; the password is published."""
    outside = session_terms()
    inside = replace(outside, demo=True)
    await start(database)
    camat = await found(database, "camat", terms=inside, now=NOW)
    assert camat is not None
    signed_in = await signed_in_as(database, "camat", terms=inside, now=NOW)
    for person in PEOPLE:
        assert await found(database, person.username, terms=outside, now=NOW) is None
    with pytest.raises(Unauthenticated, match="session_ended"):
        await let_in(database, camat, terms=outside, now=NOW)
    async with database.write() as connection:
        claims = inside.tokens.verify(signed_in.access_token, NOW)
        assert (await usecases.authenticate(connection, claims, NOW, terms=inside)).username == "camat"
        with pytest.raises(Unauthenticated, match="session_ended"):
            await usecases.authenticate(connection, claims, NOW, terms=outside)
        assert await usecases.refresh(connection, NOW, signed_in.refresh_token, terms=outside) is None
        assert await usecases.refresh(connection, NOW, signed_in.refresh_token, terms=inside) is not None


async def test_a_name_that_the_demo_took_is_not_given_to_a_real_person(sqlite_database: Database) -> None:
    await start(sqlite_database)
    with pytest.raises(Invalid, match="username_of_demo"):
        async with sqlite_database.write() as connection:
            await create_account(connection, NOW, NewAccount("camat", "Camat", SAMBOJA, "!"))


async def test_a_real_person_of_the_same_name_keeps_the_password(sqlite_database: Database) -> None:
    await seed(sqlite_database)
    async with sqlite_database.write() as connection:
        await create_account(connection, NOW, NewAccount("camat", "Camat", SAMBOJA, await hash_password("the real one")))
    await start(sqlite_database)
    async with sqlite_database.read() as connection:
        camat = await accounts.find_account(connection, "camat")
        assert camat is not None
        assert not camat.is_demo
        assert await verify_password(camat.password_hash, "the real one")
        assert await assignments.assignments_of(connection, camat.id, NOW) == []
