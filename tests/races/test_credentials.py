"""People, and thieves, who are quick: one code, one secret, one token presented many times at once; guesses in parallel."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import func, select

from app.outside import passwords
from app.store.accounts import ACCOUNT
from app.store.database import Database
from app.store.sessions import SESSION
from app.store.throttling import FAILURE
from app.usecases.credentials import issue_reset
from app.usecases.sessions import SessionTerms
from tests.support.authenticators import begun, enrolled
from tests.support.people import session_terms
from tests.support.session_client import PASSWORD, Clock, bearer, opened, refreshed, signed_in

NEW = "kapal biru di teluk"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def terms() -> SessionTerms:
    return session_terms()


@pytest.fixture
async def office(postgres_database: Database, terms: SessionTerms, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """Without argon2, which would let two requests at a time through and hide what the others do."""

    def hashed(password: str) -> str:
        return f"$argon2id$v=19$m=19456,t=2,p=1$salt${password.encode().hex()}"

    def verified(password: str, known: str) -> tuple[bool, None]:
        return known == hashed(password), None

    monkeypatch.setattr(passwords._hasher, "hash", hashed)
    monkeypatch.setattr(passwords._hasher, "verify_and_update", verified)
    async with await opened(postgres_database, terms, clock) as client:
        yield client


async def at_once(times: int, *calls: httpx.Request, client: httpx.AsyncClient) -> Counter[tuple[int, str]]:
    """How often each status came, with its code; every call `times` over."""
    answers = await asyncio.gather(*(client.send(call) for call in calls for _ in range(times)))
    return Counter((answer.status_code, "" if answer.is_success else answer.json()["code"]) for answer in answers)


def signing_in(client: httpx.AsyncClient, **given: str) -> httpx.Request:
    return client.build_request("POST", "/v1/auth/sessions", json={"username": "camat", "password": PASSWORD} | given)


async def test_eight_parallel_refreshes_of_one_token_get_one_successor(office: httpx.AsyncClient) -> None:
    for _ in range(5):
        tokens = await signed_in(office)
        answers = await asyncio.gather(*(refreshed(office, tokens) for _ in range(8)))
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.json()["refresh_token"] for answer in answers}) == 1
        assert (await refreshed(office, answers[0].json())).status_code == 200


async def test_one_code_opens_one_session(office: httpx.AsyncClient, clock: Clock, postgres_database: Database) -> None:
    authenticator, _ = await enrolled(office, await signed_in(office), clock)
    seen = await at_once(5, signing_in(office, code=authenticator.code()), client=office)
    assert seen == {(201, ""): 1, (401, "second_factor_invalid"): 4}
    async with postgres_database.read() as connection:
        assert await connection.scalar(select(func.count()).select_from(SESSION).where(SESSION.c.revoked_at.is_(None))) == 2


async def test_one_recovery_code_opens_one_session(office: httpx.AsyncClient, clock: Clock) -> None:
    _, codes = await enrolled(office, await signed_in(office), clock)
    assert await at_once(5, signing_in(office, code=codes[0]), client=office) == {(201, ""): 1, (401, "second_factor_invalid"): 4}


async def test_one_secret_sets_one_password(office: httpx.AsyncClient, clock: Clock, postgres_database: Database) -> None:
    async with postgres_database.write() as connection:
        account_id = (await connection.execute(select(ACCOUNT.c.id))).scalar_one()
        secret = (await issue_reset(connection, clock.now, account_id)).secret
    body = {"username": "camat", "one_time_secret": secret, "new_password": NEW}
    seen = await at_once(5, office.build_request("POST", "/v1/auth/password-resets", json=body), client=office)
    assert seen == {(204, ""): 1, (401, "bad_credentials"): 4}


async def test_one_enrolment_is_confirmed_once(office: httpx.AsyncClient, clock: Clock) -> None:
    tokens = await signed_in(office)
    authenticator = await begun(office, tokens, clock)
    call = office.build_request("POST", "/v1/me/second-factor/confirmation", json={"code": authenticator.code()}, headers=bearer(tokens))
    seen = await at_once(5, call, client=office)
    assert seen == {(200, ""): 1, (409, "second_factor_enrolled"): 4}


async def test_twenty_guesses_sent_at_once_are_not_twenty_free_ones(office: httpx.AsyncClient, postgres_database: Database) -> None:
    seen = await at_once(20, signing_in(office, password="wrong"), client=office)
    assert seen == {(401, "bad_credentials"): 6, (429, "too_many_requests"): 14}
    async with postgres_database.read() as connection:
        assert set(await connection.scalars(select(FAILURE.c.failures))) == {6}


async def test_many_who_sign_in_at_once_from_one_address_all_succeed(office: httpx.AsyncClient, postgres_database: Database) -> None:
    """Each counts as a try until it proves right: more at once than are free would have to wait, fewer never do."""
    seen = await at_once(5, signing_in(office), client=office)
    assert seen == {(201, ""): 5}
    async with postgres_database.read() as connection:
        assert set(await connection.scalars(select(FAILURE.c.failures))) <= {0}


async def test_guesses_at_many_names_from_one_address_do_not_wait_in_a_circle(office: httpx.AsyncClient) -> None:
    calls = [signing_in(office, username=f"name{number}", password="wrong") for number in range(10)]
    assert await at_once(3, *calls, client=office) == {(401, "bad_credentials"): 30}


async def test_a_password_changed_while_others_sign_in_leaves_no_session_of_it(
    office: httpx.AsyncClient, postgres_database: Database, clock: Clock
) -> None:
    """Who came before the change is ended by it; who came after is refused: the one that changed it goes on alone."""
    old, new = PASSWORD, NEW
    for number in range(6):
        tokens = await signed_in(office, password=old)
        body = {"current_password": old, "new_password": new}
        change = office.build_request("POST", "/v1/me/password", json=body, headers=bearer(tokens))
        others = [signing_in(office, password=old) for _ in range(3)]
        seen = await at_once(1, *others[:2], change, *others[2:], client=office)
        assert seen[(204, "")] == 1
        assert (await office.get("/v1/me", headers=bearer(tokens))).status_code == 200
        async with postgres_database.read() as connection:
            assert await connection.scalar(select(func.count()).select_from(SESSION).where(SESSION.c.revoked_at.is_(None))) == 1
        old, new = new, f"{NEW} nomor {number}"
        clock.now += timedelta(hours=1)  # the failures of those who came after are forgotten
