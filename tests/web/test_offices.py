"""Offices over HTTP: who sees which, who adds and names them, and how one comes under another parent."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from app.domain.events import text_hash
from app.usecases.demo import DemoPerson
from tests.support.contract import check_answer
from tests.support.office import MONDAY, MUARA_JAWA, SAMBOJA, WITA, Office, Run, open_office, settled
from tests.support.statements import sent
from tests.web.test_frame_errors import problem

OFFICES = "/v1/offices"
KUTAI, PASER, PROVINCE = "64.02", "64.01", "64"
NEW = {"code": "64.02.13.1001", "name": "Kelurahan Sungai Seluang", "parent": SAMBOJA, "time_zone": "Asia/Makassar"}
PEOPLE = (
    DemoPerson("pusat", "Admin Pusat", ("admin",), "ID"),
    DemoPerson("admin.kutai", "Admin Kutai", ("admin",), KUTAI),
    DemoPerson("auditor.kutai", "Auditor Kutai", ("auditor",), KUTAI),
    DemoPerson("auditor.paser", "Auditor Paser", ("auditor",), PASER),
    DemoPerson("admin.paser", "Admin Paser", ("admin",), PASER),
)


@pytest.fixture
async def office(office_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    """With a second regency, and people there."""
    async with open_office(office_url, tmp_path) as office:
        await office.enrol(PEOPLE[0])
        paser = {"code": PASER, "name": "Kabupaten Paser", "parent": PROVINCE, "time_zone": "Asia/Makassar"}
        assert (await (await office.as_("pusat")).post(OFFICES, json=paser)).status_code == 201
        for person in PEOPLE[1:]:
            await office.enrol(person)
        yield office


@pytest.fixture
async def pusat(office: Office) -> httpx.AsyncClient:
    return await office.as_("pusat")


async def get(client: httpx.AsyncClient, code: str) -> dict[str, Any]:
    answer = await client.get(f"{OFFICES}/{code}")
    check_answer("getOffice", answer)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def listed(client: httpx.AsyncClient, **params: str | int) -> list[str]:
    answer = await client.get(OFFICES, params=params)
    check_answer("listOffices", answer)
    assert answer.status_code == 200, answer.text
    return [item["code"] for item in answer.json()["items"]]


async def move(client: httpx.AsyncClient, code: str = SAMBOJA, parent: str = PASER, day: str = "2027-07-01", **more: Any) -> httpx.Response:
    headers: dict[str, str] = more.pop("headers", {})
    answer = await client.post(f"{OFFICES}/{code}/parents", json={"parent": parent, "valid_from": day, **more}, headers=headers)
    check_answer("moveOffice", answer)
    return answer


async def told(office: Office, *types: str) -> list[dict[str, Any]]:
    await settled(office.database)
    feed: list[dict[str, Any]] = (await (await office.as_("pusat")).get("/v1/events", params={"limit": 200})).json()["items"]
    return [event for event in feed if event["type"] in types]


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_office_is_shown_with_its_parents(office: Office) -> None:
    camat = await office.as_("camat")
    answer = await camat.get(f"{OFFICES}/{SAMBOJA}")
    above = {"code": KUTAI, "name": "Kabupaten Kutai Kartanegara"}
    assert answer.json() == {
        "code": SAMBOJA,
        "name": "Kecamatan Samboja",
        "time_zone": "Asia/Makassar",
        "parent": above,
        "parents": [{"parent": above, "valid_from": None, "instrument": None}],
        "children": 0,
        "version": 1,
    }
    assert answer.headers["etag"].startswith('"1.')
    again = await camat.get(f"{OFFICES}/{SAMBOJA}", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


async def test_the_national_office_stands_under_none(pusat: httpx.AsyncClient) -> None:
    nation = await get(pusat, "ID")
    assert (nation["parent"], nation["parents"], nation["children"]) == (None, [], 1)
    assert (await get(pusat, PROVINCE))["children"] == 2


async def test_what_lies_beside_or_above_does_not_exist_for_the_caller(office: Office) -> None:
    for username in ("camat", "admin", "auditor"):
        client = await office.as_(username)
        for code in (MUARA_JAWA, KUTAI, "ID", "99", "a%00b", "x" * 41):
            problem(await client.get(f"{OFFICES}/{code}"), 404, "not_found")
        problem(await client.get(OFFICES, params={"parent": KUTAI}), 404, "not_found")
        problem(await client.get(OFFICES, params={"parent": "99"}), 404, "not_found")
        assert await listed(client) == [SAMBOJA]


async def test_the_list_is_narrowed_and_paged_by_code(office: Office, pusat: httpx.AsyncClient) -> None:
    everything = ["64", PASER, KUTAI, SAMBOJA, MUARA_JAWA, "ID"]
    assert await listed(pusat) == everything
    assert await listed(pusat, parent=KUTAI) == [SAMBOJA, MUARA_JAWA]
    assert await listed(pusat, parent="ID") == ["64"]
    assert await listed(pusat, q="kecamatan") == [SAMBOJA, MUARA_JAWA]
    assert await listed(pusat, q="02.1") == [SAMBOJA, MUARA_JAWA]
    assert await listed(pusat, q="%") == await listed(pusat, q="_") == []
    assert await listed(pusat, parent=KUTAI, q="jawa") == [MUARA_JAWA]
    assert await listed(await office.as_("auditor.kutai")) == [KUTAI, SAMBOJA, MUARA_JAWA]
    found, params = [], {"limit": 2}
    while True:
        page = (await pusat.get(OFFICES, params=params)).json()
        found += [item["code"] for item in page["items"]]
        if page["page"]["next_cursor"] is None:
            break
        params = {"limit": 2, "cursor": page["page"]["next_cursor"]}
    assert found == everything
    foreign = await pusat.get(OFFICES, params={"q": "x", "cursor": params["cursor"]})
    problem(foreign, 422, "cursor_invalid")


async def test_a_list_says_who_stands_above(pusat: httpx.AsyncClient) -> None:
    items = {item["code"]: item["parent"] for item in (await pusat.get(OFFICES)).json()["items"]}
    assert items["ID"] is None
    assert items[SAMBOJA] == {"code": KUTAI, "name": "Kabupaten Kutai Kartanegara"}


# ── adding ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_administrator_of_the_parent_adds_an_office(office: Office) -> None:
    admin = await office.as_("admin")
    made = await admin.post(OFFICES, json=NEW)
    check_answer("createOffice", made)
    assert (made.status_code, made.headers["location"]) == (201, f"{OFFICES}/{NEW['code']}")
    assert made.json() == await get(admin, NEW["code"])
    assert made.json()["parent"] == {"code": SAMBOJA, "name": "Kecamatan Samboja"}
    assert (await get(admin, SAMBOJA))["children"] == 1
    assert await listed(await office.as_("auditor.kutai")) == [KUTAI, SAMBOJA, NEW["code"], MUARA_JAWA]
    event = (await told(office, "office.created"))[-1]
    assert (event["stream"], event["actor"]["label"], event["actor"]["office"]) == (f"office:{NEW['code']}", "Admin", SAMBOJA)
    assert event["data"] == {"code": NEW["code"], "name": NEW["name"], "parent": SAMBOJA}


async def test_who_may_not_add_is_told_so_and_where_nothing_is_seen_nothing_is(office: Office) -> None:
    for username in ("camat", "auditor", "staf"):
        answer = await (await office.as_(username)).post(OFFICES, json=NEW)
        assert problem(answer, 403, "permission_missing")["refusals"]
    for username, parent in (("admin", KUTAI), ("admin", MUARA_JAWA), ("camat.muarajawa", SAMBOJA), ("pusat", "99")):
        problem(await (await office.as_(username)).post(OFFICES, json=NEW | {"parent": parent}), 404, "not_found")
    problem(await (await office.as_("admin.kutai")).post(OFFICES, json=NEW | {"parent": PROVINCE}), 404, "not_found")


@pytest.mark.parametrize(
    ("changed", "pointer", "code"),
    [
        ({"code": "64:02"}, "/code", "pattern_mismatch"),
        ({"code": "6" * 41}, "/code", "too_long"),
        ({"code": ""}, "/code", "pattern_mismatch"),
        ({"name": " "}, "/name", "pattern_mismatch"),
        ({"name": "a\nb"}, "/name", "malformed"),
        ({"time_zone": "WITA"}, "/time_zone", "unknown_time_zone"),
        ({"time_zone": "../x"}, "/time_zone", "unknown_time_zone"),
        ({"parent": None}, "/parent", "type_wrong"),
        ({"version": 1}, "/version", "unknown_field"),
    ],
)
async def test_an_office_that_cannot_be_is_refused_at_its_place(office: Office, changed: dict[str, Any], pointer: str, code: str) -> None:
    answer = await (await office.as_("admin")).post(OFFICES, json=NEW | changed)
    errors: Any = problem(answer, 422, "invalid_request")["errors"]
    assert [error["pointer"] for error in errors] == [pointer]


async def test_a_code_that_is_taken_is_refused_without_a_word_of_whose_it_is(office: Office) -> None:
    admin = await office.as_("admin")
    for taken in (SAMBOJA, MUARA_JAWA, "ID"):
        answer = await admin.post(OFFICES, json=NEW | {"code": taken})
        errors: Any = problem(answer, 422, "invalid_request")["errors"]
        assert [(error["pointer"], error["code"]) for error in errors] == [("/code", "office_exists")]
        assert "Kecamatan" not in answer.text
        assert "Indonesia" not in answer.text


async def test_the_same_key_adds_one_office(office: Office) -> None:
    admin = await office.as_("admin")
    first, again = [await admin.post(OFFICES, json=NEW, headers={"Idempotency-Key": "kelurahan"}) for _ in range(2)]
    assert (first.status_code, again.status_code, again.headers["idempotency-replayed"]) == (201, 201, "true")
    assert first.json() == again.json()
    other = await admin.post(OFFICES, json=NEW | {"name": "Lain"}, headers={"Idempotency-Key": "kelurahan"})
    problem(other, 422, "idempotency_key_reused")


# ── renaming ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def rename(client: httpx.AsyncClient, name: Any, code: str = SAMBOJA, **headers: str) -> httpx.Response:
    answer = await client.patch(f"{OFFICES}/{code}", json={"name": name}, headers={key.replace("_", "-"): value for key, value in headers.items()})
    check_answer("renameOffice", answer)
    return answer


async def test_a_name_changes_on_the_version_that_was_read(office: Office) -> None:
    admin = await office.as_("admin")
    read = (await admin.get(f"{OFFICES}/{SAMBOJA}")).headers["etag"]
    problem(await rename(admin, "Kecamatan Samboja Barat"), 428, "precondition_required")
    done = await rename(admin, "Kecamatan Samboja Barat", If_Match=read)
    assert (done.status_code, done.json()["name"], done.json()["version"]) == (200, "Kecamatan Samboja Barat", 2)
    assert done.headers["etag"].startswith('"2.')
    problem(await rename(admin, "Lain", If_Match=read), 412, "precondition_failed")
    same = await rename(admin, "Kecamatan Samboja Barat", If_Match="*")
    assert (same.status_code, same.json()["version"]) == (200, 2)
    (event,) = await told(office, "office.renamed")
    assert (event["stream"], event["data"]) == (
        "office:64.02.13",
        {"code": SAMBOJA, "from": "Kecamatan Samboja", "to": "Kecamatan Samboja Barat"},
    )


async def test_who_may_rename(office: Office) -> None:
    for username in ("camat", "auditor", "auditor.kutai"):
        problem(await rename(await office.as_(username), "Lain", If_Match="*"), 403, "permission_missing")
        problem(await rename(await office.as_(username), "Lain"), 428, "precondition_required")
    for username in ("camat.muarajawa", "auditor.paser", "admin.paser"):
        problem(await rename(await office.as_(username), "Lain", If_Match="*"), 404, "not_found")
        problem(await rename(await office.as_(username), 5), 404, "not_found")
    assert (await rename(await office.as_("admin.kutai"), "Lain", If_Match="*")).status_code == 200
    for bad in ("", " ", "a\nb", "x" * 201, None, 5):
        problem(await rename(await office.as_("admin"), bad, If_Match="*"), 422, "invalid_request")


# ── moving ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_move_is_recorded_and_shown(office: Office, pusat: httpx.AsyncClient) -> None:
    decree = {"number": "PP 12/2027", "date": "2026-12-30"}
    done = await move(pusat, instrument=decree)
    assert (done.status_code, done.headers["location"]) == (201, f"{OFFICES}/{SAMBOJA}")
    kutai, paser = {"code": KUTAI, "name": "Kabupaten Kutai Kartanegara"}, {"code": PASER, "name": "Kabupaten Paser"}
    assert (done.json()["parent"], done.json()["version"]) == (kutai, 2)
    assert done.json()["parents"] == [
        {"parent": kutai, "valid_from": None, "instrument": None},
        {"parent": paser, "valid_from": "2027-07-01", "instrument": decree},
    ]
    assert done.json() == await get(pusat, SAMBOJA)
    (event,) = await told(office, "office.moved")
    assert (event["stream"], event["actor"]["office"], event["data"]) == (
        "office:64.02.13",
        "ID",
        {
            "code": SAMBOJA,
            "from": KUTAI,
            "to": PASER,
            "valid_from": "2027-07-01",
            "instrument_number_sha256": text_hash("PP 12/2027"),
            "instrument_date": "2026-12-30",
        },
    )


async def test_a_move_takes_effect_at_local_midnight_by_itself(office: Office, pusat: httpx.AsyncClient) -> None:
    run = await Run.start(office)
    assert (await move(pusat)).status_code == 201
    midnight = datetime(2027, 7, 1, tzinfo=ZoneInfo("Asia/Makassar"))

    async def seen_by(username: str) -> tuple[list[str], int]:
        client = await office.as_(username)
        return await listed(client), (await client.get(f"/v1/instances/{run.id}")).status_code

    for moment, above, others in ((MONDAY, KUTAI, PASER), (midnight - timedelta(seconds=1), KUTAI, PASER), (midnight, PASER, KUTAI)):
        await office.at(moment)
        assert (await get(await office.as_("camat"), SAMBOJA))["parent"]["code"] == above
        names = {KUTAI: "kutai", PASER: "paser"}
        assert (await seen_by(f"auditor.{names[above]}"))[1] == 200
        assert SAMBOJA in (await seen_by(f"auditor.{names[above]}"))[0]
        assert (await seen_by(f"auditor.{names[others]}"))[1] == 404
        assert SAMBOJA not in (await seen_by(f"auditor.{names[others]}"))[0]
    assert (await get(await office.as_("pusat"), KUTAI))["children"] == 1
    assert await listed(await office.as_("pusat"), parent=PASER) == [SAMBOJA]


async def test_what_lies_below_goes_along(office: Office, pusat: httpx.AsyncClient) -> None:
    assert (await (await office.as_("admin")).post(OFFICES, json=NEW)).status_code == 201
    assert (await move(pusat, day="2027-01-04")).status_code == 201  # today
    assert await listed(await office.as_("auditor.paser")) == [PASER, SAMBOJA, NEW["code"]]
    assert await listed(await office.as_("auditor.kutai")) == [KUTAI, MUARA_JAWA]


async def test_an_office_added_after_a_move_was_decided_goes_along_too(office: Office, pusat: httpx.AsyncClient) -> None:
    assert (await move(pusat)).status_code == 201
    assert (await (await office.as_("admin")).post(OFFICES, json=NEW)).status_code == 201
    assert NEW["code"] in await listed(await office.as_("auditor.kutai"))
    await office.at(datetime(2027, 7, 1, tzinfo=WITA))
    assert NEW["code"] not in await listed(await office.as_("auditor.kutai"))
    assert NEW["code"] in await listed(await office.as_("auditor.paser"))


async def test_a_move_to_come_is_replaced_or_undone_on_its_own_day(office: Office, pusat: httpx.AsyncClient) -> None:
    assert (await move(pusat)).status_code == 201
    replaced = await move(pusat, parent=PROVINCE)
    assert [row["parent"]["code"] for row in replaced.json()["parents"]] == [KUTAI, PROVINCE]
    problem(await move(pusat, parent=KUTAI, day="2027-06-30"), 422, "valid_from_too_early")
    undone = await move(pusat, parent=KUTAI)
    assert [row["parent"]["code"] for row in undone.json()["parents"]] == [KUTAI]
    assert undone.json()["version"] == 4
    assert [(event["data"]["from"], event["data"]["to"]) for event in await told(office, "office.moved")] == [
        (KUTAI, PASER),
        (PASER, PROVINCE),
        (PROVINCE, KUTAI),
    ]
    await office.at(datetime(2027, 7, 2, tzinfo=WITA))
    assert SAMBOJA in await listed(await office.as_("auditor.kutai"))
    assert (await (await office.as_("pusat")).get("/v1/audit/verify")).json()["intact"]


@pytest.mark.parametrize(
    ("place", "status", "refusal"),
    [
        ((SAMBOJA, "99", "2027-07-01"), 404, "not_found"),
        ((SAMBOJA, KUTAI, "2027-07-01"), 409, "already_its_parent"),
        (("ID", KUTAI, "2027-07-01"), 409, "national_office_stays"),
        ((SAMBOJA, SAMBOJA, "2027-07-01"), 422, "office_cycle"),
        ((KUTAI, SAMBOJA, "2027-07-01"), 422, "office_cycle"),
        ((PROVINCE, SAMBOJA, "2027-07-01"), 422, "office_cycle"),
        ((SAMBOJA, PASER, "2027-01-03"), 422, "valid_from_too_early"),
        ((SAMBOJA, PASER, "1900-01-01"), 422, "valid_from_too_early"),
        ((SAMBOJA, PASER, "0001-01-01"), 422, "invalid_request"),
        ((SAMBOJA, PASER, "9999-12-31"), 422, "invalid_request"),
        ((SAMBOJA, PASER, "2027-02-30"), 422, "invalid_request"),
        ((SAMBOJA, PASER, "besok"), 422, "invalid_request"),
        ((SAMBOJA, "", "2027-07-01"), 404, "not_found"),
    ],
)
async def test_what_speaks_against_a_move(pusat: httpx.AsyncClient, place: tuple[str, str, str], status: int, refusal: str) -> None:
    code, parent, day = place
    problem(await move(pusat, code, parent, day), status, refusal)
    assert (await get(pusat, code))["version"] == 1


async def test_dates_that_no_calendar_holds_are_refused_everywhere(pusat: httpx.AsyncClient) -> None:
    for day in ("9999-12-31", "0001-01-01"):
        problem(await move(pusat, instrument={"number": "1", "date": day}), 422, "invalid_request")
    assert (await move(pusat, day="8999-12-31", instrument={"number": "1", "date": "1900-01-01"})).status_code == 201


async def test_a_circle_to_come_is_seen(pusat: httpx.AsyncClient) -> None:
    assert (await move(pusat, PASER, KUTAI, "2028-01-01")).status_code == 201
    problem(await move(pusat, KUTAI, PASER, "2027-07-01"), 422, "office_cycle")
    assert (await move(pusat, PASER, PROVINCE, "2028-01-01")).status_code == 201
    assert (await move(pusat, KUTAI, PASER, "2027-07-01")).status_code == 201


async def test_a_move_takes_admin_over_the_office_and_both_parents(office: Office) -> None:
    def missing(answer: httpx.Response) -> list[str]:
        refusals: Any = problem(answer, 403, "permission_missing")["refusals"]
        return [refusal["message"].rpartition(" ")[2] for refusal in refusals]

    assert missing(await move(await office.as_("auditor"), parent=SAMBOJA)) == [f"{SAMBOJA}.", f"{KUTAI}.", "sendiri."]
    assert missing(await move(await office.as_("admin"), parent=SAMBOJA)) == [f"{KUTAI}.", "sendiri."]
    for username in ("admin.kutai", "auditor.kutai", "admin.paser", "camat.muarajawa"):
        problem(await move(await office.as_(username)), 404, "not_found")
    await office.enrol(DemoPerson("kaltim", "Auditor Kaltim", ("auditor",), PROVINCE))
    assert missing(await move(await office.as_("kaltim"))) == [f"{SAMBOJA}.", f"{KUTAI}.", f"{PASER}."]


async def test_a_move_is_guarded_by_version_and_key(pusat: httpx.AsyncClient) -> None:
    read = (await pusat.get(f"{OFFICES}/{SAMBOJA}")).headers["etag"]
    first, again = [await move(pusat, headers={"Idempotency-Key": "pindah", "If-Match": read}) for _ in range(2)]
    assert (first.status_code, again.status_code, again.headers["idempotency-replayed"]) == (201, 201, "true")
    assert first.content == again.content
    problem(await move(pusat, parent=PROVINCE, headers={"If-Match": read}), 412, "precondition_failed")
    problem(await move(pusat, parent=PROVINCE, headers={"Idempotency-Key": "pindah"}), 422, "idempotency_key_reused")


async def test_an_unseen_office_is_not_found_whatever_else_is_wrong(office: Office) -> None:
    neighbour = await office.as_("camat.muarajawa")
    for body in ({}, {"parent": 5}, []):
        problem(await neighbour.post(f"{OFFICES}/{SAMBOJA}/parents", json=body), 404, "not_found")
        problem(await neighbour.patch(f"{OFFICES}/{SAMBOJA}", json=body), 404, "not_found")
    camat = await office.as_("camat")
    problem(await camat.post(f"{OFFICES}/{SAMBOJA}/parents", json={}), 422, "invalid_request")


async def test_a_move_takes_as_many_statements_however_many_lie_below(office: Office, pusat: httpx.AsyncClient) -> None:
    counts = []
    for day, parent, children in (("2027-02-01", PASER, 0), ("2027-03-01", KUTAI, 12)):
        for number in range(children):
            assert (await pusat.post(OFFICES, json=NEW | {"code": f"{SAMBOJA}.{number}"})).status_code == 201
        with sent(office.database) as statements:
            assert (await move(pusat, parent=parent, day=day)).status_code == 201
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 22
