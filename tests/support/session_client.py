"""A client that talks to the application with sessions alone, as `camat` of tests/web would."""

from datetime import date, datetime
from typing import Any

import httpx

from app.domain.assignments import Position
from app.outside.passwords import hash_password
from app.store.database import Database
from app.usecases.sessions import SessionTerms
from app.web import me, sessions
from app.web.actor import authenticate
from app.web.application import build_application
from tests.support.people import KUTAI, NOW, SAMBOJA, SINCE, enrol, seed
from tests.support.routes import with_shared_routes

PASSWORD = "rahasia kantor"
_HASHES: dict[str, str] = {}


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


async def opened(database: Database, terms: SessionTerms, clock: Clock) -> httpx.AsyncClient:
    """`camat` is camat and, until today, Plh. Sekretaris of Samboja, and auditor of the kabupaten."""
    await seed(database)
    plh = Position(SAMBOJA, "sekretaris", date(2026, 11, 20), date(2026, 11, 23), "plh")
    positions = [Position(SAMBOJA, "camat", SINCE), plh, Position(KUTAI, "auditor", SINCE)]
    await enrol(database, "camat", *positions, password_hash=await kept_hash(PASSWORD))
    return client_of(database, terms, clock)


async def kept_hash(password: str) -> str:
    """A hash as dear as any, made once: it is checked anew at every sign-in."""
    if password not in _HASHES:
        _HASHES[password] = await hash_password(password)
    return _HASHES[password]


def client_of(database: Database, terms: SessionTerms, clock: Clock, *, address: str = "127.0.0.1") -> httpx.AsyncClient:
    """A client of an application on a database as it is, calling from that address."""
    routers = [sessions.router, me.router]
    application = build_application(
        database=database, clock=clock, authenticate=authenticate, routers=routers, version="0", state={"session_terms": terms}
    )
    served = with_shared_routes(application, routers)
    return httpx.AsyncClient(transport=httpx.ASGITransport(served, client=(address, 50000)), base_url="http://alur.example")


async def try_to_sign_in(client: httpx.AsyncClient, **given: str) -> httpx.Response:
    return await client.post("/v1/auth/sessions", json={"username": "camat", "password": PASSWORD} | given)


async def signed_in(client: httpx.AsyncClient, **given: str) -> dict[str, Any]:
    answer = await try_to_sign_in(client, **given)
    assert answer.status_code == 201, answer.text
    tokens: dict[str, Any] = answer.json()
    return tokens


def bearer(tokens: dict[str, Any], scheme: str = "Bearer") -> dict[str, str]:
    return {"Authorization": f"{scheme} {tokens['access_token']}"}


async def refreshed(client: httpx.AsyncClient, tokens: dict[str, Any]) -> httpx.Response:
    return await client.post("/v1/auth/sessions/refresh", json={"refresh_token": tokens["refresh_token"]})
