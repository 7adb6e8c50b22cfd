"""A database that was in use goes up to the next schema with all it holds, and down again."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from app.domain.offices import AT_FOUNDING, FOUNDED, Parent, covers
from app.store import migrations
from app.store.database import Database
from app.store.offices import COVER, PARENT
from app.store.tables import AccountRow, AssignmentRow, EventRow, OfficeRow, SessionRow, table
from tests.store.test_migrations import config
from tests.support.databases import Databases

FIRST, SECOND = "f980d48c78c8", "d36ff53968c4"
NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
OFFICES = {"ID": None, "64": "ID", "64.02": "64", "64.02.13": "64.02", "64.02.14": "64.02"}
CAMAT, NOBODY = uuid7(), uuid7()
"""One whose beginning is in the log of Samboja, and one of whom the log says nothing."""
SESSION, ASSIGNMENT = uuid7(), uuid7()
GONE = ("parent_code", "refresh_hash")
TODAY = {"office": OfficeRow, "account": AccountRow, "assignment": AssignmentRow, "session": SessionRow, "event": EventRow}


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, databases: Databases, worker: str, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        with databases.empty_postgres(worker) as url:
            yield url


def first(name: str) -> sa.TableClause:
    """A table as the first schema had it: its columns of today, and the one that is gone."""
    known = [sa.column(column.name, column.type) for column in table(TODAY[name]).columns]
    return sa.table(name, *known, *(sa.column(gone) for gone in GONE if gone not in {column.name for column in known}))


def covers_then() -> list[dict[str, Any]]:
    found = []
    for code in OFFICES:
        above: str | None = code
        depth = 0
        while above is not None:
            found.append({"ancestor": above, "code": code, "depth": depth})
            above, depth = OFFICES[above], depth + 1
    return found


def rows_then() -> list[tuple[sa.TableClause, list[dict[str, Any]]]]:
    head = {"calendar_version": 3, "event_sequence": 0, "event_hash": "0" * 64, "time_zone": "Asia/Makassar"}
    offices = [{"code": code, "name": f"Kantor {code}", "parent_code": parent, **head} for code, parent in OFFICES.items()]
    person = {"password_hash": "$argon2id$x", "active": True, "is_demo": False, "created_at": NOW}
    accounts = [{"id": CAMAT, "username": "camat", "name": "Camat", **person}, {"id": NOBODY, "username": "lama", "name": "Lama", **person}]
    held = {"id": ASSIGNMENT, "account_id": CAMAT, "office_code": "64.02.13", "role": "camat", "capacity": "plh", "valid_from": date(2026, 1, 1)}
    decree = {"valid_to": date(2026, 12, 31), "instrument_number": "800/1", "instrument_date": date(2025, 12, 30), "created_at": NOW}
    session = {"id": SESSION, "account_id": CAMAT, "refresh_hash": "a" * 64, "created_at": NOW, "refreshed_at": NOW, "expires_at": NOW}
    event = {"id": uuid7(), "stream": "office:64.02.13", "sequence": 1, "type": "account.created", "office_code": "64.02.13", "at": NOW}
    told = {"data": {"account_id": str(CAMAT), "username": "camat"}, "previous_hash": "0" * 64, "hash": "b" * 64}
    return [
        (first("office"), offices),
        (sa.table("office_cover", *(sa.column(name) for name in ("ancestor", "code", "depth"))), covers_then()),
        (first("account"), accounts),
        (first("assignment"), [held | decree]),
        (first("session"), [session]),
        (first("event"), [event | told]),
    ]


async def fill(connection: AsyncConnection) -> None:
    for into, rows in rows_then():
        await connection.execute(sa.insert(into), rows)


async def kept(connection: AsyncConnection) -> dict[str, list[tuple[Any, ...]]]:
    """What both schemas know, of every row."""
    found = {}
    for into, rows in rows_then():
        same = [into.c[name] for name in rows[0] if name not in GONE]
        found[into.name] = sorted((tuple(row) for row in await connection.execute(sa.select(*same))), key=str)
    return found


def on(url: str, work: Any) -> Any:
    async def go() -> Any:
        database = Database(url)
        try:
            async with database.write() as connection:
                return await work(connection)
        finally:
            await database.close()

    return asyncio.run(go())


@pytest.fixture
def used(empty_url: str) -> str:
    """A database at the first schema, with people at work."""
    migrations.upgrade(empty_url, FIRST)
    on(empty_url, fill)
    return empty_url


def test_a_database_in_use_goes_up_with_all_it_holds(used: str) -> None:
    before = on(used, kept)
    migrations.upgrade(used)
    assert on(used, kept) == before

    async def look(connection: AsyncConnection) -> None:
        parents = (await connection.execute(sa.select(PARENT.c.code, PARENT.c.parent_code, PARENT.c.valid_from, PARENT.c.from_at))).all()
        assert {tuple(row) for row in parents} == {(code, parent, FOUNDED, AT_FOUNDING) for code, parent in OFFICES.items() if parent}
        histories = {code: (Parent(parent, AT_FOUNDING),) for code, parent in OFFICES.items() if parent}
        columns = (COVER.c.ancestor, COVER.c.code, COVER.c.from_at, COVER.c.until_at, COVER.c.depth)
        expected = {(row.ancestor, row.code, row.from_at, row.until_at, row.depth) for code in OFFICES for row in covers(code, histories)}
        assert {tuple(row) for row in await connection.execute(sa.select(*columns))} == expected
        account = table(AccountRow)
        homes = await connection.execute(sa.select(account.c.id, account.c.office_code, account.c.kind, account.c.version))
        assert {row.id: (row.office_code, row.kind, row.version) for row in homes} == {
            CAMAT: ("64.02.13", "person", 1),
            NOBODY: ("ID", "person", 1),
        }
        assignment = table(AssignmentRow)
        (held,) = await connection.execute(sa.select(assignment.c.source, assignment.c.withdrawn, assignment.c.version))
        assert tuple(held) == ("local", False, 1)
        (token,) = await connection.execute(text("SELECT hash, session_id, used_at FROM refresh_token"))
        assert (token.hash, UUID(str(token.session_id)), token.used_at) == ("a" * 64, SESSION, None)

    on(used, look)


def test_and_down_again(used: str) -> None:
    before = on(used, kept)
    migrations.upgrade(used, SECOND)
    command.downgrade(config(used), FIRST)
    assert on(used, kept) == before

    async def look(connection: AsyncConnection) -> None:
        offices = await connection.execute(text("SELECT code, parent_code FROM office"))
        assert {row.code: row.parent_code for row in offices} == OFFICES
        (session,) = await connection.execute(text("SELECT refresh_hash FROM session"))
        assert session.refresh_hash == "a" * 64

    on(used, look)
    migrations.upgrade(used)
    assert on(used, kept) == before


def test_going_down_an_office_stays_under_its_latest_parent(used: str) -> None:
    migrations.upgrade(used, SECOND)
    july = datetime(2026, 6, 30, 16, 0, tzinfo=UTC)

    async def move(connection: AsyncConnection) -> None:
        """Samboja from 64.02 to 64, in July."""
        await connection.execute(sa.insert(PARENT), [{"code": "64.02.13", "parent_code": "64", "valid_from": date(2026, 7, 1), "from_at": july}])
        await connection.execute(sa.delete(COVER).where(COVER.c.code == "64.02.13"))
        histories = {code: (Parent(parent, AT_FOUNDING),) for code, parent in OFFICES.items() if parent}
        histories["64.02.13"] += (Parent("64", july, date(2026, 7, 1)),)
        rows = [
            {"ancestor": row.ancestor, "code": row.code, "from_at": row.from_at, "until_at": row.until_at, "depth": row.depth}
            for row in covers("64.02.13", histories)
        ]
        await connection.execute(sa.insert(COVER), rows)

    async def look(connection: AsyncConnection) -> None:
        parent = await connection.execute(text("SELECT parent_code FROM office WHERE code = '64.02.13'"))
        assert parent.scalar_one() == "64"
        above = await connection.execute(text("SELECT ancestor, depth FROM office_cover WHERE code = '64.02.13'"))
        assert {row.ancestor: row.depth for row in above} == {"64.02.13": 0, "64": 1, "ID": 2}

    on(used, move)
    command.downgrade(config(used), FIRST)
    on(used, look)
