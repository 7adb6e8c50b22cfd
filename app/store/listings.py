"""Pages over many instances: the instances themselves, what waits for one caller, and deadlines. One statement each, keyset, no OFFSET.

`state = 'active'` is written as a literal on purpose: as a bound parameter a generic plan could not use the partial indexes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal_column, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.tables import InstanceRow, OfficeRow, StepRoundRow, TaskRow, table

INSTANCE = table(InstanceRow)
OFFICE = table(OfficeRow)
ROUND = table(StepRoundRow)
TASK = table(TaskRow)

IS_ACTIVE: ColumnElement[bool] = ROUND.c.state == literal_column("'active'")
_ABOUT = (
    INSTANCE.c.id.label("instance_id"),
    INSTANCE.c.title,
    INSTANCE.c.procedure_key,
    INSTANCE.c.procedure_version,
    INSTANCE.c.period_key,
    OFFICE.c.code.label("office_code"),
    OFFICE.c.name.label("office_name"),
    OFFICE.c.time_zone,
)
_TIMES = (ROUND.c.started_at.label("step_started_at"), ROUND.c.due_at, ROUND.c.due_soon_at, ROUND.c.paused_at)

DeadlineFilter = Literal["overdue", "due_soon", "on_time"]


@dataclass(frozen=True, slots=True)
class About:
    """Which instance a row speaks of."""

    instance_id: UUID
    title: str
    procedure_key: str
    procedure_version: int
    period_key: str
    office_code: str
    office_name: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class InstanceLine:
    about: About
    state: str
    version: int
    current_step: int | None
    started_at: datetime
    planned_end_at: datetime
    completed_at: datetime | None
    due_at: datetime | None
    due_soon_at: datetime | None
    paused_at: datetime | None


@dataclass(frozen=True, slots=True)
class TaskLine:
    about: About
    kind: str
    role: str
    slot: str
    member: str
    step: int
    round: int
    since: datetime
    due_at: datetime
    due_soon_at: datetime
    document_id: UUID | None
    claimed_by: UUID | None
    claimed_by_name: str | None


@dataclass(frozen=True, slots=True)
class DeadlineLine:
    about: About
    step: int
    round: int
    step_started_at: datetime
    due_at: datetime
    due_soon_at: datetime
    paused_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """Filters of a page; None leaves out. `offices` are those that the caller may see, narrowed to the one asked for."""

    offices: Sequence[str]
    procedure: str | None = None
    state: str | None = None
    period: str | None = None
    text: str | None = None
    role: str | None = None


async def instances(connection: AsyncConnection, narrowing: Narrowing, *, after: tuple[UUID] | None, limit: int) -> list[InstanceLine]:
    """Newest first: ids are uuid7, so their order is that of the starts."""
    own = (
        INSTANCE.c.state,
        INSTANCE.c.version,
        INSTANCE.c.current_step,
        INSTANCE.c.started_at,
        INSTANCE.c.planned_end_at,
        INSTANCE.c.completed_at,
    )
    statement = (
        select(*_ABOUT, *own, *_TIMES[1:])
        .join(OFFICE, OFFICE.c.code == INSTANCE.c.office_code)
        .outerjoin(ROUND, and_(ROUND.c.instance_id == INSTANCE.c.id, IS_ACTIVE))
        .where(*_narrowed(narrowing, INSTANCE.c.office_code), *([] if after is None else [INSTANCE.c.id < after[0]]))
        .order_by(INSTANCE.c.id.desc())
        .limit(limit)
    )
    return [InstanceLine(**row) for row in await _lines(connection, statement)]


async def tasks(
    connection: AsyncConnection, account_id: UUID, held: Sequence[tuple[str, str]], *, after: tuple[datetime, UUID, str, str, str] | None, limit: int
) -> list[TaskLine]:
    """What waits for this account where it holds a position, or for one of the (office, role) pairs it holds; most urgent first."""
    offices = sorted({office for office, _ in held})
    mine: list[ColumnElement[bool]] = [and_(TASK.c.account_id == account_id, TASK.c.office_code.in_(offices))]
    mine += [and_(TASK.c.account_id.is_(None), TASK.c.office_code == office, TASK.c.role == role) for office, role in held]
    key = (TASK.c.due_at, TASK.c.instance_id, TASK.c.kind, TASK.c.role, TASK.c.slot)
    own = (TASK.c[name] for name in ("kind", "role", "slot", "member", "step", "round", "since", "due_at", "due_soon_at", "document_id"))
    statement = (
        select(*_ABOUT, *own, TASK.c.claimed_by, TASK.c.claimed_by_name)
        .join(INSTANCE, INSTANCE.c.id == TASK.c.instance_id)
        .join(OFFICE, OFFICE.c.code == TASK.c.office_code)
        .where(or_(*mine), *([] if after is None else [tuple_(*key) > after]))
        .order_by(*key)
        .limit(limit)
    )
    return [TaskLine(**row) for row in await _lines(connection, statement)]


async def deadlines(
    connection: AsyncConnection,
    narrowing: Narrowing,
    *,
    state: DeadlineFilter | None,
    now: datetime,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[DeadlineLine]:
    """Active steps, those due first at the top. Suspended ones count as overdue only if they were overdue already."""
    statement = (
        select(*_ABOUT, ROUND.c.step, ROUND.c.round, *_TIMES)
        .join(INSTANCE, INSTANCE.c.id == ROUND.c.instance_id)
        .join(OFFICE, OFFICE.c.code == ROUND.c.office_code)
        .where(IS_ACTIVE, *_standing(state, now), *_narrowed(narrowing, ROUND.c.office_code))
        .where(*([] if after is None else [tuple_(ROUND.c.due_at, ROUND.c.instance_id) > after]))
        .order_by(ROUND.c.due_at, ROUND.c.instance_id)
        .limit(limit)
    )
    return [DeadlineLine(**row) for row in await _lines(connection, statement)]


def _standing(state: DeadlineFilter | None, now: datetime) -> list[ColumnElement[bool]]:
    if state == "overdue":
        return [ROUND.c.due_at < func.coalesce(ROUND.c.paused_at, now)]
    if state is None:
        return []
    near = ROUND.c.due_soon_at <= now if state == "due_soon" else ROUND.c.due_soon_at > now
    return [ROUND.c.due_at >= now, near, ROUND.c.paused_at.is_(None)]


def _narrowed(narrowing: Narrowing, office: ColumnElement[str]) -> list[ColumnElement[bool]]:
    offices = list(narrowing.offices)
    found = [office == offices[0] if len(offices) == 1 else office.in_(offices)]
    if narrowing.procedure is not None:
        found.append(INSTANCE.c.procedure_key == narrowing.procedure)
    if narrowing.state is not None:
        found.append(INSTANCE.c.state == narrowing.state)
    if narrowing.period is not None:
        found.append(INSTANCE.c.period_key == narrowing.period)
    if narrowing.text:
        found.append(INSTANCE.c.title.icontains(narrowing.text, autoescape=True))
    if narrowing.role is not None:
        waiting = exists().where(TASK.c.instance_id == INSTANCE.c.id, TASK.c.kind == "step", TASK.c.role == narrowing.role)
        found.append(waiting)
    return found


async def _lines(connection: AsyncConnection, statement: Select[Any]) -> list[dict[str, Any]]:
    names = [column.name for column in _ABOUT]
    rows = (await connection.execute(statement)).mappings()
    return [{"about": About(**{name: row[name] for name in names})} | {k: v for k, v in row.items() if k not in names} for row in rows]
