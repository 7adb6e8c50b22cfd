"""Pages over many instances: the instances themselves, what waits for one caller, and deadlines. One statement each, keyset, no OFFSET.

Each statement first cuts its page from one index, in order; only those rows are joined to what a line shows. Joined first and cut
afterwards, PostgreSQL hashed whole tables as soon as a filter looked wide. `state = 'active'` is written as a literal on purpose: as a
bound parameter a generic plan could not use the partial indexes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, Subquery, and_, case, func, literal_column, select, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.performing import waits_for
from app.store.tables import AccountRow, AssignmentRow, InstanceRow, OfficeRow, StepRoundRow, TaskRow, table

ACCOUNT = table(AccountRow)
ASSIGNMENT = table(AssignmentRow)
INSTANCE = table(InstanceRow)
OFFICE = table(OfficeRow)
ROUND = table(StepRoundRow)
TASK = table(TaskRow)

IS_ACTIVE: ColumnElement[bool] = ROUND.c.state == literal_column("'active'")
ABOUT = (
    INSTANCE.c.id.label("instance_id"),
    INSTANCE.c.title,
    INSTANCE.c.procedure_key,
    INSTANCE.c.procedure_version,
    INSTANCE.c.period_key,
    OFFICE.c.code.label("office_code"),
    OFFICE.c.name.label("office_name"),
    OFFICE.c.time_zone,
    INSTANCE.c.version.label("instance_version"),
    INSTANCE.c.event_at.label("changed_at"),
)
_TASK_KEY = ("due_at", "instance_id", "kind", "role", "slot")
_TASK_SHOWN = ("kind", "role", "slot", "member", "step", "round", "since", "due_at", "due_soon_at", "document_id", "claimed_by", "claimed_by_name")

DeadlineFilter = Literal["overdue", "due_soon", "on_time"]


@dataclass(frozen=True, slots=True)
class About:
    """Which instance a row speaks of, and how it stands: its version, and when something last happened to it."""

    instance_id: UUID
    title: str
    procedure_key: str
    procedure_version: int
    period_key: str
    office_code: str
    office_name: str
    time_zone: str
    instance_version: int
    changed_at: datetime


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
    claimant_until: date | None

    def is_claimed(self, today: date) -> bool:
        """A claim ends with the role: a member's with the team (then it is gone), a holder's with their last day."""
        return self.claimed_by is not None and (bool(self.member) or (self.claimant_until is not None and today <= self.claimant_until))


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
    page = (
        select(INSTANCE.c.id)
        .where(*_narrowed(narrowing), *([] if after is None else [INSTANCE.c.id < after[0]]))
        .order_by(INSTANCE.c.id.desc())
        .limit(limit)
        .subquery("page")
    )
    own = ("state", "version", "current_step", "started_at", "planned_end_at", "completed_at")
    statement = (
        select(*ABOUT, *(INSTANCE.c[name] for name in own), ROUND.c.due_at, ROUND.c.due_soon_at, ROUND.c.paused_at)
        .select_from(page)
        .join(INSTANCE, INSTANCE.c.id == page.c.id)
        .join(OFFICE, OFFICE.c.code == INSTANCE.c.office_code)
        .outerjoin(ROUND, and_(ROUND.c.instance_id == INSTANCE.c.id, IS_ACTIVE))
        .order_by(page.c.id.desc())
    )
    return [InstanceLine(**row) for row in await lines(connection, statement)]


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose tasks: those of the account at the offices it can see (a member may have left), and those of the (office, role) pairs it holds."""

    account_id: UUID
    offices: Sequence[str]
    held: Sequence[tuple[str, str]]


async def tasks(connection: AsyncConnection, caller: Caller, *, after: tuple[datetime, UUID, str, str, str] | None, limit: int) -> list[TaskLine]:
    """What waits for this caller, most urgent first.

    One ordered read for the account and one for each pair: an OR of them all would read and sort everything that waits.
    """
    mine = [and_(TASK.c.account_id == caller.account_id, at_offices(TASK.c.office_code, caller.offices))]
    mine += [and_(TASK.c.account_id.is_(None), TASK.c.office_code == office, TASK.c.role == role) for office, role in caller.held]
    parts = [select(_first_tasks(whose, after, limit)) for whose in mine]
    key: list[ColumnElement[Any]] = [literal_column(name) for name in _TASK_KEY]
    page = (parts[0] if len(parts) == 1 else union_all(*parts)).order_by(*key).limit(limit).subquery("page")
    statement = (
        select(*ABOUT, *(page.c[name] for name in _TASK_SHOWN), _last_day(page.c.claimed_by, page.c.role).label("claimant_until"))
        .select_from(page)
        .join(INSTANCE, INSTANCE.c.id == page.c.instance_id)
        .join(OFFICE, OFFICE.c.code == INSTANCE.c.office_code)
        .order_by(*(page.c[name] for name in _TASK_KEY))
    )
    return [TaskLine(**row) for row in await lines(connection, statement)]


def _last_day(account: ColumnElement[UUID], role: ColumnElement[str]) -> ScalarSelect[date]:
    """The last day on which that account holds the role at the instance's office; null when it was taken away."""
    of_whom = (ASSIGNMENT.c.account_id == account, ASSIGNMENT.c.role == role, ASSIGNMENT.c.office_code == INSTANCE.c.office_code)
    last = func.max(func.coalesce(ASSIGNMENT.c.valid_to, date.max))
    joined = ASSIGNMENT.join(ACCOUNT, and_(ACCOUNT.c.id == ASSIGNMENT.c.account_id, ACCOUNT.c.active))
    return select(last).select_from(joined).where(*of_whom, ASSIGNMENT.c.revoked_at.is_(None)).correlate_except(ASSIGNMENT, ACCOUNT).scalar_subquery()


def _first_tasks(whose: ColumnElement[bool], after: tuple[datetime, UUID, str, str, str] | None, limit: int) -> Subquery:
    key = [TASK.c[name] for name in _TASK_KEY]
    statement = select(TASK.c.instance_id, *(TASK.c[name] for name in _TASK_SHOWN)).where(whose)
    if after is not None:
        statement = statement.where(tuple_(*key) > after)
    return statement.order_by(*key).limit(limit).subquery()


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
    key = (ROUND.c.due_at, ROUND.c.instance_id)
    page = (
        select(*key, ROUND.c.step, ROUND.c.round, ROUND.c.started_at.label("step_started_at"), ROUND.c.due_soon_at, ROUND.c.paused_at)
        .where(IS_ACTIVE, *_standing(state, now), *_narrowed_rounds(connection, narrowing), *([] if after is None else [tuple_(*key) > after]))
        .order_by(*key)
        .limit(limit)
        .subquery("page")
    )
    shown = ("step", "round", "step_started_at", "due_at", "due_soon_at", "paused_at")
    statement = (
        select(*ABOUT, *(page.c[name] for name in shown))
        .select_from(page)
        .join(INSTANCE, INSTANCE.c.id == page.c.instance_id)
        .join(OFFICE, OFFICE.c.code == INSTANCE.c.office_code)
        .order_by(page.c.due_at, page.c.instance_id)
    )
    return [DeadlineLine(**row) for row in await lines(connection, statement)]


def _standing(state: DeadlineFilter | None, now: datetime) -> list[ColumnElement[bool]]:
    """`due_at < now` says nothing that the pause does not say; but by it the index ends where nothing is overdue any more."""
    if state is None:
        return []
    if state == "overdue":
        return [ROUND.c.due_at < now, ROUND.c.due_at < func.coalesce(ROUND.c.paused_at, now)]
    near = ROUND.c.due_soon_at <= now if state == "due_soon" else ROUND.c.due_soon_at > now
    return [ROUND.c.due_at >= now, near, ROUND.c.paused_at.is_(None)]


def _narrowed(narrowing: Narrowing) -> list[ColumnElement[bool]]:
    found = [at_offices(INSTANCE.c.office_code, narrowing.offices)]
    if narrowing.procedure is not None:
        found.append(INSTANCE.c.procedure_key == narrowing.procedure)
    if narrowing.state is not None:
        found.append(INSTANCE.c.state == narrowing.state)
    if narrowing.period is not None:
        found.append(INSTANCE.c.period_key == narrowing.period)
    if narrowing.text:
        found.append(INSTANCE.c.title.icontains(narrowing.text, autoescape=True))
    return found


def _narrowed_rounds(connection: AsyncConnection, narrowing: Narrowing) -> list[ColumnElement[bool]]:
    """What stands in other tables is looked up row by row: as a join or an EXISTS it may turn into a scan of that table."""
    found = [at_offices(ROUND.c.office_code, narrowing.offices)]
    if narrowing.procedure is not None:
        procedure = select(INSTANCE.c.procedure_key).where(INSTANCE.c.id == ROUND.c.instance_id)
        found.append(procedure.scalar_subquery() == narrowing.procedure)
    if narrowing.role is not None:
        waiting = select(TASK.c.role).where(TASK.c.instance_id == ROUND.c.instance_id, TASK.c.kind == "step", TASK.c.role == narrowing.role)
        while_suspended = waits_for(narrowing.role, is_postgres=connection.dialect.name == "postgresql")
        found.append(case((ROUND.c.paused_at.is_(None), waiting.limit(1).scalar_subquery().is_not(None)), else_=while_suspended))
    return found


def at_offices(office: ColumnElement[str], offices: Sequence[str]) -> ColumnElement[bool]:
    return office == offices[0] if len(offices) == 1 else office.in_(list(offices))


async def lines(connection: AsyncConnection, statement: Select[Any]) -> list[dict[str, Any]]:
    names = [column.name for column in ABOUT]
    rows = (await connection.execute(statement)).mappings()
    return [{"about": About(**{name: row[name] for name in names})} | {k: v for k, v in row.items() if k not in names} for row in rows]
