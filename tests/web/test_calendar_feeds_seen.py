"""Calendar feeds read with what their owner may see at that moment, and by nobody who does not know the address."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from app.store.accounts import ACCOUNT
from app.store.sessions import revoke_all_of
from app.usecases.demo import DemoPerson
from tests.support.calendar_feeds import FEEDS, fetched, path_of, shown, subscribed
from tests.support.office import SAMBOJA, Office, Run, open_office
from tests.support.replies import made, refused

Ending = Callable[[Office, httpx.AsyncClient, str], Awaitable[list[httpx.Response]]]


@pytest.fixture
async def samboja(office_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    """Where no position needs a second factor; on each of the two databases."""
    async with open_office(office_url, tmp_path, ALUR_SECOND_FACTOR_ROLES="none") as opened:
        yield opened


async def test_losing_the_position_empties_ones_own_feed_and_ends_that_of_the_office(samboja: Office) -> None:
    await Run.start(samboja)
    mine, of_office, admin = await subscribed(samboja), await subscribed(samboja, office=SAMBOJA), await samboja.as_("admin")
    assert len(await shown(samboja, mine)) == len(await shown(samboja, of_office)) == 1
    held = made(await admin.get("/v1/assignments", params={"account": str(samboja.accounts["camat"])}), 200)["items"]
    for assignment in held:
        assert (await admin.post(f"/v1/assignments/{assignment['id']}/revoke", json={})).is_success

    assert await shown(samboja, mine) == []
    assert refused(await fetched(samboja, of_office)) == (404, ["not_found"])


async def test_a_closed_account_has_no_feed(samboja: Office) -> None:
    await Run.start(samboja)
    feed, admin = await subscribed(samboja), await samboja.as_("admin")
    assert (await admin.post(f"/v1/accounts/{samboja.accounts['camat']}/close", json={})).is_success

    assert refused(await fetched(samboja, feed)) == (404, ["not_found"])


async def sessions_ended(office: Office, admin: httpx.AsyncClient, camat: str) -> list[httpx.Response]:
    return [await admin.delete(f"{camat}/sessions")]


async def sessions_ended_where_there_is_none(office: Office, admin: httpx.AsyncClient, camat: str) -> list[httpx.Response]:
    async with office.database.write() as connection:
        await revoke_all_of(connection, office.clock(), office.accounts["camat"])
    return [await admin.delete(f"{camat}/sessions")]


async def password_reset(office: Office, admin: httpx.AsyncClient, camat: str) -> list[httpx.Response]:
    secret = made(await admin.post(f"{camat}/password-reset"), 200)["one_time_secret"]
    new = {"username": "camat", "one_time_secret": secret, "new_password": "kapal biru di teluk"}
    async with office.client() as somebody:
        return [await somebody.post("/v1/auth/password-resets", json=new)]


async def closed_and_reopened(office: Office, admin: httpx.AsyncClient, camat: str) -> list[httpx.Response]:
    return [await admin.post(f"{camat}/close", json={}), await admin.post(f"{camat}/reopen", json={})]


@pytest.mark.parametrize("ending", [sessions_ended, sessions_ended_where_there_is_none, password_reset, closed_and_reopened])
async def test_what_ends_every_session_ends_every_feed_too(samboja: Office, ending: Ending) -> None:
    """However somebody came by it, and for good."""
    admin, feed = await samboja.as_("admin"), await subscribed(samboja)
    answers = await ending(samboja, admin, f"/v1/accounts/{samboja.accounts['camat']}")
    assert all(answer.is_success for answer in answers), [answer.text for answer in answers]
    assert refused(await fetched(samboja, feed)) == (404, ["not_found"])


async def test_unknown_revoked_and_closed_are_answered_alike(samboja: Office) -> None:
    revoked, closed, admin = await subscribed(samboja), await subscribed(samboja, "staf"), await samboja.as_("admin")
    assert (await (await samboja.as_("camat")).delete(f"{FEEDS}/{revoked['id']}")).is_success
    assert (await admin.post(f"/v1/accounts/{samboja.accounts['staf']}/close", json={})).is_success
    async with samboja.client() as program:
        others = [await program.get(f"/v1/calendar-feeds/{secret}/events.ics") for secret in ("A" * 43, "A" * 42, "%00" * 43, "é" * 43)]

    bodies = [answer.json() | {"request_id": ""} for answer in (await fetched(samboja, revoked), await fetched(samboja, closed), *others)]
    assert all(body == bodies[0] for body in bodies)
    assert bodies[0]["status"] == 404


async def test_a_token_does_no_harm_and_no_good(samboja: Office) -> None:
    feed = await subscribed(samboja)
    assert (await fetched(samboja, feed, Authorization="Bearer tidak-berlaku")).status_code == 200
    assert (await (await samboja.as_("camat")).get(path_of(feed).replace("/events", "x/events"))).status_code == 404


async def test_what_needs_a_second_factor_is_in_it_only_if_it_was_there_first(office_url: str, tmp_path: Path) -> None:
    """Else a feed planted with a stolen password would show more once its owner enrols."""
    async with open_office(office_url, tmp_path) as office:
        await Run.start(office)
        before = await subscribed(office)
        assert await shown(office, before) == []
        office.clock.forward(minutes=1)
        await set_enrolled(office, "camat")
        office.clock.forward(minutes=1)
        assert await shown(office, before) == []
        assert len(await shown(office, await subscribed(office))) == 1


async def set_enrolled(office: Office, username: str) -> None:
    async with office.database.write() as connection:
        await connection.execute(update(ACCOUNT).where(ACCOUNT.c.id == office.accounts[username]).values(second_factor_at=office.clock()))


async def test_who_has_only_what_needs_a_second_factor_makes_none_without(office_url: str, tmp_path: Path) -> None:
    async with open_office(office_url, tmp_path) as office:
        await office.enrol(DemoPerson("sekda", "Sekda", ("admin",)))
        async with office.client(Authorization=f"Bearer {await office.token('sekda', permissions=[])}") as client:
            assert refused(await client.post(FEEDS, json={}))[0] == 403


async def test_people_of_another_issuer_have_none(samboja: Office) -> None:
    """Nobody tells us when they leave there: no token comes any more, and no feed needs one."""
    feed = await subscribed(samboja)
    async with samboja.database.write() as connection:
        account = (ACCOUNT.c.id == samboja.accounts["camat"],)
        await connection.execute(update(ACCOUNT).where(*account).values(issuer="https://masuk.example", subject="1"))

    assert refused(await fetched(samboja, feed)) == (404, ["not_found"])


async def test_the_secret_is_in_no_log(samboja: Office) -> None:
    feed = await subscribed(samboja)
    secret = path_of(feed).split("/")[3]
    with capture_logs() as logs:
        await fetched(samboja, feed)
        await fetched(samboja, feed, "tasks_url")
        async with samboja.client() as program:
            await program.get(f"/v1/calendar-feeds/{secret}/lain.ics")
            await program.post(f"/v1/calendar-feeds/{secret}/events.ics")
            await program.get(f"/v1/calendar-feeds/{secret}x/events.ics?x={secret}")

    assert {line.get("route") for line in logs} == {"/v1/calendar-feeds/{secret}/events.ics", "/v1/calendar-feeds/{secret}/tasks.ics", None}
    assert secret not in repr(logs)
