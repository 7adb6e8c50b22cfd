"""Sessions over HTTP, as a client sees them."""

import statistics
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from app.outside.tokens import Keys, SigningKey, Tokens
from app.store.database import Database
from app.usecases.sessions import SessionTerms
from tests.support.people import NOW, session_terms
from tests.support.session_client import PASSWORD, Clock, bearer, opened, signed_in


async def test_the_whole_life_of_a_session(database: Database, terms: SessionTerms, clock: Clock) -> None:
    """On both databases: sign in, look, refresh, reuse, and the session is over."""
    async with await opened(database, terms, clock) as client:
        first = await signed_in(client)
        assert (await client.get("/v1/me", headers=bearer(first))).status_code == 200
        refreshed = await client.post("/v1/auth/sessions/refresh", json={"refresh_token": first["refresh_token"]})
        assert refreshed.status_code == 200
        second = refreshed.json()
        assert (await client.get("/v1/me", headers=bearer(second))).status_code == 200
        clock.now += timedelta(seconds=11)
        reused = await client.post("/v1/auth/sessions/refresh", json={"refresh_token": first["refresh_token"]})
        assert (reused.status_code, reused.json()["code"]) == (401, "session_ended")
        for tokens in (first, second):
            answer = await client.get("/v1/me", headers=bearer(tokens))
            assert (answer.status_code, answer.json()["code"]) == (401, "session_ended")
        last = await client.post("/v1/auth/sessions/refresh", json={"refresh_token": second["refresh_token"]})
        assert last.status_code == 401


async def test_signing_in_answers_tokens_that_nobody_may_store(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/auth/sessions", json={"username": "camat", "password": PASSWORD})
    assert set(answer.json()) == {"access_token", "token_type", "expires_in", "refresh_token", "second_factor"}
    assert answer.json()["token_type"] == "Bearer"
    assert answer.json()["expires_in"] == 600
    assert answer.headers["cache-control"] == "no-store"


async def test_signing_out_ends_the_session_at_once(client: httpx.AsyncClient) -> None:
    tokens, elsewhere = await signed_in(client), await signed_in(client)
    answer = await client.delete("/v1/auth/sessions/current", headers=bearer(tokens))
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await client.get("/v1/me", headers=bearer(tokens))).json()["code"] == "session_ended"
    assert (await client.post("/v1/auth/sessions/refresh", json={"refresh_token": tokens["refresh_token"]})).status_code == 401
    assert (await client.delete("/v1/auth/sessions/current", headers=bearer(tokens))).status_code == 401
    assert (await client.get("/v1/me", headers=bearer(elsewhere))).status_code == 200


async def test_an_access_token_ends_after_ten_minutes_and_the_session_after_twelve_hours(client: httpx.AsyncClient, clock: Clock) -> None:
    tokens = await signed_in(client)
    clock.now = NOW + timedelta(minutes=11)
    assert (await client.get("/v1/me", headers=bearer(tokens))).json()["code"] == "token_invalid"
    for minutes in (*range(100, 700, 100), 719):
        clock.now = NOW + timedelta(minutes=minutes)
        refreshed = await client.post("/v1/auth/sessions/refresh", json={"refresh_token": tokens["refresh_token"]})
        tokens = refreshed.json()
    assert tokens["expires_in"] == 60
    clock.now = NOW + timedelta(hours=12)
    again = await client.post("/v1/auth/sessions/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert (again.status_code, again.json()["code"]) == (401, "session_ended")


@pytest.mark.parametrize(
    ("username", "password"),
    [("camat", "wrong"), ("nobody", PASSWORD), ("CAMAT ", PASSWORD), ("c" * 100, "x" * 1024), ("ca\u00a0mat", PASSWORD), ("' OR 1=1 --", "x")],
)
async def test_whatever_is_wrong_the_answer_is_the_same(client: httpx.AsyncClient, username: str, password: str) -> None:
    answer = await client.post("/v1/auth/sessions", json={"username": username, "password": password})
    body = answer.json()
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == 'Bearer realm="alur"'
    body.pop("request_id")
    assert body == {
        "type": "/problems/bad_credentials",
        "title": "Gagal masuk",
        "status": 401,
        "detail": "Nama pengguna atau kata sandi tidak cocok.",
        "code": "bad_credentials",
        "errors": [],
        "refusals": [],
    }


async def test_a_stranger_cannot_tell_by_the_clock_who_exists(client: httpx.AsyncClient) -> None:
    """Without the dummy hash an unknown name is answered some twenty times faster."""

    async def median(username: str) -> float:
        took = []
        for _ in range(5):
            began = time.perf_counter()
            await client.post("/v1/auth/sessions", json={"username": username, "password": "wrong"})
            took.append(time.perf_counter() - began)
        return statistics.median(took)

    known, unknown = await median("camat"), await median("nobody")
    assert 1 / 4 < known / unknown < 4


@pytest.mark.parametrize("username", ["camat", "Camat", "CAMAT"])
async def test_a_phone_that_begins_with_a_capital_letter_may_sign_in(client: httpx.AsyncClient, username: str) -> None:
    assert (await client.post("/v1/auth/sessions", json={"username": username, "password": PASSWORD})).status_code == 201


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"username": "camat"}, "/password", "missing"),
        ({"username": "camat", "password": PASSWORD, "remember": True}, "/remember", "unknown_field"),
        ({"username": "c" * 101, "password": PASSWORD}, "/username", "too_long"),
        ({"username": "camat", "password": "x" * 1025}, "/password", "too_long"),
        ({"username": "", "password": PASSWORD}, "/username", "too_short"),
        ({"username": ["camat"], "password": PASSWORD}, "/username", "not_text"),
    ],
)
async def test_a_malformed_sign_in_is_told_where(client: httpx.AsyncClient, body: dict[str, Any], pointer: str, code: str) -> None:
    answer = await client.post("/v1/auth/sessions", json=body)
    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]
    assert PASSWORD not in answer.text


@pytest.mark.parametrize("path", ["/v1/auth/sessions", "/v1/auth/sessions/refresh"])
@pytest.mark.parametrize("text", ["a\\u0000b", "\\ud800"])
async def test_text_that_cannot_be_kept_is_no_server_error(client: httpx.AsyncClient, path: str, text: str) -> None:
    fields = ("username", "password") if path.endswith("sessions") else ("refresh_token",)
    body = "{" + ",".join(f'"{field}": "{text}"' for field in fields) + "}"
    answer = await client.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


@pytest.mark.parametrize("token", ["x", "x.y", "01936f00-0000-7000-8000-000000000001", "ü.ü", " "])
async def test_what_is_no_refresh_token_is_401(client: httpx.AsyncClient, token: str) -> None:
    answer = await client.post("/v1/auth/sessions/refresh", json={"refresh_token": token})
    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")


async def test_an_access_token_is_no_refresh_token(client: httpx.AsyncClient) -> None:
    tokens = await signed_in(client)
    answer = await client.post("/v1/auth/sessions/refresh", json={"refresh_token": tokens["access_token"][:200]})
    assert answer.status_code == 401
    assert (await client.get("/v1/me", headers=bearer(tokens))).status_code == 200


async def test_anybody_may_fetch_the_keys_and_keep_them_a_while(client: httpx.AsyncClient, terms: SessionTerms) -> None:
    answer = await client.get("/.well-known/jwks.json")
    assert answer.status_code == 200
    assert answer.json() == terms.tokens.jwks(NOW)
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert "d" not in answer.json()["keys"][0]


async def test_an_rsa_key_is_shown_with_the_members_of_its_kind(sqlite_database: Database, clock: Clock) -> None:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    terms = replace(session_terms(), tokens=Tokens(Keys.of(SigningKey(pem)), issuer="https://alur.example", audience="alur"))
    async with await opened(sqlite_database, terms, clock) as client:
        assert (await client.get("/.well-known/jwks.json")).json() == terms.tokens.jwks(NOW)


async def test_a_retry_with_the_same_key_is_not_answered_with_old_secrets(client: httpx.AsyncClient) -> None:
    body = {"username": "camat", "password": PASSWORD}
    answers = [await client.post("/v1/auth/sessions", json=body, headers={"Idempotency-Key": "one"}) for _ in range(2)]
    assert answers[0].json() != answers[1].json()
    assert "idempotency-replayed" not in answers[1].headers


async def test_a_gateway_finds_the_keys_through_discovery(client: httpx.AsyncClient, terms: SessionTerms) -> None:
    found = (await client.get("/.well-known/openid-configuration")).json()
    assert found["issuer"] == terms.tokens.issuer
    assert found["jwks_uri"] == "https://alur.example/.well-known/jwks.json"
    assert found["id_token_signing_alg_values_supported"] == ["ES256"]
    assert (await client.get(found["jwks_uri"])).json() == terms.tokens.jwks(NOW)


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "Forwarded"])
async def test_no_header_decides_whose_keys_are_believed(client: httpx.AsyncClient, header: str) -> None:
    honest = await client.get("/.well-known/openid-configuration")
    sent = "host=evil.example" if header == "Forwarded" else "evil.example"
    assert (await client.get("/.well-known/openid-configuration", headers={header: sent})).json() == honest.json()
