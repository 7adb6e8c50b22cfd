"""Calendar feeds over HTTP: made once, read by whoever knows the address, with what their owner holds at that moment."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from icalendar import Calendar
from sqlalchemy import select

from app.store.calendar_feeds import FEED
from app.store.events import EVENT
from tests.support.calendar_feeds import FEEDS, fetched, path_of, shown, subscribed, summaries
from tests.support.machines import let_in, machine
from tests.support.office import MUARA_JAWA, SAMBOJA, Office, Run, open_office
from tests.support.replies import made, refused


@pytest.fixture
async def samboja(office_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    """Where no position needs a second factor; on each of the two databases."""
    async with open_office(office_url, tmp_path, ALUR_SECOND_FACTOR_ROLES="none") as opened:
        yield opened


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
