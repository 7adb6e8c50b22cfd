"""Office time against a minute-by-minute oracle, on random calendars: 0–4 intervals a day, seasons, days off, zones whose clocks change.

`ALUR_ORACLE_CASES` sets how many cases each test takes.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from app.domain.calendars import (
    Calendar,
    CalendarHasNoWorkingTime,
    DayOff,
    Hours,
    Pause,
    Schedule,
    Season,
    due,
    due_soon,
    explain,
    office_minutes,
)
from app.domain.durations import Duration
from app.domain.procedures import DueSoon
from tests.support import office_time_oracle as oracle

CASES = int(os.environ.get("ALUR_ORACLE_CASES", "40"))
many = settings(max_examples=CASES, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))

PLACES = [
    ("Asia/Makassar", date(2027, 3, 1)),
    ("Asia/Jayapura", date(2026, 12, 21)),
    ("UTC", date(2028, 2, 28)),
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/Sao_Paulo", date(2018, 11, 4)),  # clocks went from 00:00 to 01:00
    ("America/Sao_Paulo", date(2018, 2, 18)),  # and from 00:00 back to 23:00
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # half an hour
    ("Pacific/Apia", date(2011, 12, 30)),  # a day that never was
]


@dataclass(frozen=True)
class Case:
    calendar: Calendar
    starts_at: datetime
    duration: Duration
    pauses: tuple[Pause, ...]


def clock(minute: int) -> time:
    return time(minute // 60, minute % 60)


@st.composite
def hours_of_a_day(draw: st.DrawFn) -> tuple[Hours, ...]:
    """Up to four intervals; they may touch."""
    grid = draw(st.sampled_from([1, 15, 30]))
    count = draw(st.sampled_from([0, 1, 2, 2, 3, 4]))
    edges = sorted(draw(st.lists(st.integers(0, 1439 // grid), min_size=2 * count, max_size=2 * count)))
    return tuple((clock(since * grid), clock(to * grid)) for since, to in zip(edges[::2], edges[1::2], strict=True) if since < to)


@st.composite
def calendars(draw: st.DrawFn, zone: str, middle: date) -> Calendar:
    def day() -> date:
        return middle + timedelta(days=draw(st.integers(-15, 25)))

    def season() -> Season:
        first = day()
        return Season(draw(st.sampled_from(["ramadan", "other"])), first, first + timedelta(days=draw(st.integers(0, 20))))

    def schedule(name: str | None, since: date) -> Schedule:
        return Schedule(since, name, tuple(draw(hours_of_a_day()) for _ in range(7)))

    schedules = [schedule(None, date(2000, 1, 1))]
    if draw(st.booleans()):
        schedules.append(schedule(None, day()))
    for_seasons = draw(st.lists(st.sampled_from(["ramadan", "other"]), max_size=2, unique=True))
    schedules += [schedule(name, draw(st.sampled_from([date(2000, 1, 1), day()]))) for name in for_seasons]
    seasons = tuple(season() for _ in range(draw(st.integers(0, 2))))
    off = tuple(DayOff(day(), draw(st.sampled_from(["public", "joint_leave", "local"])), "Libur") for _ in range(draw(st.integers(0, 6))))
    return Calendar(zone, 1, tuple(draw(st.permutations(schedules))), seasons, off)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    zone, middle = draw(st.sampled_from(PLACES))
    calendar = draw(calendars(zone, middle))
    noon = datetime.combine(middle, time(12), UTC)
    starts_at = noon + timedelta(minutes=draw(st.integers(-6 * 1440, 6 * 1440)))
    edges = instants(draw, calendar, starts_at)
    if draw(st.booleans()):
        starts_at = draw(st.sampled_from(edges))
    minutes = st.integers(1, 900).map(lambda value: Duration(value=value, unit="minute"))
    hours = st.integers(1, 40).map(lambda value: Duration(value=value, unit="hour"))
    days = st.builds(lambda value, unit: Duration(value=value, unit=unit), st.integers(1, 9), st.sampled_from(["working_day", "calendar_day"]))
    return Case(calendar, starts_at, draw(st.one_of(minutes, hours, days)), draw(pauses_around(starts_at, edges)))


def instants(draw: st.DrawFn, calendar: Calendar, starts_at: datetime) -> list[datetime]:
    """Moments at which something begins or ends, where mistakes sit; the start itself if there are none."""
    first = calendar.local_date(starts_at)
    days = [first + timedelta(days=number) for number in range(8)]
    return [edge.astimezone(UTC) for day in days for interval in calendar.intervals(day) for edge in interval] or [starts_at]


@st.composite
def pauses_around(draw: st.DrawFn, starts_at: datetime, edges: list[datetime]) -> tuple[Pause, ...]:
    some = st.integers(-1440, 10 * 1440).map(lambda minutes: starts_at + timedelta(minutes=minutes))
    found = sorted(draw(st.lists(st.one_of(some, st.sampled_from(edges)), max_size=6)))
    if len(found) % 2 and draw(st.booleans()):
        return (*pairs(found), Pause(found[-1]))  # a pause that is not over
    return pairs(found)


def pairs(edges: list[datetime]) -> tuple[Pause, ...]:
    return tuple(Pause(since, to) for since, to in zip(edges[::2], edges[1::2], strict=False))


def both(of_app: Callable[[], datetime], of_oracle: Callable[[], datetime], starts_at: datetime) -> None:
    """The two agree, or the oracle gives up and the answer, if there is one, lies beyond what it has seen.

    Compared in UTC: Python calls no two zones' times equal while clocks are being changed (PEP 495).
    """
    try:
        expected = of_oracle()
    except oracle.BeyondTheHorizon:
        event("beyond the horizon")
        try:
            assert of_app() >= starts_at + timedelta(minutes=oracle.HORIZON - 2 * 1440)
        except CalendarHasNoWorkingTime:
            event("no working time")
        return
    event("compared")
    assert of_app().astimezone(UTC) == expected.astimezone(UTC)


@many
@given(cases())
def test_due_is_what_counting_minutes_gives(case: Case) -> None:
    value, unit = case.duration.value, case.duration.unit
    both(
        lambda: due(case.calendar, case.starts_at, case.duration, case.pauses),
        lambda: oracle.due(case.calendar, case.starts_at, value, unit, case.pauses),
        case.starts_at,
    )


@many
@given(cases(), st.integers(1, 99), st.integers(0, 4))
def test_due_soon_is_what_counting_minutes_gives(case: Case, percent: int, working_days: int) -> None:
    rule = DueSoon(percent=percent, working_days=working_days)

    def expected() -> datetime:
        minutes = case.duration.office_minutes
        if minutes is None:
            due_at = oracle.due(case.calendar, case.starts_at, case.duration.value, case.duration.unit, case.pauses)
            return oracle.closing_before(case.calendar, due_at, working_days, case.starts_at)
        whole, rest = divmod(minutes * (100 - percent), 100)
        return oracle.after_minutes(case.calendar, case.starts_at, whole, rest / 100, case.pauses)

    both(lambda: due_soon(case.calendar, case.starts_at, case.duration, case.pauses, rule), expected, case.starts_at)


@many
@given(cases(), st.integers(-60, 14 * 1440))
def test_office_minutes_are_those_counted(case: Case, later: int) -> None:
    end = case.starts_at + timedelta(minutes=later)
    assert office_minutes(case.calendar, case.starts_at, end) == oracle.office_minutes(case.calendar, case.starts_at, end)


@many
@given(cases())
def test_an_explanation_can_be_recounted(case: Case) -> None:
    try:
        due_at = due(case.calendar, case.starts_at, case.duration, case.pauses)
    except CalendarHasNoWorkingTime:
        with pytest.raises(CalendarHasNoWorkingTime):
            explain(case.calendar, case.starts_at, case.duration, case.pauses)
        return
    found = explain(case.calendar, case.starts_at, case.duration, case.pauses)
    assert found.due_at == due_at == found.used[-1][1]
    assert all(since < to for since, to in found.used)
    assert [row.day for row in found.skipped] == sorted({row.day for row in found.skipped})
    if case.duration.office_minutes is not None:
        used = sum((to.astimezone(UTC) - since.astimezone(UTC) for since, to in found.used), timedelta())
        assert used == timedelta(minutes=case.duration.office_minutes)
    elif case.duration.unit == "working_day":
        assert len(found.used) == case.duration.value
    if due_at - case.starts_at < timedelta(days=90) and case.duration.unit != "calendar_day":
        closed = oracle.days_without_office_time(case.calendar, case.starts_at, due_at)
        if case.duration.unit == "working_day":
            closed.discard(case.calendar.local_date(case.starts_at))
        assert {row.day for row in found.skipped if row.code != "paused"} == closed
