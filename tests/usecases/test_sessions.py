"""Signing in, refreshing once, signing out; and authority that is lost at once."""

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

import anyio
import pytest
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import func, select, update

from app.domain.assignments import Position
from app.domain.people import Actor
from app.domain.problems import Unauthenticated
from app.domain.throttling import counters
from app.outside.passwords import hash_password
from app.outside.sealing import Seal
from app.store import accounts, assignments, sessions
from app.store.database import Database
from app.usecases import sessions as usecases
from app.usecases.assignments import assign
from app.usecases.sessions import Recognised, SessionTerms, SignedIn, SignInRequest
from app.usecases.throttling import begin_try
from tests.support.people import MUARA_JAWA, NOW, SAMBOJA, SINCE, enrol, seed, session_terms
from tests.support.signing_in import found, let_in, signed_in_as

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
    return await signed_in_as(database, username, terms=terms, now=NOW)


async def refresh(database: Database, terms: SessionTerms, token: str, *, now: datetime = LATER) -> SignedIn | None:
    async with database.write() as connection:
        return await usecases.refresh(connection, now, token, terms=terms)


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
    terms = replace(terms, idle=timedelta(days=1))
    signed_in = await sign_in(database, terms)
    last = await refresh(database, terms, signed_in.refresh_token, now=NOW + timedelta(hours=12) - timedelta(seconds=30))
    assert last is not None
    assert last.expires_in == 30
    assert await refresh(database, terms, last.refresh_token, now=NOW + timedelta(hours=12)) is None


@pytest.mark.parametrize(("minutes", "goes_on"), [(119, True), (120, False), (600, False)])
async def test_a_session_that_is_not_refreshed_for_two_hours_is_over(database: Database, terms: SessionTerms, minutes: int, goes_on: bool) -> None:
    signed_in = await sign_in(database, terms)
    second = await refresh(database, terms, signed_in.refresh_token)
    assert second is not None
    third = await refresh(database, terms, second.refresh_token, now=LATER + timedelta(minutes=minutes))
    assert (third is not None) is goes_on


@pytest.mark.parametrize("seconds", [0, 1, 10])
async def test_a_lost_answer_is_given_again_for_ten_seconds(database: Database, terms: SessionTerms, seconds: int) -> None:
    signed_in = await sign_in(database, terms)
    second = await refresh(database, terms, signed_in.refresh_token)
    again = await refresh(database, terms, signed_in.refresh_token, now=LATER + timedelta(seconds=seconds))
    assert second is not None
    assert again is not None
    assert again.refresh_token == second.refresh_token
    assert (await actor_of(database, terms, again)).username == "camat"
    assert await refresh(database, terms, again.refresh_token) is not None


async def test_a_used_token_presented_later_ends_the_session(database: Database, terms: SessionTerms) -> None:
    signed_in = await sign_in(database, terms)
    second = await refresh(database, terms, signed_in.refresh_token)
    assert second is not None
    assert await refresh(database, terms, signed_in.refresh_token, now=LATER + timedelta(seconds=10, microseconds=1)) is None
    assert await refresh(database, terms, second.refresh_token) is None
    with pytest.raises(Unauthenticated, match="session_ended"):
        await actor_of(database, terms, second)


async def test_a_used_token_whose_successor_is_used_too_ends_the_session_at_once(database: Database, terms: SessionTerms) -> None:
    """Nobody who goes on lost the answer: a copy does."""
    signed_in = await sign_in(database, terms)
    second = await refresh(database, terms, signed_in.refresh_token)
    assert second is not None
    third = await refresh(database, terms, second.refresh_token)
    assert third is not None
    assert await refresh(database, terms, signed_in.refresh_token) is None
    assert await refresh(database, terms, third.refresh_token) is None


async def test_a_token_that_was_never_issued_ends_nothing(database: Database, terms: SessionTerms) -> None:
    signed_in = await sign_in(database, terms)
    session_id = signed_in.refresh_token.partition(".")[0]
    assert await refresh(database, terms, f"{session_id}.{'A' * 43}") is None
    assert await refresh(database, terms, signed_in.refresh_token) is not None


async def test_a_lost_answer_is_found_again_after_the_signing_key_was_rotated(database: Database, terms: SessionTerms) -> None:
    signed_in = await sign_in(database, terms)
    second = await refresh(database, terms, signed_in.refresh_token)
    assert second is not None
    rotated = replace(terms, seal=SealOfTwo(session_terms().seal, terms.seal))
    again = await refresh(database, rotated, signed_in.refresh_token)
    assert again is not None
    assert again.refresh_token == second.refresh_token


async def test_what_follows_a_token_cannot_be_computed_without_the_key(database: Database, terms: SessionTerms) -> None:
    signed_in = await sign_in(database, terms)
    second = await refresh(database, terms, signed_in.refresh_token)
    assert second is not None
    other = session_terms().seal.derive("refresh", signed_in.refresh_token.encode())
    assert urlsafe_b64encode(other).rstrip(b"=").decode() not in second.refresh_token


class SealOfTwo(Seal):
    """Derives with a new key first, then with the one before, as after a rotation."""

    def __init__(self, new: Seal, old: Seal) -> None:
        self._both = (new, old)

    def derived_before(self, label: str, data: bytes) -> Iterator[bytes]:
        return (seal.derive(label, data) for seal in self._both)


async def test_other_sessions_of_the_same_person_go_on(database: Database, terms: SessionTerms) -> None:
    phone, desk = await sign_in(database, terms), await sign_in(database, terms)
    await refresh(database, terms, phone.refresh_token)
    assert await refresh(database, terms, phone.refresh_token, now=LATER + timedelta(minutes=1)) is None
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


async def test_parallel_refreshes_all_get_the_same_successor(postgres_database: Database, terms: SessionTerms) -> None:
    """Eight tabs, one token: nobody is taken for a thief, and one token goes on."""
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
        given = {answer.refresh_token for answer in answers if answer is not None}
        assert len(answers) == 8
        assert None not in answers
        (successor,) = given
        assert await refresh(postgres_database, terms, successor) is not None


async def test_who_signs_in_is_recognised_by_the_password_alone(sqlite_database: Database, terms: SessionTerms) -> None:
    await seed(sqlite_database)
    await enrol(sqlite_database, "staf", password_hash=await hash_password("rahasia kantor"))
    staf = await found(sqlite_database, "Staf", terms=terms, now=NOW)
    nobody = await found(sqlite_database, "nobody", terms=terms, now=NOW)
    impossible = await found(sqlite_database, "a\0b\ud800", terms=terms, now=NOW)
    assert staf is not None
    assert nobody is None
    assert impossible is None
    assert await usecases.recognise(staf, "rahasia kantor") == Recognised(staf, None)
    for account, password in [(staf, "wrong"), (nobody, "rahasia kantor")]:
        with pytest.raises(Unauthenticated, match="bad_credentials"):
            await usecases.recognise(account, password)


@pytest.mark.parametrize("change", [{"active": False}, {"kind": "machine"}])
async def test_a_closed_account_and_a_machine_have_no_password(sqlite_database: Database, terms: SessionTerms, change: dict[str, object]) -> None:
    await seed(sqlite_database)
    await enrol(sqlite_database, "staf")
    async with sqlite_database.write() as connection:
        await connection.execute(update(accounts.ACCOUNT).values(change))
    assert await found(sqlite_database, "staf", terms=terms, now=NOW) is None


@pytest.mark.parametrize("change", [{"active": False}, {"password_hash": "another"}, {"totp_secret": "enrolled meanwhile"}])
async def test_an_account_changed_while_its_password_was_checked_opens_no_session(
    database: Database, terms: SessionTerms, change: dict[str, object]
) -> None:
    who = await found(database, "camat", terms=terms, now=NOW)
    assert who is not None
    async with database.write() as connection:
        await connection.execute(update(accounts.ACCOUNT).values(change))
    with pytest.raises(Unauthenticated, match="bad_credentials"):
        await let_in(database, who, terms=terms, now=NOW)
    async with database.read() as connection:
        assert await connection.scalar(select(func.count()).select_from(sessions.SESSION)) == 0


async def test_a_hash_of_older_parameters_is_renewed_at_sign_in(database: Database, terms: SessionTerms) -> None:
    older = Argon2Hasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash("rahasia kantor")
    async with database.write() as connection:
        await connection.execute(update(accounts.ACCOUNT).values(password_hash=older))
    who = await found(database, "camat", terms=terms, now=NOW)
    recognised = await usecases.recognise(who, "rahasia kantor")
    async with database.write() as connection:
        tried = await begin_try(connection, NOW, counters("camat", "", familiar=False))
        await usecases.sign_in(connection, NOW, recognised, request=SignInRequest(""), tried=tried, terms=terms)
    who = await found(database, "camat", terms=terms, now=NOW)
    assert who is not None
    assert who.password_hash == recognised.renewed
    assert who.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await usecases.recognise(who, "rahasia kantor") == Recognised(who, None)
