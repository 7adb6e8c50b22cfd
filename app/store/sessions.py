"""Sessions: who is signed in, and the one statement that says what they may claim."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Exists, Select, bindparam, delete, exists, insert, literal, or_, select, true, tuple_, update
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
    connection: AsyncConnection,
    now: datetime,
    session_id: UUID,
    *,
    account_id: UUID,
    refresh_hash: str | None,
    expires_at: datetime,
    client: str | None = None,
    second_factor: bool = False,
) -> None:
    """`refresh_hash` None: it lives as long as its one access token (a machine's). `second_factor`: it was passed when the session began."""
    values = {"id": session_id, "account_id": account_id, "client": client, "second_factor": second_factor, "expires_at": expires_at}
    await connection.execute(insert(SESSION).values(**values, created_at=now, refreshed_at=now))
    if refresh_hash is not None:
        await connection.execute(insert(REFRESH_TOKEN).values(hash=refresh_hash, session_id=session_id, issued_at=now))


@dataclass(frozen=True, slots=True)
class Rotation:
    """A refresh token as it was presented, and what may follow it: hashes, `successors` by today's key first.

    Who refreshed last before `idle_since` is over; who was used before `grace_since` and comes again has been copied.
    """

    session_id: UUID
    presented: str
    successors: tuple[str, ...]
    idle_since: datetime
    grace_since: datetime


async def rotate(connection: AsyncConnection, now: datetime, rotation: Rotation, *, demo: bool = False) -> str | None:
    """The hash of the token that follows; None where the session is over, or ended just now because this token had been used before.

    The first statement decides: of parallel refreshes one uses the token, and the others find it used just now. They, and whoever lost the
    answer, get the same successor again while it is unused. A token that was never issued ends nothing.
    """
    mine = (REFRESH_TOKEN.c.hash == rotation.presented, REFRESH_TOKEN.c.session_id == rotation.session_id)
    alive = _alive(now, rotation, demo=demo)
    used = await connection.execute(update(REFRESH_TOKEN).where(*mine, REFRESH_TOKEN.c.used_at.is_(None), alive).values(used_at=now))
    if used.rowcount == 1:
        successor = rotation.successors[0]
        await connection.execute(insert(REFRESH_TOKEN).values(hash=successor, session_id=rotation.session_id, issued_at=now))
        await connection.execute(update(SESSION).where(SESSION.c.id == rotation.session_id).values(refreshed_at=now))
        return successor
    before = (await connection.execute(select(REFRESH_TOKEN.c.used_at, alive.label("alive")).where(*mine))).one_or_none()
    if before is None or before.used_at is None or not before.alive:
        return None
    again = None if before.used_at < rotation.grace_since else await _unused(connection, rotation)
    if again is None:
        await revoke(connection, now, rotation.session_id)
    return again


async def _unused(connection: AsyncConnection, rotation: Rotation) -> str | None:
    following = (REFRESH_TOKEN.c.session_id == rotation.session_id, REFRESH_TOKEN.c.hash.in_(rotation.successors))
    return await connection.scalar(select(REFRESH_TOKEN.c.hash).where(*following, REFRESH_TOKEN.c.used_at.is_(None)))


def _alive(now: datetime, rotation: Rotation, *, demo: bool) -> Exists:
    known = true() if demo else ACCOUNT.c.is_demo.is_(False)
    living = (SESSION.c.revoked_at.is_(None), SESSION.c.expires_at > now, SESSION.c.refreshed_at > rotation.idle_since)
    return exists().where(SESSION.c.id == rotation.session_id, *living, ACCOUNT.c.id == SESSION.c.account_id, ACCOUNT.c.active.is_(True), known)


async def set_withheld(connection: AsyncConnection, session_id: UUID, withheld: bool) -> None:
    changed = update(SESSION).where(SESSION.c.id == session_id, SESSION.c.withheld.is_not(withheld))
    await connection.execute(changed.values(withheld=withheld))


async def pass_second_factor(connection: AsyncConnection, session_id: UUID) -> None:
    await connection.execute(update(SESSION).where(SESSION.c.id == session_id).values(second_factor=True, withheld=False))


async def forget_second_factor(connection: AsyncConnection, account_id: UUID) -> None:
    """The factor that was passed is no more: the next refresh withholds what needs one."""
    await connection.execute(update(SESSION).where(SESSION.c.account_id == account_id).values(second_factor=False))


@dataclass(frozen=True, slots=True)
class LivingSession:
    id: UUID
    client: str | None
    second_factor: bool
    created_at: datetime
    refreshed_at: datetime
    expires_at: datetime


async def living_sessions(
    connection: AsyncConnection, now: datetime, account_id: UUID, *, idle: timedelta, after: tuple[datetime, UUID] | None, limit: int
) -> list[LivingSession]:
    """The latest sign-in first; without those that nobody has refreshed for as long as `idle`."""
    columns = (SESSION.c[name] for name in ("id", "client", "second_factor", "created_at", "refreshed_at", "expires_at"))
    living = (SESSION.c.revoked_at.is_(None), SESSION.c.expires_at > now, SESSION.c.refreshed_at > now - idle)
    statement = select(*columns).where(SESSION.c.account_id == account_id, *living)
    if after is not None:
        statement = statement.where(tuple_(SESSION.c.created_at, SESSION.c.id) < tuple_(literal(after[0], SESSION.c.created_at.type), after[1]))
    ordered = statement.order_by(SESSION.c.created_at.desc(), SESSION.c.id.desc()).limit(limit)
    return [LivingSession(*row) for row in await connection.execute(ordered)]


async def revoke_one_of(connection: AsyncConnection, now: datetime, account_id: UUID, session_id: UUID) -> bool:
    """Whether that session was this account's, and alive."""
    mine = (SESSION.c.id == session_id, SESSION.c.account_id == account_id, SESSION.c.revoked_at.is_(None), SESSION.c.expires_at > now)
    return (await connection.execute(update(SESSION).where(*mine).values(revoked_at=now))).rowcount == 1


async def revoke(connection: AsyncConnection, now: datetime, session_id: UUID) -> None:
    await connection.execute(update(SESSION).where(SESSION.c.id == session_id, SESSION.c.revoked_at.is_(None)).values(revoked_at=now))


async def any_living(connection: AsyncConnection, now: datetime, account_id: UUID) -> bool:
    """Whether `revoke_all_of` would end any."""
    living = (SESSION.c.account_id == account_id, SESSION.c.revoked_at.is_(None), SESSION.c.expires_at > now)
    return await connection.scalar(select(SESSION.c.id).where(*living).limit(1)) is not None


async def revoke_all_of(connection: AsyncConnection, now: datetime, account_id: UUID, *, but: UUID | None = None) -> int:
    """How many were ended. `but`: the session that goes on."""
    living = (SESSION.c.account_id == account_id, SESSION.c.revoked_at.is_(None), SESSION.c.expires_at > now)
    others = true() if but is None else SESSION.c.id != but
    return (await connection.execute(update(SESSION).where(*living, others).values(revoked_at=now))).rowcount


async def sweep(connection: AsyncConnection, now: datetime) -> int:
    """Delete the sessions that have been over for a day; returns how many. Who signed in stays in the server's log."""
    over = now - timedelta(days=1)
    return (await connection.execute(delete(SESSION).where(or_(SESSION.c.expires_at < over, SESSION.c.revoked_at < over)))).rowcount
