"""Deadlines of a procedure: how a step stands against its due time, and when the steps that follow will be due."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.domain.calendars import Calendar, due
from app.domain.procedures import Procedure, Step

StepDeadlineState = Literal["on_time", "due_soon", "overdue", "met", "missed", "paused"]


@dataclass(frozen=True, slots=True)
class PlannedStep:
    number: int
    starts_at: datetime
    due_at: datetime


def deadline_state(
    *, state: str, due_at: datetime | None, due_soon_at: datetime | None, completed_at: datetime | None, paused_at: datetime | None, now: datetime
) -> StepDeadlineState | None:
    """How a step round stands. The due instant itself is still in time, for work under way as for work done.

    None for a step that has no deadline to keep: pending, skipped or cancelled. A returned round is closed and judged like a completed one.
    A paused step that was overdue when the pause began stays overdue.
    """
    if due_at is None or state in {"pending", "skipped", "cancelled"}:
        return None
    if completed_at is not None:
        return "met" if completed_at <= due_at else "missed"
    if due_at < (now if paused_at is None else paused_at):
        return "overdue"
    if paused_at is not None:
        return "paused"
    return "due_soon" if due_soon_at is not None and due_soon_at <= now else "on_time"


def plan(procedure: Procedure, calendar: Calendar, starts_at: datetime, from_step: int | None = None) -> tuple[PlannedStep, ...]:
    """Due times when each step takes its whole allowance and starts as the one before it is due; `from_step` None is the first."""
    planned: list[PlannedStep] = []
    for step in _path(procedure, procedure.steps[0].number if from_step is None else from_step):
        due_at = due(calendar, starts_at, step.duration)
        planned.append(PlannedStep(step.number, starts_at, due_at))
        starts_at = due_at
    return tuple(planned)


def forecast(procedure: Procedure, calendar: Calendar, *, active_step: int, due_at: datetime, now: datetime) -> datetime:
    """When the instance will end if the active step is finished as it is due (now, if that is past) and the rest take their allowances."""
    end = calendar.local(max(due_at, now))
    for step in _path(procedure, active_step):
        if step.number != active_step:
            end = due(calendar, end, step.duration)
    return end


def _path(procedure: Procedure, number: int | None) -> Iterator[Step]:
    """The steps from `number` on, along `yes`; it ends where a step would come twice."""
    seen: set[int] = set()
    while number is not None and number not in seen:
        seen.add(number)
        step = procedure.step(number)
        yield step
        number = procedure.successor(step, "yes")
