"""Offices and what lies below them, accounts, and what people hold."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Table, and_, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.accounts import NewAccount, NewOffice, Position
from app.domain.authority import Assignment
from app.store.tables import AccountRow, AssignmentRow, OfficeCoverRow, OfficeRow, table

ACCOUNT = table(AccountRow)
ASSIGNMENT = table(AssignmentRow)
COVER = table(OfficeCoverRow)
OFFICE = table(OfficeRow)

_COVERS = select(func.aggregate_strings(COVER.c.code, " ")).where(COVER.c.ancestor == ASSIGNMENT.c.office_code).scalar_subquery()
"""The codes an assignment reaches, blank between them (no code holds one): one row an assignment, however many offices lie below."""

ASSIGNMENT_COLUMNS = (
    ASSIGNMENT.c.office_code,
    OFFICE.c.time_zone,
    ASSIGNMENT.c.role,
    ASSIGNMENT.c.capacity,
    ASSIGNMENT.c.valid_from,
    ASSIGNMENT.c.valid_to,
    _COVERS.label("covers"),
)
ACCOUNT_COLUMNS = (ACCOUNT.c.id, ACCOUNT.c.username, ACCOUNT.c.name, ACCOUNT.c.password_hash, ACCOUNT.c.active, ACCOUNT.c.is_demo)
NOT_REVOKED = and_(ASSIGNMENT.c.account_id == ACCOUNT.c.id, ASSIGNMENT.c.revoked_at.is_(None))


@dataclass(frozen=True, slots=True)
class Account:
    id: UUID
    username: str
    name: str
    password_hash: str
    active: bool
    is_demo: bool


def assignment_of(row: Row[Any]) -> Assignment:
    """From a row that carries ASSIGNMENT_COLUMNS."""
    return Assignment(
        office=row.office_code,
        time_zone=row.time_zone,
        role=row.role,
        capacity=row.capacity,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        covers=frozenset((row.covers or "").split()),
    )


async def add_office(connection: AsyncConnection, office: NewOffice) -> bool:
    """Whether it is new. An office that exists stays as it is; its place in the tree never changes."""
    values = {"code": office.code, "name": office.name, "parent_code": office.parent, "time_zone": office.time_zone}
    added = await _insert_missing(connection, OFFICE, values)
    if added:
        above = await connection.execute(select(COVER.c.ancestor, COVER.c.depth).where(COVER.c.code == office.parent))
        rows = [{"ancestor": ancestor, "code": office.code, "depth": depth + 1} for ancestor, depth in above]
        await connection.execute(insert(COVER), [*rows, {"ancestor": office.code, "code": office.code, "depth": 0}])
    return added


async def find_office(connection: AsyncConnection, code: str) -> NewOffice | None:
    found = await connection.execute(select(OFFICE.c.code, OFFICE.c.name, OFFICE.c.parent_code, OFFICE.c.time_zone).where(OFFICE.c.code == code))
    row = found.one_or_none()
    return None if row is None else NewOffice(*row)


async def office_names(connection: AsyncConnection, at: Collection[str]) -> dict[str, str]:
    """The names of these offices and of all below them, in the order of their codes."""
    below = select(COVER.c.code).where(COVER.c.ancestor.in_(at))
    found = await connection.execute(select(OFFICE.c.code, OFFICE.c.name).where(OFFICE.c.code.in_(below)).order_by(OFFICE.c.code))
    return {row.code: row.name for row in found}


async def find_account(connection: AsyncConnection, username: str) -> Account | None:
    row = (await connection.execute(select(*ACCOUNT_COLUMNS).where(ACCOUNT.c.username == username))).one_or_none()
    return None if row is None else Account(*row)


async def add_account(connection: AsyncConnection, now: datetime, account_id: UUID, *, account: NewAccount) -> bool:
    """False when the username is taken."""
    values = {"id": account_id, "username": account.username, "name": account.name, "password_hash": account.password_hash}
    return await _insert_missing(connection, ACCOUNT, {**values, "active": True, "is_demo": account.is_demo, "created_at": now})


async def set_password_hash(connection: AsyncConnection, account_id: UUID, password_hash: str) -> None:
    await connection.execute(update(ACCOUNT).where(ACCOUNT.c.id == account_id).values(password_hash=password_hash))


async def add_assignment(connection: AsyncConnection, now: datetime, assignment_id: UUID, *, account_id: UUID, position: Position) -> None:
    await connection.execute(
        insert(ASSIGNMENT).values(
            id=assignment_id,
            account_id=account_id,
            office_code=position.office,
            role=position.role,
            capacity=position.capacity,
            valid_from=position.valid_from,
            valid_to=position.valid_to,
            instrument_number=position.instrument_number,
            instrument_date=position.instrument_date,
            created_at=now,
        )
    )


async def assignments_of(connection: AsyncConnection, account_id: UUID) -> list[Assignment]:
    """All that are not revoked, past and future ones included."""
    found = await connection.execute(_held().where(ACCOUNT.c.id == account_id).order_by(ASSIGNMENT.c.office_code, ASSIGNMENT.c.role))
    return [assignment_of(row) for row in found]


async def list_people(connection: AsyncConnection) -> list[tuple[Account, list[Assignment]]]:
    """Every account with what it holds, by username; for the command line."""
    accounts = [Account(*row) for row in await connection.execute(select(*ACCOUNT_COLUMNS).order_by(ACCOUNT.c.username))]
    held: dict[UUID, list[Assignment]] = {account.id: [] for account in accounts}
    for row in await connection.execute(_held().order_by(ASSIGNMENT.c.office_code, ASSIGNMENT.c.role)):
        held.setdefault(row.id, []).append(assignment_of(row))
    return [(account, held[account.id]) for account in accounts]


def _held() -> Select[Any]:
    joined = ACCOUNT.join(ASSIGNMENT, NOT_REVOKED).join(OFFICE, OFFICE.c.code == ASSIGNMENT.c.office_code)
    return select(ACCOUNT.c.id, *ASSIGNMENT_COLUMNS).select_from(joined)


async def _insert_missing(connection: AsyncConnection, into: Table, values: dict[str, Any]) -> bool:
    """INSERT … ON CONFLICT DO NOTHING, which each of the two dialects of SQLAlchemy spells for itself."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    written = await connection.execute(dialect.insert(into).values(values).on_conflict_do_nothing())
    return written.rowcount > 0
