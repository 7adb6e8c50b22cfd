"""OWASP API Security Top 10 (2023), item by item: the strongest thing that no other test says, and where the others are."""

import json
import re
from base64 import urlsafe_b64encode

import httpx
import pytest

from app.web.bodies import MAX_BODY
from app.web.paging import MAX_LIMIT
from tests.support.authorization import ROWS
from tests.support.callers import Callers, Names, all_callers, ask, things_at_samboja
from tests.support.cells import WORKERS
from tests.support.contract import operations
from tests.support.document import ANSWERED, ASKED, GUARDED, SCHEMAS, SECRETS, parts
from tests.support.machines import machine
from tests.support.office import SAMBOJA, Office
from tests.web.test_frame_errors import problem

Clients = dict[str, httpx.AsyncClient]


@pytest.fixture(scope="module")
def office_settings() -> dict[str, str]:
    return {"ALUR_MAX_UPLOAD_BYTES": "2000"}


@pytest.fixture(scope="module")
async def callers(office: Office) -> Callers:
    return await all_callers(office)


@pytest.fixture(scope="module")
async def names(office: Office, callers: Callers) -> Names:
    return await things_at_samboja(office)


# ── API1 · broken object level authorization ────────────────────────────────────────────────────────────────────────
# Also: test_authorization_matrix, test_cross_office, tests/contract/test_schemathesis.


async def test_api1_what_is_hidden_is_not_told_from_what_is_not_there(callers: Callers, names: Names) -> None:
    """Word for word and header for header: nobody learns that there is something."""
    hidden = ("instance_id", "document_id", "record_id", "account_id", "assignment_id")
    unknown = names | dict.fromkeys(hidden, "01a20000-0000-7000-8000-000000000000")
    for row in ROWS:
        path, method, _ = operations()[row.operation]
        if method == "get" and row.expected["camat.muarajawa"] == 404 and "_id}" in path and not row.path:
            shown = [await ask(callers, row, "camat.muarajawa", each) for each in (names, unknown)]
            told = [{key: value for key, value in answer.json().items() if key != "request_id"} for answer in shown]
            assert told[0] == told[1], row.name
            assert shown[0].headers.keys() == shown[1].headers.keys(), row.name


# ── API2 · broken authentication ────────────────────────────────────────────────────────────────────────────────────
# Also: tests/outside/test_token_forgeries, test_throttling, test_sessions, test_second_factor, test_service_tokens.


@pytest.fixture(scope="module")
async def no_tokens(office: Office) -> Clients:
    good, known = await office.token("camat"), await machine(office)
    head, body, _ = good.split(".")
    none = urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).decode().rstrip("=")
    basic = urlsafe_b64encode(f"{known.client_id}:{known.secret}".encode()).decode()
    return {
        "in the query": office.client(),
        "in a cookie": office.client(Cookie=f"access_token={good}; Authorization=Bearer%20{good}"),
        "under another name": office.client(**{"X-Access-Token": good, "Proxy-Authorization": f"Bearer {good}"}),
        "in another scheme": office.client(Authorization=f"Token {good}"),
        "unsigned": office.client(Authorization=f"Bearer {none}.{body}."),
        "without its signature": office.client(Authorization=f"Bearer {head}.{body}."),
        "a client's secret": office.client(Authorization=f"Bearer {known.secret}"),
        "a client id and secret": office.client(Authorization=f"Basic {basic}"),
        "twice": office.client(Authorization=f"Bearer {good}, Bearer {good}"),
    }


@pytest.mark.parametrize("operation", GUARDED)
async def test_api2_a_token_counts_only_where_it_belongs(
    office: Office, names: Names, no_tokens: dict[str, httpx.AsyncClient], operation: str
) -> None:
    path, method, _ = operations()[operation]
    where = path.format_map(names | {"session_id": names["instance_id"]})
    for how, client in no_tokens.items():
        params = {"access_token": await office.token("camat")} if how == "in the query" else {}
        answer = await client.request(method, where, params=params)
        assert (answer.status_code, answer.headers["www-authenticate"][:6]) == (401, "Bearer"), (operation, how)


@pytest.mark.parametrize(
    ("path", "known", "unknown"),
    [
        ("/v1/auth/sessions", {"username": "camat"}, {"username": "tidak.ada"}),
        ("/v1/auth/password-resets", {"username": "staf"}, {"username": "tidak.ada.juga"}),
        ("/v1/auth/service-tokens", {"client_id": "{client_id}"}, {"client_id": "svc-tidak-ada"}),
    ],
)
async def test_api2_who_exists_is_not_told_and_guessing_slows_down(office: Office, path: str, known: dict[str, str], unknown: dict[str, str]) -> None:
    wrong = {
        "/v1/auth/sessions": {"password": "bukan kata sandinya"},
        "/v1/auth/password-resets": {"one_time_secret": "AAAA-BBBB", "new_password": "kapal biru di teluk"},
        "/v1/auth/service-tokens": {"client_secret": "bukan rahasianya"},
    }[path]
    known = {key: value.format(client_id=(await machine(office)).client_id) for key, value in known.items()}
    async with addressed(office, f"198.51.100.{len(path)}") as stranger:
        told = [await stranger.post(path, json=who | wrong) for who in (known, unknown)]
        assert [answer.status_code for answer in told] == [401, 401]
        assert len({(answer.json()["code"], answer.json()["detail"], tuple(answer.headers)) for answer in told}) == 1
        more = [(await stranger.post(path, json=known | wrong)).status_code for _ in range(6)]
    assert more[-1] == 429


def addressed(office: Office, address: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(office.app, client=(address, 1)), base_url="http://alur.example")


# ── API3 · broken object property level authorization ───────────────────────────────────────────────────────────────
# Also: test_bad_bodies (every field of every body), test_accounts.


def test_api3_no_body_takes_a_field_that_it_does_not_name() -> None:
    """A procedure's draft aside, where roles and slots are keys of one's own; its unknown keys are told by its own checks."""
    own = {"ProcedureDraft/properties/roles", "ProcedureDraft/properties/slots"}
    found = [(at, part) for name in ASKED for at, part in parts(SCHEMAS[name], name) if part.get("type") == "object"]
    assert {at for at, part in found if part.get("additionalProperties") is not False} == own


def test_api3_no_answer_has_room_for_a_secret_or_a_hash_of_one() -> None:
    whether_and_when = {"has_secret", "password_set", "password_changed_at", "one_time_secret_until"}
    harmless = whether_and_when | {"token_type", "id_token_signing_alg_values_supported", "key", "keys"}
    suspicious = re.compile(r"password|secret|hash|totp|token|recovery|salt|pepper|private")
    found = {(name, field) for name in ANSWERED for field in SCHEMAS[name].get("properties", {}) if suspicious.search(field)}
    assert {pair for pair in found if pair[1] not in harmless} == SECRETS | {("Event", "hash"), ("Event", "previous_hash")}


async def test_api3_a_nip_is_for_its_person_and_their_administrators(office: Office, callers: Callers, names: Names) -> None:
    """It tells a date of birth. Colleagues get null, administrators a mask, and machines never the whole."""
    admin, path = await office.as_("admin"), f"/v1/accounts/{names['account_id']}"
    assert (await admin.patch(path, json={"nip": "198001172005011004"}, headers={"If-Match": "*"})).status_code == 200
    seen = {}
    for who in (*WORKERS.split(), "admin", "auditor", "machine"):
        async with callers.client(who, callers.tokens[who]) as client:
            shown, listed = await client.get(path), await client.get("/v1/accounts", params={"office": SAMBOJA, "limit": MAX_LIMIT})
        assert "198001172005011004" not in shown.text + listed.text
        assert "19800117" not in shown.text + listed.text
        seen[who] = shown.json()["nip"]
    assert {who for who, nip in seen.items() if nip is not None} == {"admin", "auditor"}
    async with callers.client("camat", callers.tokens["camat"]) as camat:
        problem(await camat.get(f"{path}/nip"), 403, "permission_missing")


# ── API4 · unrestricted resource consumption ────────────────────────────────────────────────────────────────────────
# Also: test_multipart_caps, test_frame_bodies, test_frame_paging, test_throttling, test_judgement.


def test_api4_everything_that_is_asked_has_an_end() -> None:
    """Texts, lists, pages. The parts of a procedure's draft end with its body (1 MiB), and are looked at, not kept, until they are sound."""
    bounds = {"enum", "const", "maxLength", "format", "pattern"}
    for name in ASKED:
        for at, part in parts(SCHEMAS[name], name):
            assert part.get("type") != "string" or bounds & part.keys(), at
            assert part.get("type") != "array" or "maxItems" in part or name.startswith("Procedure"), at
    for name, (_, _, operation) in operations().items():
        for parameter in operation.get("parameters", []):
            text = json.dumps(parameter["schema"])
            assert parameter["in"] != "query" or '"string"' not in text or any(f'"{bound}"' in text for bound in bounds), name


def test_api4_every_list_comes_in_pages() -> None:
    """The documents of one instance aside: its slots are few, and so are the versions that one can hold; and days, which end with their dates."""
    for name, (_, _, operation) in operations().items():
        answered = operation["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
        fields = SCHEMAS.get(str(answered.get("$ref", "")).rpartition("/")[2], {}).get("properties", {})
        limits = {parameter["name"]: parameter["schema"] for parameter in operation.get("parameters", [])}
        if "page" in fields and name not in {"listDocuments", "listCalendarDays", "listSignings"}:
            assert "limit" in limits, name
            assert limits["limit"]["maximum"] == MAX_LIMIT, name
            assert limits.get("cursor", limits.get("after", {})), name


async def test_api4_too_much_is_refused_before_it_costs(office: Office, names: Names) -> None:
    camat, staf = await office.as_("camat"), await office.as_("staf")
    problem(await camat.post("/v1/instances", content=b" " * (MAX_BODY + 1), headers={"Content-Type": "application/json"}), 413, "payload_too_large")
    problem(await camat.get("/v1/instances", params={"limit": MAX_LIMIT + 1}), 422, "invalid_request")
    path, large = f"/v1/instances/{names['instance_id']}/documents", {"file": ("a.pdf", b"%PDF-1.7" + b"x" * 2000)}
    problem(await staf.post(path, data={"slot": "laporan_ditandatangani"}, files=large), 413, "payload_too_large")
    async with addressed(office, "198.51.100.99") as stranger:
        for password in ("x" * 1025, "x" * (MAX_BODY - 100)):
            answer = await stranger.post("/v1/auth/sessions", json={"username": "camat", "password": password})
            assert answer.status_code == 422


# ── API5 · broken function level authorization ──────────────────────────────────────────────────────────────────────
# Also: test_authorization_matrix.


def test_api5_what_the_document_keeps_for_administrators_no_worker_gets() -> None:
    for row in ROWS:
        needed = set(operations()[row.operation][2].get("x-required-permissions", []))
        if needed and needed <= {"admin", "auditor"}:
            assert not [who for who in (*WORKERS.split(), "arsip", "machine.none") if row.expected[who] < 300], row.name


@pytest.mark.parametrize("spelling", ["{0}/", "/{0}", "{0}%2f", "{0};x=1", "{0}?", "/V1{1}", "/v1/./{2}", "/v1/x/../{2}", "{0}.json", "{0}%00"])
async def test_api5_no_other_spelling_of_a_path_opens_a_guarded_operation(office: Office, spelling: str) -> None:
    async with office.client() as stranger:
        for path in ("/v1/accounts", "/v1/service-accounts", "/v1/assignments", "/v1/audit/verify", "/v1/events"):
            spelt = spelling.format(path, path.removeprefix("/v1"), path.removeprefix("/v1/"))
            answer = await stranger.get(f"http://alur.example{spelt}" if spelt.startswith("//") else spelt)
            assert answer.status_code in {401, 404}, spelt


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Original-URL", "X-Rewrite-URL"])
async def test_api5_no_header_makes_another_request_of_it(office: Office, names: Names, header: str) -> None:
    camat, path = await office.as_("camat"), f"/v1/accounts/{names['account_id']}"
    plain, told = await camat.get(path), await camat.get(path, headers={header: "DELETE" if "Method" in header else "/livez"})
    assert plain.json() == told.json()
