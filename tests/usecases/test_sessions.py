"""Signing in, refreshing once, signing out; and authority that is lost at once."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from uuid import UUID

import anyio
import pytest
from sqlalchemy import func, select, update

from app.domain.assignments import Position
from app.domain.people import Actor
from app.domain.problems import Unauthenticated
from app.outside.passwords import hash_password
from app.store import accounts, assignments, sessions
from app.store.database import Database
from app.usecases import sessions as usecases
from app.usecases.assignments import assign
from app.usecases.sessions import SessionTerms, SignedIn
from tests.support.people import MUARA_JAWA, NOW, SAMBOJA, SINCE, enrol, seed, session_terms

LATER = NOW + timedelta(minutes=5)
CAMAT = Position(SAMBOJA, "camat", SINCE)


@pytest.fixture(scope="module")
def terms() -> SessionTerms:
    return session_terms()


@pytest.fixture
async def database(database: Database) -> Database:
    await seed(database)
    await enrol(database, "camat", CAMAT, Position(SAMBOJA, "auditor", SINCE))
    return database


async def sign_in(database: Database, terms: SessionTerms, username: str = "camat") -> SignedIn:
    async with database.write() as connection:
        account = await usecases.find_account(connection, username, terms=terms)
        assert account is not None
        return await usecases.sign_in(connection, NOW, account, terms=terms)


async def refresh(database: Database, terms: SessionTerms, token: str) -> SignedIn | None:
    async with database.write() as connection:
        return await usecases.refresh(connection, LATER, token, terms=terms)


async def actor_of(database: Database, terms: SessionTerms, signed_in: SignedIn) -> Actor:
    async with database.read() as connection:
        return await usecases.authenticate(connection, terms.tokens.verify(signed_in.access_token, LATER), LATER, terms=terms)


async def test_the_token_says_who_and_what(database: Database, terms: SessionTerms) -> None:
    signed_in = await sign_in(database, terms)
    claims = terms.tokens.verify(signed_in.access_token, NOW)
    assert signed_in.expires_in == 600
    assert claims.exp - claims.iat == timedelta(seconds=600)
    assert claims.name == "Camat"
    assert claims.roles == ("64.02.13:camat",)
    assert claims.permissions == ("64.02.13:auditor",)


async def test_only_the_hash_of_a_refresh_token_is_kept(database: Database, terms: SessionTerms) -> None:
    signed_in = await sign_in(database, terms)
    async with database.read() as connection:
        row = (await connection.execute(select(sessions.SESSION))).one()
    assert signed_in.refresh_token.startswith(f"{row.id}.")
    assert signed_in.refresh_token.partition(".")[2] not in str(row)
    assert len(row.id.hex) == 32


async def test_the_actor_holds_what_the_token_claims(database: Database, terms: SessionTerms) -> None:
    actor = await actor_of(database, terms, await sign_in(database, terms))
    assert (actor.username, actor.name) == ("camat", "Camat")
    assert actor.position("camat", SAMBOJA) is not None
    assert actor.permitted("auditor", SAMBOJA)
    assert not actor.sees(MUARA_JAWA)


async def test_a_role_lost_is_lost_at_once(database: Database, terms: SessionTerms) -> None:
    signed_in = await sign_in(database, terms)
    async with database.write() as connection:
        await connection.execute(update(assignments.ASSIGNMENT).where(assignments.ASSIGNMENT.c.role == "camat").values(revoked_at=NOW))
    assert (await actor_of(database, terms, signed_in)).position("camat", SAMBOJA) is None


async def test_a_role_gained_comes_with_the_next_refresh(database: Database, terms: SessionTerms) -> None:
    signed_in = await sign_in(database, terms)
    async with database.write() as connection:
        await assign(connection, NOW, "camat", position=Position(MUARA_JAWA, "camat", SINCE, date(2026, 12, 31), "plh"))
    assert (await actor_of(database, terms, signed_in)).position("camat", MUARA_JAWA) is None
    refreshed = await refresh(database, terms, signed_in.refresh_token)
    assert refreshed is not None
    gained = (await actor_of(database, terms, refreshed)).position("camat", MUARA_JAWA)
    assert gained is not None
    assert gained.capacity == "plh"


@pytest.mark.parametrize("ending", ["signed out", "account closed", "session of another"])
async def test_a_token_outlives_nothing(database: Database, terms: SessionTerms, ending: str) -> None:
    signed_in = await sign_in(database, terms)
    claims = terms.tokens.verify(signed_in.access_token, LATER)
    async with database.write() as connection:
        if ending == "signed out":
            await usecases.sign_out(connection, NOW, await usecases.authenticate(connection, claims, NOW, terms=terms))
        if ending == "account closed":
            await connection.execute(update(accounts.ACCOUNT).values(active=False))
    if ending == "session of another":
        claims = replace(claims, sub=UUID(int=4))
    async with database.read() as connection:
        with pytest.raises(Unauthenticated, match="session_ended"):
            await usecases.authenticate(connection, claims, LATER, terms=terms)


async def test_a_session_ends_after_twelve_hours_whatever_is_refreshed(database: Database, terms: SessionTerms) -> None:
    signed_in = await sign_in(database, terms)
    shortly_before = NOW + timedelta(hours=12) - timedelta(seconds=30)
    async with database.write() as connection:
        last = await usecases.refresh(connection, shortly_before, signed_in.refresh_token, terms=terms)
        assert last is not None
        assert last.expires_in == 30
        assert await usecases.refresh(connection, NOW + timedelta(hours=12), last.refresh_token, terms=terms) is None


async def test_a_refresh_token_serves_once_and_its_reuse_ends_the_session(database: Database, terms: SessionTerms) -> None:
    signed_in = await sign_in(database, terms)
    second = await refresh(database, terms, signed_in.refresh_token)
    assert second is not None
    assert await refresh(database, terms, signed_in.refresh_token) is None
    assert await refresh(database, terms, second.refresh_token) is None
    with pytest.raises(Unauthenticated, match="session_ended"):
        await actor_of(database, terms, second)


async def test_other_sessions_of_the_same_person_go_on(database: Database, terms: SessionTerms) -> None:
    phone, desk = await sign_in(database, terms), await sign_in(database, terms)
    await refresh(database, terms, phone.refresh_token)
    await refresh(database, terms, phone.refresh_token)
    assert (await actor_of(database, terms, desk)).username == "camat"


@pytest.mark.parametrize(
    "token",
    ["", ".", "x", "x.y", "01936f00-0000-7000-8000-000000000001", "01936F00-0000-7000-8000-000000000001.x", "01936f00-0000-7000-8000-000000000001.é"],
)
async def test_what_is_no_refresh_token_is_told_so(sqlite_database: Database, terms: SessionTerms, token: str) -> None:
    with pytest.raises(Unauthenticated, match="token_invalid"):
        await refresh(sqlite_database, terms, token)


async def test_an_unknown_session_is_over(sqlite_database: Database, terms: SessionTerms) -> None:
    assert await refresh(sqlite_database, terms, "01936f00-0000-7000-8000-000000000001.x") is None


async def test_of_parallel_refreshes_exactly_one_succeeds(postgres_database: Database, terms: SessionTerms) -> None:
    """The others present a token that has served: they end the session, the one that the winner was given included."""
    await seed(postgres_database)
    await enrol(postgres_database, "camat", CAMAT)
    for _ in range(10):
        signed_in = await sign_in(postgres_database, terms)
        answers: list[SignedIn | None] = []

        async def present(token: str, answers: list[SignedIn | None]) -> None:
            answers.append(await refresh(postgres_database, terms, token))

        async with anyio.create_task_group() as group:
            for _ in range(8):
                group.start_soon(partial(present, signed_in.refresh_token, answers))
        winners = [answer for answer in answers if answer is not None]
        assert len(answers) == 8
        assert len(winners) == 1
        assert await refresh(postgres_database, terms, winners[0].refresh_token) is None
        with pytest.raises(Unauthenticated, match="session_ended"):
            await actor_of(postgres_database, terms, winners[0])


async def test_who_signs_in_is_recognised_by_the_password_alone(sqlite_database: Database, terms: SessionTerms) -> None:
    await seed(sqlite_database)
    await enrol(sqlite_database, "staf", password_hash=await hash_password("rahasia kantor"))
    async with sqlite_database.read() as connection:
        staf = await usecases.find_account(connection, "Staf", terms=terms)
        nobody = await usecases.find_account(connection, "nobody", terms=terms)
        impossible = await usecases.find_account(connection, "a\0b\ud800", terms=terms)
    assert staf is not None
    assert nobody is None
    assert impossible is None
    assert await usecases.recognise(staf, "rahasia kantor") == staf
    for account, password in [(staf, "wrong"), (nobody, "rahasia kantor"), (replace(staf, active=False), "rahasia kantor")]:
        with pytest.raises(Unauthenticated, match="bad_credentials"):
            await usecases.recognise(account, password)


async def test_an_account_closed_while_its_password_was_checked_opens_no_session(database: Database, terms: SessionTerms) -> None:
    async with database.read() as connection:
        account = await usecases.find_account(connection, "camat", terms=terms)
    assert account is not None
    async with database.write() as connection:
        await connection.execute(update(accounts.ACCOUNT).values(active=False))
    with pytest.raises(Unauthenticated):
        async with database.write() as connection:
            await usecases.sign_in(connection, NOW, account, terms=terms)
    async with database.read() as connection:
        assert await connection.scalar(select(func.count()).select_from(sessions.SESSION)) == 0
