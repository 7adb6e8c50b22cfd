"""Office time that something took, and how much of it was late: by a table, and against counting minutes one by one."""

from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from random import Random

import pytest

from app.domain.calendars import Calendar, CalendarHasNoWorkingTime, Pause, Schedule, due
from app.domain.measuring import NOTHING, UNKNOWN, Elapsed, Measured, elapsed, measure
from tests.domain.test_calendars_oracle import CASES
from tests.support import office_time_oracle as oracle
from tests.support.calendars import at, pauses_of, samboja, span
from tests.support.office_time_cases import Case, case_of

MINUTE = timedelta(minutes=1)
MONDAY = "2027-01-11"


@pytest.mark.parametrize(
    ("since", "until", "pauses", "minutes", "days"),
    [
        ("2027-01-11 07:30", "2027-01-11 07:30", "", 0, 0),
        ("2027-01-11 09:00", "2027-01-11 08:00", "", 0, 0),  # the wrong way round
        ("2027-01-11 07:30", "2027-01-11 08:00", "", 30, 0),
        ("2027-01-11 07:30", "2027-01-11 08:00:59", "", 30, 0),  # whole minutes
        ("2027-01-11 06:00", "2027-01-11 20:00", "", 450, 0),  # all of a Monday: 4.5 h and 3 h
        ("2027-01-11 11:30", "2027-01-11 13:30", "", 60, 0),  # across lunch
        ("2027-01-11 15:00", "2027-01-12 08:30", "", 120, 1),
        ("2027-01-11 15:00", "2027-01-12 06:00", "", 60, 1),  # a day counts from its first moment
        ("2027-01-11 18:00", "2027-01-12 06:00", "", 0, 1),
        ("2027-01-15 16:00", "2027-01-18 07:30", "", 30, 1),  # Friday to Monday
        ("2027-01-16 10:00", "2027-01-17 10:00", "", 0, 0),  # a weekend
        ("2026-12-23 15:00", "2026-12-28 08:30", "", 120, 1),  # Christmas, and its cuti bersama
        ("2027-01-01 07:00", "2027-01-01 16:00", "", 0, 0),  # a holiday
        ("2027-03-01 08:00", "2027-03-01 15:00", "", 390, 0),  # Ramadan hours
        # pauses
        ("2027-01-11 08:00", "2027-01-11 10:00", "2027-01-11 08:30/2027-01-11 09:30", 60, 0),
        ("2027-01-11 08:00", "2027-01-11 10:00", "2027-01-11 08:30/2027-01-11 09:30, 2027-01-11 09:00/2027-01-11 09:45", 45, 0),
        ("2027-01-11 08:00", "2027-01-11 10:00", "2027-01-10 08:30/2027-01-11 09:30", 30, 0),  # it began before
        ("2027-01-11 08:00", "2027-01-11 10:00", "2027-01-11 09:30/2027-01-13 09:30", 90, 0),  # it ended after
        ("2027-01-11 08:00", "2027-01-11 10:00", "2027-01-11 09:30/", 120, 0),  # one that is not over counts nothing
        ("2027-01-11 08:00", "2027-01-13 10:00", "2027-01-11 10:00/2027-01-12 10:00", 570, 1),  # one closing time lost: the start day's
        ("2027-01-11 08:00", "2027-01-13 10:00", "2027-01-12 10:00/2027-01-12 11:00", 960, 2),  # none lost
        ("2027-01-11 08:00", "2027-01-13 10:00", "2027-01-11 16:00/2027-01-12 16:00", 570, 1),  # half-open: the first closing, not the second
        ("2027-01-11 08:00", "2027-01-11 20:00", "2027-01-11 10:00/2027-01-11 19:00", 120, 0),  # never less than none
    ],
)
def test_office_time_between_two_instants(since: str, until: str, pauses: str, minutes: int, days: int) -> None:
    found = elapsed(samboja(), at(since), at(until), pauses_of(pauses))
    assert found == Elapsed(minutes, days)


@pytest.mark.parametrize(
    ("allowance", "until", "expected"),
    [
        ("30 minute", "2027-01-11 07:45", Measured(15, 0, 0, 0)),
        ("30 minute", "2027-01-11 08:00", Measured(30, 0, 0, 0)),  # the due moment is in time
        ("30 minute", "2027-01-11 08:00:30", Measured(30, 0, 0, 0)),
        ("30 minute", "2027-01-11 08:01", Measured(31, 0, 1, 0)),
        ("30 minute", "2027-01-12 08:00", Measured(480, 1, 450, 1)),
        ("2 working_day", "2027-01-13 16:00", Measured(1350, 2, 0, 0)),
        ("2 working_day", "2027-01-13 19:00", Measured(1350, 2, 0, 0)),  # late, but by no office time
        ("2 working_day", "2027-01-14 07:30", Measured(1350, 3, 0, 1)),
        ("2 working_day", "2027-01-18 09:00", Measured(2250 + 90, 5, 990, 3)),
    ],
)
def test_used_and_late(allowance: str, until: str, expected: Measured) -> None:
    since = at(f"{MONDAY} 07:30")
    assert measure(samboja(), since, at(until), due_at=due(samboja(), since, span(allowance))) == expected


def test_a_pause_after_the_deadline_is_not_held_against_who_is_late() -> None:
    since, pauses = at(f"{MONDAY} 07:30"), pauses_of("2027-01-13 09:00/2027-01-15 09:00")
    found = measure(samboja(), since, at("2027-01-15 10:00"), due_at=at("2027-01-12 16:00"), pauses=pauses)
    assert found == Measured(450 * 2 + 90 + 60, 2, 90 + 60, 1)


WEEK = (((at("2027-01-11 08:00").time(), at("2027-01-11 09:00").time()),),) * 7


@pytest.mark.parametrize(
    "calendar",
    [
        Calendar("Asia/Makassar", 1, ()),
        Calendar("Asia/Makassar", 1, (Schedule(date(2027, 1, 13), None, WEEK),)),
        Calendar("Asia/Makassar", 1, (Schedule(date(2020, 1, 1), None, WEEK, valid_to=date(2027, 1, 13)),)),
    ],
    ids=["no schedule", "one that begins on the way", "one that ends on the way"],
)
def test_a_calendar_that_does_not_cover_the_time_says_nothing(calendar: Calendar) -> None:
    since, until = at(f"{MONDAY} 07:30"), at("2027-01-14 10:00")
    assert elapsed(calendar, since, until) is None
    assert measure(calendar, since, until, due_at=at("2027-01-13 09:00")) == UNKNOWN


def test_beyond_any_calendar_nothing_is_said() -> None:
    assert elapsed(samboja(), at(f"{MONDAY} 07:30"), datetime(9500, 1, 1, tzinfo=UTC)) is None


def test_what_did_not_begin_took_nothing() -> None:
    assert elapsed(Calendar("Asia/Makassar", 1, ()), at(f"{MONDAY} 07:30"), at(f"{MONDAY} 07:30")) == NOTHING


# ── any office ──────────────────────────────────────────────────────────────────────────────────────────────────────


def over(pauses: tuple[Pause, ...]) -> tuple[Pause, ...]:
    return tuple(pause for pause in pauses if pause.resumed_at is not None)


def until_of(case: Case) -> datetime:
    """Some time after the start and after the last pause."""
    last = max((pause.resumed_at for pause in case.pauses if pause.resumed_at is not None), default=case.starts_at)
    return max(last, case.starts_at) + Random(case.seed).randint(0, 12 * 1440) * MINUTE


def minutes_counted(case: Case, until: datetime) -> int:
    """Office minutes that ran outside pauses, one by one."""
    end = oracle.number(until)
    passed = takewhile(lambda found: found[1] < end, case.oracle.minutes(oracle.number(case.starts_at)))
    return sum(not oracle.is_paused(minute, over(case.pauses)) for _, minute in passed)


def agrees(case: Case) -> bool:
    """Whoever is late has used the allowance and the lateness, exactly; whoever is in time no more than the allowance. False: nothing to say."""
    until, pauses = until_of(case), over(case.pauses)
    try:
        due_at = due(case.calendar, case.starts_at, case.duration, pauses)
    except CalendarHasNoWorkingTime:
        return False
    taken = measure(case.calendar, case.starts_at, until, due_at=due_at, pauses=pauses)
    if taken.used_minutes is None or taken.used_days is None:
        return False
    assert taken.used_minutes == minutes_counted(case, until), str(case)
    if case.duration.office_minutes is not None:
        assert taken.late_minutes == max(0, taken.used_minutes - case.duration.office_minutes), str(case)
    elif case.duration.unit == "working_day":
        assert taken.late_days == max(0, taken.used_days - case.duration.value), str(case)
    if until <= due_at:
        assert (taken.late_minutes, taken.late_days) == (0, 0), str(case)
    return True


def test_measuring_agrees_with_the_deadline_and_with_counting_minutes() -> None:
    agreed = [agrees(case_of(f"measured {number}")) for number in range(CASES // 3)]
    assert sum(agreed) > 0.8 * (CASES // 3)


def test_it_does_not_matter_in_how_many_pieces_a_clock_stood_still() -> None:
    for number in range(CASES // 3):
        case = case_of(f"pieces {number}")
        pieces: list[Pause] = []
        for pause in over(case.pauses):
            assert pause.resumed_at is not None
            middle = pause.suspended_at + (pause.resumed_at - pause.suspended_at) * Random(case.seed).random()
            pieces += [Pause(pause.suspended_at, middle), Pause(middle, pause.resumed_at)]
        until = until_of(case)
        assert elapsed(case.calendar, case.starts_at, until, pieces) == elapsed(case.calendar, case.starts_at, until, case.pauses), str(case)
