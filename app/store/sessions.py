"""Sessions: who is signed in, and the one statement that says what they may claim."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Select, bindparam, case, delete, exists, insert, literal, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.authority import Assignment
from app.store.people import ACCOUNT, ASSIGNMENT, ASSIGNMENT_COLUMNS, NOT_REVOKED, OFFICE, assignment_of
from app.store.tables import SessionRow, table

SESSION = table(SessionRow)


@dataclass(frozen=True, slots=True)
class Bearer:
    """The account behind a living session, with what it holds: past and future assignments included, revoked ones not."""

    account_id: UUID
    session_id: UUID
    username: str
    name: str
    expires_at: datetime
    assignments: tuple[Assignment, ...]


_BEARER: Select[Any] = (
    select(ACCOUNT.c.id, ACCOUNT.c.username, ACCOUNT.c.name, SESSION.c.expires_at, *ASSIGNMENT_COLUMNS)
    .select_from(
        SESSION.join(ACCOUNT, ACCOUNT.c.id == SESSION.c.account_id)
        .outerjoin(ASSIGNMENT, NOT_REVOKED)
        .outerjoin(OFFICE, OFFICE.c.code == ASSIGNMENT.c.office_code)
    )
    .where(
        SESSION.c.id == bindparam("session_id"),
        SESSION.c.revoked_at.is_(None),
        SESSION.c.expires_at > bindparam("now"),
        ACCOUNT.c.active.is_(True),
        or_(ACCOUNT.c.is_demo.is_(False), bindparam("demo", type_=Boolean())),
    )
)
"""The authentication statement: session alive, account active (and no demo account outside demo mode), and one row for each assignment
(one with nulls when there is none).
"""


async def find_bearer(connection: AsyncConnection, session_id: UUID, now: datetime, *, demo: bool = False) -> Bearer | None:
    """None when the session is unknown, revoked or expired, or its account no longer active; demo accounts exist only where `demo`."""
    rows = (await connection.execute(_BEARER, {"session_id": session_id, "now": now, "demo": demo})).all()
    if not rows:
        return None
    account = rows[0]
    return Bearer(
        account_id=account.id,
        session_id=session_id,
        username=account.username,
        name=account.name,
        expires_at=account.expires_at,
        assignments=tuple(assignment_of(row) for row in rows if row.role is not None),
    )


async def add_session(
    connection: AsyncConnection, now: datetime, session_id: UUID, *, account_id: UUID, refresh_hash: str, expires_at: datetime
) -> None:
    await connection.execute(
        insert(SESSION).values(
            id=session_id, account_id=account_id, refresh_hash=refresh_hash, created_at=now, refreshed_at=now, expires_at=expires_at
        )
    )


async def rotate(connection: AsyncConnection, now: datetime, session_id: UUID, *, presented: str, successor: str, demo: bool = False) -> bool:
    """Whether `presented` was the session's current refresh hash, which is `successor` from now on. Any other one ends the session.

    The session of a demo account is unknown, unless `demo`.

    One statement does either, so of two parallel refreshes the second one judges what the first one wrote.
    """
    is_current = SESSION.c.refresh_hash == presented
    known = true() if demo else ACCOUNT.c.is_demo.is_(False)
    moved = await connection.execute(
        update(SESSION)
        .where(
            SESSION.c.id == session_id,
            SESSION.c.revoked_at.is_(None),
            SESSION.c.expires_at > now,
            exists().where(ACCOUNT.c.id == SESSION.c.account_id, ACCOUNT.c.active.is_(True), known),
        )
        .values(
            refresh_hash=case((is_current, literal(successor)), else_=SESSION.c.refresh_hash),
            refreshed_at=case((is_current, literal(now, SESSION.c.refreshed_at.type)), else_=SESSION.c.refreshed_at),
            revoked_at=case((~is_current, literal(now, SESSION.c.revoked_at.type))),
        )
        .returning(SESSION.c.revoked_at)
    )
    row = moved.one_or_none()
    return row is not None and row.revoked_at is None


async def revoke(connection: AsyncConnection, now: datetime, session_id: UUID) -> None:
    await connection.execute(update(SESSION).where(SESSION.c.id == session_id, SESSION.c.revoked_at.is_(None)).values(revoked_at=now))


async def revoke_all_of(connection: AsyncConnection, now: datetime, account_id: UUID) -> None:
    await connection.execute(update(SESSION).where(SESSION.c.account_id == account_id, SESSION.c.revoked_at.is_(None)).values(revoked_at=now))


async def sweep(connection: AsyncConnection, now: datetime) -> int:
    """Delete the sessions that have been over for a day; returns how many. Who signed in stays in the server's log."""
    over = now - timedelta(days=1)
    return (await connection.execute(delete(SESSION).where(or_(SESSION.c.expires_at < over, SESSION.c.revoked_at < over)))).rowcount
