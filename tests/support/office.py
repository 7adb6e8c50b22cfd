"""A whole office for tests: the real application on a seeded database, its people signed in, a clock that tests move."""

import hashlib
import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import anyio
import httpx
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from app.domain.accounts import NewAccount
from app.domain.assignments import Position
from app.domain.permissions import PERMISSIONS
from app.main import ROUTERS, create_app
from app.outside.tokens import generate_key_pem
from app.settings import Settings
from app.store import sessions
from app.store.assignments import list_people
from app.store.database import Database
from app.usecases.accounts import create_account
from app.usecases.assignments import assign
from app.usecases.calendars import seed_calendar
from app.usecases.demo import OFFICES, PEOPLE, DemoPerson
from app.usecases.offices import add_office, seed_offices
from app.usecases.procedures import seed_catalog
from app.usecases.sessions import SessionTerms
from tests.support.course import COURSE, KEY, MUARA_JAWA, SAMBOJA, TEAM
from tests.support.people import SINCE
from tests.support.routes import with_shared_routes

__all__ = [
    "COURSE",
    "KEY",
    "MONDAY",
    "MUARA_JAWA",
    "SAMBOJA",
    "TEAM",
    "WITA",
    "Clock",
    "Office",
    "Run",
    "digest",
    "open_office",
    "seed_office",
    "settled",
]

WITA = ZoneInfo("Asia/Makassar")
MONDAY = datetime(2027, 1, 4, 7, 30, tzinfo=WITA)
"""When vector 1 of the deadline rules starts."""
SEEDED_AT = datetime(2024, 1, 2, 8, 0, tzinfo=WITA)


@cache
def _key() -> str:
    return generate_key_pem()


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now.astimezone(UTC)

    def forward(self, **delta: float) -> None:
        self.now += timedelta(**delta)


class Office:
    """`await office.as_(username)` is a signed-in client."""

    def __init__(self, app: FastAPI, database: Database, clock: Clock) -> None:
        self.app = app
        self.database = database
        self.clock = clock
        self.accounts: dict[str, UUID] = {}
        self.periods = itertools.count()
        self._people = {person.username: person for person in PEOPLE}
        self._clients: dict[str, httpx.AsyncClient] = {}

    async def as_(self, username: str) -> httpx.AsyncClient:
        if username not in self._clients:
            token = await self.token(username)
            self._clients[username] = self.client(Authorization=f"Bearer {token}")
        return self._clients[username]

    def client(self, **headers: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://alur.example", headers=headers)

    async def token(self, username: str, **claims: Any) -> str:
        """A token that lives long enough for a test that moves the clock: it is issued anew whenever it would have run out."""
        person, account, sid = self._people[username], self.accounts[username], uuid7()
        now = self.clock()
        async with self.database.write() as connection:
            await sessions.add_session(connection, now, sid, account_id=account, refresh_hash=None, expires_at=now + timedelta(days=3650))
        held = [f"{person.office}:{name}" for name in person.holds]
        terms: SessionTerms = self.app.state.session_terms
        given = {
            "roles": [grant for grant in held if grant.partition(":")[2] not in PERMISSIONS],
            "permissions": [grant for grant in held if grant.partition(":")[2] in PERMISSIONS],
        } | claims
        return terms.tokens.issue(sub=account, sid=sid, name=person.name, now=now, **given)

    async def enrol(self, person: DemoPerson, **position: Any) -> None:
        self._people[person.username] = person
        async with self.database.write() as connection:
            self.accounts[person.username] = await _enrol(connection, self.clock(), person, **position)

    async def at(self, moment: datetime) -> None:
        """Move the clock; everyone signs in anew."""
        self.clock.now = moment
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()


@asynccontextmanager
async def open_office(url: str, directory: Path, *, now: datetime = MONDAY, **settings: str) -> AsyncIterator[Office]:
    """On a migrated database. One from the `…office_url` fixtures is seeded already, which is quicker; another is seeded here."""
    clock = Clock(now)
    environment = {"ALUR_DATA_DIR": str(directory), "ALUR_DATABASE_URL": url, "ALUR_SIGNING_KEY": _key(), **settings}
    app = with_shared_routes(create_app(Settings.load(environment), clock=clock), ROUTERS)
    office = Office(app, app.state.database, clock)
    office.accounts = await _accounts(app.state.database)
    if not office.accounts:
        await seed_office(app.state.database)
        office.accounts = await _accounts(app.state.database)
    try:
        yield office
    finally:
        await office.close()
        await app.state.database.close()


async def seed_office(database: Database) -> None:
    """What the demo holds, without its passwords: offices, the national calendar, the shipped procedures, people."""
    async with database.write() as connection:
        await seed_offices(connection, SEEDED_AT)
        await seed_calendar(connection, SEEDED_AT)
        await seed_catalog(connection, SEEDED_AT)
        for row in OFFICES:
            await add_office(connection, SEEDED_AT, row)
        for person in PEOPLE:
            await _enrol(connection, SEEDED_AT, person)


async def _enrol(connection: AsyncConnection, now: datetime, person: DemoPerson, **position: Any) -> UUID:
    account = await create_account(connection, now, NewAccount(person.username, person.name, person.office, "!"))
    for name in person.holds:
        await assign(connection, now, person.username, position=Position(person.office, name, **{"valid_from": SINCE, **position}))
    return account


async def _accounts(database: Database) -> dict[str, UUID]:
    async with database.read() as connection:
        return {account.username: account.id for account, _ in await list_people(connection, SEEDED_AT)}


async def settled(database: Database) -> None:
    """Returns when the feed may show every event written so far.

    It shows none above the oldest transaction that still runs on the server, and other tests run theirs on the same server: some hold
    one open for as long as an act waits for a lock. So it asks until they are through, and says so if they never are.
    """
    below = text("SELECT coalesce(bool_and(xid < pg_snapshot_xmin(pg_current_snapshot())), true) FROM event")
    for _ in range(6000 if database.is_postgres else 0):
        async with database.read() as connection:
            if (await connection.execute(below)).scalar_one():
                return
        await anyio.sleep(0.01)
    assert not database.is_postgres, "A transaction on the test server stayed open for a minute: the feed waits for it."


# ── the seven steps ─────────────────────────────────────────────────────────────────────────────────────────────────


class Run:
    """One instance on its way through the SOP, each call by the right person."""

    def __init__(self, office: Office, instance: dict[str, Any]) -> None:
        self.office = office
        self.id: str = instance["id"]

    @classmethod
    async def start(cls, office: Office, *, quarter: int = 4, year: int = 2026) -> "Run":
        body = {"procedure": KEY, "office": SAMBOJA, "period": {"year": year, "quarter": quarter}, "title": "Pengumpulan data"}
        answer = await (await office.as_("camat")).post("/v1/instances", json=body)
        assert answer.status_code == 201, answer.text
        return cls(office, answer.json())

    async def get(self, username: str = "camat") -> dict[str, Any]:
        answer = await (await self.office.as_(username)).get(f"/v1/instances/{self.id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def upload(self, username: str, slot: str, content: bytes | None = None, **more: Any) -> httpx.Response:
        files = {"file": (f"{slot}.pdf", b"%PDF-1.7 " + slot.encode() if content is None else content, "application/pdf")}
        client = await self.office.as_(username)
        headers: Mapping[str, str] = more.pop("headers", {})
        return await client.post(f"/v1/instances/{self.id}/documents", data={"slot": slot, **more}, files=files, headers=dict(headers))

    async def act(self, username: str, action: str, headers: dict[str, str] | None = None, **body: Any) -> httpx.Response:
        client = await self.office.as_(username)
        dry = {"dry_run": "true"} if body.pop("dry_run", False) else {}
        return await client.post(f"/v1/instances/{self.id}/transitions", json={"action": action, **body}, headers=headers, params=dry)

    async def mark(self, username: str, slot: str, mark: str) -> httpx.Response:
        """The latest version of the slot is initialed or signed."""
        client = await self.office.as_(username)
        documents = (await client.get(f"/v1/instances/{self.id}/documents")).json()["items"]
        document = next(d for d in documents if d["slot"] == slot)
        kind = "hierarchical" if mark == "initials" else "wet"
        return await client.post(f"/v1/documents/{document['id']}/versions/{document['versions'][-1]['version']}/{mark}", json={"kind": kind})

    async def fill(self, step: int) -> None:
        """Everything the step's gate asks for, except the sign-offs."""
        slots, performers = COURSE[step]
        for slot in slots:
            answer = await self.upload(performers[0], slot)
            assert answer.status_code == 201, answer.text
        if step == 7:
            assert (await self.mark("sekretaris", "laporan_final", "initials")).status_code == 201
            assert (await self.mark("camat", "laporan_ditandatangani", "signatures")).status_code == 201

    async def take(self, step: int, **more: Any) -> dict[str, Any]:
        """The step, whole; the answer of its last sign-off."""
        await self.fill(step)
        body = {"team": TEAM} if step == 2 else {}
        for username in COURSE[step][1]:
            answer = await self.act(username, "complete", step=step, **body, **more)
            assert answer.status_code == 201, answer.text
        taken: dict[str, Any] = answer.json()
        return taken

    async def until(self, step: int) -> "Run":
        """Take every step before that one."""
        for number in range(1, step):
            await self.take(number)
        return self


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
