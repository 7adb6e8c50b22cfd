"""Who stole an access token guesses its owner's password and codes: counted by session, whatever addresses the thief has."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.outside import passwords
from app.store.database import Database
from app.usecases.sessions import SessionTerms
from tests.support.authenticators import enrolled
from tests.support.session_client import PASSWORD, Clock, bearer, client_of, opened, signed_in

NEW = "kapal biru di teluk"
WRONG: dict[str, dict[str, str]] = {
    "/v1/me/password": {"current_password": "wrong", "new_password": NEW},
    "/v1/me/second-factor": {"password": "wrong"},
    "/v1/me/second-factor/confirmation": {"code": "000000"},
    "/v1/me/second-factor/recovery-codes": {"code": "000000"},
    "/v1/me/second-factor/removal": {"code": "000000"},
}


@pytest.fixture
def terms(terms: SessionTerms) -> SessionTerms:
    """Nothing needs a second factor, so that it may be removed."""
    assert not terms.second_factor
    return terms


@pytest.fixture
async def office(database: Database, terms: SessionTerms, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    def verified(password: str, _: str) -> tuple[bool, None]:
        return password == PASSWORD, None

    monkeypatch.setattr(passwords._hasher, "verify_and_update", verified)
    async with await opened(database, terms, clock) as client:
        yield client


class Thief:
    """Each request comes from another address."""

    def __init__(self, database: Database, terms: SessionTerms, clock: Clock) -> None:
        self._known = (database, terms, clock)
        self._number = 0

    async def post(self, path: str, tokens: dict[str, Any], body: dict[str, str] | None = None) -> httpx.Response:
        self._number += 1
        async with client_of(*self._known, address=f"198.51.{100 + self._number // 250}.{self._number % 250}") as client:
            return await client.post(path, json=body or WRONG[path], headers=bearer(tokens))


@pytest.fixture
def thief(database: Database, terms: SessionTerms, clock: Clock) -> Thief:
    return Thief(database, terms, clock)


@pytest.mark.parametrize("path", WRONG)
async def test_six_guesses_are_judged_from_however_many_addresses(office: httpx.AsyncClient, thief: Thief, path: str, clock: Clock) -> None:
    tokens = await signed_in(office)
    seen = Counter([(await thief.post(path, tokens)).status_code for _ in range(20)])
    assert seen[429] == 14
    for seconds in (1, 2, 4, 8, 16, 32, 64, 128):
        assert (await thief.post(path, tokens)).headers["retry-after"] == str(seconds)
        clock.now += timedelta(seconds=seconds)
        assert (await thief.post(path, tokens)).status_code in {409, 422}


async def test_an_owner_whose_token_was_stolen_signs_in_anew_and_goes_on(office: httpx.AsyncClient, thief: Thief) -> None:
    """What binds the thief binds that one session."""
    stolen = await signed_in(office)
    for _ in range(7):
        refused = await thief.post("/v1/me/password", stolen)
    assert refused.status_code == 429
    mine = await signed_in(office)
    body = {"current_password": PASSWORD, "new_password": NEW}
    assert (await office.post("/v1/me/password", json=body, headers=bearer(mine))).status_code == 204
    assert (await office.get("/v1/me", headers=bearer(stolen))).json()["code"] == "session_ended"


async def test_failures_elsewhere_at_sign_in_do_not_hold_up_who_is_signed_in(office: httpx.AsyncClient) -> None:
    tokens = await signed_in(office)
    for _ in range(10):
        await office.post("/v1/auth/sessions", json={"username": "camat", "password": "wrong"})
    body = {"current_password": PASSWORD, "new_password": NEW}
    assert (await office.post("/v1/me/password", json=body, headers=bearer(tokens))).status_code == 204


async def test_a_right_password_gives_no_free_guesses_at_the_code(office: httpx.AsyncClient, thief: Thief, clock: Clock) -> None:
    tokens = await signed_in(office)
    await enrolled(office, tokens, clock)
    seen = Counter[int]()
    for _ in range(12):
        seen[(await thief.post("/v1/me/second-factor/recovery-codes", tokens)).status_code] += 1
        right = {"current_password": PASSWORD, "new_password": PASSWORD + " lagi"}
        await thief.post("/v1/me/password", tokens, right)
    assert seen == {422: 6, 429: 6}


async def test_what_is_right_is_no_failure(office: httpx.AsyncClient, clock: Clock) -> None:
    tokens = await signed_in(office)
    for _ in range(20):
        assert (await office.post("/v1/me/second-factor", json={"password": PASSWORD}, headers=bearer(tokens))).status_code == 200
    authenticator, _ = await enrolled(office, tokens, clock)
    for _ in range(8):
        clock.now += timedelta(seconds=30)
        code = {"code": authenticator.code()}
        assert (await office.post("/v1/me/second-factor/recovery-codes", json=code, headers=bearer(tokens))).status_code == 200
