"""How an instance moves along its procedure: opening a step, leading back, passing by, finishing. Each gives the new instance and its events."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.alarms import alarmed
from app.domain.calendars import Calendar, Pause, due, due_soon
from app.domain.events import NewEvent
from app.domain.instances import Instance, StepRound
from app.domain.measuring import UNKNOWN, Measured, measure
from app.domain.procedures import Step


@dataclass(frozen=True, slots=True)
class Course:
    """An instance on its way through one act, with what has happened so far. `now` is the time of the act, `calendar` the office's."""

    instance: Instance
    calendar: Calendar
    now: datetime
    events: tuple[NewEvent, ...] = ()

    def then(self, instance: Instance, *events: NewEvent) -> "Course":
        return replace(self, instance=instance, events=(*self.events, *events))

    def then_event(self, event: NewEvent) -> "Course":
        return replace(self, events=(*self.events, event))


def open_step(course: Course, number: int) -> Course:
    """Activate a step: a new round with a fresh allowance, due in office time."""
    instance, step = course.instance, course.instance.procedure.step(number)
    opened = timed(
        StepRound(step=number, round=instance.rounds_opened(number) + 1, state="active", started_at=course.now),
        step=step,
        course=course,
    )
    instance = retire(instance, lambda found: found.step == number)
    instance = replace(instance.with_round(alarmed(opened)), current_step=number)
    due = {"due_at": told(opened.due_at, instance), "due_soon_at": told(opened.due_soon_at, instance)}
    data = {"step": number, "round": opened.round, "performers": list(step.performers)} | due
    return course.then(instance, NewEvent("step.activated", data))


def timed(opened: StepRound, *, step: Step, course: Course) -> StepRound:
    """The round with its due times, computed from facts: its start, its allowance, the calendar and the pauses since."""
    if opened.started_at is None:
        return opened
    pauses = pauses_until_now(course.instance, opened)
    rule = step.due_soon or course.instance.procedure.due_soon
    return replace(
        opened,
        due_at=due(course.calendar, opened.started_at, step.duration, pauses=pauses),
        due_soon_at=due_soon(course.calendar, opened.started_at, step.duration, pauses=pauses, rule=rule),
        calendar_version=course.calendar.version,
    )


def pauses_until_now(instance: Instance, opened: StepRound) -> tuple[Pause, ...]:
    """The times in which that round's clock stood still and runs again."""
    return tuple(Pause(s.suspended_at, s.resumed_at) for s in instance.pauses_of(opened) if s.resumed_at is not None)


def retire(instance: Instance, which: Callable[[StepRound], bool]) -> Instance:
    """Those rounds are history now: their steps are pending again."""
    return replace(instance, rounds=tuple(replace(r, is_current=False) if r.is_current and which(r) else r for r in instance.rounds))


def close_round(course: Course, state: str) -> Course:
    """Close the active round where it stands; claims on it end. One that was worked to its end keeps what it took."""
    active = course.instance.active
    if active is None:
        return course
    taken = measured(course, active) if state in {"completed", "returned"} else UNKNOWN
    closed = replace(
        active,
        state=state,
        completed_at=course.now,
        paused_at=None,
        used_minutes=taken.used_minutes,
        used_days=taken.used_days,
        late_minutes=taken.late_minutes,
        late_days=taken.late_days,
    )
    instance = replace(course.instance.with_round(alarmed(closed)), claims=())
    return course.then(instance)


def measured(course: Course, active: StepRound) -> Measured:
    """What the active round has taken until now."""
    if active.started_at is None or active.due_at is None:
        return UNKNOWN
    return measure(course.calendar, active.started_at, course.now, due_at=active.due_at, pauses=pauses_until_now(course.instance, active))


def lead_back(course: Course, target: int) -> Course:
    """Open the target again; the steps after it become pending, their sign-offs void. A step left as `returned` stays shown so."""
    left = course.instance.current_step
    instance = retire(course.instance, lambda r: r.step >= target and not (r.step == left and r.state == "returned"))
    instance = void_sign_offs(instance, course.now, from_step=target)
    return open_step(course.then(instance), target)


def void_sign_offs(instance: Instance, now: datetime, *, from_step: int) -> Instance:
    voided = tuple(replace(s, voided_at=now) if s.step >= from_step and s.voided_at is None else s for s in instance.sign_offs)
    return replace(instance, sign_offs=voided)


def go_on(course: Course, successor: int | None, *, left: int) -> Course:
    """From a completed step to the next one, forward, back or to the end."""
    if successor is not None and successor <= left:
        return lead_back(course, successor)
    for number in sorted(course.instance.procedure.numbered):
        if left < number and (successor is None or number < successor):
            course = pass_by(course, number)
    return finish(course) if successor is None else open_step(course, successor)


def pass_by(course: Course, number: int) -> Course:
    instance = retire(course.instance, lambda found: found.step == number)
    skipped = StepRound(step=number, round=instance.rounds_opened(number) + 1, state="skipped")
    return course.then(instance.with_round(skipped), NewEvent("step.skipped", {"step": number, "round": skipped.round}))


def finish(course: Course) -> Course:
    instance = replace(course.instance, state="completed", current_step=None, completed_at=course.now)
    planned = instance.planned_end_at
    data = {"planned_end_at": told(planned, instance), "late": course.now > planned}
    return course.then(instance, NewEvent("instance.completed", data))


def told(moment: datetime | None, instance: Instance) -> str | None:
    """A deadline as an event tells it: in the office's zone, whether it was just computed or read from the store."""
    return None if moment is None else moment.astimezone(instance.office.zone).isoformat()
