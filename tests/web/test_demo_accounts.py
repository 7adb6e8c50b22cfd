"""The accounts of the demo, seen by a client of a server that is not in demo mode but has the demo's database."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx

from app.store.database import Database
from app.usecases.demo import create_demo
from app.usecases.sessions import SessionTerms
from tests.support.people import NOW
from tests.support.session_client import PASSWORD, Clock, bearer, client_of, signed_in

WITHOUT_ID = ("type", "title", "status", "detail", "code", "errors", "refusals")


async def test_they_are_as_unknown_as_anybody_who_never_was(database: Database, terms: SessionTerms, clock: Clock) -> None:
    async with database.write() as connection:
        await create_demo(connection, NOW, PASSWORD)
    async with client_of(database, replace(terms, demo=True), clock) as demo:
        tokens = await signed_in(demo)
        assert (await demo.get("/v1/me", headers=bearer(tokens))).status_code == 200
    async with client_of(database, terms, clock) as client:
        assert await _refused(client, "camat") == await _refused(client, "nobody")
        clock.now = NOW + timedelta(minutes=1)
        me = await client.get("/v1/me", headers=bearer(tokens))
        assert (me.status_code, me.json()["code"]) == (401, "session_ended")
        refreshed = await client.post("/v1/auth/sessions/refresh", json={"refresh_token": tokens["refresh_token"]})
        assert (refreshed.status_code, refreshed.json()["code"]) == (401, "session_ended")


async def _refused(client: httpx.AsyncClient, username: str) -> dict[str, Any]:
    answer = await client.post("/v1/auth/sessions", json={"username": username, "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_credentials")
    return {name: answer.json()[name] for name in WITHOUT_ID}
