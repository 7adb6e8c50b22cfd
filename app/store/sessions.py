"""Sessions: who is signed in, and the one statement that says what they may claim."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Select, bindparam, delete, exists, insert, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.authority import Assignment
from app.store.accounts import ACCOUNT
from app.store.assignments import ASSIGNMENT, ASSIGNMENT_COLUMNS, NOT_REVOKED, NOW, assignment_of
from app.store.offices import OFFICE
from app.store.tables import RefreshTokenRow, ServiceAccountRow, SessionRow, table

SESSION = table(SessionRow)
REFRESH_TOKEN = table(RefreshTokenRow)
SERVICE_ACCOUNT = table(ServiceAccountRow)


@dataclass(frozen=True, slots=True)
class Bearer:
    """The account behind a living session, with what it holds: past and future assignments included, revoked ones not.

    `scopes` are a machine's; None for a person.
    """

    account_id: UUID
    session_id: UUID
    username: str
    name: str
    expires_at: datetime
    second_factor: bool
    withheld: bool
    scopes: frozenset[str] | None
    assignments: tuple[Assignment, ...]


_BEARER: Select[Any] = (
    select(
        *(ACCOUNT.c[name] for name in ("id", "username", "name", "kind")),
        *(SESSION.c[name] for name in ("expires_at", "second_factor", "withheld")),
        SERVICE_ACCOUNT.c.scopes,
        *ASSIGNMENT_COLUMNS,
    )
    .select_from(
        SESSION.join(ACCOUNT, ACCOUNT.c.id == SESSION.c.account_id)
        .outerjoin(SERVICE_ACCOUNT, SERVICE_ACCOUNT.c.account_id == ACCOUNT.c.id)
        .outerjoin(ASSIGNMENT, NOT_REVOKED)
        .outerjoin(OFFICE, OFFICE.c.code == ASSIGNMENT.c.office_code)
    )
    .where(
        SESSION.c.id == bindparam("session_id"),
        SESSION.c.revoked_at.is_(None),
        SESSION.c.expires_at > NOW,
        or_(SERVICE_ACCOUNT.c.expires_at.is_(None), SERVICE_ACCOUNT.c.expires_at > NOW),
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
        second_factor=account.second_factor,
        withheld=account.withheld,
        scopes=frozenset(account.scopes or ()) if account.kind == "machine" else None,
        assignments=tuple(assignment_of(row) for row in rows if row.role is not None),
    )


async def add_session(
    connection: AsyncConnection, now: datetime, session_id: UUID, *, account_id: UUID, refresh_hash: str | None, expires_at: datetime
) -> None:
    """`refresh_hash` None: it lives as long as its one access token (a machine's)."""
    await connection.execute(insert(SESSION).values(id=session_id, account_id=account_id, created_at=now, refreshed_at=now, expires_at=expires_at))
    if refresh_hash is not None:
        await connection.execute(insert(REFRESH_TOKEN).values(hash=refresh_hash, session_id=session_id, issued_at=now))


async def rotate(connection: AsyncConnection, now: datetime, session_id: UUID, *, presented: str, successor: str, demo: bool = False) -> bool:
    """Whether `presented` was the session's current refresh hash, which is `successor` from now on. A used one ends the session."""
    known = true() if demo else ACCOUNT.c.is_demo.is_(False)
    alive = exists().where(
        SESSION.c.id == session_id,
        SESSION.c.revoked_at.is_(None),
        SESSION.c.expires_at > now,
        ACCOUNT.c.id == SESSION.c.account_id,
        ACCOUNT.c.active.is_(True),
        known,
    )
    mine = (REFRESH_TOKEN.c.hash == presented, REFRESH_TOKEN.c.session_id == session_id)
    moved = await connection.execute(update(REFRESH_TOKEN).where(*mine, REFRESH_TOKEN.c.used_at.is_(None), alive).values(used_at=now))
    if moved.rowcount == 1:
        await connection.execute(insert(REFRESH_TOKEN).values(hash=successor, session_id=session_id, issued_at=now))
        await connection.execute(update(SESSION).where(SESSION.c.id == session_id).values(refreshed_at=now))
        return True
    if (await connection.execute(select(REFRESH_TOKEN.c.hash).where(*mine))).first() is not None:
        await revoke(connection, now, session_id)
    return False


async def revoke(connection: AsyncConnection, now: datetime, session_id: UUID) -> None:
    await connection.execute(update(SESSION).where(SESSION.c.id == session_id, SESSION.c.revoked_at.is_(None)).values(revoked_at=now))


async def revoke_all_of(connection: AsyncConnection, now: datetime, account_id: UUID) -> None:
    await connection.execute(update(SESSION).where(SESSION.c.account_id == account_id, SESSION.c.revoked_at.is_(None)).values(revoked_at=now))


async def sweep(connection: AsyncConnection, now: datetime) -> int:
    """Delete the sessions that have been over for a day; returns how many. Who signed in stays in the server's log."""
    over = now - timedelta(days=1)
    return (await connection.execute(delete(SESSION).where(or_(SESSION.c.expires_at < over, SESSION.c.revoked_at < over)))).rowcount
