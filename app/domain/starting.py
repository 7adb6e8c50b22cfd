"""Starting an instance: who may, and what stands afterwards."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.calendars import Calendar
from app.domain.deadlines import plan
from app.domain.events import NewEvent, text_hash
from app.domain.instances import Instance, Office, Period, role_labels
from app.domain.people import Actor
from app.domain.procedures import Procedure
from app.domain.refusals import Refusal
from app.domain.transitions.course import Course, open_step, told


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRequest:
    procedure: Procedure
    procedure_version: int
    office: Office
    period: Period
    title: str
    already_open: UUID | None


def start_refusals(request: StartRequest, actor: Actor) -> tuple[Refusal, ...]:
    """A holder of a role that performs step 1 starts; one open instance per procedure, office and period."""
    roles = request.procedure.steps[0].performers
    found = []
    if not any(actor.position(role, request.office.code) for role in roles):
        found.append(Refusal("may_not_start", {"roles": role_labels(request.procedure, roles)}))
    if request.already_open is not None:
        found.append(Refusal("instance_already_open", {"instance_id": str(request.already_open)}))
    return tuple(found)


def start(request: StartRequest, actor: Actor, *, instance_id: UUID, calendar: Calendar, now: datetime) -> Course:
    """The instance with step 1 active, and its planned end: the sum of all allowances from now, in office time."""
    instance = Instance(
        id=instance_id,
        procedure=request.procedure,
        procedure_version=request.procedure_version,
        office=request.office,
        period=request.period,
        title=request.title,
        state="running",
        version=1,
        current_step=request.procedure.steps[0].number,
        started_by=actor.account_id,
        started_at=now,
        planned_end_at=plan(request.procedure, calendar, now)[-1].due_at,
    )
    data = {
        "procedure": request.procedure.key,
        "procedure_version": request.procedure_version,
        "period": request.period.key,
        "title_sha256": text_hash(request.title),
        "planned_end_at": told(instance.planned_end_at, instance),
    }
    course = Course(instance, calendar, now).then_event(NewEvent("instance.started", data))
    return open_step(course, request.procedure.steps[0].number)


def starting_role(request: StartRequest, actor: Actor) -> str:
    """The role in which the caller starts: the first of step 1 that they hold."""
    return next(role for role in request.procedure.steps[0].performers if actor.position(role, request.office.code))
