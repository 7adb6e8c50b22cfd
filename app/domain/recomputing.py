"""A deadline under a calendar that has changed: computed anew from the same facts, its start, its allowance and its pauses.

A calendar without office time left for it has no deadline to give: then the old one stays, on its old calendar, and whoever computes it
is told by CalendarHasNoWorkingTime.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from app.domain.alarms import retimed
from app.domain.calendars import Calendar
from app.domain.events import NewEvent
from app.domain.instances import Instance, StepRound
from app.domain.transitions.course import Course, timed, told
from app.domain.transitions.effects import was_overdue

Reason = Literal["calendar_changed", "office_moved"]


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a calendar is another one, and the event that made it so; None where an older version of Alur kept none."""

    reason: Reason
    change: UUID | None


@dataclass(frozen=True, slots=True)
class Recomputed:
    """The instance on the new calendar. `event`: None where its deadline is what it was, and nobody has to be told."""

    instance: Instance
    event: NewEvent | None


def recomputed(instance: Instance, calendar: Calendar, now: datetime, *, cause: Cause) -> Recomputed | None:
    """None when there is nothing to compute: no step runs, or its deadline is that of this calendar. Raises CalendarHasNoWorkingTime."""
    active = instance.active
    if active is None or active.calendar_version >= calendar.version:
        return None
    anew = under(instance, active, calendar)
    if (anew.due_at, anew.due_soon_at) == (active.due_at, active.due_soon_at):
        return Recomputed(instance.with_round(replace(active, calendar_version=calendar.version)), None)
    anew, withdrawn = retimed(anew, now)
    data = {
        "step": active.step,
        "round": active.round,
        "from": told(active.due_at, instance),
        "to": told(anew.due_at, instance),
        "due_soon_at": told(anew.due_soon_at, instance),
        "reason": cause.reason,
        "change": None if cause.change is None else str(cause.change),
        "calendar_version": calendar.version,
        "withdrawn": list(withdrawn),
    }
    return Recomputed(instance.with_round(anew), NewEvent("deadline.recomputed", data))


def under(instance: Instance, active: StepRound, calendar: Calendar) -> StepRound:
    """The round with its due times by that calendar; what was overdue when the pause began keeps them. Raises CalendarHasNoWorkingTime."""
    if was_overdue(active):
        return replace(active, calendar_version=calendar.version)
    assert active.started_at is not None
    return timed(active, step=instance.procedure.step(active.step), course=Course(instance, calendar, active.started_at))
