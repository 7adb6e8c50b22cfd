"""From rows of a page to its items. Titles and activities come from the procedures, which the process keeps."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.deadlines import StepDeadlineState, deadline_state
from app.domain.instances import Period
from app.domain.procedures import Procedure
from app.store.listings import About, DeadlineLine, InstanceLine, TaskLine
from app.usecases.acts import Shelf
from app.web.schemas.common import OfficeRef, PeriodShown, ProcedureRef, local, local_or_none
from app.web.schemas.instances import InstanceSummary
from app.web.schemas.worklists import DeadlineShown, InstanceRef, TaskShown

Procedures = Mapping[tuple[str, int], Procedure]


class Line(Protocol):
    @property
    def about(self) -> About: ...


async def titles_of(connection: AsyncConnection, shelf: Shelf, lines: Sequence[Line]) -> Procedures:
    """The procedures that the rows speak of; read only when this process has not met them yet."""
    keys = {(line.about.procedure_key, line.about.procedure_version) for line in lines}
    return {key: await shelf.procedures.get(connection, *key) for key in keys}


def show_summary(line: InstanceLine, procedures: Procedures, now: datetime) -> InstanceSummary:
    about, zone = line.about, ZoneInfo(line.about.time_zone)
    reference = show_instance(about, procedures)
    standing = _active(line.due_at, line.due_soon_at, line.paused_at, now=now)
    return InstanceSummary(
        id=about.instance_id,
        procedure=reference.procedure,
        office=reference.office,
        period=reference.period,
        title=about.title,
        state=line.state,
        current_step=line.current_step,
        version=line.version,
        started_at=local(line.started_at, zone),
        completed_at=local_or_none(line.completed_at, zone),
        planned_end_at=local(line.planned_end_at, zone),
        due_at=local_or_none(line.due_at, zone),
        deadline_state=standing,
    )


def show_task(line: TaskLine, procedures: Procedures, now: datetime, *, caller: UUID) -> TaskShown:
    zone = ZoneInfo(line.about.time_zone)
    standing = _active(line.due_at, line.due_soon_at, None, now=now)
    is_claimed = line.is_claimed(local(now, zone).date())
    return TaskShown(
        kind=line.kind,
        instance=show_instance(line.about, procedures),
        step=line.step,
        round=line.round,
        activity=procedure_of(line.about, procedures).step(line.step).activity.label,
        role=line.role,
        slot=line.slot or None,
        document_id=line.document_id,
        ready=line.kind == "step" or line.document_id is not None,
        since=local(line.since, zone),
        due_at=local(line.due_at, zone),
        deadline_state=standing,
        claimed_by=line.claimed_by_name if is_claimed else None,
        claimed_by_me=is_claimed and line.claimed_by == caller,
    )


def show_deadline(line: DeadlineLine, procedures: Procedures, now: datetime) -> DeadlineShown:
    zone, step = ZoneInfo(line.about.time_zone), procedure_of(line.about, procedures).step(line.step)
    standing = _active(line.due_at, line.due_soon_at, line.paused_at, now=now)
    return DeadlineShown(
        instance=show_instance(line.about, procedures),
        step=line.step,
        round=line.round,
        activity=step.activity.label,
        performers=list(step.performers),
        started_at=local(line.step_started_at, zone),
        due_soon_at=local(line.due_soon_at, zone),
        due_at=local(line.due_at, zone),
        deadline_state=standing,
    )


def _active(due_at: datetime | None, due_soon_at: datetime | None, paused_at: datetime | None, *, now: datetime) -> StepDeadlineState | None:
    """How an active step stands."""
    return deadline_state(state="active", due_at=due_at, due_soon_at=due_soon_at, completed_at=None, paused_at=paused_at, now=now)


def procedure_of(about: About, procedures: Procedures) -> Procedure:
    return procedures[about.procedure_key, about.procedure_version]


def show_instance(about: About, procedures: Procedures) -> InstanceRef:
    title = procedure_of(about, procedures).title
    return InstanceRef(
        id=about.instance_id,
        title=about.title,
        procedure=ProcedureRef(key=about.procedure_key, version=about.procedure_version, title=title),
        office=OfficeRef(code=about.office_code, name=about.office_name),
        period=PeriodShown.of(Period.parse(about.period_key)),
    )
