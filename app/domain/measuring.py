"""How much office time something took, and how much of it was late: kept with a round when it closes, and with each sign-off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.calendars import Calendar, CalendarHasNoWorkingTime, Pause
from app.domain.calendars.office_time import closed, closings_in
from app.domain.calendars.values import Span, in_utc

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Elapsed:
    """Office time between two instants, pauses aside. `days` are working days after the day of the first one, up to the day of the second."""

    minutes: int = 0
    days: int = 0


NOTHING = Elapsed()


@dataclass(frozen=True, slots=True)
class Measured:
    """What a round, or one part of it, took since it started, and what of that lay after it was due. All None where nothing can be said."""

    used_minutes: int | None = None
    used_days: int | None = None
    late_minutes: int | None = None
    late_days: int | None = None


UNKNOWN = Measured()


def measure(calendar: Calendar, since: datetime, until: datetime, *, due_at: datetime, pauses: Sequence[Pause] = ()) -> Measured:
    """What ran from `since` to `until`. Unknown where the calendar does not reach there, or has no schedule for a day of it."""
    used, late = elapsed(calendar, since, until, pauses), elapsed(calendar, due_at, until, pauses)
    return UNKNOWN if used is None or late is None else Measured(used.minutes, used.days, late.minutes, late.days)


def elapsed(calendar: Calendar, since: datetime, until: datetime, pauses: Sequence[Pause] = ()) -> Elapsed | None:
    """Nothing when `until` is not after `since`. A working day whose closing time falls into a pause is lost, as it is for a deadline."""
    since, until = in_utc(since), in_utc(until)
    if until <= since:
        return NOTHING
    try:
        days = list(calendar.days_between(calendar.local_date(since), calendar.local_date(until)))
    except CalendarHasNoWorkingTime:
        return None
    if any(day.off is not None and day.off.code == "no_schedule" for day in days):
        return None
    open_spans = [span for day in days for span in day.spans]
    stood_still = [(max(start, since), min(end, until)) for start, end in closed(pauses)]
    running = _shared(open_spans, [(since, until)]) - _shared(open_spans, stood_still)
    lost = sum(len(closings_in(calendar, pause, since)) for pause in stood_still if pause[0] < pause[1])
    return Elapsed(running // _MINUTE, max(0, sum(bool(day.spans) for day in days[1:]) - lost))


def _shared(some: Sequence[Span], others: Sequence[Span]) -> timedelta:
    """How long spans of the one kind run inside those of the other."""
    parts = (min(end, to) - max(start, since) for start, end in some for since, to in others)
    return sum((part for part in parts if part > timedelta()), timedelta())
