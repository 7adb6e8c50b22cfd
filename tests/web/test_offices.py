"""Offices over HTTP: who sees which, who adds and names them."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.contract import check_answer
from tests.support.office import MUARA_JAWA, SAMBOJA, Office
from tests.support.regencies import KUTAI, NEW, OFFICES, PASER, PROVINCE, get, listed, told, two_regencies
from tests.web.test_frame_errors import problem


@pytest.fixture
async def office(office_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with two_regencies(office_url, tmp_path) as office:
        yield office


@pytest.fixture
async def pusat(office: Office) -> httpx.AsyncClient:
    return await office.as_("pusat")


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
    assert event["data"] == NEW


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
        ({"time_zone": "Factory"}, "/time_zone", "unknown_time_zone"),
        ({"parent": None}, "/parent", "type_wrong"),
        ({"version": 1}, "/version", "unknown_field"),
    ],
)
async def test_an_office_that_cannot_be_is_refused_at_its_place(office: Office, changed: dict[str, Any], pointer: str, code: str) -> None:
    answer = await (await office.as_("admin")).post(OFFICES, json=NEW | changed)
    errors: Any = problem(answer, 422, "invalid_request")["errors"]
    assert [error["pointer"] for error in errors] == [pointer]


async def test_a_code_that_is_taken_is_refused_without_a_word_of_whose_it_is(office: Office) -> None:
    pusat, kutai = await office.as_("pusat"), await office.as_("admin.kutai")
    asked = [(pusat, SAMBOJA, SAMBOJA), (pusat, "ID", SAMBOJA), (pusat, "id", SAMBOJA), (kutai, MUARA_JAWA, KUTAI)]
    for client, taken, parent in asked:
        answer = await client.post(OFFICES, json=NEW | {"code": taken, "parent": parent})
        errors: Any = problem(answer, 422, "invalid_request")["errors"]
        assert [(error["pointer"], error["code"]) for error in errors] == [("/code", "office_exists")]
        assert "Kecamatan" not in answer.text
        assert "Indonesia" not in answer.text


async def test_a_code_of_elsewhere_is_given_by_the_nations_administrator_alone(office: Office) -> None:
    admin = await office.as_("admin")
    for code in ("31", "64.03", "id", SAMBOJA, "64.02.131"):
        answer = await admin.post(OFFICES, json=NEW | {"code": code})
        errors: Any = problem(answer, 422, "invalid_request")["errors"]
        assert [(error["pointer"], error["code"]) for error in errors] == [("/code", "not_below_parent")]
    problem(await (await office.as_("camat")).post(OFFICES, json=NEW | {"code": "31"}), 403, "permission_missing")
    assert (await (await office.as_("pusat")).post(OFFICES, json=NEW | {"code": "31"})).status_code == 201


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
