"""Whose turn it is: what an instance waits for, as tasks. Derived from the instance in each act and stored beside it for the worklist."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from app.domain.instances import DocumentVersion, Instance, Person, StepRound
from app.domain.marking import awaited_marks
from app.domain.permissions import PERMISSIONS
from app.domain.procedures import SlotUse, Step
from app.domain.transitions.attempt import is_met, signatures_needed, signed_by

TaskKind = Literal["step", "initial", "signature"]


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that one role (or one member of the team) has to do now. `document_id` is null while there is nothing to mark yet."""

    kind: TaskKind
    role: str
    slot: str
    member: str
    account_id: UUID | None
    step: int
    round: int
    since: datetime
    due_at: datetime
    due_soon_at: datetime
    document_id: UUID | None = None
    claimed_by: UUID | None = None
    claimed_by_name: str | None = None


@dataclass(frozen=True, slots=True)
class WaitingFor:
    """One line of `waiting_for`: a role, the people who hold it, and since when."""

    kind: TaskKind
    role: str
    people: tuple[str, ...]
    since: datetime


def tasks(instance: Instance) -> tuple[Task, ...]:
    """Everything that waits now; nothing while suspended or closed."""
    active, step = instance.active, instance.active_step
    if active is None or step is None or instance.state != "running":
        return ()
    return (*_step_tasks(instance, step, active), *_mark_tasks(instance, step, active))


def waiting_for(instance: Instance, people: tuple[Person, ...], today: date) -> tuple[WaitingFor, ...]:
    """The tasks by kind and role, in the procedure's order, with the names of those who have to do them."""
    lines: dict[tuple[TaskKind, str], list[Task]] = {}
    for task in tasks(instance):
        lines.setdefault((task.kind, task.role), []).append(task)
    return tuple(WaitingFor(kind, role, _names(instance, found, people, today=today), found[0].since) for (kind, role), found in lines.items())


def _names(instance: Instance, line: list[Task], people: tuple[Person, ...], *, today: date) -> tuple[str, ...]:
    """In order: the members of the team who have not signed and are still the office's people, or the people who hold the role on that day."""
    members = {task.account_id for task in line} - {None}
    if members:
        here = {person.account_id for person in people if person.role not in PERMISSIONS and person.holds_on(today)}
        return tuple(sorted(member.name for member in instance.members if member.account_id in members & here))
    return tuple(sorted({person.name for person in people if person.role == line[0].role and person.holds_on(today)}))


def _step_tasks(instance: Instance, step: Step, active: StepRound) -> Iterator[Task]:
    """One task a part that still has to be signed off; for the team one a member who has not signed."""
    if is_met(instance, step):
        return
    team_role = instance.procedure.team_role
    for role in step.performers:
        given = signed_by(instance, role)
        if len(given) >= signatures_needed(step, role, team_role=team_role):
            continue
        if role != team_role:
            yield _task(instance, "step", role, active=active)
            continue
        for member in instance.members:
            if member.account_id not in given:
                yield _task(instance, "step", role, active=active, account_id=member.account_id)


def _mark_tasks(instance: Instance, step: Step, active: StepRound) -> Iterator[Task]:
    """One task a mark that the step's gate asks for and whose turn it is; it names the document once there is a version to mark."""
    for use, mark, role in awaited_marks(instance, step, active):
        is_there = use in step.inputs or instance.fills_output(use, active)
        yield _task(instance, mark, role, active=active, use=use, version=instance.usable(use.slot) if is_there else None)


def _task(
    instance: Instance,
    kind: TaskKind,
    role: str,
    *,
    active: StepRound,
    account_id: UUID | None = None,
    use: SlotUse | None = None,
    version: DocumentVersion | None = None,
) -> Task:
    assert active.started_at is not None
    assert active.due_at is not None
    assert active.due_soon_at is not None
    claim = next((c for c in instance.claims if kind == "step" and c.role == role), None)
    return Task(
        kind=kind,
        role=role,
        slot="" if use is None else use.slot,
        member="" if account_id is None else str(account_id),
        account_id=account_id,
        step=active.step,
        round=active.round,
        since=active.started_at if version is None else max(version.uploaded_at, active.started_at),
        due_at=active.due_at,
        due_soon_at=active.due_soon_at,
        document_id=None if version is None else version.document_id,
        claimed_by=None if claim is None else claim.account_id,
        claimed_by_name=None if claim is None else claim.name,
    )
