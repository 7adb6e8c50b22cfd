"""Throttled sign-in over HTTP: delays that grow, for known and unknown names alike, and an owner whom nobody keeps out."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from app.outside import passwords
from app.store.database import Database
from app.store.throttling import FAILURE, FAMILIAR
from app.usecases.sessions import SessionTerms
from tests.support.session_client import PASSWORD, Clock, client_of, opened, signed_in, try_to_sign_in
from tests.support.statements import sent


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of wrong passwords without hundreds of hashes."""

    def verified(password: str, _: str) -> tuple[bool, None]:
        return password == PASSWORD, None

    monkeypatch.setattr(passwords._hasher, "verify_and_update", verified)


@pytest.fixture
async def office(database: Database, terms: SessionTerms, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    async with await opened(database, terms, clock) as client:
        yield client


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("username", ["camat", "nobody", "\u00a0 no name"])
async def test_after_five_free_failures_each_costs_twice_the_time(office: httpx.AsyncClient, clock: Clock, username: str) -> None:
    for _ in range(6):
        assert (await try_to_sign_in(office, username=username, password="wrong")).status_code == 401
    for seconds in (1, 2, 4, 8, 16, 32, 60, 60):
        for _ in range(3):
            refused = await try_to_sign_in(office, username=username, password="wrong")
            assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (429, "too_many_requests", str(seconds))
        clock.now += timedelta(seconds=seconds)
        assert (await try_to_sign_in(office, username=username, password="wrong")).status_code == 401


@pytest.mark.usefixtures("quick")
async def test_while_one_waits_the_right_password_waits_too(office: httpx.AsyncClient, clock: Clock) -> None:
    for _ in range(6):
        await try_to_sign_in(office, password="wrong")
    assert (await try_to_sign_in(office)).status_code == 429
    clock.now += timedelta(seconds=1)
    assert (await try_to_sign_in(office)).status_code == 201
    for _ in range(6):
        assert (await try_to_sign_in(office, password="wrong")).status_code == 401


@pytest.mark.usefixtures("quick")
async def test_a_whole_office_behind_one_address_signs_in_without_waiting(office: httpx.AsyncClient) -> None:
    for _ in range(60):
        assert (await try_to_sign_in(office)).status_code == 201


@pytest.mark.usefixtures("quick")
async def test_one_address_that_tries_many_names_waits(office: httpx.AsyncClient) -> None:
    for number in range(31):
        assert (await try_to_sign_in(office, username=f"name{number}", password="wrong")).status_code == 401
    refused = await try_to_sign_in(office, username="another")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")


@pytest.mark.usefixtures("quick")
async def test_a_neighbour_who_tries_many_names_does_not_keep_the_office_out(office: httpx.AsyncClient, clock: Clock) -> None:
    """All behind one address: who has signed in from there goes on doing so, and every other name waits alike."""
    await signed_in(office)
    for number in range(60):
        await try_to_sign_in(office, username=f"name{number}", password="wrong")
    for number in range(120):
        clock.now += timedelta(seconds=1)
        await try_to_sign_in(office, username=f"other{number}", password="wrong")
        assert (await try_to_sign_in(office)).status_code == 201
    for username in ("staf", "nobody"):
        assert (await try_to_sign_in(office, username=username)).status_code == 429


@pytest.mark.usefixtures("quick")
async def test_a_neighbour_who_hammers_a_colleagues_name_costs_them_a_minute_at_most(office: httpx.AsyncClient, clock: Clock) -> None:
    await signed_in(office)
    waits = []
    for _ in range(60):
        refused = await try_to_sign_in(office, password="wrong")
        waits.append(int(refused.headers.get("retry-after", 0)))
        clock.now += timedelta(seconds=waits[-1])
    assert max(waits) == 60
    assert (await try_to_sign_in(office)).status_code in {201, 429}
    clock.now += timedelta(seconds=60)
    assert (await try_to_sign_in(office)).status_code == 201


@pytest.mark.usefixtures("quick")
async def test_strangers_who_hammer_a_name_do_not_keep_its_owner_out(database: Database, office: httpx.AsyncClient, terms: SessionTerms) -> None:
    clock = Clock()
    await signed_in(office)
    async with AsyncExitStack() as stack:
        for number in range(21):
            stranger = await stack.enter_async_context(client_of(database, terms, clock, address=f"198.51.100.{number}"))
            for _ in range(5):
                await try_to_sign_in(stranger, password="wrong")
        fresh = await stack.enter_async_context(client_of(database, terms, clock, address="203.0.113.1"))
        assert (await try_to_sign_in(fresh)).status_code == 429
        assert (await try_to_sign_in(fresh, username="CAMAT")).status_code == 429
        assert (await try_to_sign_in(fresh, username="staf")).status_code == 401
        assert (await try_to_sign_in(office)).status_code == 201
        clock.now += timedelta(minutes=15)
        assert (await try_to_sign_in(fresh)).status_code == 201


@pytest.mark.usefixtures("quick")
async def test_no_header_chooses_the_address(office: httpx.AsyncClient) -> None:
    for number in range(6):
        headers = {"X-Forwarded-For": f"198.51.100.{number}", "Forwarded": f"for=198.51.100.{number}", "X-Real-IP": f"198.51.100.{number}"}
        answer = await office.post("/v1/auth/sessions", json={"username": "camat", "password": "wrong"}, headers=headers)
        assert answer.status_code == 401
    assert (await try_to_sign_in(office)).status_code == 429


async def test_neither_names_nor_addresses_are_kept_readable(office: httpx.AsyncClient, database: Database) -> None:
    await try_to_sign_in(office, password="wrong")
    await signed_in(office)
    async with database.read() as connection:
        kept = [*await connection.execute(select(FAILURE)), *await connection.execute(select(FAMILIAR))]
    assert len(kept) == 3
    assert not any("camat" in str(row) or "127.0.0.1" in str(row) for row in kept)


async def test_an_unknown_name_and_a_wrong_password_cost_the_same_work(
    office: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same statements in the same order, and one run of argon2 with the same parameters."""
    hashed: list[str] = []
    verify = passwords._hasher.verify_and_update

    def noted(password: str, known: str) -> tuple[bool, str | None]:
        hashed.append(known)
        return verify(password, known)

    monkeypatch.setattr(passwords._hasher, "verify_and_update", noted)
    seen = []
    for username in ("camat", "nobody", "no such name!"):
        with sent(database) as statements:
            answer = await try_to_sign_in(office, username=username, password="wrong")
        assert answer.json()["code"] == "bad_credentials"
        seen.append((statements.texts, statements.transactions))
    assert seen[0] == seen[1] == seen[2]
    assert len(hashed) == 3
    assert {known.rpartition("$")[0].rpartition("$")[0] for known in hashed} == {"$argon2id$v=19$m=19456,t=2,p=1"}


async def test_a_try_that_a_flood_of_others_left_unjudged_is_no_failure(office: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as flooded:
        flooded.setattr(passwords, "MAX_WAITING", 0)
        for _ in range(10):
            refused = await try_to_sign_in(office)
            assert (refused.status_code, refused.headers["retry-after"]) == (429, "2")
    for _ in range(6):
        assert (await try_to_sign_in(office, password="wrong")).status_code == 401


async def test_the_list_of_common_passwords_is_read_for_nobody_who_has_not_proved_anything(
    office: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It costs tens of milliseconds each time."""

    def read(_: str) -> bool:
        raise AssertionError

    monkeypatch.setattr(passwords, "_listed", read)
    body = {"username": "camat", "one_time_secret": "A" * 24, "new_password": "LeaveMeAlone"}
    statuses = [(await office.post("/v1/auth/password-resets", json=body)).status_code for _ in range(7)]
    assert statuses == [401] * 6 + [429]


@pytest.mark.usefixtures("quick")
async def test_an_address_is_familiar_for_ninety_days(database: Database, office: httpx.AsyncClient, terms: SessionTerms, clock: Clock) -> None:
    await signed_in(office)
    for days, status in ((89, 201), (91, 429)):
        clock.now += timedelta(days=days)
        async with AsyncExitStack() as stack:
            for number in range(21):
                stranger = await stack.enter_async_context(client_of(database, terms, clock, address=f"198.51.100.{number}"))
                for _ in range(5):
                    await try_to_sign_in(stranger, password="wrong")
        assert (await try_to_sign_in(office)).status_code == status
