"""NUL and half surrogates, which PostgreSQL has no room for, and every other text that somebody may send: refused, or kept as it is."""

import json
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import quote

import pytest
from httpx import AsyncClient

from app.web.paging import _fingerprint_of
from tests.support.contract import check_answer, operations
from tests.support.forms import FORM, a_file, form, part
from tests.support.office import SAMBOJA, Office
from tests.support.shared_office import fresh, nothing_saved
from tests.support.valid_requests import NATIONAL_ADMIN, REQUESTS, Sent, names_of_paths, places, value_at, with_value
from tests.web.test_frame_errors import problem

UNSTORABLE = ("a\0b", "\ud800", "\udfff", "\ude00\ud83d")
STRANGE = (
    "🦆 bebek",
    "سنة ٢٠٢٦",
    "a\u202eb",
    "\ufeffx",
    "'; DROP TABLE instance; --",
    "%_\\",
    "{0}{title}",
    "\x01\x7f",
    "e\u0301",
    "\uffff",
    "𝔘" * 40,
)
"""Odd, but text: what a person wrote is kept as it is."""


ALONE_SEEN_BY = {"getRestrictedRecord": "arsip", "downloadRestrictedRecord": "arsip", "getUpload": "staf"}


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def office_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture(scope="module")
async def names(office: Office) -> dict[str, str]:
    await office.enrol(NATIONAL_ADMIN)
    return await names_of_paths(office)


@pytest.fixture
async def camat(office: Office) -> AsyncClient:
    return await office.as_("camat")


@pytest.mark.parametrize("sent", REQUESTS, ids=lambda sent: sent.name)
async def test_no_text_in_a_body_that_a_database_cannot_hold(office: Office, names: dict[str, str], sent: Sent) -> None:
    client = await office.as_(sent.who or "camat")
    texts = [place for place in places(sent.body) if isinstance(value_at(sent.body, place), str)]
    objects = [(), *(place for place in places(sent.body) if isinstance(value_at(sent.body, place), dict))]
    odd: list[Any] = [with_value(sent.body, place, UNSTORABLE[n % len(UNSTORABLE)]) for n, place in enumerate(texts)]
    odd += [with_value(sent.body, place, {**value_at(sent.body, place), UNSTORABLE[n % len(UNSTORABLE)]: 1}) for n, place in enumerate(objects)]
    async with nothing_saved(office):
        for body in odd:
            headers = {"Content-Type": "application/json"} | sent.guard
            answer = await client.request(sent.method, sent.path.format_map(names), content=json.dumps(body).encode(), headers=headers)
            problem(answer, 422, "unstorable_text")


@pytest.mark.parametrize("operation_id", [name for name, (_, method, _) in operations().items() if method == "get"])
async def test_no_query_that_a_database_cannot_hold(office: Office, names: dict[str, str], operation_id: str) -> None:
    """Asked by the administrator of the office, who sees everything that has a path, or by who alone does."""
    admin, (path, _, operation) = await office.as_(ALONE_SEEN_BY.get(operation_id, "admin")), operations()[operation_id]
    url = path.format_map(names | {"version": "1"})
    for name in [p["name"] for p in operation.get("parameters", []) if p["in"] == "query"] + ["aneh"]:
        for value in ("%00", "a%00b", "%00%00"):
            answer = await admin.get(f"{url}?{name}={value}")
            check_answer(operation_id, answer)
            errors = problem(answer, 422, "invalid_request")["errors"]
            assert (f"?{name}", "unstorable_text") in {(e["pointer"], e["code"]) for e in errors}  # type: ignore[attr-defined]
    answer = await admin.get(f"{url}?a%00b=1")
    check_answer(operation_id, answer)
    assert answer.status_code == 422


@pytest.mark.parametrize("operation_id", [name for name, (path, _, _) in operations().items() if "{" in path])
async def test_a_path_that_a_database_cannot_hold_is_of_nothing(office: Office, names: dict[str, str], operation_id: str) -> None:
    path, method, operation = operations()[operation_id]
    client = await office.as_("pusat")
    for name in [p["name"] for p in operation["parameters"] if p["in"] == "path"]:
        for value in ("%00", "a%00", "%ED%A0%80", "%FF", quote("🦆"), "x" * 3000, "{" + name + "}", "'%20OR%201=1"):
            body = {"json": {}} if "requestBody" in operation else {}
            answer = await client.request(method, path.format_map(names | {"version": "1", name: value}), **body)  # type: ignore[arg-type]
            assert answer.status_code == 404, (name, value, answer.text)
            assert answer.json()["code"] in {"not_found", "route_not_found"}


def forged(path: str, *keys: object) -> str:
    """A cursor as nobody would give it out; its fingerprint is no secret."""
    return urlsafe_b64encode(json.dumps({"q": _fingerprint_of(path, ()), "k": keys}).encode()).decode().rstrip("=")


SOME_ID, SOON = "019aab3e-0000-7000-8000-000000000001", "2027-01-04T00:00:00+00:00"
MOMENTS = (None, "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2027-01-04T00:00:00", 5)
NUMBERS = (None, "1", 1.5, True, 2**63, -(2**64), [1])
FORGED: dict[str, list[tuple[object, ...]]] = {
    "/v1/tasks": [(moment, SOME_ID, "step", "camat", "") for moment in MOMENTS]
    + [(SOON, SOME_ID, text, "x", "x") for text in ("\0", "\ud800", None, 1)],
    "/v1/deadlines": [(moment, SOME_ID) for moment in MOMENTS] + [(SOON, found) for found in (None, "x", "\0", 5)],
    "/v1/instances": [(None,), ("x",), (5,), ()],
    "/v1/procedures": [("\0",), ("\udc00",), (None,), (5,)],
    "/v1/instances/{instance_id}/transitions": [(number,) for number in NUMBERS],
    "/v1/instances/{instance_id}/comments": [(number,) for number in NUMBERS],
    "/v1/instances/{instance_id}/events": [(number,) for number in NUMBERS],
    "/v1/events": [(number, 1) for number in NUMBERS] + [(1, number) for number in NUMBERS],
}


@pytest.mark.parametrize("path", FORGED)
async def test_a_forged_cursor_is_refused(camat: AsyncClient, names: dict[str, str], path: str) -> None:
    url, parameter = path.format_map(names), "after" if path == "/v1/events" else "cursor"
    for keys in FORGED[path]:
        problem(await camat.get(url, params={parameter: forged(url, *keys)}), 422, "cursor_invalid")


@pytest.mark.parametrize("path", ["/v1/instances/{instance_id}/transitions", "/v1/instances/{instance_id}/events", "/v1/events"])
@pytest.mark.parametrize("number", [0, -1, 2**31, 2**40, 2**63 - 1, -(2**63) + 1])
async def test_a_cursor_beyond_every_row_is_an_empty_page_or_a_whole_one(camat: AsyncClient, names: dict[str, str], path: str, number: int) -> None:
    url = path.format_map(names)
    keys, parameter = ((number, number), "after") if path == "/v1/events" else ((number,), "cursor")
    answer = await camat.get(url, params={parameter: forged(url, *keys)})
    assert answer.status_code == 200


@pytest.mark.parametrize("text", STRANGE)
async def test_text_that_is_only_strange_is_kept_as_it_is(office: Office, names: dict[str, str], text: str) -> None:
    client, path = await office.as_("staf"), f"/v1/instances/{names['instance_id']}/comments"
    assert (await client.post(path, json={"body": text})).json()["body"] == text
    assert (await client.get(path, params={"limit": 200})).json()["items"][-1]["body"] == text
    run = await fresh(office)
    camat = await office.as_("camat")
    answer = await camat.post(f"/v1/instances/{run.id}/documents", content=form(part("slot", "draf_tim"), part("note", text), a_file()), headers=FORM)
    assert answer.json()["note"] == text
    found = (await camat.get("/v1/instances", params={"q": text, "office": SAMBOJA})).json()
    assert found["items"] == []


@pytest.mark.parametrize("quarter", range(1, 5))
async def test_a_title_is_found_by_any_part_of_it_and_its_wildcards_are_letters(camat: AsyncClient, quarter: int) -> None:
    title = STRANGE[quarter + 3]
    period = {"year": 2097, "quarter": quarter}
    answer = await camat.post("/v1/instances", json={"procedure": "pengumpulan-data-kinerja", "office": SAMBOJA, "period": period, "title": title})
    assert answer.json()["title"] == title
    items = (await camat.get("/v1/instances", params={"q": title[:-1] or title})).json()["items"]
    assert [item["title"] for item in items] == [title]
