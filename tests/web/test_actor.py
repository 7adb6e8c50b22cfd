"""Who the caller is: the token's word, held against what stands in the database now."""

from datetime import datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import event, update

from app.domain.assignments import Position
from app.outside.tokens import Keys, SigningKey, Tokens, generate_key_pem
from app.store import accounts, assignments
from app.store.database import Database
from app.usecases.assignments import assign
from app.usecases.sessions import SessionTerms
from tests.support.people import KUTAI, MUARA_JAWA, NOW, SAMBOJA, SINCE
from tests.support.session_client import PASSWORD, Clock, bearer, signed_in


async def test_me_shows_what_holds_now(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/me", headers=bearer(await signed_in(client)))
    me = answer.json()
    samboja, kutai = {"code": SAMBOJA, "name": "Kecamatan Samboja"}, {"code": KUTAI, "name": "Kabupaten Kutai Kartanegara"}
    assert (me["username"], me["name"]) == ("camat", "Camat")
    assert me["positions"] == [
        {"office": samboja, "role": "camat", "label": "Camat", "capacity": "definitive", "valid_from": "2024-01-01", "valid_to": None},
        {
            "office": samboja,
            "role": "sekretaris",
            "label": "Plh. Sekretaris",
            "capacity": "plh",
            "valid_from": "2026-11-20",
            "valid_to": "2026-11-23",
        },
    ]
    assert me["permissions"] == [{"office": kutai, "permission": "auditor", "label": "Auditor", "valid_from": "2024-01-01", "valid_to": None}]
    assert me["offices"] == [kutai, samboja, {"code": MUARA_JAWA, "name": "Kecamatan Muara Jawa"}]


async def test_the_day_after_its_last_a_plh_is_gone_though_the_token_still_names_it(client: httpx.AsyncClient, clock: Clock) -> None:
    clock.now = datetime.fromisoformat("2026-11-23T23:58:00+08:00")
    tokens = await signed_in(client)
    for moment, roles in [("23:59:59", ["camat", "sekretaris"]), ("00:00:00", ["camat"])]:
        day = "2026-11-23" if moment > "12" else "2026-11-24"
        clock.now = datetime.fromisoformat(f"{day}T{moment}+08:00")
        me = (await client.get("/v1/me", headers=bearer(tokens))).json()
        assert [position["role"] for position in me["positions"]] == roles


async def test_a_role_lost_is_lost_at_once_and_one_gained_comes_with_the_refresh(client: httpx.AsyncClient, sqlite_database: Database) -> None:
    tokens = await signed_in(client)
    async with sqlite_database.write() as connection:
        await connection.execute(update(assignments.ASSIGNMENT).where(assignments.ASSIGNMENT.c.role != "camat").values(revoked_at=NOW))
        await assign(connection, NOW, "camat", position=Position(MUARA_JAWA, "camat", SINCE, capacity="plt"))
    me = (await client.get("/v1/me", headers=bearer(tokens))).json()
    assert [(p["office"]["code"], p["role"]) for p in me["positions"]] == [(SAMBOJA, "camat")]
    assert me["permissions"] == []
    refreshed = await client.post("/v1/auth/sessions/refresh", json={"refresh_token": tokens["refresh_token"]})
    me = (await client.get("/v1/me", headers=bearer(refreshed.json()))).json()
    assert [(p["office"]["code"], p["label"]) for p in me["positions"]] == [(SAMBOJA, "Camat"), (MUARA_JAWA, "Plt. Camat")]
    assert me["office"] == {"code": SAMBOJA, "name": "Kecamatan Samboja"}


async def test_authentication_is_one_statement(client: httpx.AsyncClient, sqlite_database: Database) -> None:
    tokens = await signed_in(client)
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(sqlite_database._reader.sync_engine, "before_cursor_execute", note)
    await client.get("/v1/me", headers=bearer(tokens))
    assert len([statement for statement in statements if "FROM session" in statement]) == 1
    assert len(statements) == 6


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_the_scheme_is_known_in_any_case(client: httpx.AsyncClient, scheme: str) -> None:
    assert (await client.get("/v1/me", headers=bearer(await signed_in(client), scheme))).status_code == 200


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "token_missing"),
        ("", "token_missing"),
        ("Bearer", "token_missing"),
        ("Bearer ", "token_missing"),
        ("Basic Y2FtYXQ6cmFoYXNpYQ==", "token_missing"),
        ("Token x", "token_missing"),
        ("Bearer x", "token_invalid"),
        ("Bearer a b", "token_invalid"),
        ("Bearer a.b.c", "token_invalid"),
        ("Bearer " + "a" * 9000, "token_invalid"),
    ],
)
@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/me"), ("DELETE", "/v1/auth/sessions/current")])
async def test_who_brings_no_valid_token_is_nobody(client: httpx.AsyncClient, method: str, path: str, header: str | None, code: str) -> None:
    answer = await client.request(method, path, headers={} if header is None else {"Authorization": header})
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_token_signed_by_another_key_is_nobodys(client: httpx.AsyncClient, terms: SessionTerms) -> None:
    claims = terms.tokens.verify((await signed_in(client))["access_token"], NOW)
    forger = Tokens(Keys.of(SigningKey(generate_key_pem())), issuer="https://alur.example", audience="alur")
    forged = forger.issue(sub=claims.sub, sid=claims.sid, name="Camat", roles=claims.roles, permissions=[], now=NOW)
    answer = await client.get("/v1/me", headers={"Authorization": f"Bearer {forged}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")


async def test_a_closed_account_is_out_at_once(client: httpx.AsyncClient, sqlite_database: Database) -> None:
    tokens = await signed_in(client)
    async with sqlite_database.write() as connection:
        await connection.execute(update(accounts.ACCOUNT).values(active=False))
    assert (await client.get("/v1/me", headers=bearer(tokens))).json()["code"] == "session_ended"
    assert (await client.post("/v1/auth/sessions/refresh", json={"refresh_token": tokens["refresh_token"]})).status_code == 401
    assert (await client.post("/v1/auth/sessions", json={"username": "camat", "password": PASSWORD})).json()["code"] == "bad_credentials"
