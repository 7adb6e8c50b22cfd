"""Office time, counted minute by minute: slow, plain, and written from domain.md alone, to hold app/domain/calendars against.

It shares no code with what it judges and takes only its values. The office's clock hangs on a wall: it shows a local time each minute.
When it is put back, what was open or closed at the moment it was reached stays so until the clock shows something new.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.domain.calendars import Calendar, Pause

HORIZON = 100 * 1440
MINUTE = timedelta(minutes=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_DAY = date(1970, 1, 1).toordinal()


class BeyondTheHorizon(Exception):
    """The oracle has looked 100 days ahead and gives up."""


def due(calendar: Calendar, starts_at: datetime, value: int, unit: str, pauses: tuple[Pause, ...]) -> datetime:
    if unit in {"minute", "hour"}:
        return after_minutes(calendar, starts_at, value * (60 if unit == "hour" else 1), 0.0, pauses)
    return after_days(calendar, starts_at, value, unit, pauses)


def after_minutes(calendar: Calendar, starts_at: datetime, whole: int, part: float, pauses: tuple[Pause, ...]) -> datetime:
    """The moment at which so many office minutes, and a part of one more, have run outside pauses."""
    for minute in open_minutes(calendar, number(starts_at)):
        if is_paused(minute, pauses):
            continue
        if whole == 0:
            return moment(minute) + part * MINUTE
        whole -= 1
        if whole == 0 and not part:
            return moment(minute + 1)
    raise BeyondTheHorizon


def after_days(calendar: Calendar, starts_at: datetime, value: int, unit: str, pauses: tuple[Pause, ...]) -> datetime:
    """Goes from one end of office hours to the next. Those that fall into a pause do not count; the start day never counts, but when its
    closing is lost to a pause, one more is owed."""
    start, start_day = number(starts_at), wall_day(calendar.zone, number(starts_at))
    earliest, owed = (start_day + 1, value) if unit == "working_day" else (start_day + value, 1)
    for day, closing in closings(calendar, start):
        if closing < start:
            continue
        if is_paused(closing, pauses):
            owed += day < earliest or (unit == "working_day" and day == start_day)
        elif day >= earliest:
            owed -= 1
            if owed == 0:
                return moment(closing)
    raise BeyondTheHorizon


def closing_before(calendar: Calendar, due_at: datetime, count: int, not_before: datetime) -> datetime:
    """The end of office hours `count` working days before the one at `due_at`, or `not_before` if that is later."""
    known = [closing for _, closing in closings(calendar, number(not_before)) if closing <= number(due_at)]
    return max(moment(known[-1 - count]), not_before) if count < len(known) else not_before


def office_minutes(calendar: Calendar, start: datetime, end: datetime) -> int:
    last = number(end)
    count = 0
    for minute in open_minutes(calendar, number(start)):
        if minute >= last:
            break
        count += 1
    return count


def days_without_office_time(calendar: Calendar, first: datetime, last: datetime) -> set[date]:
    """The local dates from the one of `first` to the one of `last` on which no minute is office time."""
    from_day, to_day = (wall_day(calendar.zone, number(instant)) for instant in (first, last))
    worked = set[int]()
    for day, _ in _open(calendar, number(first) - 2 * 1440):
        if day > to_day:
            break
        worked.add(day)
    return {date.fromordinal(day + FIRST_DAY) for day in range(from_day, to_day + 1) if day not in worked}


def closings(calendar: Calendar, start: int) -> Iterator[tuple[int, int]]:
    """Each working day, from the day before `start` on, with the minute at which its last office minute is over."""
    last: tuple[int, int] | None = None
    for day, minute in _open(calendar, start - 1440):
        if last is not None and day != last[0]:
            yield last
        last = (day, minute + 1)


def open_minutes(calendar: Calendar, start: int) -> Iterator[int]:
    return (minute for _, minute in _open(calendar, start) if minute >= start)


def _open(calendar: Calendar, start: int) -> Iterator[tuple[int, int]]:
    """Every office minute from `start` on, with its day: what the clock has reached by then decides."""
    reached = 0
    day, hours = -1, list[tuple[int, int]]()
    for minute in range(start - 1440, start + HORIZON):
        reached = max(reached, minute + offset(calendar.zone, minute // 30))
        if reached // 1440 != day:
            day = reached // 1440
            hours = hours_on(calendar, date.fromordinal(day + FIRST_DAY))
        if minute >= start and any(since <= reached % 1440 < to for since, to in hours):
            yield day, minute


def hours_on(calendar: Calendar, day: date) -> list[tuple[int, int]]:
    if any(row.day == day for row in calendar.days_off):
        return []
    best: tuple[tuple[date, str, date], list[tuple[int, int]]] | None = None
    for schedule in calendar.schedules:
        if schedule.valid_from > day:
            continue
        begun = [s.starts_on for s in calendar.seasons if s.name == schedule.season and s.starts_on <= day <= s.ends_on]
        if schedule.season is not None and not begun:
            continue
        rank = (max(begun, default=date.min), schedule.season or "", schedule.valid_from)
        if best is None or rank > best[0]:
            best = rank, [(of_day(since), of_day(to)) for since, to in schedule.week[day.weekday()]]
    return best[1] if best else []


def is_paused(minute: int, pauses: tuple[Pause, ...]) -> bool:
    return any(p.resumed_at is not None and number(p.suspended_at) <= minute < number(p.resumed_at) for p in pauses)


def of_day(value: time) -> int:
    return value.hour * 60 + value.minute


@lru_cache(maxsize=2**16)
def offset(zone: str, half_hour: int) -> int:
    """Minutes that clocks of the zone are ahead of UTC; every zone here changes them on a full or half hour."""
    found = (EPOCH + half_hour * 30 * MINUTE).astimezone(ZoneInfo(zone)).utcoffset()
    assert found is not None
    return found // MINUTE


def wall_day(zone: str, minute: int) -> int:
    return (minute + offset(zone, minute // 30)) // 1440


def number(instant: datetime) -> int:
    return (instant - EPOCH) // MINUTE


def moment(minute: int) -> datetime:
    return EPOCH + minute * MINUTE
