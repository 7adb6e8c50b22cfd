"""OWASP API Security Top 10 (2023), API6 to API10; the first five stand in test_owasp_api_top10."""

import asyncio
import json
import re
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from tests.support.authorization import ROWS
from tests.support.callers import Callers, Names, all_callers, ask, things_at_samboja
from tests.support.cells import OUT
from tests.support.contract import operations
from tests.support.document import ASKED, GUARDED, SCHEMAS, SECRETS, parts, reached
from tests.support.office import Office
from tests.web.test_frame_errors import problem


@pytest.fixture(scope="module")
async def callers(office: Office) -> Callers:
    return await all_callers(office)


@pytest.fixture(scope="module")
async def names(office: Office, callers: Callers) -> Names:
    return await things_at_samboja(office)


# ── API6 · unrestricted access to sensitive business flows ──────────────────────────────────────────────────────────
# Also: test_credentials (one-time secrets serve once), test_sessions (a copied refresh token), test_second_factor (codes serve once).


async def test_api6_what_hands_out_secrets_never_repeats_itself(office: Office, callers: Callers, names: Names) -> None:
    """Also under one Idempotency-Key: whoever sees the key later gets nothing from it."""
    admin, key = await office.as_("admin"), {"Idempotency-Key": "sekali-saja"}
    for path, field in (
        (f"/v1/accounts/{names['account_id']}/password-reset", "one_time_secret"),
        (f"/v1/service-accounts/{names['service_account_id']}/secret", "client_secret"),
    ):
        first, again = [await admin.post(path, headers=key) for _ in range(2)]
        assert first.json()[field] != again.json()[field]
        assert {answer.headers["cache-control"] for answer in (first, again)} == {"no-store"}


def test_api6_every_operation_that_answers_with_a_secret_ignores_idempotency_keys() -> None:
    secret = {name for name, _ in SECRETS}
    for name, (_, _, operation) in operations().items():
        if reached(operation["responses"], set()) & secret:
            assert "Idempotency-Key" not in {parameter["name"] for parameter in operation.get("parameters", [])}, name


# ── API7 · server side request forgery ──────────────────────────────────────────────────────────────────────────────


def test_api7_nobody_can_name_an_address_to_be_fetched() -> None:
    suspicious = re.compile(r"ur[il]$|^ur[il]|href|webhook|callback|link|host|endpoint|address")
    for name in ASKED:
        for at, part in parts(SCHEMAS[name], name):
            assert part.get("format") not in {"uri", "url", "uri-reference", "iri", "hostname", "ipv4", "ipv6"}, at
            assert not [field for field in part.get("properties", {}) if suspicious.search(field)], at


def test_api7_few_fetch_and_they_know_only_what_is_configured() -> None:
    """Keys of issuers, the signing gateway, the malware scanner; buckets are obstore's (outside/storage/s3.py)."""
    fetching = re.compile(r"^\s*(?:import|from) (?:httpx|urllib\.request|http\.client|aiohttp|requests|socket|ftplib|smtplib)\b", re.MULTILINE)
    app = Path(__file__).resolve().parents[2] / "app"
    found = {path.relative_to(app).parts[:2] for path in app.rglob("*.py") if fetching.search(path.read_text(encoding="utf-8"))}
    known = {("outside", name) for name in ("issuers", "bsre.py", "antivirus.py")}
    assert found - {("main.py",)} == known, "main.py has the socket on which we listen"


async def test_api7_a_token_sends_us_nowhere(office: Office) -> None:
    """jku, x5u, iss: a server that would be asked counts who comes."""
    visits: list[int] = []

    async def count(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visits.append(1)
        writer.close()

    server = await asyncio.start_server(count, "127.0.0.1", 0)
    where = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/keys"
    claims = urlsafe_b64encode(json.dumps({"iss": where, "aud": "alur", "sub": "1", "exp": 4102444800}).encode()).decode().rstrip("=")
    for header in ({"jku": where}, {"x5u": where}, {"kid": where}, {}):
        head = urlsafe_b64encode(json.dumps({"alg": "ES256", "kid": "x"} | header).encode()).decode().rstrip("=")
        async with office.client(Authorization=f"Bearer {head}.{claims}.c2ln") as stranger:
            problem(await stranger.get("/v1/me"), 401, "token_invalid")
    server.close()
    await server.wait_closed()
    assert visits == []


# ── API8 · security misconfiguration ────────────────────────────────────────────────────────────────────────────────
# Also: test_frame_headers, test_frame_errors, tests/test_settings.


async def test_api8_every_answer_is_buttoned_up(office: Office, callers: Callers, names: Names) -> None:
    for row in ROWS:
        for who in ("camat", "nobody"):
            answer = await ask(callers, row, who, names) if not row.anew else None
            if answer is not None:
                assert answer.headers["x-content-type-options"] == "nosniff", row.name
                assert re.search("no-store|no-cache|max-age=300", answer.headers["cache-control"]), row.name
                assert not {"server", "x-powered-by", "set-cookie"} & answer.headers.keys(), row.name
                assert not [name for name in answer.headers if name.startswith("access-control-")], row.name


async def test_api8_no_other_site_may_read(office: Office) -> None:
    async with office.client(Origin="https://jahat.example") as stranger:
        preflight = await stranger.options("/v1/instances", headers={"Access-Control-Request-Method": "POST"})
        plain = await stranger.get("/livez")
    assert preflight.status_code == 405
    assert not [name for answer in (preflight, plain) for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "OPTIONS", "PUT", "PROPFIND", "DEBUG", "get"])
async def test_api8_a_method_that_is_not_there_is_a_problem_like_others(office: Office, method: str) -> None:
    async with office.client() as stranger:
        answer = await stranger.request(method, "/v1/instances", headers={"X-Secret": "jangan-dipantulkan"})
    if method != "get":
        problem(answer, 405, "method_not_allowed")
        assert answer.headers["allow"] == "GET, HEAD, POST"
    assert "jangan-dipantulkan" not in answer.text


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/admin", "/.env", "/.git/config", "/metrics", "/debug", "/server-status", "/v1", "/"])
async def test_api8_nothing_else_is_served(office: Office, path: str) -> None:
    async with office.client() as stranger:
        problem(await stranger.get(path), 404, "route_not_found")


async def test_api8_an_error_of_ours_tells_nothing_of_us(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("SELECT password_hash FROM account")

    monkeypatch.setattr("app.store.listings.instances", broken)
    answer = await (await office.as_("camat")).get("/v1/instances")
    problem(answer, 500, "internal_error")
    assert not re.search(r"SELECT|Traceback|RuntimeError|\.py|account", answer.text)


# ── API9 · improper inventory management ────────────────────────────────────────────────────────────────────────────
# Also: test_openapi (the committed document is the served one).


def test_api9_every_route_is_in_the_document(office: Office) -> None:
    served = set()
    for context in iter_route_contexts(office.app.routes):
        if isinstance(context.original_route, APIRoute):
            served |= {(method.lower(), context.path_format) for method in context.methods or () if method != "HEAD"}
    documented = {(method, path) for path, method, _ in operations().values()}
    assert served - documented <= {("get", "/openapi.json"), ("get", "/openapi-3.0.json"), ("get", "/problems/{code}")}
    assert documented <= served


def test_api9_there_is_one_version_and_nothing_beside_it() -> None:
    beside = {path for path, _, _ in operations().values() if not path.startswith("/v1/")}
    assert beside == {"/livez", "/readyz", "/version", "/.well-known/jwks.json", "/.well-known/openid-configuration"}


def test_api9_every_operation_says_who_may_call_it_and_is_tried() -> None:
    assert {row.operation for row in ROWS} == set(operations())
    assert all(operations()[name][2]["x-required-permissions"] for name in GUARDED)
    assert all(row.expected[who] == 401 for row in ROWS if row.operation in GUARDED for who in OUT.split())


# ── API10 · unsafe consumption of APIs ──────────────────────────────────────────────────────────────────────────────


def test_api10_what_other_issuers_answer_is_held_at_arms_length() -> None:
    """The only ones whom we ask. That each of these holds is said in tests/outside/test_issuer_keys; here, that nobody takes it away."""
    said = (Path(__file__).resolve().parents[1] / "outside" / "test_issuer_keys.py").read_text(encoding="utf-8")
    for held in (
        "a_redirect_is_not_followed",
        "what_is_too_long_is_not_read",
        "what_is_compressed_is_not_unpacked",
        "an_issuer_that_never_answers_is_not_waited_for",
        "a_discovery_document_that_cannot_be_right_gives_no_keys",
        "a_set_of_too_many_keys_is_none",
    ):
        assert f"async def test_{held}(" in said
