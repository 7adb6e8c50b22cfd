"""Why a deadline is when it is: the office time it used and the dates it passed over, so that a person can recount it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.domain.calendars.calendar import Calendar, OfficeDay
from app.domain.calendars.office_time import closed, closings_in, consumed, due_day
from app.domain.calendars.reasons import Skipped, off_by_pause
from app.domain.calendars.values import Pause, Span
from app.domain.durations import Duration

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Explanation:
    """`used`: for minutes and hours the stretches of office time consumed; for working days the office hours (opening to closing) of each
    day counted; for calendar days, which run through everything, one span from start to due.

    `skipped`: the dates passed over, with the reason: days off, and working days lost to a pause (`paused`). A calendar-day allowance
    counts days off, so it skips only those after its last counted day. For days the start day is not counted and so never skipped.

    `warnings`: `calendar_not_covered` (a year whose days off are not known), `provisional_day`, `provisional_season` (an estimate mattered).
    """

    due_at: datetime
    used: tuple[Span, ...]
    skipped: tuple[Skipped, ...]
    warnings: tuple[str, ...]


def explain(calendar: Calendar, starts_at: datetime, duration: Duration, pauses: Sequence[Pause] = ()) -> Explanation:
    """The same `due_at` as `due`, with what led to it."""
    if duration.office_minutes is not None:
        return _explain_minutes(calendar, starts_at, timedelta(minutes=duration.office_minutes), pauses)
    return _explain_days(calendar, starts_at, duration, pauses)


def _explain_minutes(calendar: Calendar, starts_at: datetime, allowance: timedelta, pauses: Sequence[Pause]) -> Explanation:
    stretches = consumed(calendar, starts_at, allowance, pauses)
    due_at = stretches[-1][1]
    worked = {calendar.local_date(since) for since, _ in stretches}
    days = list(calendar.days_between(calendar.local_date(starts_at), calendar.local_date(due_at)))
    lost = {day.day for day in days if day.spans and day.day not in worked and day.closing > starts_at}
    used = tuple(calendar.local_span(stretch) for stretch in stretches)
    return Explanation(calendar.local(due_at), used, _skipped(days, lost), _warnings(days))


def _explain_days(calendar: Calendar, starts_at: datetime, duration: Duration, pauses: Sequence[Pause]) -> Explanation:
    start_day, last = calendar.local_date(starts_at), due_day(calendar, starts_at, duration, pauses)
    due_at = calendar.closing(last)
    lost = {day for paused in closed(pauses) for day in closings_in(calendar, paused, starts_at)}
    days = list(calendar.days_between(start_day, last))
    if duration.unit == "calendar_day":
        first_skipped = start_day + duration.value * _DAY
        used = [(calendar.local(starts_at), due_at)]
    else:
        first_skipped = start_day + _DAY
        counted = [day for day in days if day.day > start_day and day.spans and day.day not in lost][-duration.value :]
        used = [calendar.local_span((day.opening, day.closing)) for day in counted]
    return Explanation(due_at, tuple(used), _skipped((day for day in days if day.day >= first_skipped or day.day in lost), lost), _warnings(days))


def _skipped(days: Iterable[OfficeDay], lost: set[date]) -> tuple[Skipped, ...]:
    found = (off_by_pause(day.day) if day.day in lost else day.off for day in days)
    return tuple(skipped for skipped in found if skipped is not None)


def _warnings(days: Iterable[OfficeDay]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(warning for day in days for warning in day.warnings))
