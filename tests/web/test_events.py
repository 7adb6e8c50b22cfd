"""The one log over HTTP: timeline, feed, and the proof that nobody has rewritten it."""

import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from sqlalchemy import text

from tests.support.machines import let_in, machine
from tests.support.office import MUARA_JAWA, SAMBOJA, Office, Run, open_office, settled


@pytest.fixture
async def office(office_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(office_url, tmp_path) as opened:
        yield opened


async def follow(office: Office, username: str, *, limit: int) -> list[dict[str, Any]]:
    """The whole feed, page by page, by `resume_after`."""
    await settled(office.database)
    client = await office.as_(username)
    events: list[dict[str, Any]] = []
    after = ""
    while True:
        page = (await client.get("/v1/events", params={"after": after, "limit": limit})).json()
        events += page["items"]
        if page["page"]["next_cursor"] is None:
            return events
        assert page["page"]["next_cursor"] == page["page"]["resume_after"]
        after = page["page"]["resume_after"]


async def test_whoever_holds_the_timeline_can_verify_its_chain_without_us(office: Office) -> None:
    run = await (await Run.start(office)).until(3)
    items = (await (await office.as_("staf")).get(f"/v1/instances/{run.id}/events", params={"limit": 200})).json()["items"]
    previous = "0" * 64
    for number, event in enumerate(items, start=1):
        assert event["sequence"] == number
        assert event["previous_hash"] == previous
        previous = event.pop("hash")
        assert hashlib.sha256(rfc8785.dumps(event)).hexdigest() == previous
    assert [event["type"] for event in items][:3] == ["instance.started", "step.activated", "document.uploaded"]


async def test_an_act_tells_what_happened_in_its_order(office: Office) -> None:
    run = await (await Run.start(office)).until(2)
    await run.take(2)
    items = (await (await office.as_("camat")).get(f"/v1/instances/{run.id}/events")).json()["items"]
    assert [event["type"] for event in items][-4:] == ["step.signed_off", "team.formed", "step.completed", "step.activated"]
    formed = items[-3]
    assert formed["actor"]["label"] == "Sekretaris"
    assert formed["data"]["members"] == [str(office.accounts["tim1"]), str(office.accounts["tim2"])]


async def test_words_that_people_write_stand_in_the_log_only_as_their_hash(office: Office) -> None:
    run = await (await Run.start(office)).until(5)
    await run.act("camat", "return", step=5, to_step=4, reason="Angka kinerja seksi belum cocok", comment="Mohon teliti")
    await (await office.as_("staf")).post(f"/v1/instances/{run.id}/comments", json={"body": "Siap, segera dilengkapi"})
    answer = await (await office.as_("camat")).get(f"/v1/instances/{run.id}/events", params={"limit": 200})
    for words in ("Angka kinerja", "Mohon teliti", "Siap, segera", "konsep_laporan.pdf"):
        assert words not in answer.text
    returned = next(event for event in answer.json()["items"] if event["type"] == "step.returned")
    assert returned["data"]["reason_sha256"] == hashlib.sha256(b"Angka kinerja seksi belum cocok").hexdigest()


@pytest.mark.parametrize("limit", [1, 7, 200])
async def test_the_feed_gives_each_event_once_and_each_stream_in_order(office: Office, limit: int) -> None:
    first = await (await Run.start(office)).until(3)
    second = await Run.start(office, quarter=3)
    await second.take(1)
    events = await follow(office, "sekretaris", limit=limit)
    assert len({event["id"] for event in events}) == len(events)
    for run in (first, second):
        own = [event["sequence"] for event in events if event["instance_id"] == run.id]
        assert own == list(range(1, len(own) + 1))
        assert len(own) > 3


async def test_the_feed_goes_on_where_it_stopped(office: Office) -> None:
    run = await Run.start(office)
    client = await office.as_("camat")
    await settled(office.database)
    page = (await client.get("/v1/events")).json()
    assert page["page"]["next_cursor"] is None
    empty = (await client.get("/v1/events", params={"after": page["page"]["resume_after"]})).json()
    assert empty["items"] == []
    assert empty["page"]["resume_after"] == page["page"]["resume_after"]
    await run.take(1)
    await settled(office.database)
    later = (await client.get("/v1/events", params={"after": empty["page"]["resume_after"]})).json()
    assert [event["type"] for event in later["items"]] == [
        "document.uploaded",
        "document.uploaded",
        "step.signed_off",
        "step.completed",
        "step.activated",
    ]


async def test_another_office_reads_nothing_of_it(office: Office) -> None:
    run = await Run.start(office)
    stranger = await office.as_("camat.muarajawa")
    assert (await stranger.get("/v1/events")).json()["items"] == []
    assert (await stranger.get(f"/v1/instances/{run.id}/events")).status_code == 404


async def test_an_offices_own_stream_is_for_its_admins_and_auditors(office: Office) -> None:
    async def types(username: str) -> set[str]:
        return {event["type"] for event in await follow(office, username, limit=200) if event["instance_id"] is None}

    assert "account.created" in await types("auditor")
    assert "assignment.created" in await types("admin")
    assert await types("camat") == set()
    own = await follow(office, "auditor", limit=200)
    assert {event["office"] for event in own} == {SAMBOJA}
    assert MUARA_JAWA not in json.dumps([event["office"] for event in own])


async def test_a_cursor_of_ours_cannot_be_made_up(office: Office) -> None:
    client = await office.as_("camat")
    for cursor in ("x", "eyJxIjoiIiwiayI6WzEsMl19", "%00", "🙂"):
        answer = await client.get("/v1/events", params={"after": cursor})
        assert answer.status_code == 422, cursor
        assert answer.headers["content-type"] == "application/problem+json"


# ── the proof ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("tampering", "code"),
    [
        ("UPDATE event SET data = '{\"step\": 7}' WHERE stream LIKE 'instance:%' AND sequence = 3", "hash_differs"),
        ("UPDATE event SET at = '2026-01-01 00:00:00.000000' WHERE stream LIKE 'instance:%' AND sequence = 2", "hash_differs"),
        ("DELETE FROM event WHERE stream LIKE 'instance:%' AND sequence = 3", "sequence_gap"),
        ("DELETE FROM event WHERE stream LIKE 'instance:%' AND sequence > 3", "end_differs"),
        ("DELETE FROM event WHERE stream LIKE 'instance:%'", "end_differs"),
    ],
)
async def test_what_was_rewritten_is_named(office: Office, tampering: str, code: str) -> None:
    run = await (await Run.start(office)).until(2)
    auditor = await office.as_("auditor")
    assert (await auditor.get("/v1/audit/verify")).json()["broken"] == []
    async with office.database.write() as connection:
        await connection.execute(text(tampering))
    verdict = (await auditor.get("/v1/audit/verify")).json()
    assert verdict["intact"] is False
    assert [(b["stream"], b["code"]) for b in verdict["broken"]] == [(f"instance:{run.id}", code)]
    assert (await auditor.get("/v1/audit/verify", params={"instance": run.id})).json()["intact"] is False


async def test_only_auditors_and_admins_verify_and_only_their_own_offices(office: Office) -> None:
    run = await Run.start(office)
    for username in ("camat", "sekretaris", "staf", "tim1"):
        answer = await (await office.as_(username)).get("/v1/audit/verify")
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_missing")
    for username in ("admin", "auditor"):
        answer = await (await office.as_(username)).get("/v1/audit/verify", params={"instance": run.id})
        assert answer.json() == {"intact": True, "instances": 1, "events": 2, "broken": []}
    assert (await (await office.as_("camat.muarajawa")).get("/v1/audit/verify", params={"instance": run.id})).status_code == 404


async def test_deadlines_stand_in_the_log_in_the_offices_zone_however_often_they_are_told(office: Office) -> None:
    run = await Run.start(office)
    for _ in range(2):
        assert (await run.act("camat", "suspend", reason="Banjir")).status_code == 201
        assert (await run.act("camat", "resume")).status_code == 201
    items = (await (await office.as_("camat")).get(f"/v1/instances/{run.id}/events")).json()["items"]
    told = [event["data"][name] for event in items for name in ("due_at", "planned_end_at") if name in event["data"]]
    assert len(told) == 4
    assert all(moment.endswith("+08:00") for moment in told)


@pytest.mark.parametrize("blank", ["   ", "\n", "\t "])
async def test_a_title_or_comment_of_nothing_but_space_is_refused(office: Office, blank: str) -> None:
    run = await Run.start(office)
    camat = await office.as_("camat")
    assert (await camat.post(f"/v1/instances/{run.id}/comments", json={"body": blank})).status_code == 422
    body = {"procedure": "pengumpulan-data-kinerja", "office": SAMBOJA, "period": {"year": 2026}, "title": blank}
    assert (await camat.post("/v1/instances", json=body)).status_code == 422
    assert (await run.act("camat", "suspend", reason=blank + "\u200b")).json()["code"] == "reason_missing"


@pytest.mark.parametrize(("scopes", "sees"), [(["events:read"], False), (["events:read", "audit:read"], True)])
async def test_a_machine_reads_the_offices_own_stream_only_with_the_scope_of_auditors(office: Office, scopes: list[str], sees: bool) -> None:
    reader = await let_in(office, await machine(office, scopes=scopes))
    await settled(office.database)
    feed = (await reader.get("/v1/events", params={"limit": 200, "office": SAMBOJA})).json()["items"]
    assert any(event["stream"] == f"office:{SAMBOJA}" for event in feed) == sees
    await reader.aclose()
