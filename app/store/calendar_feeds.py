"""Calendar feeds: who made which, and whose a secret is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.accounts import ACCOUNT
from app.store.offices import OFFICE
from app.store.tables import CalendarFeedRow, table

FEED = table(CalendarFeedRow)
_LIVING = FEED.c.revoked_at.is_(None)


@dataclass(frozen=True, slots=True)
class CalendarFeed:
    """`office` None: what waits for its owner."""

    id: UUID
    office: str | None
    office_name: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Subscription:
    """A feed as its secret finds it, with the account that it reads for. `second_factor_at`: since when the account has one, if it has."""

    account_id: UUID
    username: str
    name: str
    office: str | None
    office_name: str | None
    created_at: datetime
    second_factor_at: datetime | None


async def add_feed(connection: AsyncConnection, now: datetime, feed_id: UUID, *, account_id: UUID, office: str | None, secret_hash: str) -> None:
    values = {"id": feed_id, "account_id": account_id, "office_code": office, "secret_hash": secret_hash, "created_at": now}
    await connection.execute(insert(FEED).values(**values))


async def count_feeds(connection: AsyncConnection, account_id: UUID) -> int:
    """Those that are not revoked."""
    return await connection.scalar(select(func.count()).select_from(FEED).where(FEED.c.account_id == account_id, _LIVING)) or 0


async def list_feeds(connection: AsyncConnection, account_id: UUID, *, after: UUID | None, limit: int) -> list[CalendarFeed]:
    """The latest first: their ids are in the order of time."""
    statement = _feeds().where(FEED.c.account_id == account_id, _LIVING)
    if after is not None:
        statement = statement.where(FEED.c.id < after)
    return [CalendarFeed(*row) for row in await connection.execute(statement.order_by(FEED.c.id.desc()).limit(limit))]


async def feed_of(connection: AsyncConnection, account_id: UUID, feed_id: UUID) -> CalendarFeed | None:
    """None where it is somebody else's, or revoked."""
    row = (await connection.execute(_feeds().where(FEED.c.account_id == account_id, FEED.c.id == feed_id, _LIVING))).one_or_none()
    return None if row is None else CalendarFeed(*row)


async def revoke_feed(connection: AsyncConnection, now: datetime, account_id: UUID, feed_id: UUID) -> bool:
    """Whether it was living until now."""
    mine = (FEED.c.account_id == account_id, FEED.c.id == feed_id, _LIVING)
    return (await connection.execute(update(FEED).where(*mine).values(revoked_at=now))).rowcount == 1


async def revoke_feeds_of(connection: AsyncConnection, now: datetime, account_id: UUID) -> int:
    """All of them; how many there were."""
    return (await connection.execute(update(FEED).where(FEED.c.account_id == account_id, _LIVING).values(revoked_at=now))).rowcount


async def subscription(connection: AsyncConnection, secret_hash: str, *, demo: bool) -> Subscription | None:
    """None for a feed that is unknown or revoked, and for one whose owner's account is closed, or now of another issuer."""
    names = (ACCOUNT.c.id, ACCOUNT.c.username, ACCOUNT.c.name, FEED.c.office_code, OFFICE.c.name, FEED.c.created_at, ACCOUNT.c.second_factor_at)
    joined = FEED.join(ACCOUNT, ACCOUNT.c.id == FEED.c.account_id).outerjoin(OFFICE, OFFICE.c.code == FEED.c.office_code)
    open_ = (ACCOUNT.c.active.is_(True), ACCOUNT.c.kind == "person", ACCOUNT.c.issuer.is_(None))
    statement = select(*names).select_from(joined).where(FEED.c.secret_hash == secret_hash, _LIVING, *open_)
    if not demo:
        statement = statement.where(ACCOUNT.c.is_demo.is_(False))
    row = (await connection.execute(statement)).one_or_none()
    return None if row is None else Subscription(*row)


def _feeds() -> Select[Any]:
    joined = FEED.outerjoin(OFFICE, OFFICE.c.code == FEED.c.office_code)
    return select(FEED.c.id, FEED.c.office_code, OFFICE.c.name, FEED.c.created_at).select_from(joined)
