"""When allowances end at Samboja. January 2027: Monday the 4th, holiday on Tuesday the 5th, plain weeks from the 11th on."""

from datetime import UTC, datetime

import pytest

from app.domain.calendars import due, due_soon
from app.domain.procedures import DueSoon
from tests.support.calendars import at, pauses_of, samboja, span


@pytest.mark.parametrize(
    ("starts_at", "duration", "expected"),
    [
        ("2027-01-11 07:30", "30 minute", "2027-01-11 08:00"),
        ("2027-01-11 07:30", "270 minute", "2027-01-11 12:00"),  # the end of an interval still belongs to a deadline
        ("2027-01-11 07:30", "271 minute", "2027-01-11 13:01"),
        ("2027-01-11 07:30", "5 hour", "2027-01-11 13:30"),  # across the break
        ("2027-01-11 12:00", "1 minute", "2027-01-11 13:01"),  # but nothing starts at the end of one
        ("2027-01-11 12:30", "30 minute", "2027-01-11 13:30"),  # started in the break
        ("2027-01-11 05:00", "30 minute", "2027-01-11 08:00"),
        ("2027-01-11 07:30", "450 minute", "2027-01-11 16:00"),  # the whole day
        ("2027-01-11 15:30", "1 hour", "2027-01-12 08:00"),  # across the night
        ("2027-01-11 16:00", "1 hour", "2027-01-12 08:30"),  # started at the closing
        ("2027-01-11 22:00", "30 minute", "2027-01-12 08:00"),
        ("2027-01-11 07:30:15", "1 minute", "2027-01-11 07:31:15"),
        ("2027-01-10 10:00", "30 minute", "2027-01-11 08:00"),  # on Sunday
        ("2027-01-15 11:00", "1 hour", "2027-01-15 13:30"),  # Friday's longer break
        ("2027-01-15 07:30", "4 hour", "2027-01-15 11:30"),
        ("2027-01-15 16:00", "1 hour", "2027-01-18 08:00"),  # Friday's later closing, the weekend
        ("2027-01-11 07:30", "37 hour", "2027-01-15 16:00"),  # a week has 37 h 30 min
        ("2027-01-11 07:30", "38 hour", "2027-01-18 08:00"),
        ("2027-01-04 15:30", "1 hour", "2027-01-06 08:00"),  # across a public holiday
        ("2026-12-23 15:30", "1 hour", "2026-12-28 08:00"),  # across joint leave, Christmas and a weekend
        ("2027-03-01 07:30", "30 minute", "2027-03-01 08:30"),  # Ramadan opens at 08:00
        ("2027-03-01 08:00", "4 hour", "2027-03-01 12:00"),
        ("2027-03-01 08:00", "241 minute", "2027-03-01 12:31"),
        ("2027-03-01 14:30", "1 hour", "2027-03-02 08:30"),
        ("2027-03-05 11:00", "1 hour", "2027-03-05 13:00"),  # a Friday in Ramadan
        ("2027-03-01 08:00", "32 hour", "2027-03-05 15:00"),  # a week in Ramadan has 32 h 30 min
        ("2027-03-05 15:00", "1 hour", "2027-03-16 08:00"),  # from Ramadan over Idul Fitri into the normal week
    ],
)
def test_minutes_and_hours_consume_office_time(starts_at: str, duration: str, expected: str) -> None:
    assert due(samboja(), at(starts_at), span(duration)) == at(expected)


@pytest.mark.parametrize(
    ("starts_at", "duration", "expected"),
    [
        ("2027-01-11 08:00", "1 working_day", "2027-01-12 16:00"),
        ("2027-01-11 00:00", "1 working_day", "2027-01-12 16:00"),  # the start day never counts, however early
        ("2027-01-11 23:59", "1 working_day", "2027-01-12 16:00"),  # nor however late
        ("2027-01-11 16:00", "2 working_day", "2027-01-13 16:00"),
        ("2027-01-10 10:00", "1 working_day", "2027-01-11 16:00"),  # on Sunday
        ("2027-01-14 08:00", "1 working_day", "2027-01-15 16:30"),  # Friday closes later
        ("2027-01-15 08:00", "1 working_day", "2027-01-18 16:00"),
        ("2027-01-04 08:00", "1 working_day", "2027-01-06 16:00"),  # a public holiday between
        ("2026-12-23 08:00", "1 working_day", "2026-12-28 16:00"),  # joint leave and Christmas between
        ("2027-03-01 08:00", "1 working_day", "2027-03-02 15:00"),  # Ramadan closes earlier
        ("2027-03-04 08:00", "1 working_day", "2027-03-05 15:30"),
        ("2027-03-05 08:00", "1 working_day", "2027-03-16 16:00"),
        ("2027-01-11 08:00", "3 calendar_day", "2027-01-14 16:00"),
        ("2027-01-13 08:00", "3 calendar_day", "2027-01-18 16:00"),  # a Saturday rolls forward
        ("2026-12-22 08:00", "2 calendar_day", "2026-12-28 16:00"),  # and joint leave
        ("2027-01-15 08:00", "1 calendar_day", "2027-01-18 16:00"),
        ("2027-01-11 08:00", "14 calendar_day", "2027-01-25 16:00"),
        ("2027-01-10 10:00", "1 calendar_day", "2027-01-11 16:00"),
    ],
)
def test_days_end_with_office_hours(starts_at: str, duration: str, expected: str) -> None:
    assert due(samboja(), at(starts_at), span(duration)) == at(expected)


@pytest.mark.parametrize(
    ("starts_at", "duration", "pauses", "expected"),
    [
        ("2027-01-11 08:00", "1 hour", "2027-01-11 08:30/2027-01-11 10:00", "2027-01-11 10:30"),
        ("2027-01-11 11:00", "1 hour", "2027-01-11 11:30/2027-01-11 13:30", "2027-01-11 14:00"),  # over the break
        ("2027-01-11 15:30", "1 hour", "2027-01-11 15:45/2027-01-12 09:00", "2027-01-12 09:45"),  # over the night
        ("2027-01-15 16:00", "1 hour", "2027-01-15 16:15/2027-01-18 10:00", "2027-01-18 10:45"),  # over the weekend
        ("2027-01-11 15:30", "1 hour", "2027-01-11 17:00/2027-01-11 20:00", "2027-01-12 08:00"),  # while closed anyway
        ("2027-01-11 08:00", "1 hour", "2027-01-11 08:00/2027-01-11 09:00", "2027-01-11 10:00"),  # from the very start
        ("2027-01-11 08:00", "1 hour", "2027-01-11 07:00/2027-01-11 08:00", "2027-01-11 09:00"),  # over before
        ("2027-01-11 08:00", "1 hour", "2027-01-11 08:20/2027-01-11 08:30, 2027-01-11 08:50/2027-01-11 09:20", "2027-01-11 09:40"),
        ("2027-01-11 08:00", "1 hour", "2027-01-11 08:50/2027-01-11 09:20, 2027-01-11 08:20/2027-01-11 08:30", "2027-01-11 09:40"),
        ("2027-01-11 08:00", "1 hour", "2027-01-11 08:30/2027-01-11 08:30", "2027-01-11 09:00"),
        ("2027-01-11 08:00", "1 hour", "2027-01-11 10:00/2027-01-11 12:00", "2027-01-11 09:00"),  # overdue already: stays
        ("2027-01-11 08:00", "1 hour", "2027-01-11 09:00/2027-01-11 10:00", "2027-01-11 09:00"),  # all used up when it began
        ("2027-01-11 08:00", "1 hour", "2027-01-11 08:30", "2027-01-11 09:00"),  # not over: computed anew on resume
    ],
)
def test_the_clock_of_minutes_stands_still_in_a_pause(starts_at: str, duration: str, pauses: str, expected: str) -> None:
    assert due(samboja(), at(starts_at), span(duration), pauses_of(pauses)) == at(expected)


@pytest.mark.parametrize(
    ("starts_at", "duration", "pauses", "expected"),
    [
        ("2027-01-11 09:00", "2 working_day", "2027-01-12 10:00/2027-01-12 15:00", "2027-01-13 16:00"),  # no closing time inside
        ("2027-01-11 09:00", "2 working_day", "2027-01-12 10:00/2027-01-13 08:00", "2027-01-14 16:00"),
        ("2027-01-11 09:00", "2 working_day", "2027-01-12 10:00/2027-01-12 16:00", "2027-01-13 16:00"),  # half open: the end is outside
        ("2027-01-11 09:00", "2 working_day", "2027-01-12 16:00/2027-01-13 08:00", "2027-01-14 16:00"),  # the begin is inside
        ("2027-01-11 09:00", "2 working_day", "2027-01-11 15:00/2027-01-12 08:00", "2027-01-14 16:00"),  # the start day's closing counts too
        ("2027-01-11 17:00", "2 working_day", "2027-01-11 18:00/2027-01-12 08:00", "2027-01-13 16:00"),
        ("2027-01-11 09:00", "2 working_day", "2027-01-08 09:00/2027-01-11 08:00", "2027-01-13 16:00"),  # over before the start
        ("2027-01-14 09:00", "1 working_day", "2027-01-15 10:00/2027-01-18 08:00", "2027-01-18 16:00"),
        ("2027-01-15 09:00", "1 working_day", "2027-01-16 10:00/2027-01-17 20:00", "2027-01-18 16:00"),  # a weekend has no closing times
        ("2026-12-22 09:00", "2 working_day", "2026-12-24 09:00/2026-12-27 09:00", "2026-12-28 16:00"),  # nor have joint leave and holidays
        ("2027-01-11 09:00", "2 working_day", "2027-01-13 15:00/2027-01-18 10:00", "2027-01-18 16:00"),  # three: Wed, Thu, Fri
        ("2027-01-11 09:00", "1 working_day", "2027-01-12 09:00/2027-01-13 09:00, 2027-01-13 15:00/2027-01-14 09:00", "2027-01-14 16:00"),
        ("2027-01-11 09:00", "1 working_day", "2027-01-12 09:00/2027-01-13 09:00, 2027-01-12 10:00/2027-01-13 08:00", "2027-01-13 16:00"),
        ("2027-01-11 09:00", "1 working_day", "2027-01-13 09:00/2027-01-14 09:00", "2027-01-12 16:00"),  # overdue already: stays
        ("2027-01-11 09:00", "1 working_day", "2027-01-12 16:00:01/2027-01-14 09:00", "2027-01-12 16:00"),
        ("2027-01-11 09:00", "1 working_day", "2027-01-12 16:00/2027-01-13 09:00", "2027-01-13 16:00"),  # due is not yet overdue
        ("2027-01-11 09:00", "1 working_day", "2027-01-12 09:00", "2027-01-12 16:00"),  # not over
        ("2027-03-01 09:00", "1 working_day", "2027-03-02 15:00/2027-03-02 16:00", "2027-03-03 15:00"),  # Ramadan's closing time
        ("2027-01-11 09:00", "3 calendar_day", "2027-01-12 10:00/2027-01-13 08:00", "2027-01-15 16:30"),
        ("2027-01-13 09:00", "3 calendar_day", "2027-01-15 10:00/2027-01-18 08:00", "2027-01-19 16:00"),
    ],
)
def test_a_due_day_moves_by_a_working_day_for_each_closing_time_in_a_pause(starts_at: str, duration: str, pauses: str, expected: str) -> None:
    assert due(samboja(), at(starts_at), span(duration), pauses_of(pauses)) == at(expected)


@pytest.mark.parametrize(
    ("starts_at", "duration", "pauses", "expected"),
    [
        ("2027-01-11 08:00", "1 hour", "", "2027-01-11 08:45"),
        ("2027-01-11 08:00", "30 minute", "", "2027-01-11 08:22:30"),
        ("2027-01-11 15:30", "1 hour", "", "2027-01-12 07:45"),  # a quarter of the office time, not of the time between
        ("2027-01-11 08:00", "1 hour", "2027-01-11 08:30/2027-01-11 10:00", "2027-01-11 10:15"),
        ("2027-01-11 09:00", "2 working_day", "", "2027-01-12 16:00"),
        ("2027-01-15 09:00", "1 working_day", "", "2027-01-15 16:30"),  # one working day before Monday is Friday
        ("2027-01-15 17:00", "1 working_day", "", "2027-01-15 17:00"),  # never before it starts
        ("2027-01-10 10:00", "1 working_day", "", "2027-01-10 10:00"),
        ("2026-12-23 09:00", "2 working_day", "", "2026-12-28 16:00"),
        ("2027-01-11 09:00", "2 working_day", "2027-01-12 10:00/2027-01-13 08:00", "2027-01-13 16:00"),
        ("2027-01-11 09:00", "3 calendar_day", "", "2027-01-13 16:00"),
    ],
)
def test_due_soon_is_a_quarter_or_a_working_day_before(starts_at: str, duration: str, pauses: str, expected: str) -> None:
    assert due_soon(samboja(), at(starts_at), span(duration), pauses_of(pauses), DueSoon()) == at(expected)


@pytest.mark.parametrize(
    ("rule", "duration", "expected"),
    [
        (DueSoon(percent=50), "1 hour", "2027-01-11 09:30"),
        (DueSoon(working_days=0), "4 working_day", "2027-01-15 16:30"),
        (DueSoon(working_days=3), "4 working_day", "2027-01-12 16:00"),
        (DueSoon(working_days=9), "4 working_day", "2027-01-11 09:00"),
    ],
)
def test_a_procedure_may_say_when_due_soon_is(rule: DueSoon, duration: str, expected: str) -> None:
    assert due_soon(samboja(), at("2027-01-11 09:00"), span(duration), (), rule) == at(expected)


def test_a_due_time_is_in_the_offices_zone() -> None:
    in_utc = at("2027-01-11 07:30").astimezone(UTC)
    assert due(samboja(), in_utc, span("30 minute")).isoformat() == "2027-01-11T08:00:00+08:00"
    assert due(samboja(), in_utc, span("1 working_day")).isoformat() == "2027-01-12T16:00:00+08:00"
    assert due_soon(samboja(), in_utc, span("1 hour"), (), DueSoon()).isoformat() == "2027-01-11T08:15:00+08:00"


def test_the_start_day_is_the_offices_day() -> None:
    late_on_monday_in_utc = datetime(2027, 1, 11, 23, tzinfo=UTC)  # Tuesday 07:00 in Samboja
    assert due(samboja(), late_on_monday_in_utc, span("1 working_day")) == at("2027-01-13 16:00")
