"""Deadline arithmetic in office time (domain.md §2).

Minutes and hours consume working intervals and stand still in a pause. Days end with office hours; each closing time that falls into a
pause moves the due day by one working day. An interval's end still belongs to a deadline: 07:30 + 4.5 h is 12:00, not 13:00.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import takewhile

from app.domain.calendars.calendar import Calendar, OfficeDay
from app.domain.calendars.values import CalendarHasNoWorkingTime, Pause, Span, in_utc
from app.domain.durations import Duration
from app.domain.procedures import DueSoon

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_IDLE_DAYS = 3 * 366
_FURTHEST_BACK = 100 * 366


def due(calendar: Calendar, starts_at: datetime, duration: Duration, pauses: Sequence[Pause] = ()) -> datetime:
    """When the allowance ends, in the office's zone. An open pause is ignored: the due time is computed anew on resume."""
    minutes = duration.office_minutes
    if minutes is not None:
        return calendar.local(consumed(calendar, starts_at, minutes * _MINUTE, pauses)[-1][1])
    return calendar.closing(due_day(calendar, starts_at, duration, pauses))


def due_soon(calendar: Calendar, starts_at: datetime, duration: Duration, pauses: Sequence[Pause], rule: DueSoon) -> datetime:
    """When the step becomes due soon, in the office's zone; never before it starts.

    A `lead` counts back from due, in its own unit, whatever the allowance is counted in. Minutes and hours: the first moment from which
    just so much office time is left, pauses aside. Days: the end of office hours so many working days, or calendar days (rolled back to a
    working day), before the day on which it is due. So a step of an hour with a lead of a day is due soon as it starts.
    """
    if rule.lead is not None:
        return calendar.local(_led(calendar, starts_at, due(calendar, starts_at, duration, pauses), pauses, rule.lead))
    minutes = duration.office_minutes
    if minutes is not None:
        allowance = minutes * _MINUTE * (100 - rule.percent) / 100
        return calendar.local(consumed(calendar, starts_at, allowance, pauses)[-1][1])
    day = due_day(calendar, starts_at, duration, pauses)
    return _closing_before(calendar, day, rule.working_days, not_before=starts_at)


def _led(calendar: Calendar, starts_at: datetime, due_at: datetime, pauses: Sequence[Pause], lead: Duration) -> datetime:
    minutes, day = lead.office_minutes, calendar.local_date(due_at)
    if minutes is not None:
        return _left_before(calendar, starts_at, due_at, minutes * _MINUTE, pauses)
    if lead.unit == "working_day":
        return _closing_before(calendar, day, lead.value, not_before=starts_at)
    return _closing_by(calendar, day - lead.value * _DAY, not_before=starts_at)


def _left_before(calendar: Calendar, starts_at: datetime, due_at: datetime, left: timedelta, pauses: Sequence[Pause]) -> datetime:
    """The first moment from the start on at which no more than so much running office time is left before due."""
    end = in_utc(due_at)
    running = takewhile(lambda span: span[0] < end, _running(calendar, in_utc(starts_at), closed(pauses)))
    for since, to in reversed([(since, min(to, end)) for since, to in running]):
        if left < to - since:
            return to - left
        left -= to - since
    return starts_at


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


def working_days_back(calendar: Calendar, last: date) -> Iterator[OfficeDay]:
    """Each working day, from `last` on into the past; it ends after three years without one, or after a hundred years."""
    idle = 0
    for passed in range(_FURTHEST_BACK):
        day = last - passed * _DAY
        if idle > _IDLE_DAYS or not 1900 <= day.year < 9000:
            return
        office_day = calendar.day(day)
        idle = 0 if office_day.spans else idle + 1
        if office_day.spans:
            yield office_day


def _closing_by(calendar: Calendar, day: date, *, not_before: datetime) -> datetime:
    """The end of office hours on that day or the last working day before it, or `not_before` if that is later."""
    first = calendar.local_date(not_before)
    while day > first and not calendar.day(day).spans:
        day -= _DAY
    return _closing_before(calendar, day, 0, not_before=not_before)


def _no_working_time(calendar: Calendar, start: date) -> CalendarHasNoWorkingTime:
    return CalendarHasNoWorkingTime(
        f"no deadline found after {start}: calendar version {calendar.version} ({calendar.zone}) has too little office time"
    )
