"""Calendar feeds over HTTP: made once, read by whoever knows the address, with what their owner holds at that moment."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from icalendar import Calendar
from sqlalchemy import select, update
from structlog.testing import capture_logs

from app.store.accounts import ACCOUNT
from app.store.calendar_feeds import FEED
from app.store.events import EVENT
from app.usecases.demo import DemoPerson
from tests.support.machines import let_in, machine
from tests.support.office import MUARA_JAWA, SAMBOJA, Office, Run, open_office
from tests.support.replies import made, refused

FEEDS = "/v1/me/calendar-feeds"


@pytest.fixture
async def samboja(office_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    """Where no position needs a second factor; on each of the two databases."""
    async with open_office(office_url, tmp_path, ALUR_SECOND_FACTOR_ROLES="none") as opened:
        yield opened


async def subscribed(where: Office, username: str = "camat", **body: Any) -> dict[str, Any]:
    found: dict[str, Any] = made(await (await where.as_(username)).post(FEEDS, json=body))
    return found


def path_of(feed: dict[str, Any], name: str = "url") -> str:
    return str(httpx.URL(feed[name]).path)


async def fetched(office: Office, feed: dict[str, Any], name: str = "url", **headers: str) -> httpx.Response:
    """As a calendar program does: without a token."""
    async with office.client(**headers) as program:
        return await program.get(path_of(feed, name))


async def shown(office: Office, feed: dict[str, Any], name: str = "url") -> list[Any]:
    answer = await fetched(office, feed, name)
    assert answer.status_code == 200, answer.text
    calendar = Calendar.from_ical(answer.content)
    assert calendar.errors == []
    return [found for found in calendar.subcomponents if found.name in {"VEVENT", "VTODO"}]


async def summaries(office: Office, feed: dict[str, Any], name: str = "url") -> list[str]:
    return [str(found["SUMMARY"]) for found in await shown(office, feed, name)]


# ── making, listing, revoking ───────────────────────────────────────────────────────────────────────────────────────


async def test_the_address_is_shown_once_and_only_its_hash_is_kept(samboja: Office) -> None:
    mine, of_office = await subscribed(samboja), await subscribed(samboja, office=SAMBOJA)

    assert (mine["kind"], mine["office"]) == ("person", None)
    assert (of_office["kind"], of_office["office"]) == ("office", {"code": SAMBOJA, "name": "Kecamatan Samboja"})
    assert mine["url"].startswith("http://127.0.0.1:8000/v1/calendar-feeds/")
    secret = path_of(mine).split("/")[3]
    assert len(secret) == 43  # 256 bits
    assert path_of(mine, "tasks_url") == f"/v1/calendar-feeds/{secret}/tasks.ics"
    listed = await (await samboja.as_("camat")).get(FEEDS)
    assert [item["id"] for item in made(listed, 200)["items"]] == [of_office["id"], mine["id"]]
    assert list(listed.json()["items"][0]) == ["id", "kind", "office", "created_at"]
    async with samboja.database.read() as connection:
        kept = (await connection.execute(select(FEED))).all()
        events = (await connection.execute(select(EVENT).where(EVENT.c.type == "calendar_feed.created"))).all()
    assert len(kept) == len(events) == 2
    assert secret not in listed.text + repr(kept) + repr(events)
    assert [event.data["office"] for event in events] == [None, SAMBOJA]


async def test_the_public_address_is_not_what_the_request_says_it_is(samboja: Office) -> None:
    client = await samboja.as_("camat")
    answer = await client.post(FEEDS, json={}, headers={"Host": "elsewhere.example", "X-Forwarded-Host": "elsewhere.example"})

    assert made(answer)["url"].startswith("http://127.0.0.1:8000/")


async def test_a_repetition_is_another_feed(samboja: Office) -> None:
    client, key = await samboja.as_("camat"), {"Idempotency-Key": "sekali"}
    first, second = [made(await client.post(FEEDS, json={}, headers=key)) for _ in range(2)]

    assert first["url"] != second["url"]


async def test_a_revoked_feed_answers_nobody_and_is_gone(samboja: Office) -> None:
    client, feed = await samboja.as_("camat"), await subscribed(samboja)
    assert (await fetched(samboja, feed)).status_code == 200

    assert (await client.delete(f"{FEEDS}/{feed['id']}")).status_code == 204
    assert refused(await fetched(samboja, feed)) == (404, ["not_found"])
    assert refused(await client.delete(f"{FEEDS}/{feed['id']}")) == (404, ["not_found"])
    assert made(await client.get(FEEDS), 200)["items"] == []
    async with samboja.database.read() as connection:
        (event,) = (await connection.execute(select(EVENT).where(EVENT.c.type == "calendar_feed.revoked"))).all()
    assert (event.data["feed_id"], event.actor["account_id"]) == (feed["id"], str(samboja.accounts["camat"]))


async def test_a_feed_of_somebody_else_does_not_exist(samboja: Office) -> None:
    feed, staf = await subscribed(samboja), await samboja.as_("staf")

    assert refused(await staf.delete(f"{FEEDS}/{feed['id']}")) == (404, ["not_found"])
    assert made(await staf.get(FEEDS), 200)["items"] == []
    assert (await fetched(samboja, feed)).status_code == 200


async def test_twenty_are_enough_and_one_revoked_makes_room(samboja: Office) -> None:
    feeds, client = [await subscribed(samboja) for _ in range(20)], await samboja.as_("camat")

    assert refused(await client.post(FEEDS, json={})) == (409, ["too_many_feeds"])
    await subscribed(samboja, "staf")
    assert (await client.delete(f"{FEEDS}/{feeds[0]['id']}")).is_success
    await subscribed(samboja)
    assert len(made(await client.get(FEEDS, params={"limit": 7}), 200)["items"]) == 7


@pytest.mark.parametrize("office", [MUARA_JAWA, "99.99", "64.02"])
async def test_an_office_out_of_sight_does_not_exist(samboja: Office, office: str) -> None:
    answer = await (await samboja.as_("camat")).post(FEEDS, json={"office": office})

    assert refused(answer) == (404, ["not_found"])
    assert answer.json()["errors"][0]["pointer"] == "/office"


async def test_machines_have_no_calendar(samboja: Office) -> None:
    client = await let_in(samboja, await machine(samboja))

    for answer in (await client.post(FEEDS, json={}), await client.get(FEEDS), await client.delete(f"{FEEDS}/{samboja.accounts['camat']}")):
        assert refused(answer) == (403, ["not_for_machines"])
    await client.aclose()


# ── what is in it ───────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_person_reads_what_waits_for_them(samboja: Office) -> None:
    run, feed, staf = await Run.start(samboja), await subscribed(samboja), await subscribed(samboja, "staf")

    (event,) = await shown(samboja, feed)
    (task,) = await shown(samboja, feed, "tasks_url")
    step = (await run.get())["steps"][0]
    assert str(event["SUMMARY"]) == f"Tenggat langkah 1: {step['activity']} (Pengumpulan data)"
    assert event["DTSTART"].dt == task["DUE"].dt == datetime.fromisoformat(step["due_at"])
    assert await shown(samboja, staf) == []
    await run.take(1)
    assert await shown(samboja, feed) == []
    assert "langkah 2" in (await summaries(samboja, await subscribed(samboja, "sekretaris")))[0]


async def test_marks_are_in_it_too(samboja: Office) -> None:
    run = await (await Run.start(samboja)).until(7)
    feed = await subscribed(samboja)
    assert (await run.upload("staf", "laporan_ditandatangani")).is_success

    (said,) = await summaries(samboja, feed)
    assert said.startswith("Tenggat langkah 7: tanda tangan ")


async def test_an_office_is_read_whole_and_only_it(samboja: Office) -> None:
    first = await Run.start(samboja, quarter=1)
    await (await Run.start(samboja, quarter=2)).take(1)
    feed, elsewhere = await subscribed(samboja, "staf", office=SAMBOJA), await subscribed(samboja, "camat.muarajawa", office=MUARA_JAWA)

    assert sorted(said.split(":")[0] for said in await summaries(samboja, feed)) == ["Tenggat langkah 1", "Tenggat langkah 2"]
    assert await shown(samboja, elsewhere) == []
    assert (await first.act("camat", "suspend", reason="Banjir.")).is_success
    suspended = next(event for event in await shown(samboja, feed) if str(event["SUMMARY"]).startswith("Ditangguhkan"))
    assert (suspended["STATUS"], suspended.subcomponents) == ("TENTATIVE", [])


async def test_a_due_time_that_moves_keeps_its_identity_and_raises_its_number(samboja: Office) -> None:
    run, feed = await Run.start(samboja), await subscribed(samboja, office=SAMBOJA)
    (before,) = await shown(samboja, feed)
    samboja.clock.forward(minutes=10)
    assert (await run.act("camat", "suspend", reason="Banjir.")).is_success
    await samboja.at(samboja.clock.now + timedelta(hours=3))
    assert (await run.act("camat", "resume")).is_success

    (after,) = await shown(samboja, feed)
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["DTSTART"].dt > before["DTSTART"].dt
    assert after["LAST-MODIFIED"].dt == samboja.clock().replace(microsecond=0)


async def test_nothing_is_sent_again_until_something_changes(samboja: Office) -> None:
    run, feed = await Run.start(samboja), await subscribed(samboja, office=SAMBOJA)
    first = await fetched(samboja, feed)
    assert (first.headers["Content-Type"], first.headers["Cache-Control"]) == ("text/calendar; charset=utf-8", "private, no-cache")
    assert first.headers["Referrer-Policy"] == "no-referrer"

    await samboja.at(samboja.clock.now + timedelta(days=30))
    again = await fetched(samboja, feed, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert (await fetched(samboja, feed)).content == first.content
    assert (await fetched(samboja, feed, "tasks_url", **{"If-None-Match": first.headers["ETag"]})).status_code == 200
    assert (await run.act("camat", "suspend", reason="Banjir.")).is_success
    changed = await fetched(samboja, feed, **{"If-None-Match": first.headers["ETag"]})
    assert (changed.status_code, changed.headers["ETag"] != first.headers["ETag"]) == (200, True)


async def test_a_feed_that_is_cut_says_so(samboja: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("app.usecases.calendar_feeds.MOST_ENTRIES", "app.domain.calendar_feeds.MOST_ENTRIES"):
        monkeypatch.setattr(name, 2)
    feed = await subscribed(samboja, office=SAMBOJA)
    for quarter in (1, 2, 3):
        await Run.start(samboja, quarter=quarter)
        calendar = Calendar.from_ical((await fetched(samboja, feed)).content)
        assert (len(calendar.subcomponents), "Hanya 2" in calendar["DESCRIPTION"]) == (min(quarter, 2), quarter == 3)


# ── whose eyes ──────────────────────────────────────────────────────────────────────────────────────────────────────


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
