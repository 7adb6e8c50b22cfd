"""The authentication statement, and the statement that rotates a refresh token or ends the session."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.assignments import Position
from app.store import accounts, assignments, sessions
from app.store.database import Database
from tests.support.people import KUTAI, MUARA_JAWA, NOW, SAMBOJA, SINCE, enrol, seed

SESSION_ID = UUID("01936f00-0000-7000-8000-000000000001")
LATER = NOW + timedelta(hours=1)


@pytest.fixture
async def account_id(database: Database) -> UUID:
    await seed(database)
    account_id = await enrol(database, "camat", Position(SAMBOJA, "camat", SINCE), Position(KUTAI, "auditor", SINCE))
    async with database.write() as connection:
        await sessions.add_session(connection, NOW, SESSION_ID, account_id=account_id, refresh_hash="a" * 64, expires_at=NOW + timedelta(hours=12))
    return account_id


def rotation(presented: str, successor: str, *, session_id: UUID = SESSION_ID, now: datetime = LATER) -> sessions.Rotation:
    return sessions.Rotation(session_id, presented * 64, (successor * 64,), NOW - timedelta(hours=2), now - timedelta(seconds=10))


def counted(connection: AsyncConnection) -> list[str]:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(connection.sync_connection, "before_cursor_execute", note)
    return statements


async def test_one_statement_brings_the_account_and_all_it_holds(database: Database, account_id: UUID) -> None:
    async with database.read() as connection:
        statements = counted(connection)
        bearer = await sessions.find_bearer(connection, SESSION_ID, LATER)
    assert len(statements) == 1
    assert bearer is not None
    assert (bearer.account_id, bearer.username, bearer.name) == (account_id, "camat", "Camat")
    assert bearer.expires_at == NOW + timedelta(hours=12)
    assert {a.claim: a.covers for a in bearer.assignments} == {
        "64.02.13:camat": {SAMBOJA},
        "64.02:auditor": {KUTAI, SAMBOJA, MUARA_JAWA},
    }


async def test_who_holds_nothing_is_still_somebody(database: Database, account_id: UUID) -> None:
    async with database.write() as connection:
        await connection.execute(update(assignments.ASSIGNMENT).values(revoked_at=NOW))
    async with database.read() as connection:
        bearer = await sessions.find_bearer(connection, SESSION_ID, LATER)
    assert bearer is not None
    assert bearer.assignments == ()


@pytest.mark.parametrize("ending", ["session revoked", "account closed", "expired", "unknown"])
async def test_a_session_that_is_over_has_no_bearer(database: Database, account_id: UUID, ending: str) -> None:
    async with database.write() as connection:
        if ending == "session revoked":
            await sessions.revoke(connection, NOW, SESSION_ID)
        if ending == "account closed":
            await connection.execute(update(accounts.ACCOUNT).values(active=False))
    now = NOW + timedelta(hours=12) if ending == "expired" else LATER
    session_id = UUID(int=7) if ending == "unknown" else SESSION_ID
    async with database.write() as connection:
        assert await sessions.find_bearer(connection, session_id, now) is None
        assert await sessions.rotate(connection, now, rotation("a", "b", session_id=session_id, now=now)) is None


async def test_a_session_lives_until_the_last_moment(database: Database, account_id: UUID) -> None:
    async with database.read() as connection:
        last = NOW + timedelta(hours=12) - timedelta(microseconds=1)
        assert await sessions.find_bearer(connection, SESSION_ID, last) is not None


async def test_a_hash_serves_once_and_is_found_again_within_the_grace(database: Database, account_id: UUID) -> None:
    soon, too_late = LATER + timedelta(seconds=10), LATER + timedelta(seconds=11)
    async with database.write() as connection:
        assert await sessions.rotate(connection, LATER, rotation("a", "b")) == "b" * 64
        assert await sessions.rotate(connection, soon, rotation("a", "b", now=soon)) == "b" * 64
        assert await sessions.rotate(connection, too_late, rotation("x", "y", now=too_late)) is None
        assert await sessions.find_bearer(connection, SESSION_ID, too_late) is not None
        assert await sessions.rotate(connection, too_late, rotation("a", "b", now=too_late)) is None
        assert await sessions.find_bearer(connection, SESSION_ID, too_late) is None
        assert await sessions.rotate(connection, too_late, rotation("b", "c", now=too_late)) is None


async def test_the_hash_of_another_session_ends_neither(database: Database, account_id: UUID) -> None:
    other = UUID(int=9)
    async with database.write() as connection:
        await sessions.add_session(connection, NOW, other, account_id=account_id, refresh_hash="f" * 64, expires_at=NOW + timedelta(hours=12))
        assert await sessions.rotate(connection, LATER, rotation("a", "b", session_id=other)) is None
        assert await sessions.find_bearer(connection, other, LATER) is not None
        assert await sessions.rotate(connection, LATER, rotation("a", "b")) == "b" * 64


async def test_a_session_takes_its_tokens_with_it(database: Database, account_id: UUID) -> None:
    async with database.write() as connection:
        await sessions.rotate(connection, LATER, rotation("a", "b"))
        assert await sessions.sweep(connection, NOW + timedelta(days=2)) == 1
        assert await connection.scalar(select(func.count()).select_from(sessions.REFRESH_TOKEN)) == 0


async def test_ending_all_sessions_of_one_account_leaves_the_others(database: Database, account_id: UUID) -> None:
    other = await enrol(database, "staf")
    async with database.write() as connection:
        await sessions.add_session(connection, NOW, UUID(int=9), account_id=other, refresh_hash="f" * 64, expires_at=NOW + timedelta(hours=12))
        await sessions.revoke_all_of(connection, LATER, account_id)
        assert await sessions.find_bearer(connection, SESSION_ID, LATER) is None
        assert await sessions.find_bearer(connection, UUID(int=9), LATER) is not None
