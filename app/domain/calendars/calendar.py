"""The calendar of one office: for each date its working intervals, or the reason why it has none.

Which hours hold on a day: the season it lies in (of several, the one that began last) if that season has a schedule valid by then,
else the normal week; of several schedules the nearest office's, and of that office's the newest `valid_from`. A day off beats any schedule,
and a `working` row beats the days off beside it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from app.domain.calendars.reasons import Skipped, off_by, off_by_week, off_without_schedule
from app.domain.calendars.values import CalendarHasNoWorkingTime, DayOff, Hours, ReportDate, Schedule, Season, Span, in_utc

_CACHED_DAYS = 512
_IDLE_DAYS = 3 * 366
_HORIZON_DAYS = 100 * 366
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class OfficeDay:
    """One local date: its working intervals in UTC, or why there are none; `warnings` say what is not certain about it.

    `schedule`: whose hours hold on it, also where it is a day off.
    """

    day: date
    spans: tuple[Span, ...]
    off: Skipped | None
    warnings: tuple[str, ...]
    schedule: Schedule | None = None

    @property
    def opening(self) -> datetime:
        return self.spans[0][0]

    @property
    def closing(self) -> datetime:
        """The end of office hours."""
        if not self.spans:
            raise ValueError(f"{self.day} is not a working day")
        return self.spans[-1][1]


@dataclass(frozen=True)
class Calendar:
    """Frozen and hashable; the days it was asked for are remembered beside the value.

    `before`: until the day named, that day outside, another calendar holds, because the office stood elsewhere then.
    """

    zone: str
    version: int
    schedules: tuple[Schedule, ...]
    seasons: tuple[Season, ...] = ()
    days_off: tuple[DayOff, ...] = ()
    covered_years: frozenset[int] = frozenset()
    before: "tuple[date, Calendar] | None" = None
    report_dates: tuple[ReportDate, ...] = ()
    _days: dict[date, OfficeDay] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def zone_info(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def intervals(self, day: date) -> tuple[Span, ...]:
        """The working intervals of a local date, in the office's zone; empty on a day off."""
        return tuple(self.local_span(span) for span in self.day(day).spans)

    def reason(self, day: date) -> Skipped | None:
        """Why the date has no working time, or None on a working day."""
        return self.day(day).off

    def is_working_day(self, day: date) -> bool:
        return bool(self.day(day).spans)

    def closing(self, day: date) -> datetime:
        """The end of office hours on a working day, in the office's zone. Raises ValueError on a day off."""
        return self.local(self.day(day).closing)

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self.zone_info)

    def local_span(self, span: Span) -> Span:
        return self.local(span[0]), self.local(span[1])

    def local_date(self, at: datetime) -> date:
        """The office's date at an instant. No calendar reaches beyond the years 1900 to 9000."""
        if not 1900 <= at.year < 9000:
            raise CalendarHasNoWorkingTime(f"{at} is not on any calendar")
        return in_utc(at).astimezone(self.zone_info).date()

    def report_date(self, year: int) -> ReportDate:
        """Until when the report about that year is due: as an office said, else as usual."""
        return next((row for row in self.report_dates if row.year == year), ReportDate.usual(year))

    def on(self, day: date) -> "Calendar":
        """The calendar that holds on that day: another one where the office stands elsewhere then."""
        return self.before[1].on(day) if self.before is not None and day < self.before[0] else self

    def effective_days_off(self) -> tuple[DayOff, ...]:
        """In order of time: each day's rows as they hold where the office stands on that day."""
        if self.before is None:
            return self.days_off
        since, earlier = self.before
        return (*(row for row in earlier.effective_days_off() if row.day < since), *(row for row in self.days_off if row.day >= since))

    def day(self, day: date) -> OfficeDay:
        known = self._days.get(day)
        if known is None:
            if len(self._days) >= _CACHED_DAYS:
                self._days.clear()
            known = self._days[day] = self._look_up(day)
        return known

    def days_from(self, day: date) -> Iterator[OfficeDay]:
        """Each day from `day` on; it ends after three years without office hours, or after a hundred years."""
        idle = 0
        for passed in range(_HORIZON_DAYS):
            office_day = self.day(day + timedelta(days=passed))
            idle = 0 if office_day.spans else idle + 1
            if idle > _IDLE_DAYS:
                return
            yield office_day

    def days_between(self, first: date, last: date) -> Iterator[OfficeDay]:
        """Each day from `first` to `last`, both inside."""
        return (self.day(date.fromordinal(number)) for number in range(first.toordinal(), last.toordinal() + 1))

    def _look_up(self, day: date) -> OfficeDay:
        if self.before is not None and day < self.before[0]:
            return self.before[1].day(day)
        season, schedule = self._schedule_on(day)
        rows = self._off_rows.get(day, ())
        hours = schedule.week[day.weekday()] if schedule else ()
        spans = () if rows else self._spans(day, hours)
        off = None if spans else self._why_off(day, rows, schedule)
        doubts = {
            "calendar_not_covered": day.year not in self.covered_years,
            "provisional_day": bool(rows and hours) and all(row.provisional for row in rows),
            "provisional_season": bool(spans) and season is not None and season.provisional,
        }
        return OfficeDay(day, spans, off, tuple(code for code, doubtful in doubts.items() if doubtful), schedule)

    def _why_off(self, day: date, rows: tuple[DayOff, ...], schedule: Schedule | None) -> Skipped:
        if rows:
            return off_by(rows)
        return off_by_week(day) if schedule else off_without_schedule(day)

    def _schedule_on(self, day: date) -> tuple[Season | None, Schedule | None]:
        for season in self._seasons_by_start:
            if day in season and (schedule := self._newest(season.name, day)):
                return season, schedule
        return None, self._newest(None, day)

    def _newest(self, season: str | None, day: date) -> Schedule | None:
        return next((schedule for schedule in self._schedules_by_season.get(season, ()) if day in schedule), None)

    @cached_property
    def _seasons_by_start(self) -> tuple[Season, ...]:
        return tuple(sorted(self.seasons, key=lambda season: (season.starts_on, season.name), reverse=True))

    @cached_property
    def _schedules_by_season(self) -> dict[str | None, list[Schedule]]:
        found: dict[str | None, list[Schedule]] = {}
        for schedule in sorted(self.schedules, key=lambda schedule: (-schedule.depth, schedule.valid_from), reverse=True):
            found.setdefault(schedule.season, []).append(schedule)
        return found

    @cached_property
    def _off_rows(self) -> dict[date, tuple[DayOff, ...]]:
        found: dict[date, tuple[DayOff, ...]] = {}
        for row in self.days_off:
            found[row.day] = (*found.get(row.day, ()), row)
        return {day: rows for day, rows in found.items() if not any(row.kind == "working" for row in rows)}

    def _spans(self, day: date, hours: tuple[Hours, ...]) -> tuple[Span, ...]:
        edges = ((first_shown(day, start, self.zone_info), first_shown(day, end, self.zone_info)) for start, end in hours)
        return tuple((start, end) for start, end in edges if start < end)


def first_shown(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The first instant (UTC) at which clocks in the zone show `at` of that day, or more: offices open and close by the clock on the wall.

    A time that clocks show twice counts when it is first shown; one that they skip falls on the moment they were put forward.
    """
    wall = datetime.combine(day, at, zone)
    before, after = wall.utcoffset(), wall.replace(fold=1).utcoffset()
    late = wall.astimezone(UTC)
    if before is None or after is None or before >= after:
        return late
    early = wall.replace(fold=1).astimezone(UTC)
    while late - early > _SECOND:
        middle = early + (late - early) // _SECOND // 2 * _SECOND
        early, late = (middle, late) if middle.astimezone(zone).utcoffset() == before else (early, middle)
    return late
