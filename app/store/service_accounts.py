"""Service accounts: a machine's account, the hash of its secret, and the offices where it may read."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.permissions import INTEGRATION
from app.domain.throttling import FAMILIAR_FOR
from app.store.accounts import ACCOUNT
from app.store.assignments import ASSIGNMENT
from app.store.errors import Collision
from app.store.offices import COVER, OFFICE, at, standing
from app.store.sessions import SERVICE_ACCOUNT
from app.store.throttling import FAMILIAR

_COLUMNS = (
    ACCOUNT.c.id,
    ACCOUNT.c.username.label("client_id"),
    ACCOUNT.c.name,
    ACCOUNT.c.office_code.label("home"),
    ACCOUNT.c.active,
    ACCOUNT.c.version,
    ACCOUNT.c.created_at,
    SERVICE_ACCOUNT.c.secret_hash,
    SERVICE_ACCOUNT.c.scopes,
    SERVICE_ACCOUNT.c.expires_at,
    SERVICE_ACCOUNT.c.last_used_at,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAccount:
    """`offices`: codes and names of where it reads, in the order of the codes; `home` is where it is recorded, and grants nothing."""

    id: UUID
    client_id: str
    name: str
    home: str
    active: bool
    version: int
    created_at: datetime
    secret_hash: str | None
    scopes: tuple[str, ...]
    expires_at: datetime
    last_used_at: datetime | None
    offices: tuple[tuple[str, str], ...]

    def is_open(self, now: datetime) -> bool:
        return self.active and now < self.expires_at

    @property
    def places(self) -> frozenset[str]:
        """Every office that it concerns."""
        return frozenset({self.home, *(code for code, _ in self.offices)})


@dataclass(frozen=True, slots=True)
class Client:
    """What a client id stands for when a token is asked for. `familiar`: it has come from the address asked about before."""

    id: UUID
    name: str
    secret_hash: str | None
    expires_at: datetime
    familiar: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAccountFilter:
    """`above`: the offices at or above which the caller may administer or inspect; None sees all (the command line)."""

    above: Collection[str] | None = None
    office: str | None = None
    open: bool | None = None


async def add_service_account(connection: AsyncConnection, account_id: UUID, *, scopes: Sequence[str], expires_at: datetime) -> None:
    await connection.execute(insert(SERVICE_ACCOUNT).values(account_id=account_id, scopes=list(scopes), expires_at=expires_at))


async def service_account_of(connection: AsyncConnection, account_id: UUID) -> ServiceAccount | None:
    return await _one(connection, ACCOUNT.c.id == account_id)


async def service_account_named(connection: AsyncConnection, client_id: str) -> ServiceAccount | None:
    return await _one(connection, ACCOUNT.c.username == client_id)


async def list_service_accounts(
    connection: AsyncConnection, now: datetime, wanted: ServiceAccountFilter, *, after: UUID | None = None, limit: int | None = None
) -> list[ServiceAccount]:
    """The oldest first: ids are uuid7."""
    statement = _accounts().where(*_narrowed(wanted, now)).order_by(ACCOUNT.c.id).limit(limit)
    return await _with_offices(connection, statement if after is None else statement.where(ACCOUNT.c.id > after))


async def client_named(connection: AsyncConnection, now: datetime, client_id: str, *, address: str) -> Client | None:
    """None where it is unknown, revoked or over; `address` is a key of `throttling.address_key`."""
    known_from = (FAMILIAR.c.account_id == ACCOUNT.c.id, FAMILIAR.c.address == address, FAMILIAR.c.last_at > now - FAMILIAR_FOR)
    columns = (ACCOUNT.c.id, ACCOUNT.c.name, SERVICE_ACCOUNT.c.secret_hash, SERVICE_ACCOUNT.c.expires_at)
    statement = select(*columns, exists().where(*known_from)).join_from(ACCOUNT, SERVICE_ACCOUNT)
    row = (await connection.execute(statement.where(ACCOUNT.c.username == client_id, *_open(now)))).one_or_none()
    return None if row is None else Client(row.id, row.name, row.secret_hash, row.expires_at, bool(row[4]))


async def set_secret(connection: AsyncConnection, found: ServiceAccount, secret_hash: str) -> None:
    """Raises Collision where the account has changed since it was found."""
    await _next_version(connection, found)
    await connection.execute(update(SERVICE_ACCOUNT).where(SERVICE_ACCOUNT.c.account_id == found.id).values(secret_hash=secret_hash))


async def close(connection: AsyncConnection, now: datetime, found: ServiceAccount) -> None:
    """Raises Collision where the account has changed since it was found."""
    await _next_version(connection, found, active=False, closed_at=now)
    await connection.execute(update(SERVICE_ACCOUNT).where(SERVICE_ACCOUNT.c.account_id == found.id).values(secret_hash=None))


async def note_use(connection: AsyncConnection, now: datetime, client: Client) -> bool:
    """Whether its secret is still the one that was recognised: until the transaction ends nobody replaces it."""
    same = (SERVICE_ACCOUNT.c.account_id == client.id, SERVICE_ACCOUNT.c.secret_hash == client.secret_hash)
    return (await connection.execute(update(SERVICE_ACCOUNT).where(*same).values(last_used_at=now))).rowcount == 1


async def _next_version(connection: AsyncConnection, found: ServiceAccount, **values: Any) -> None:
    same = (ACCOUNT.c.id == found.id, ACCOUNT.c.version == found.version)
    changed = await connection.execute(update(ACCOUNT).where(*same).values(version=found.version + 1, **values))
    if changed.rowcount != 1:
        raise Collision("service_account")


def _accounts() -> Select[Any]:
    return select(*_COLUMNS).join_from(ACCOUNT, SERVICE_ACCOUNT)


def _open(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (ACCOUNT.c.active.is_(True), SERVICE_ACCOUNT.c.expires_at > now)


def _reads_at() -> ColumnElement[bool]:
    """An assignment with which the account reads somewhere."""
    return and_(ASSIGNMENT.c.account_id == ACCOUNT.c.id, ASSIGNMENT.c.role == INTEGRATION, ASSIGNMENT.c.revoked_at.is_(None))


def _narrowed(wanted: ServiceAccountFilter, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.above is not None:
        under = and_(COVER.c.ancestor.in_(sorted(wanted.above)), standing(at(now)))
        reads_there = exists().where(_reads_at(), COVER.c.code == ASSIGNMENT.c.office_code, under)
        found.append(or_(exists().where(COVER.c.code == ACCOUNT.c.office_code, under), reads_there))
    if wanted.office is not None:
        found.append(exists().where(_reads_at(), ASSIGNMENT.c.office_code == wanted.office))
    if wanted.open is not None:
        is_open = and_(*_open(now))
        found.append(is_open if wanted.open else ~is_open)
    return found


async def _one(connection: AsyncConnection, whose: ColumnElement[bool]) -> ServiceAccount | None:
    found = await _with_offices(connection, _accounts().where(whose))
    return found[0] if found else None


async def _with_offices(connection: AsyncConnection, statement: Select[Any]) -> list[ServiceAccount]:
    rows = (await connection.execute(statement)).all()
    reading = select(ACCOUNT.c.id, OFFICE.c.code, OFFICE.c.name).join_from(ACCOUNT, ASSIGNMENT, _reads_at())
    reading = reading.join(OFFICE, OFFICE.c.code == ASSIGNMENT.c.office_code).where(ACCOUNT.c.id.in_([row.id for row in rows]))
    offices: dict[UUID, dict[str, str]] = {row.id: {} for row in rows}
    for account_id, code, name in await connection.execute(reading.order_by(OFFICE.c.code)):
        offices[account_id][code] = name
    return [_shown(row, tuple(offices[row.id].items())) for row in rows]


def _shown(row: Any, offices: tuple[tuple[str, str], ...]) -> ServiceAccount:
    return ServiceAccount(**{**row._asdict(), "scopes": tuple(row.scopes), "offices": offices})
