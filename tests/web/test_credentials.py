"""One's own password and sessions over HTTP, and the one-time secret that an administrator hands out."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, update

from app.store import sessions
from app.store.accounts import ACCOUNT
from app.store.database import Database
from app.store.events import EVENT
from app.usecases.credentials import end_sessions, issue_reset
from app.usecases.sessions import SessionTerms
from app.web.wording import BY_CODE
from tests.support.people import SAMBOJA, enrol
from tests.support.session_client import PASSWORD, Clock, bearer, opened, refreshed, signed_in, try_to_sign_in

NEW = "kapal biru di teluk"


@pytest.fixture
async def office(database: Database, terms: SessionTerms, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    async with await opened(database, terms, clock) as client:
        yield client


async def changed(client: httpx.AsyncClient, tokens: dict[str, Any], *, current: str = PASSWORD, new: str = NEW) -> httpx.Response:
    return await client.post("/v1/me/password", json={"current_password": current, "new_password": new}, headers=bearer(tokens))


async def reset(client: httpx.AsyncClient, secret: str, *, username: str = "camat", new: str = NEW) -> httpx.Response:
    return await client.post("/v1/auth/password-resets", json={"username": username, "one_time_secret": secret, "new_password": new})


async def issued(database: Database, clock: Clock) -> str:
    async with database.write() as connection:
        account_id = (await connection.execute(select(ACCOUNT.c.id).where(ACCOUNT.c.username == "camat"))).scalar_one()
        return (await issue_reset(connection, clock.now, account_id)).secret


async def events(database: Database, kind: str) -> list[Any]:
    async with database.read() as connection:
        return list(await connection.execute(select(EVENT).where(EVENT.c.type == kind)))


def mistakes(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


async def test_a_changed_password_ends_the_other_sessions(office: httpx.AsyncClient, database: Database) -> None:
    tokens, elsewhere = await signed_in(office), await signed_in(office)
    assert (await changed(office, tokens)).status_code == 204
    assert (await office.get("/v1/me", headers=bearer(tokens))).status_code == 200
    assert (await office.get("/v1/me", headers=bearer(elsewhere))).json()["code"] == "session_ended"
    assert (await refreshed(office, elsewhere)).status_code == 401
    assert (await try_to_sign_in(office)).json()["code"] == "bad_credentials"
    assert (await try_to_sign_in(office, password=NEW)).status_code == 201
    (event,) = await events(database, "account.password_changed")
    assert (event.office_code, event.actor["name"], event.actor["label"]) == (SAMBOJA, "Camat", "Pemilik akun")


@pytest.mark.parametrize(
    ("new", "code"),
    [("sebelas ch.", "too_short"), ("LeaveMeAlone", "common"), ("rahasia kantor", "common"), ("Kec. Samboja 64", "about_yourself")],
)
async def test_a_weak_password_is_refused_and_says_why(office: httpx.AsyncClient, new: str, code: str) -> None:
    answer = await changed(office, await signed_in(office), new=new)
    assert mistakes(answer) == [("/new_password", code)]
    assert new not in answer.text


async def test_the_same_password_again_is_none_that_is_new(office: httpx.AsyncClient, database: Database) -> None:
    tokens = await signed_in(office)
    assert (await changed(office, tokens)).status_code == 204
    elsewhere = await signed_in(office, password=NEW)
    assert mistakes(await changed(office, tokens, current=NEW)) == [("/new_password", "unchanged")]
    assert (await office.get("/v1/me", headers=bearer(elsewhere))).status_code == 200
    assert len(await events(database, "account.password_changed")) == 1


async def test_the_present_password_is_asked_for_and_guesses_are_throttled(office: httpx.AsyncClient, clock: Clock) -> None:
    tokens = await signed_in(office)
    for _ in range(6):
        refused = await changed(office, tokens, current="wrong")
        assert (refused.status_code, refused.json()["code"]) == (422, "wrong_password")
    assert (await changed(office, tokens)).status_code == 429
    clock.now += timedelta(seconds=1)
    assert (await changed(office, tokens)).status_code == 204


async def test_ones_sessions_are_listed_and_ended_one_by_one(office: httpx.AsyncClient, clock: Clock) -> None:
    desk = await signed_in(office)
    clock.now += timedelta(minutes=1)
    office.headers["User-Agent"] = "Telepon/1.0"
    phone = await signed_in(office)
    listed = (await office.get("/v1/me/sessions", headers=bearer(desk))).json()["items"]
    assert [(session["client"], session["current"]) for session in listed] == [("Telepon/1.0", False), (listed[1]["client"], True)]
    path = f"/v1/me/sessions/{listed[0]['id']}"
    assert (await office.delete(path, headers=bearer(desk))).status_code == 204
    assert (await office.get("/v1/me", headers=bearer(phone))).json()["code"] == "session_ended"
    assert (await office.delete(path, headers=bearer(desk))).status_code == 404
    assert len((await office.get("/v1/me/sessions", headers=bearer(desk))).json()["items"]) == 1


async def test_a_session_that_nobody_refreshed_for_two_hours_is_no_longer_listed(office: httpx.AsyncClient, clock: Clock) -> None:
    await signed_in(office)
    clock.now += timedelta(hours=2)
    tokens = await signed_in(office)
    listed = (await office.get("/v1/me/sessions", headers=bearer(tokens))).json()["items"]
    assert [session["current"] for session in listed] == [True]


async def test_sessions_come_in_pages(office: httpx.AsyncClient) -> None:
    tokens = [await signed_in(office) for _ in range(5)][-1]
    seen: list[str] = []
    path: str | None = "/v1/me/sessions?limit=2"
    while path is not None:
        answer = await office.get(path, headers=bearer(tokens))
        seen += [session["id"] for session in answer.json()["items"]]
        path = answer.links.get("next", {}).get("url")
    assert len(seen) == len(set(seen)) == 5


async def test_the_session_of_somebody_else_does_not_exist(office: httpx.AsyncClient, database: Database, clock: Clock) -> None:
    tokens, other = await signed_in(office), await enrol(database, "staf")
    async with database.write() as connection:
        await sessions.add_session(connection, clock.now, UUID(int=9), account_id=other, refresh_hash=None, expires_at=clock.now + timedelta(hours=1))
    assert (await office.delete(f"/v1/me/sessions/{UUID(int=9)}", headers=bearer(tokens))).status_code == 404


async def test_a_one_time_secret_sets_a_new_password_once(office: httpx.AsyncClient, database: Database, clock: Clock) -> None:
    tokens = await signed_in(office)
    secret = await issued(database, clock)
    assert (await try_to_sign_in(office)).status_code == 201
    assert (await reset(office, secret.lower().replace("-", " "))).status_code == 204
    assert (await office.get("/v1/me", headers=bearer(tokens))).json()["code"] == "session_ended"
    assert (await try_to_sign_in(office)).status_code == 401
    assert (await try_to_sign_in(office, password=NEW)).status_code == 201
    again = await reset(office, secret, new="kapal lain di teluk")
    assert (again.status_code, again.json()["code"]) == (401, "bad_credentials")
    assert len(await events(database, "account.password_reset")) == 1
    assert len(await events(database, "account.password_changed")) == 1


@pytest.mark.parametrize(("hours", "status"), [(23.99, 204), (24, 401)])
async def test_a_one_time_secret_lasts_a_day(office: httpx.AsyncClient, database: Database, clock: Clock, hours: float, status: int) -> None:
    secret = await issued(database, clock)
    clock.now += timedelta(hours=hours)
    assert (await reset(office, secret)).status_code == status


async def test_a_second_secret_voids_the_first_and_a_changed_password_both(office: httpx.AsyncClient, database: Database, clock: Clock) -> None:
    first, second = await issued(database, clock), await issued(database, clock)
    assert (await reset(office, first)).status_code == 401
    assert (await changed(office, await signed_in(office))).status_code == 204
    assert (await reset(office, second)).status_code == 401


async def test_an_unknown_name_and_a_wrong_secret_get_the_same_answer_and_are_throttled(
    office: httpx.AsyncClient, database: Database, clock: Clock
) -> None:
    await issued(database, clock)
    answers = [await reset(office, "A" * 24, username=username) for username in ("camat", "nobody", "x!")]
    assert {(answer.status_code, answer.json()["code"], answer.json()["detail"]) for answer in answers} == {
        (401, "bad_credentials", BY_CODE["bad_credentials:one_time_secret"].detail.id)
    }
    for _ in range(5):
        await reset(office, "wrong")
    assert (await reset(office, "wrong")).status_code == 429


async def test_a_weak_password_does_not_use_the_secret_up(office: httpx.AsyncClient, database: Database, clock: Clock) -> None:
    secret = await issued(database, clock)
    assert mistakes(await reset(office, secret, new="LeaveMeAlone")) == [("/new_password", "common")]
    for _ in range(10):
        assert mistakes(await reset(office, secret, new="Kec. Samboja 64")) == [("/new_password", "about_yourself")]
    assert (await reset(office, "A" * 24, new="Kec. Samboja 64")).status_code == 401
    assert (await reset(office, secret)).status_code == 204


async def test_sessions_ended_by_an_administrator_are_over_at_once(office: httpx.AsyncClient, database: Database, clock: Clock) -> None:
    first, second = await signed_in(office), await signed_in(office)
    async with database.write() as connection:
        account_id = (await connection.execute(select(ACCOUNT.c.id))).scalar_one()
        assert await end_sessions(connection, clock.now, account_id) == 2
    for tokens in (first, second):
        assert (await office.get("/v1/me", headers=bearer(tokens))).json()["code"] == "session_ended"
        assert (await refreshed(office, tokens)).status_code == 401
    assert len(await events(database, "account.sessions_ended")) == 1


async def test_a_closed_accounts_sessions_and_secrets_are_void(office: httpx.AsyncClient, database: Database, clock: Clock) -> None:
    tokens, secret = await signed_in(office), await issued(database, clock)
    async with database.write() as connection:
        await connection.execute(update(ACCOUNT).values(active=False))
    assert (await office.get("/v1/me", headers=bearer(tokens))).json()["code"] == "session_ended"
    assert (await refreshed(office, tokens)).json()["code"] == "session_ended"
    assert (await reset(office, secret)).json()["code"] == "bad_credentials"
    assert (await try_to_sign_in(office)).json()["code"] == "bad_credentials"
