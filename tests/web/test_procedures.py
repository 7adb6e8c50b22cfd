"""Procedures over HTTP: who reads, who publishes, and what a draft is told."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from app.domain.procedure_checks import parse
from app.store.procedures import definition_hash
from app.usecases.demo import DemoPerson
from app.web.about import rendered
from tests.support.drafts import DROP, OTHER, SHIPPED, changed
from tests.support.office import KEY, SAMBOJA, Office, open_office, settled

PROCEDURES = "/v1/procedures"
REVISED = changed(SHIPPED, {"/steps/0/duration/value": 45})


@pytest.fixture
async def office(office_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(office_url, tmp_path) as office:
        await office.enrol(DemoPerson("pusat", "Admin Pusat", ("admin",), "ID"))
        yield office


@pytest.fixture
async def pusat(office: Office) -> httpx.AsyncClient:
    return await office.as_("pusat")


@pytest.fixture
async def staf(office: Office) -> httpx.AsyncClient:
    return await office.as_("staf")


async def publish(client: httpx.AsyncClient, draft: Any, **headers: str) -> httpx.Response:
    return await client.post(PROCEDURES, json=draft, headers={name.replace("_", "-"): value for name, value in headers.items()})


async def test_the_shipped_procedure_is_served_whole(staf: httpx.AsyncClient) -> None:
    answer = await staf.get(f"{PROCEDURES}/{KEY}")
    assert answer.status_code == 200
    sop = answer.json()
    assert (sop["key"], sop["version"], sop["title"]) == (KEY, 1, "Pengumpulan Data Kinerja")
    assert sop["identity"]["effective_on"] is None
    assert sop["identity"]["effective_on_text"] == "Desember 2021"
    assert [role["label"] for role in sop["roles"].values()] == ["Camat", "Sekretaris", "Tim Penyusun", "Staf"]
    assert sop["steps"][6]["outputs"][0]["text"] == "Laporan sudah di tandatangi"
    assert sop["steps"][6]["outputs"][0]["signature_by"] == ["camat"]
    assert answer.headers["etag"].startswith('"1.')
    assert (await staf.get(f"{PROCEDURES}/{KEY}/versions/1")).json() == sop
    again = await staf.get(f"{PROCEDURES}/{KEY}", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


async def test_what_was_never_published_is_not_found(staf: httpx.AsyncClient) -> None:
    versions = [f"{KEY}/versions/{number}" for number in ("2", "0", "x", "99999999999")]
    for path in ("tidak-ada", "TIDAK", "a%00b", *versions):
        answer = await staf.get(f"{PROCEDURES}/{path}")
        assert (path, answer.status_code, answer.json()["code"]) == (path, 404, "not_found")


async def test_nobody_reads_or_publishes_without_signing_in(office: Office) -> None:
    async with office.client() as stranger:
        for answer in (
            await stranger.get(PROCEDURES),
            await stranger.get(f"{PROCEDURES}/{KEY}"),
            await stranger.get(f"{PROCEDURES}/{KEY}/versions/1"),
            await stranger.post(f"{PROCEDURES}/check", json=SHIPPED),
            await stranger.post(PROCEDURES, json=SHIPPED),
        ):
            assert answer.status_code == 401


async def test_the_list_goes_from_page_to_page_by_key(pusat: httpx.AsyncClient) -> None:
    keys = [f"sop-{letter}" for letter in "cab"]
    for key in keys:
        assert (await publish(pusat, OTHER | {"key": key})).status_code == 201
    first = (await pusat.get(PROCEDURES, params={"limit": 2})).json()
    assert [item["key"] for item in first["items"]] == [KEY, "sop-a"]
    rest = (await pusat.get(PROCEDURES, params={"limit": 2, "cursor": first["page"]["next_cursor"]})).json()
    assert [item["key"] for item in rest["items"]] == ["sop-b", "sop-c"]
    assert rest["page"]["next_cursor"] is None


async def test_the_national_admin_publishes_and_versions_never_change(pusat: httpx.AsyncClient) -> None:
    before = (await pusat.get(f"{PROCEDURES}/{KEY}/versions/1")).json()
    same = await publish(pusat, SHIPPED)
    assert (same.status_code, same.json()["version"]) == (200, 1)
    made = await publish(pusat, REVISED)
    assert (made.status_code, made.json()["version"]) == (201, 2)
    assert made.headers["location"] == f"{PROCEDURES}/{KEY}/versions/2"
    assert made.json() == (await pusat.get(f"{PROCEDURES}/{KEY}")).json() == (await pusat.get(made.headers["location"])).json()
    assert made.json()["steps"][0]["duration"] == {"value": 45, "unit": "minute"}
    assert (await pusat.get(f"{PROCEDURES}/{KEY}/versions/1")).json() == before


async def test_nobody_publishes_for_other_offices(office: Office) -> None:
    for username in ("camat", "sekretaris", "staf", "tim1", "admin", "auditor", "camat.muarajawa"):
        client = await office.as_(username)
        for draft in (REVISED, {}):
            answer = await publish(client, draft)
            assert (username, answer.status_code, answer.json()["code"]) == (username, 403, "permission_missing")
        assert (await client.get(f"{PROCEDURES}/{KEY}")).json()["version"] == 1


async def test_a_draft_with_problems_is_not_published_and_hears_all_of_them(pusat: httpx.AsyncClient) -> None:
    draft = changed(SHIPPED, {"/controls/-": "lurah", "/slots/foto": {"label": "Foto"}})
    answer = await publish(pusat, draft, Accept_Language="en")
    assert (answer.status_code, answer.json()["code"]) == (422, "procedure_rejected")
    assert answer.json()["errors"] == [
        {"pointer": "/controls/2", "code": "unknown_role", "message": "The role lurah is not in roles."},
        {"pointer": "/slots/foto", "code": "slot_unused", "message": "No step uses the slot foto."},
    ]
    assert (await pusat.get(f"{PROCEDURES}/{KEY}")).json()["version"] == 1


async def test_a_check_lists_the_same_problems_and_saves_nothing(staf: httpx.AsyncClient) -> None:
    assert (await staf.post(f"{PROCEDURES}/check", json=REVISED)).json() == {"ok": True, "problems": []}
    draft = changed(SHIPPED, {"/title": DROP, "/steps/0/duration/value": 0})
    answer = await staf.post(f"{PROCEDURES}/check", json=draft)
    assert answer.status_code == 200
    assert answer.json() == {
        "ok": False,
        "problems": [
            {"pointer": "/title", "code": "field_missing", "message": "Wajib diisi."},
            {"pointer": "/steps/0/duration/value", "code": "out_of_range", "message": "Di luar batas: > 0."},
        ],
    }
    assert (await staf.get(f"{PROCEDURES}/{KEY}")).json()["version"] == 1


async def test_what_is_no_json_object_is_422(pusat: httpx.AsyncClient) -> None:
    for body in (b"[]", b'"sop"', b"null", b"{", b"", b'{"title": NaN}', b'{"title": "\\u0000"}', b'{"a":' * 100_000):
        for path in (PROCEDURES, f"{PROCEDURES}/check"):
            answer = await pusat.post(path, content=body, headers={"Content-Type": "application/json"})
            assert (body[:20], answer.status_code) == (body[:20], 422)
            assert answer.headers["content-type"] == "application/problem+json"


async def test_the_same_key_publishes_once(pusat: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(publish(pusat, REVISED, Idempotency_Key="terbit") for _ in range(8)))
    assert {(answer.status_code, answer.json()["version"]) for answer in answers} == {(201, 2)}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 7
    other = await publish(pusat, OTHER, Idempotency_Key="terbit")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_key_of_yesterday_publishes_another_text(office: Office, pusat: httpx.AsyncClient) -> None:
    assert (await publish(pusat, REVISED, Idempotency_Key="terbit")).status_code == 201
    await office.at(office.clock.now + timedelta(hours=24, seconds=1))
    pusat = await office.as_("pusat")
    answers = [await publish(pusat, OTHER, Idempotency_Key="terbit") for _ in range(2)]
    assert [(answer.status_code, "idempotency-replayed" in answer.headers) for answer in answers] == [(201, False), (201, True)]


async def test_eight_publishers_of_eight_texts_make_eight_versions(pusat: httpx.AsyncClient) -> None:
    """Who is told that others came first asks again, as the answer says."""

    async def insist(draft: Any) -> int:
        while (answer := await publish(pusat, draft)).status_code == 409:
            assert answer.json()["code"] == "concurrent_change"
        assert answer.status_code == 201
        version: int = answer.json()["version"]
        return version

    drafts = [changed(SHIPPED, {"/steps/0/duration/value": 100 + number}) for number in range(8)]
    assert sorted(await asyncio.gather(*map(insist, drafts))) == list(range(2, 10))


async def test_the_log_tells_who_published_which_text(office: Office, pusat: httpx.AsyncClient) -> None:
    assert (await publish(pusat, REVISED)).status_code == 201
    assert (await publish(pusat, REVISED)).status_code == 200
    await settled(office.database)
    feed = (await pusat.get("/v1/events", params={"limit": 200})).json()["items"]
    seeded, published = [event for event in feed if event["type"] == "procedure.published"]
    assert (seeded["actor"], seeded["data"]["version"]) == (None, 1)
    assert (published["stream"], published["office"], published["instance_id"]) == ("office:ID", "ID", None)
    assert published["data"] == {"key": KEY, "version": 2, "sha256": definition_hash(parse(REVISED))}
    assert published["actor"] == {
        "account_id": str(office.accounts["pusat"]),
        "name": "Admin Pusat",
        "role": "admin",
        "office": "ID",
        "capacity": "definitive",
        "label": "Admin",
    }


async def test_if_match_publishes_only_over_the_version_that_was_read(pusat: httpx.AsyncClient) -> None:
    read = (await pusat.get(f"{PROCEDURES}/{KEY}")).headers["etag"]
    assert (await publish(pusat, REVISED, If_Match=read)).status_code == 201
    stale = await publish(pusat, changed(REVISED, {"/title": "Lain"}), If_Match=read)
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")


async def test_a_running_instance_keeps_the_version_it_started_with(office: Office, pusat: httpx.AsyncClient) -> None:
    camat = await office.as_("camat")
    start = {"procedure": KEY, "office": SAMBOJA, "period": {"year": 2026, "quarter": 3}}
    instance = (await camat.post("/v1/instances", json=start)).json()
    assert (await publish(pusat, REVISED)).status_code == 201
    kept = (await camat.get(f"/v1/instances/{instance['id']}")).json()
    assert (kept["procedure"]["version"], kept["steps"][0]["duration"]["value"]) == (1, 30)
    newer = (await camat.post("/v1/instances", json=start | {"period": {"year": 2026, "quarter": 4}})).json()
    assert (newer["procedure"]["version"], newer["steps"][0]["duration"]["value"]) == (2, 45)


async def test_a_related_procedure_is_linked_once_it_is_published(pusat: httpx.AsyncClient) -> None:
    assert (await publish(pusat, OTHER)).json()["identity"]["related_procedures"][0]["key"] is None
    await publish(pusat, REVISED | {"key": "survei-lapangan"})
    related = (await pusat.get(f"{PROCEDURES}/{OTHER['key']}")).json()["identity"]["related_procedures"][0]
    assert related == {"text": "SOP Survei Lapangan", "label": "SOP Survei Lapangan", "key": "survei-lapangan"}


async def test_the_document_describes_drafts_and_answers_as_they_are(office: Office, pusat: httpx.AsyncClient) -> None:
    assert rendered(office.app)
    document = office.app.openapi()
    for name, value in (("ProcedureDraft", SHIPPED), ("ProcedureDraft", OTHER), ("Procedure", (await publish(pusat, OTHER)).json())):
        schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        jsonschema.validate(value, schema)
