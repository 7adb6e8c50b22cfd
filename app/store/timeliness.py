"""What the timeliness report counts: histograms of closed step rounds or of their sign-offs, and of what is still open.

One office and a year is a range of ix_step_round_closed. `state <> 'active'` is written as a literal, for the partial indexes (as in listings.py).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Join, Select, and_, func, literal_column, null, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.timeliness import Dimension, Finished, StillOpen, Work
from app.store.offices import COVER, OFFICE, at, standing
from app.store.tables import InstanceRow, SignOffRow, StepRoundRow, TaskRow, table

INSTANCE = table(InstanceRow)
ROUND = table(StepRoundRow)
SIGN_OFF = table(SignOffRow)
TASK = table(TaskRow)

_MEASURES = ("used_minutes", "used_days", "late_minutes", "late_days")
_NOT_ACTIVE = ROUND.c.state != literal_column("'active'")
_IS_ACTIVE = ROUND.c.state == literal_column("'active'")
_CLOSED = ROUND.c.state.in_([literal_column("'completed'"), literal_column("'returned'")])
Span = tuple[datetime, datetime]
"""From and until; the second is outside."""


@dataclass(frozen=True, slots=True)
class Place:
    code: str
    name: str
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Filters; None leaves out. `spans`: when, with the offices for which it is so.

    `parts`: each performer's sign-off is counted, not each step. `apart`: what is not counted together, beside procedure, version and step.
    """

    spans: Mapping[Span, Sequence[str]]
    parts: bool
    most: int
    apart: Collection[Dimension] = ()
    procedure: str | None = None
    period: str | None = None
    step: int | None = None
    role: str | None = None

    @property
    def offices(self) -> list[str]:
        return sorted(code for codes in self.spans.values() for code in codes)


async def places(connection: AsyncConnection, codes: Collection[str], now: datetime, *, below: str | None) -> list[Place]:
    """Those offices by code; with `below` only that one and those now below it."""
    statement = select(OFFICE.c.code, OFFICE.c.name, OFFICE.c.time_zone).where(OFFICE.c.code.in_(sorted(codes))).order_by(OFFICE.c.code)
    if below is not None:
        statement = statement.where(OFFICE.c.code.in_(select(COVER.c.code).where(COVER.c.ancestor == below, standing(at(now)))))
    return [Place(*row) for row in await connection.execute(statement)]


async def finished(connection: AsyncConnection, wanted: Wanted) -> list[Finished]:
    """At most `most` + 1 kinds, so that one more tells that there are too many."""
    each = _parts(wanted) if wanted.parts else _rounds(wanted)
    found = await connection.execute(_counted(each, wanted))
    return [
        Finished(
            work=_work(row),
            count=row.so_many,
            late=bool(row.late),
            returned=row.state == "returned",
            **{name: getattr(row, name) for name in _MEASURES},
        )
        for row in found
    ]


async def still_open(connection: AsyncConnection, wanted: Wanted, now: datetime) -> list[StillOpen]:
    """Active rounds, or roles that one waits for; whenever they began. At most `most` + 1 kinds."""
    found = await connection.execute(_counted(_waiting(wanted, now), wanted))
    return [StillOpen(work=_work(row), count=row.so_many, overdue=bool(row.overdue)) for row in found]


def _counted(each: Select[Any], wanted: Wanted) -> Select[Any]:
    """What is alike in all but its instance."""
    of = each.subquery("each_one")
    alike = [column for column in of.c if column.name != "instance_id"]
    return select(*alike, func.count().label("so_many")).group_by(*alike).limit(wanted.most + 1)


def _rounds(wanted: Wanted) -> Select[Any]:
    """A round is late when it ended after its due moment, which is itself still in time."""
    late = (ROUND.c.completed_at > ROUND.c.due_at).label("late")
    measured = (ROUND.c[name] for name in _MEASURES)
    return select(*_about(wanted), ROUND.c.state, late, *measured).select_from(_with_instance()).where(*_closed(wanted))


def _parts(wanted: Wanted) -> Select[Any]:
    """The sign-offs that stood when their round closed. Late is who had to say why: nobody is judged by a due moment that was set afterwards."""
    late = SIGN_OFF.c.late_reason.is_not(None).label("late")
    measured = (SIGN_OFF.c[name] for name in _MEASURES)
    of_round = and_(SIGN_OFF.c.instance_id == ROUND.c.instance_id, SIGN_OFF.c.step == ROUND.c.step, SIGN_OFF.c.round == ROUND.c.round)
    stood = or_(SIGN_OFF.c.voided_at.is_(None), SIGN_OFF.c.voided_at >= ROUND.c.completed_at)
    named = [] if wanted.role is None else [SIGN_OFF.c.role == wanted.role]
    joined = _with_instance().join(SIGN_OFF, of_round)
    return select(*_about(wanted, SIGN_OFF.c.role), ROUND.c.state, late, *measured).select_from(joined).where(*_closed(wanted), stood, *named)


def _waiting(wanted: Wanted, now: datetime) -> Select[Any]:
    """Overdue as in listings: what was paused in time is not. A role of which several members are waited for is one part."""
    overdue = (ROUND.c.due_at < func.coalesce(ROUND.c.paused_at, at(now))).label("overdue")
    conditions = [_IS_ACTIVE, _at(ROUND.c.office_code, wanted.offices), *_narrowed(wanted)]
    if not wanted.parts:
        return select(*_about(wanted), overdue).select_from(_with_instance()).where(*conditions)
    named = [_at(TASK.c.office_code, wanted.offices), *([] if wanted.role is None else [TASK.c.role == wanted.role])]
    joined = _with_instance().join(TASK, and_(TASK.c.instance_id == ROUND.c.instance_id, TASK.c.kind == "step"))
    return select(*_about(wanted, TASK.c.role), overdue, ROUND.c.instance_id).distinct().select_from(joined).where(*conditions, *named)


def _with_instance() -> Join:
    return ROUND.join(INSTANCE, INSTANCE.c.id == ROUND.c.instance_id)


def _about(wanted: Wanted, role: ColumnElement[Any] | None = None) -> tuple[ColumnElement[Any], ...]:
    """What nobody asks to be kept apart is null, so that more is alike."""
    of: dict[Dimension, ColumnElement[Any] | None] = {"office": ROUND.c.office_code, "period": INSTANCE.c.period_key, "role": role}
    always = (INSTANCE.c.procedure_key.label("procedure"), INSTANCE.c.procedure_version.label("version"), ROUND.c.step)
    return (*always, *((null() if column is None or name not in wanted.apart else column).label(name) for name, column in of.items()))


def _work(row: Any) -> Work:
    return Work(procedure=row.procedure, version=row.version, step=row.step, office=row.office, period=row.period, role=row.role)


def _closed(wanted: Wanted) -> list[ColumnElement[bool]]:
    spans = [
        and_(_at(ROUND.c.office_code, codes), ROUND.c.completed_at >= since, ROUND.c.completed_at < until)
        for (since, until), codes in wanted.spans.items()
    ]
    return [_NOT_ACTIVE, _CLOSED, or_(*spans), *_narrowed(wanted)]


def _narrowed(wanted: Wanted) -> list[ColumnElement[bool]]:
    """The instances' office is that of their rounds; said here too, so that theirs need not all be read."""
    asked = {INSTANCE.c.procedure_key: wanted.procedure, INSTANCE.c.period_key: wanted.period, ROUND.c.step: wanted.step}
    return [_at(INSTANCE.c.office_code, wanted.offices), *(column == value for column, value in asked.items() if value is not None)]


def _at(office: ColumnElement[str], codes: Sequence[str]) -> ColumnElement[bool]:
    return office == codes[0] if len(codes) == 1 else office.in_(list(codes))
