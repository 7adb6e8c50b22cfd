"""The inverse of a plan: the latest moment of office hours from which a procedure still ends in time."""

from datetime import date, timedelta
from random import Random

import pytest

from app.domain.calendars import Calendar, CalendarHasNoWorkingTime, DayOff, Layer, Schedule, merge
from app.domain.deadlines import latest_start, plan
from app.outside.calendars import national_calendar
from tests.domain.test_deadlines import SEED_DURATIONS, procedure_of
from tests.support.calendars import at, samboja
from tests.support.office_time_cases import case_of, duration_of

DAY, GRID = timedelta(days=1), timedelta(minutes=30)


@pytest.mark.parametrize(
    ("ends_by", "expected"),
    [  # found by others on a 30-minute grid; on whole minutes they are the same
        ("2027-02-26", "2027-02-10 13:30"),
        ("2027-01-29", "2027-01-13 14:30"),
        ("2027-01-30", "2027-01-13 14:30"),  # a Saturday
    ],
)
def test_the_latest_start_of_the_sop_is_the_one_in_the_design(ends_by: str, expected: str) -> None:
    found = latest_start(procedure_of(*SEED_DURATIONS), samboja(), date.fromisoformat(ends_by))
    assert found.isoformat() == at(expected).isoformat()


@pytest.mark.parametrize(
    ("durations", "ends_by", "expected"),
    [
        (["1 hour"], "2027-01-15", "2027-01-15 15:30"),  # Friday closes at 16:30
        (["1 hour"], "2027-01-17", "2027-01-15 15:30"),  # a Sunday
        (["3 hour"], "2027-01-11", "2027-01-11 13:00"),  # as the break ends, not as it begins
        (["450 minute"], "2027-01-11", "2027-01-11 07:30"),
        (["451 minute"], "2027-01-12", "2027-01-11 15:59"),
        (["1 working_day"], "2027-01-12", "2027-01-11 16:00"),  # the closing is as good as any moment of the start day
        (["1 working_day"], "2027-01-17", "2027-01-14 16:00"),
        (["1 working_day"], "2027-01-18", "2027-01-15 16:30"),  # the weekend would do too, and is no office time
        (["3 calendar_day"], "2027-01-14", "2027-01-11 16:00"),
        (["1 calendar_day", "1 minute"], "2027-01-12", "2027-01-08 16:30"),
        (["30 minute", "1 working_day"], "2027-01-12", "2027-01-11 15:30"),
        (["1 working_day"], "2027-03-15", "2027-03-04 15:00"),  # Idul Fitri: due on Friday the 5th
    ],
)
def test_the_latest_start_lies_in_office_hours(durations: list[str], ends_by: str, expected: str) -> None:
    assert latest_start(procedure_of(*durations), samboja(), date.fromisoformat(ends_by)) == at(expected)


def opened_in_2027() -> Calendar:
    (schedule,) = (row for row in national_calendar(range(2027, 2028)).schedules if row.season is None)
    return merge([Layer((Schedule(date(2027, 1, 4), None, schedule.week),))], zone="Asia/Makassar", version=1)


@pytest.mark.parametrize(
    ("calendar", "ends_by"),
    [
        (merge([Layer()], zone="Asia/Makassar", version=1), "2027-01-29"),
        (opened_in_2027(), "2026-12-31"),
        (opened_in_2027(), "2027-01-19"),  # started as it opened it would end on the 20th
        (samboja(), "0001-01-01"),
        (samboja(), "9999-12-31"),
        (samboja(), "1999-12-31"),
    ],
)
def test_no_start_is_early_enough(calendar: Calendar, ends_by: str) -> None:
    with pytest.raises(CalendarHasNoWorkingTime):
        latest_start(procedure_of(*SEED_DURATIONS), calendar, date.fromisoformat(ends_by))


def test_the_first_moment_of_a_calendar_can_be_the_latest_start() -> None:
    procedure = procedure_of("450 minute", "1 working_day")
    assert latest_start(procedure, opened_in_2027(), date(2027, 1, 5)) == at("2027-01-04 07:30")


@pytest.mark.parametrize("year", [2024, 2025, 2026, 2027, 2028])
def test_no_later_half_hour_of_the_next_days_ends_in_time_at_samboja(year: int) -> None:
    rng = Random(year)
    calendar = samboja()
    for _ in range(60):
        procedure = procedure_of(*(f"{row.value} {row.unit}" for row in (duration_of(rng) for _ in range(rng.randint(1, 5)))))
        ends_by = date(year, 3, 1) + rng.randint(0, 300) * DAY
        found = latest_start(procedure, calendar, ends_by)
        assert plan(procedure, calendar, found)[-1].due_at.date() <= ends_by
        assert any(since <= found <= to for since, to in calendar.intervals(found.date()))
        for day in range(min((ends_by - found.date()).days, 12) + 1):
            for since, to in calendar.intervals(found.date() + day * DAY):
                later = [since + number * GRID for number in range(1 + (to - since) // GRID)]
                assert not any(plan(procedure, calendar, start)[-1].due_at.date() <= ends_by for start in later if start > found)


def test_a_later_start_never_ends_earlier() -> None:
    """What the search relies on, in zones whose clocks change too."""
    for number in range(60):
        case = case_of(f"monotone {number}")
        rng = Random(number)
        procedure = procedure_of(*(f"{row.value} {row.unit}" for row in (duration_of(rng, few=True) for _ in range(3))))
        starts = [case.starts_at + step * timedelta(minutes=97) for step in range(60)]
        try:
            ends = [plan(procedure, case.calendar, start)[-1].due_at.timestamp() for start in starts]
        except CalendarHasNoWorkingTime:
            continue
        assert ends == sorted(ends), str(case)


def test_a_day_off_more_is_an_earlier_start() -> None:
    closed = Layer(days_off=(DayOff(date(2027, 1, 20), "local", "Banjir"),))
    calendar = merge([closed, national_calendar(range(2024, 2029))], zone="Asia/Makassar", version=2)
    assert latest_start(procedure_of(*SEED_DURATIONS), calendar, date(2027, 1, 29)) == at("2027-01-12 14:30")
