"""How late an instance is: in all, by step, by the role that was waited for, and against the end that was planned. Pauses are nobody's lateness."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.domain.calendars import Calendar
from app.domain.instances import Instance, SignOff, StepRound
from app.domain.measuring import Measured, elapsed, measure
from app.domain.transitions.attempt import signatures_needed
from app.domain.transitions.course import pauses_until_now

_WORKED = frozenset({"active", "completed", "returned"})


@dataclass(frozen=True, slots=True)
class Late:
    """Office time after a deadline; `working_days` are those after the day on which it fell. What a calendar cannot say counts nothing."""

    office_minutes: int = 0
    working_days: int = 0

    def __add__(self, other: "Late") -> "Late":
        return Late(self.office_minutes + other.office_minutes, self.working_days + other.working_days)


IN_TIME = Late()


@dataclass(frozen=True, slots=True)
class Lateness:
    """`by_step` sums the rounds of a step. `by_role` counts each role's own part until it was signed off, so roles that work side by side may
    be late by more than the total, or one of them not at all.
    """

    total: Late
    by_step: dict[int, Late]
    by_role: dict[str, Late]


def lateness(instance: Instance, calendar: Calendar, now: datetime) -> Lateness:
    """Closed rounds as they were kept; the active one until now, or until it was paused."""
    rounds = sorted((r for r in instance.rounds if r.state in _WORKED and r.due_at is not None), key=lambda r: (r.step, r.round))
    by_step: dict[int, Late] = {}
    by_role: dict[str, Late] = {}
    for found in rounds:
        whole = _late(found) or _computed(instance, calendar, found, until=found.completed_at or found.paused_at or now)
        by_step[found.step] = by_step.get(found.step, IN_TIME) + whole
        for role in instance.procedure.step(found.step).performers:
            last = _last_needed(instance, found, role)
            own = whole if last is None else _late(last) or _computed(instance, calendar, found, until=last.at)
            by_role[role] = by_role.get(role, IN_TIME) + own
    return Lateness(_sum(by_step.values()), by_step, by_role)


def late_against(calendar: Calendar, planned_end_at: datetime, ends_at: datetime) -> Late:
    """Office time by which the one end comes after the other: all of it, since a planned end does not wait while an instance is suspended."""
    found = elapsed(calendar, planned_end_at, ends_at)
    return IN_TIME if found is None else Late(found.minutes, found.days)


def _sum(some: Iterable[Late]) -> Late:
    return sum(some, IN_TIME)


def _late(kept: StepRound | SignOff | Measured) -> Late | None:
    """None where nothing was kept: while it is under way, and before such things were kept."""
    if kept.late_minutes is None or kept.late_days is None:
        return None
    return Late(kept.late_minutes, kept.late_days)


def _computed(instance: Instance, calendar: Calendar, found: StepRound, *, until: datetime) -> Late:
    if found.started_at is None or found.due_at is None:
        return IN_TIME
    pauses = pauses_until_now(instance, found)
    return _late(measure(calendar, found.started_at, until, due_at=found.due_at, pauses=pauses)) or IN_TIME


def _last_needed(instance: Instance, found: StepRound, role: str) -> SignOff | None:
    """The sign-off that completed the role's part; None while it is waited for. One that a new version made void, still in this round, completed
    nothing; one that a later return made void did.
    """
    ended_at, of_part = found.completed_at, (found.step, found.round, role)
    newest = {s.account_id: s for s in sorted(instance.sign_offs, key=lambda s: s.number) if (s.step, s.round, s.role) == of_part}
    given = [s for s in newest.values() if s.voided_at is None or (ended_at is not None and s.voided_at >= ended_at)]
    needed = signatures_needed(instance.procedure.step(found.step), role, team_role=instance.procedure.team_role)
    return sorted(given, key=lambda sign_off: sign_off.at)[needed - 1] if len(given) >= needed else None
