"""Requests that are wrong outside their body: addresses, methods, queries and headers, on the real routers."""

import re
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient, Response
from starlette.types import Message

from tests.support.authorization_calendars import CALENDARS
from tests.support.contract import check_answer, document, operations, schema_at
from tests.support.office import KEY, MUARA_JAWA, SAMBOJA, Office
from tests.support.shared_office import nothing_saved
from tests.support.valid_requests import NATIONAL_ADMIN, PLAIN, Sent, names_of_paths
from tests.web.test_frame_errors import problem


@pytest.fixture(scope="module")
async def names(office: Office) -> dict[str, str]:
    await office.enrol(NATIONAL_ADMIN)
    return await names_of_paths(office) | {"version": "1"}


@pytest.fixture
async def camat(office: Office) -> AsyncClient:
    return await office.as_("camat")


# ── addresses and methods ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v1",
        "/v1/",
        "/v2/instances",
        "/V1/instances",
        "/v1/instances/",
        "//v1/instances",
        "/v1//instances",
        "/v1/instance",
        "/v1/tasks/1",
        "/docs",
    ],
)
async def test_an_unknown_address_is_told_so(camat: AsyncClient, path: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        problem(await camat.request(method, f"http://alur.example{path}"), 404, "route_not_found")


def templates_matching(path: str) -> list[str]:
    return [template for template in document()["paths"] if re.fullmatch(re.sub(r"\{[^/]+\}", "[^/]+", template), path)]


@pytest.mark.parametrize("template", document()["paths"])
async def test_another_method_is_told_every_method_of_the_address(camat: AsyncClient, names: dict[str, str], template: str) -> None:
    path = template.format_map(names)
    known = {method.upper() for found in templates_matching(path) for method in document()["paths"][found]}
    known |= {"HEAD"} if "GET" in known else set()
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"} - known:
        answer = await camat.request(method, path)
        problem(answer, 405, "method_not_allowed")
        assert set(answer.headers["allow"].split(", ")) == known


async def test_ids_that_are_none_are_of_nothing(camat: AsyncClient) -> None:
    for name in ("1", "x", str(uuid4())[:-1], str(uuid4()) + "0", "00000000-0000-0000-0000-000000000000", str(uuid4())):
        for path in (f"/v1/instances/{name}", f"/v1/instances/{name}/events", f"/v1/documents/{name}"):
            problem(await camat.get(path), 404, "not_found")
    for key in ("tidak-ada", "TIDAK", "a b", "x" * 81):
        problem(await camat.get(f"/v1/procedures/{key}"), 404, "not_found")


# ── queries ─────────────────────────────────────────────────────────────────────────────────────────────────────────

QUERIES: list[tuple[str, str, str]] = [
    (name, parameter["name"], value)
    for name, (_, method, operation) in operations().items()
    for parameter in operation.get("parameters", [])
    if parameter["in"] == "query"
    for value in ("", "-1", "0", "1", "201", "1.5", "1e3", "true", "x", "x" * 2001, "2026-Q5", "2026-Q4", "overdue", "10" * 400, str(uuid4()), "🦆")
]


ADMINISTERED: dict[str, dict[str, Any]] = {row.operation: dict(row.send) for row in CALENDARS if row.send}
BESIDES = {sent.operation: {"json": sent.body} for sent in PLAIN} | ADMINISTERED | {"takeTransition": {"json": {"action": "cancel"}}}
"""The rest of the request: sound, but for the transition, which has no reason and takes none."""


def as_json(value: str, schema: dict[str, Any]) -> list[object]:
    """What a text in a query may mean."""
    read: list[object] = [value]
    if schema.get("type") == "integer" and re.fullmatch(r"-?\d+", value, re.ASCII):
        read = [int(value)]
    if schema.get("type") == "boolean":
        read = [{"true": True, "false": False, "1": True, "0": False}.get(value, value)]
    return read


async def test_a_query_is_taken_or_refused_as_its_schema_says(camat: AsyncClient, names: dict[str, str]) -> None:
    judged = {True: 0, False: 0}
    for operation_id, name, value in QUERIES:
        path, method, operation = operations()[operation_id]
        number = next(n for n, p in enumerate(operation["parameters"]) if p["name"] == name)
        schema = schema_at("paths", path, method, "parameters", str(number), "schema")
        sent = BESIDES.get(operation_id, {})
        answer = await camat.request(method, path.format_map(names), **(sent | {"params": {name: value}}))
        check_answer(operation_id, answer)
        valid = any(schema.is_valid(read) for read in as_json(value, operation["parameters"][number]["schema"]))
        judged[valid] += 1
        if not valid:
            assert (answer.status_code, [e["pointer"] for e in answer.json()["errors"]]) == (422, [f"?{name}"]), (
                operation_id,
                name,
                value,
                answer.text,
            )
        else:
            not_for_a_camat = dict.fromkeys(("listServiceAccounts", "listAccountSessions", "listRestrictedRecords", *ADMINISTERED), 403)
            refused_otherwise = {"office": 404, "parent": 404, "account": 404, "instance": 404, "cursor": 422, "after": 422, "dry_run": 422}
            assert answer.status_code in {200, refused_otherwise.get(name, 200), not_for_a_camat.get(operation_id, 200)}, (
                operation_id,
                name,
                value,
                answer.text,
            )
    assert min(judged.values()) > 50


@pytest.mark.parametrize("path", ["/v1/instances", "/v1/deadlines"])
async def test_an_office_that_is_unknown_or_hidden_is_not_found_in_a_filter(camat: AsyncClient, path: str) -> None:
    for office in (MUARA_JAWA, "64.02", "ID", "99.99", "", "' OR 1=1 --"):
        problem(await camat.get(path, params={"office": office}), 404, "not_found")


async def test_an_office_that_is_unknown_or_hidden_is_not_found_in_a_body(office: Office, camat: AsyncClient) -> None:
    new = {"procedure": KEY, "period": {"year": 2026, "quarter": 1}}
    moment = {"starts_at": "2027-01-04T07:30:00+08:00"}
    async with nothing_saved(office):
        for code in (MUARA_JAWA, "64.02", "ID", "99.99", "", "x" * 40):
            problem(await camat.post("/v1/instances", json=new | {"office": code}), 404, "not_found")
            problem(await camat.post(f"/v1/procedures/{KEY}/plan", json=moment | {"office": code}), 404, "not_found")
            calculation = moment | {"office": code, "duration": {"value": 1, "unit": "hour"}}
            problem(await camat.post("/v1/deadlines/calculate", json=calculation), 404, "not_found")
        answer = await camat.post("/v1/instances", json=new | {"procedure": "tidak-ada", "office": SAMBOJA})
        errors = problem(answer, 422, "invalid_request")["errors"]
    assert [(error["pointer"], error["code"]) for error in errors] == [("/procedure", "unknown_procedure")]  # type: ignore[attr-defined]


# ── headers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

ACTS = [sent for sent in PLAIN if sent.operation in {"startInstance", "addComment", "initialDocument", "signDocument"}]


@pytest.mark.parametrize("sent", ACTS, ids=lambda sent: sent.name)
@pytest.mark.parametrize("key", ["", "x" * 256, "kunci\té", "clé".encode(), b"\xff", b"a\x00b"])
async def test_a_bad_idempotency_key_is_refused(office: Office, names: dict[str, str], sent: Sent, key: str | bytes) -> None:
    client = await office.as_(sent.who or "camat")
    headers = [(b"Idempotency-Key", key.encode() if isinstance(key, str) else key)]
    async with nothing_saved(office):
        answer = await client.post(sent.path.format_map(names), json=sent.body, headers=headers)
    check_answer(sent.operation, answer)
    assert [e["pointer"] for e in problem(answer, 422, "invalid_request")["errors"]] == ["Idempotency-Key"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("tag", ['"0.x"', '"999.0123456789abcdef"', "1", "x", '""', '"-1"', '"' + "9" * 400 + '"', ",,,", "W/", '"1000.é"'.encode()])
async def test_an_if_match_that_names_another_version_or_none_is_stale(office: Office, names: dict[str, str], tag: str | bytes) -> None:
    staf, headers = await office.as_("staf"), [(b"If-Match", tag.encode() if isinstance(tag, str) else tag)]
    async with nothing_saved(office):
        for path, body in (("transitions", {"action": "claim", "step": 7}), ("comments", {"body": "x"})):
            answer = await staf.post(f"/v1/instances/{names['instance_id']}/{path}", json=body, headers=headers)
            problem(answer, 412, "precondition_failed")


@pytest.mark.parametrize("language", ["", "xx", "en;q=zzz", "id;q=0, *;q=0", ";" * 5000, "en" * 5000, b"\xff\xfe", "*"])
async def test_an_accept_language_that_cannot_be_read_is_indonesian(camat: AsyncClient, language: str | bytes) -> None:
    headers = [(b"Accept-Language", language.encode() if isinstance(language, str) else language)]
    answer = await camat.get(f"/v1/instances/{uuid4()}", headers=headers)
    assert problem(answer, 404, "not_found")["title"] == "Tidak ditemukan"
    assert answer.headers["content-language"] == "id"


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "", "*/*;q=0"])
async def test_whatever_is_accepted_the_answer_is_json(camat: AsyncClient, accept: str) -> None:
    assert (await camat.get("/v1/me", headers={"Accept": accept})).headers["content-type"] == "application/json"


@pytest.mark.parametrize("token", ["x", "a.b.c", "." * 5000, "ey" * 4000, "Bearer", "\x7f"])
async def test_a_token_that_is_none_is_refused_everywhere(office: Office, names: dict[str, str], token: str) -> None:
    client = office.client(Authorization=f"Bearer {token}")
    for operation_id, (path, method, operation) in operations().items():
        if operation["security"]:
            answer = await client.request(method, path.format_map(names))
            check_answer(operation_id, answer)
            problem(answer, 401, "token_invalid")
    await client.aclose()


# ── what no client library would send ───────────────────────────────────────────────────────────────────────────────


async def raw(office: Office, path: str, *, query: bytes = b"", headers: tuple[tuple[bytes, bytes], ...] = (), method: str = "GET") -> Response:
    camat = await office.as_("camat")
    scope: dict[str, Any] = {"type": "http", "method": method, "path": path, "query_string": query, "http_version": "1.1", "scheme": "http"}
    scope["headers"] = [(b"authorization", camat.headers["authorization"].encode()), *headers]
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b'{"body": "x"}', "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await office.app(scope | {"raw_path": path.encode("utf-8", "replace"), "client": None, "server": ("a", 1)}, receive, send)
    return Response(sent[0]["status"], headers=sent[0]["headers"], content=b"".join(message.get("body", b"") for message in sent[1:]))


@pytest.mark.parametrize("query", [b"\xff", b"q=\xff\xfe", b"q=%", b"q=%zz&&&==", b"&" * 3000, b"q=" + b"%2525" * 30, b"\xed\xa0\x80=1"])
async def test_a_query_in_no_encoding_breaks_nothing(office: Office, names: dict[str, str], query: bytes) -> None:
    for path in ("/v1/instances", "/v1/tasks", "/v1/events", "/v1/me", "/livez", "/openapi.json"):
        assert (await raw(office, path, query=query)).status_code == 200
    json_type = ((b"content-type", b"application/json"), (b"idempotency-key", b"q-" + query.hex().encode()[:200]))
    path = f"/v1/instances/{names['instance_id']}/comments"
    assert (await raw(office, path, query=query, headers=json_type, method="POST")).status_code == 201
    assert (await raw(office, path, query=query, headers=json_type, method="POST")).headers["idempotency-replayed"] == "true"
    problem(await raw(office, path, query=query, method="PUT"), 405, "method_not_allowed")


@pytest.mark.parametrize("host", [b"", b"[", b"a b", b"a/../b", b"x?y#z", b"\xff", b"evil.example:99999999"])
async def test_a_host_that_is_none_breaks_nothing(office: Office, names: dict[str, str], host: bytes) -> None:
    path = f"/v1/instances/{names['instance_id']}/events"
    answer = await raw(office, path, query=b"limit=1", headers=((b"host", host),))
    assert answer.status_code == 200
    assert answer.headers["link"].startswith(f"<{path}?limit=1&cursor=")
    assert (await raw(office, "/nowhere", headers=((b"host", host),))).status_code == 404


@pytest.mark.parametrize("path", ["/v1/procedures/\ud800", "/v1/instances/\x00", "/v1/procedures/\udcff/plan", "\x00", "/v1/documents/é"])
async def test_a_path_in_no_encoding_is_of_nothing(office: Office, path: str) -> None:
    assert (await raw(office, path)).status_code in {404, 405}
