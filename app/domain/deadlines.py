"""Deadlines of a procedure: how a step stands against its due time, and when the steps that follow will be due."""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from app.domain.calendars import Calendar, CalendarHasNoWorkingTime, due
from app.domain.calendars.office_time import working_days_back
from app.domain.instances import StepRound
from app.domain.procedures import Procedure, Step

_MINUTE = timedelta(minutes=1)

StepDeadlineState = Literal["on_time", "due_soon", "overdue", "met", "missed", "paused"]


@dataclass(frozen=True, slots=True)
class PlannedStep:
    number: int
    starts_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Forecast:
    """When an instance will end, and the steps that are still to come, along `yes`."""

    ends_at: datetime
    steps: tuple[PlannedStep, ...] = ()


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


def standing_of(found: StepRound, now: datetime) -> StepDeadlineState | None:
    return deadline_state(
        state=found.state,
        due_at=found.due_at,
        due_soon_at=found.due_soon_at,
        completed_at=found.completed_at,
        paused_at=found.paused_at,
        now=now,
    )


def plan(procedure: Procedure, calendar: Calendar, starts_at: datetime, from_step: int | None = None) -> tuple[PlannedStep, ...]:
    """Due times when each step takes its whole allowance and starts as the one before it is due; `from_step` None is the first."""
    return tuple(_planned(procedure, calendar, starts_at, procedure.steps[0].number if from_step is None else from_step))


def latest_start(procedure: Procedure, calendar: Calendar, ends_by: date) -> datetime:
    """The latest whole minute of office hours from which `plan` still ends on or before that day, in the office's zone.

    The end of office hours is among those minutes: a step of days that starts then is due as if it had started before. A step of minutes
    would start as the office next opens, and that is the later start. Raises CalendarHasNoWorkingTime when no start is early enough.
    """

    def too_late(starts_at: datetime) -> bool:
        return not _ends_by(procedure, calendar, starts_at, ends_by)

    day = _latest_day(calendar, ends_by, too_late)
    minutes = [minute for since, to in calendar.day(day).spans for minute in _minutes(since, to)]
    return calendar.local(minutes[bisect_left(minutes, True, key=too_late) - 1])


def _latest_day(calendar: Calendar, ends_by: date, too_late: Callable[[datetime], bool]) -> date:
    """The last working day whose opening is not too late. It looks back in growing strides, then between the last two."""
    days: list[date] = []
    wanted = 1
    for office_day in working_days_back(calendar, ends_by):
        days.append(office_day.day)
        if len(days) == wanted:
            if not too_late(office_day.opening):
                break
            wanted *= 2
    earlier = bisect_left(days, True, key=lambda day: not too_late(calendar.day(day).opening))
    if earlier == len(days):
        raise CalendarHasNoWorkingTime(f"no start is early enough to end by {ends_by}: calendar version {calendar.version} ({calendar.zone})")
    return days[earlier]


def _ends_by(procedure: Procedure, calendar: Calendar, starts_at: datetime, ends_by: date) -> bool:
    """Whether the plan ends on or before that day; it is followed no further than that."""
    try:
        return all(step.due_at.date() <= ends_by for step in _planned(procedure, calendar, starts_at, procedure.steps[0].number))
    except CalendarHasNoWorkingTime:
        return False


def _minutes(since: datetime, to: datetime) -> Iterator[datetime]:
    """Each whole minute from one to the other, both inside."""
    for passed in range((to - since) // _MINUTE + 1):
        yield since + passed * _MINUTE


def _planned(procedure: Procedure, calendar: Calendar, starts_at: datetime, number: int) -> Iterator[PlannedStep]:
    for step in _path(procedure, number):
        due_at = due(calendar, starts_at, step.duration)
        yield PlannedStep(step.number, starts_at, due_at)
        starts_at = due_at


def forecast(procedure: Procedure, calendar: Calendar, *, active_step: int, due_at: datetime, now: datetime) -> Forecast:
    """As it goes on if the active step is finished as it is due (now, if that is past) and the rest take their allowances."""
    end = calendar.local(max(due_at, now))
    following: list[PlannedStep] = []
    for step in _path(procedure, active_step):
        if step.number != active_step:
            following.append(PlannedStep(step.number, end, due(calendar, end, step.duration)))
            end = following[-1].due_at
    return Forecast(end, tuple(following))


def _path(procedure: Procedure, number: int | None) -> Iterator[Step]:
    """The steps from `number` on, along `yes`; it ends where a step would come twice."""
    seen: set[int] = set()
    while number is not None and number not in seen:
        seen.add(number)
        step = procedure.step(number)
        yield step
        number = procedure.successor(step, "yes")
