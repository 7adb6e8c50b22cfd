"""Assignments: who holds which role or permission at which office, from when to when."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.assignments import Position
from app.domain.authority import Assignment
from app.store.accounts import ACCOUNT, ACCOUNT_COLUMNS, Account
from app.store.errors import Collision
from app.store.offices import COVER, OFFICE, covered_by
from app.store.tables import AssignmentRow, table

ASSIGNMENT = table(AssignmentRow)
NOT_REVOKED = and_(ASSIGNMENT.c.account_id == ACCOUNT.c.id, ASSIGNMENT.c.revoked_at.is_(None))

NOW = bindparam("now", type_=COVER.c.from_at.type)
"""The moment at which ASSIGNMENT_COLUMNS look down the tree: a parameter of every statement that carries them."""

ASSIGNMENT_COLUMNS = (
    ASSIGNMENT.c.office_code,
    OFFICE.c.time_zone,
    ASSIGNMENT.c.role,
    ASSIGNMENT.c.capacity,
    ASSIGNMENT.c.valid_from,
    ASSIGNMENT.c.valid_to,
    covered_by(ASSIGNMENT.c.office_code, NOW).label("covers"),
)


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


async def add_assignment(
    connection: AsyncConnection, now: datetime, assignment_id: UUID, *, account_id: UUID, position: Position, source: str = "local"
) -> None:
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
            source=source,
            created_at=now,
        )
    )


async def change_assignment(connection: AsyncConnection, assignment_id: UUID, *, version: int, **changed: Any) -> None:
    """Raises Collision when it is no longer of that version."""
    same = update(ASSIGNMENT).where(ASSIGNMENT.c.id == assignment_id, ASSIGNMENT.c.version == version, ASSIGNMENT.c.revoked_at.is_(None))
    if (await connection.execute(same.values(version=version + 1, **changed))).rowcount != 1:
        raise Collision("assignment")


async def assignments_of(connection: AsyncConnection, account_id: UUID, now: datetime) -> list[Assignment]:
    """All that are not revoked, past and future ones included; what they reach is as of now."""
    statement = _held().where(ACCOUNT.c.id == account_id).order_by(ASSIGNMENT.c.office_code, ASSIGNMENT.c.role)
    return [assignment_of(row) for row in await connection.execute(statement, {"now": now})]


async def list_people(connection: AsyncConnection, now: datetime) -> list[tuple[Account, list[Assignment]]]:
    """Every account with what it holds, by username; for the command line."""
    accounts = [Account(*row) for row in await connection.execute(select(*ACCOUNT_COLUMNS).order_by(ACCOUNT.c.username))]
    held: dict[UUID, list[Assignment]] = {account.id: [] for account in accounts}
    for row in await connection.execute(_held().order_by(ASSIGNMENT.c.office_code, ASSIGNMENT.c.role), {"now": now}):
        held.setdefault(row.id, []).append(assignment_of(row))
    return [(account, held[account.id]) for account in accounts]


def _held() -> Select[Any]:
    joined = ACCOUNT.join(ASSIGNMENT, NOT_REVOKED).join(OFFICE, OFFICE.c.code == ASSIGNMENT.c.office_code)
    return select(ACCOUNT.c.id, *ASSIGNMENT_COLUMNS).select_from(joined)
