"""Deadline arithmetic in office time (domain.md §2).

Minutes and hours consume working intervals and stand still in a pause. Days end with office hours; each closing time that falls into a
pause moves the due day by one working day. An interval's end still belongs to a deadline: 07:30 + 4.5 h is 12:00, not 13:00.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from app.domain.calendars.calendar import Calendar
from app.domain.calendars.values import CalendarHasNoWorkingTime, Pause, Span, in_utc
from app.domain.durations import Duration
from app.domain.procedures import DueSoon

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


def due(calendar: Calendar, starts_at: datetime, duration: Duration, pauses: Sequence[Pause] = ()) -> datetime:
    """When the allowance ends, in the office's zone. An open pause is ignored: the due time is computed anew on resume."""
    minutes = duration.office_minutes
    if minutes is not None:
        return calendar.local(consumed(calendar, starts_at, minutes * _MINUTE, pauses)[-1][1])
    return calendar.closing(due_day(calendar, starts_at, duration, pauses))


def due_soon(calendar: Calendar, starts_at: datetime, duration: Duration, pauses: Sequence[Pause], rule: DueSoon) -> datetime:
    """When the step becomes due soon, in the office's zone; never before it starts."""
    minutes = duration.office_minutes
    if minutes is not None:
        allowance = minutes * _MINUTE * (100 - rule.percent) / 100
        return calendar.local(consumed(calendar, starts_at, allowance, pauses)[-1][1])
    day = due_day(calendar, starts_at, duration, pauses)
    return _closing_before(calendar, day, rule.working_days, not_before=starts_at)


def office_minutes(calendar: Calendar, start: datetime, end: datetime) -> int:
    """Whole minutes of office time between two instants; 0 if `end` is not after `start`."""
    start, end = in_utc(start), in_utc(end)
    days = calendar.days_between(calendar.local_date(start), calendar.local_date(end))
    worked = sum((max(min(to, end) - max(since, start), timedelta()) for day in days for since, to in day.spans), timedelta())
    return worked // _MINUTE


def consumed(calendar: Calendar, starts_at: datetime, allowance: timedelta, pauses: Sequence[Pause]) -> list[Span]:
    """The stretches of office time (UTC) that an allowance uses up; it ends where the last one ends."""
    stretches: list[Span] = []
    for since, to in _running(calendar, in_utc(starts_at), closed(pauses)):
        taken = min(to - since, allowance)
        stretches.append((since, since + taken))
        allowance -= taken
        if not allowance:
            return stretches
    raise _no_working_time(calendar, starts_at)


def due_day(calendar: Calendar, starts_at: datetime, duration: Duration, pauses: Sequence[Pause]) -> date:
    """The day on which an allowance in days ends."""
    day = _undisturbed_due_day(calendar, starts_at, duration)
    for paused in closed(pauses):
        if calendar.day(day).closing < paused[0]:
            break
        day = _working_day_after(calendar, day, len(closings_in(calendar, paused, starts_at)))
    return day


def _undisturbed_due_day(calendar: Calendar, starts_at: datetime, duration: Duration) -> date:
    """The due day as if there had been no pause."""
    start_day = calendar.local_date(starts_at)
    if duration.unit == "working_day":
        return _working_day_after(calendar, start_day, duration.value)
    return _working_day_after(calendar, start_day + (duration.value - 1) * _DAY, 1)


def closings_in(calendar: Calendar, paused: Span, starts_at: datetime) -> list[date]:
    """The days whose office hours end inside the half-open pause, as far as it lies after the start."""
    since, to = max(paused[0], in_utc(starts_at)), paused[1]
    days = calendar.days_between(calendar.local_date(since) - _DAY, calendar.local_date(to))
    return [day.day for day in days if day.spans and since <= day.closing < to]


def closed(pauses: Sequence[Pause]) -> list[Span]:
    """The pauses that are over, in UTC and in order; overlapping ones as one, so that no closing time counts twice."""
    merged: list[Span] = []
    for since, to in sorted((in_utc(pause.suspended_at), in_utc(pause.resumed_at)) for pause in pauses if pause.resumed_at is not None):
        if merged and since <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], to))
        elif since < to:
            merged.append((since, to))
    return merged


def _running(calendar: Calendar, starts_at: datetime, paused: list[Span]) -> Iterator[Span]:
    """Stretches of office time from `starts_at` on in which the clock runs."""
    for day in calendar.days_from(calendar.local_date(starts_at)):
        for since, to in day.spans:
            if to > starts_at:
                yield from _outside((max(since, starts_at), to), paused)


def _outside(span: Span, paused: list[Span]) -> Iterator[Span]:
    since, to = span
    for suspended_at, resumed_at in paused:
        if resumed_at <= since:
            continue
        if suspended_at >= to:
            break
        if suspended_at > since:
            yield since, suspended_at
        since = resumed_at
    if since < to:
        yield since, to


def _working_day_after(calendar: Calendar, day: date, count: int) -> date:
    """The `count`-th working day after `day`; 0 is the day itself."""
    if count == 0:
        return day
    for office_day in calendar.days_from(day + _DAY):
        count -= bool(office_day.spans)
        if count == 0:
            return office_day.day
    raise _no_working_time(calendar, day)


def _closing_before(calendar: Calendar, day: date, count: int, *, not_before: datetime) -> datetime:
    """The end of office hours `count` working days before a working day, or `not_before` if that is later."""
    first = calendar.local_date(not_before)
    while count and day > first:
        day -= _DAY
        count -= bool(calendar.day(day).spans)
    reached = calendar.day(day)
    if count or not reached.spans or reached.closing < in_utc(not_before):
        return calendar.local(not_before)
    return calendar.local(reached.closing)


def _no_working_time(calendar: Calendar, start: date) -> CalendarHasNoWorkingTime:
    return CalendarHasNoWorkingTime(
        f"no deadline found after {start}: calendar version {calendar.version} ({calendar.zone}) has too little office time"
    )
