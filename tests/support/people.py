"""People for tests: the offices of the demo, and accounts that need no argon2."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import anyio

from app.domain.accounts import NewAccount
from app.domain.assignments import Position
from app.domain.offices import NewOffice
from app.outside.sealing import Seal
from app.outside.tokens import Keys, SigningKey, Tokens, generate_key_pem
from app.store.database import Database
from app.usecases.accounts import create_account
from app.usecases.assignments import assign
from app.usecases.demo import OFFICES
from app.usecases.offices import add_office, seed_offices
from app.usecases.sessions import SessionTerms

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""Monday 2026-11-23, 09:00 in Samboja."""

SAMBOJA, MUARA_JAWA, KUTAI = "64.02.13", "64.02.14", "64.02"
SINCE = date(2024, 1, 1)
JAKARTA = NewOffice(code="31", name="Provinsi DKI Jakarta", parent="ID", time_zone="Asia/Jakarta")


def session_terms(**changes: Any) -> SessionTerms:
    keys = Keys.of(SigningKey(generate_key_pem()))
    return SessionTerms(tokens=Tokens(keys, issuer="https://alur.example", audience="alur"), seal=Seal(keys), **changes)


async def seed(database: Database) -> None:
    async with database.write() as connection:
        await seed_offices(connection, NOW)
        for office in (*OFFICES, JAKARTA):
            await add_office(connection, NOW, office)


def seed_at(database_url: str) -> None:
    """The same for tests of commands, which open the database themselves."""

    async def work() -> None:
        database = Database(database_url)
        await seed(database)
        await database.close()

    anyio.run(work)


async def enrol(database: Database, username: str, *positions: Position, password_hash: str = "!") -> UUID:
    """An account that holds these positions. The default password hash fits no password."""
    async with database.write() as connection:
        account = NewAccount(username, username.title(), SAMBOJA, password_hash)
        account_id = await create_account(connection, NOW, account)
        for position in positions:
            await assign(connection, NOW, username, position=position)
    return account_id
