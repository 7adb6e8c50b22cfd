"""Office time, counted minute by minute: slow, plain, and written from domain.md alone, to hold app/domain/calendars against.

It shares no code with what it judges and takes only its values: what each office says, and on which days it stands above. The office's
clock hangs on a wall: it shows a local time each minute. When it is put back, what was open or closed at the moment it was reached stays so
until the clock shows something new.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import takewhile
from zoneinfo import ZoneInfo

from app.domain.calendars import DayOff, Layer, Pause, Schedule, Standing
from app.domain.durations import Duration

HORIZON = 100
"""Days."""
MINUTE = timedelta(minutes=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_DAY = date(1970, 1, 1).toordinal()
Worked = tuple[int, int]
"""A working day with the minute at which its last office minute is over."""


class BeyondTheHorizon(Exception):
    """The oracle has looked 100 days ahead and gives up."""


class Oracle:
    """Days and minutes are numbered from 1970 on, minutes in UTC."""

    def __init__(self, zone: str, above: Sequence[Standing]) -> None:
        self.zone, self.above = zone, above
        self._open: dict[int, list[tuple[int, int]]] = {}
        self._hours: dict[int, list[tuple[int, int]]] = {}

    # ── deadlines ───────────────────────────────────────────────────────────────────────────────────────────────────

    def due(self, starts_at: datetime, duration: Duration, pauses: Sequence[Pause]) -> datetime:
        if duration.unit in {"minute", "hour"}:
            return moment(self.used_minutes(starts_at, duration, pauses)[-1] + 1)
        return moment(self._due_day(starts_at, duration, pauses)[1])

    def used_minutes(self, starts_at: datetime, duration: Duration, pauses: Sequence[Pause]) -> list[int]:
        """The minutes of office time that an allowance in minutes or hours takes."""
        wanted = minutes_of(duration)
        found: list[int] = []
        for minute in self._running(starts_at, pauses):
            found.append(minute)
            if len(found) == wanted:
                return found
        raise BeyondTheHorizon

    def used_days(self, starts_at: datetime, duration: Duration, pauses: Sequence[Pause]) -> list[tuple[int, int]]:
        """The first minute and the end of office hours of each working day that an allowance in working days counts."""
        start, last = number(starts_at), self._due_day(starts_at, duration, pauses)[0]
        days = [worked for worked in takewhile(lambda worked: worked[0] <= last, self.closings(start)) if worked[0] > self.day_of(start)]
        counted = [worked for worked in days if not is_paused(worked[1], pauses)][-duration.value :]
        return [(next(minute for of, minute in self.minutes(closing - 2 * 1440) if of == day), closing) for day, closing in counted]

    def _due_day(self, starts_at: datetime, duration: Duration, pauses: Sequence[Pause]) -> Worked:
        """Goes from one end of office hours to the next. Those that fall into a pause do not count; the start day never counts, but when
        its closing is lost to a pause, one more is owed.
        """
        start, working = number(starts_at), duration.unit == "working_day"
        start_day = self.day_of(start)
        earliest, owed = (start_day + 1, duration.value) if working else (start_day + duration.value, 1)
        for day, closing in self.closings(start):
            if closing < start:
                continue
            if is_paused(closing, pauses):
                owed += day < earliest or (working and day == start_day)
            elif day >= earliest:
                owed -= 1
                if owed == 0:
                    return day, closing
        raise BeyondTheHorizon

    def share_used(self, starts_at: datetime, duration: Duration, pauses: Sequence[Pause], percent_left: int) -> datetime:
        """When so much of an allowance in minutes or hours is left."""
        used = self.used_minutes(starts_at, duration, pauses)
        whole, rest = divmod(len(used) * (100 - percent_left), 100)
        return moment(used[whole]) + MINUTE * rest / 100 if rest else moment(used[whole - 1] + 1)

    def minutes_left(self, starts_at: datetime, duration: Duration, pauses: Sequence[Pause], lead: int) -> datetime:
        """The first moment from which no more than `lead` minutes are left before due."""
        due_at = number(self.due(starts_at, duration, pauses))
        running = list(takewhile(lambda minute: minute < due_at, self._running(starts_at, pauses)))
        return starts_at if len(running) <= lead else moment(running[-1 - lead] + 1)

    def working_days_left(self, starts_at: datetime, duration: Duration, pauses: Sequence[Pause], count: int) -> datetime:
        """The end of office hours so many working days before the day on which it is due."""
        known = self._days_until_due(starts_at, duration, pauses)
        return max(moment(known[-1 - count][1]), starts_at) if count < len(known) else starts_at

    def calendar_days_left(self, starts_at: datetime, duration: Duration, pauses: Sequence[Pause], count: int) -> datetime:
        """The last end of office hours that is so many days, or more, before the day on which it is due."""
        known = self._days_until_due(starts_at, duration, pauses)
        early = [closing for day, closing in known if day <= known[-1][0] - count]
        return max(moment(early[-1]), starts_at) if early else starts_at

    def _days_until_due(self, starts_at: datetime, duration: Duration, pauses: Sequence[Pause]) -> list[Worked]:
        last_minute = number(self.due(starts_at, duration, pauses)) - 1
        return list(takewhile(lambda worked: worked[0] <= self._office_day(last_minute), self.closings(number(starts_at))))

    def office_minutes(self, start: datetime, end: datetime) -> int:
        last = number(end)
        return sum(1 for _ in takewhile(lambda found: found[1] < last, self.minutes(number(start))))

    def skipped(self, first: datetime, last: datetime) -> dict[date, str]:
        """The local dates from the one of `first` to the one of `last` on which no minute is office time, and why."""
        from_day, to_day = self.day_of(number(first)), self.day_of(number(last))
        worked = {day for day, _ in takewhile(lambda found: found[0] <= to_day, self.minutes(number(first) - 2 * 1440))}
        return {on(day): self.why_off(on(day)) for day in range(from_day, to_day + 1) if day not in worked}

    def starts_after(self, moment_before: datetime) -> Iterator[datetime]:
        """Every later minute of office time at which work can begin, or just ended: each end of an interval is one too."""
        last = number(moment_before)
        for _, minute in self.minutes(last - 1):
            for start in (minute, minute + 1):
                if start > last:
                    last = start
                    yield moment(start)

    def local_date(self, at: datetime) -> date:
        return on(self.day_of(number(at)))

    # ── what the clock on the wall says ─────────────────────────────────────────────────────────────────────────────

    def closings(self, start: int) -> Iterator[Worked]:
        """Each working day, from the day before `start` on."""
        last: Worked | None = None
        for day, minute in self.minutes(start - 1440):
            if last is not None and day != last[0]:
                yield last
            last = (day, minute + 1)
        if last is not None and last[1] < start + (HORIZON - 3) * 1440:
            yield last

    def minutes(self, start: int) -> Iterator[tuple[int, int]]:
        """Every office minute from `start` on, with the day to whose hours it belongs."""
        for day in range(start // 1440, start // 1440 + HORIZON):
            if day not in self._open:
                self._open[day] = list(self._minutes_of(day * 1440))
            yield from self._open[day] if day * 1440 >= start else [found for found in self._open[day] if found[1] >= start]

    def _running(self, starts_at: datetime, pauses: Sequence[Pause]) -> Iterator[int]:
        over = [pause for pause in pauses if pause.resumed_at is not None]
        return (minute for _, minute in self.minutes(number(starts_at)) if not is_paused(minute, over))

    def _office_day(self, minute: int) -> int:
        return next(day for day, found in self.minutes(minute) if found == minute)

    def _minutes_of(self, first: int) -> Iterator[tuple[int, int]]:
        """The office minutes of 24 hours."""
        ahead = offset(self.zone, first)
        if all(offset(self.zone, minute) == ahead for minute in (first - 1440, first + 1439)):
            for day in range((first + ahead) // 1440, (first + 1439 + ahead) // 1440 + 1):
                for since, to in self.hours(day):
                    opening, closing = day * 1440 + since - ahead, day * 1440 + to - ahead
                    yield from ((day, minute) for minute in range(max(opening, first), min(closing, first + 1440)))
            return
        reached = 0  # the clocks are changed about now: what they have reached by then decides
        for minute in range(first - 1440, first + 1440):
            reached = max(reached, minute + offset(self.zone, minute))
            if minute >= first and any(since <= reached % 1440 < to for since, to in self.hours(reached // 1440)):
                yield reached // 1440, minute

    def day_of(self, minute: int) -> int:
        return (minute + offset(self.zone, minute)) // 1440

    # ── what the offices say ────────────────────────────────────────────────────────────────────────────────────────

    def hours(self, day: int) -> list[tuple[int, int]]:
        if day not in self._hours:
            self._hours[day] = self._hours_on(on(day))
        return self._hours[day]

    def _hours_on(self, day: date) -> list[tuple[int, int]]:
        schedule = None if self._rows_off(day) else self._schedule_on(day)
        return [] if schedule is None else [(of_day(since), of_day(to)) for since, to in schedule.week[day.weekday()]]

    def why_off(self, day: date) -> str:
        kinds = {
            row.provisional: [other.kind for other in self._rows_off(day) if other.provisional == row.provisional] for row in self._rows_off(day)
        }
        if kinds:
            firm = kinds.get(False) or kinds[True]
            return next(kind for kind in ("public", "joint_leave", "local") if kind in firm)
        if self._schedule_on(day) is None:
            return "no_schedule"
        return "weekend" if day.weekday() >= 5 else "closed"

    def _rows_off(self, day: date) -> list[DayOff]:
        """The nearest office that says anything about the day decides; it may say that it works."""
        for layer in self._layers(day):
            rows = [row for row in layer.days_off if row.day == day]
            if rows:
                return [] if any(row.kind == "working" for row in rows) else rows
        return []

    def _schedule_on(self, day: date) -> Schedule | None:
        """A season's before the normal week's, the season that began last first; then the nearest office's, then its newest."""
        best: tuple[tuple[date, str, int, date], Schedule] | None = None
        begun = self._seasons(day)
        for depth, layer in enumerate(self._layers(day)):
            for schedule in layer.schedules:
                if schedule.valid_from > day or (schedule.valid_to is not None and schedule.valid_to < day):
                    continue
                if schedule.season is not None and schedule.season not in begun:
                    continue
                since = date.min if schedule.season is None else begun[schedule.season]
                rank = (since, schedule.season or "", -depth, schedule.valid_from)
                if best is None or rank > best[0]:
                    best = rank, schedule
        return None if best is None else best[1]

    def _seasons(self, day: date) -> dict[str, date]:
        """The seasons that the day lies in, and when they began. One that an office nearer by has too, overlapping, is not asked."""
        kept: list[tuple[str, date, date]] = []
        for layer in self._layers(day):
            here = [(row.name, row.starts_on, row.ends_on) for row in layer.seasons]
            kept += [row for row in here if not any(row[0] == one[0] and row[1] <= one[2] and one[1] <= row[2] for one in kept)]
        found: dict[str, date] = {}
        for name, first, last in kept:
            if first <= day <= last:
                found[name] = max(first, found.get(name, first))
        return found

    def _layers(self, day: date) -> list[Layer]:
        """Nearest first: what those offices say that stand above on that day."""
        standing = [row for row in self.above if (row.since is None or row.since <= day) and (row.until is None or day < row.until)]
        return [row.layer for row in sorted(standing, key=lambda row: row.depth)]


def minutes_of(duration: Duration) -> int:
    return duration.value * (60 if duration.unit == "hour" else 1)


def is_paused(minute: int, pauses: Iterable[Pause]) -> bool:
    return any(p.resumed_at is not None and number(p.suspended_at) <= minute < number(p.resumed_at) for p in pauses)


def of_day(value: time) -> int:
    return value.hour * 60 + value.minute


def on(day: int) -> date:
    return date.fromordinal(day + FIRST_DAY)


def offset(zone: str, minute: int) -> int:
    """Minutes that clocks of the zone are ahead of UTC; every zone here changes them on a full quarter of an hour."""
    return _offset(zone, minute // 15)


@lru_cache(maxsize=2**16)
def _offset(zone: str, quarter: int) -> int:
    found = (EPOCH + quarter * 15 * MINUTE).astimezone(ZoneInfo(zone)).utcoffset()
    assert found is not None
    return found // MINUTE


def number(instant: datetime) -> int:
    return (instant - EPOCH) // MINUTE


def moment(minute: int) -> datetime:
    return EPOCH + minute * MINUTE
