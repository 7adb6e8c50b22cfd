"""A lead in office time or in days before a step is due. January 2027 at Samboja: plain weeks from Monday the 11th on."""

import pytest

from app.domain.calendars import due_soon
from app.domain.procedures import DueSoon
from tests.support.calendars import at, pauses_of, samboja, span
from tests.support.situations import Case


@pytest.mark.parametrize(
    ("starts_at", "duration", "lead", "expected"),
    [
        ("2027-01-11 08:00", "1 hour", "15 minute", "2027-01-11 08:45"),
        ("2027-01-11 07:30", "5 hour", "31 minute", "2027-01-11 11:59"),  # due at 13:30, and the break is no office time
        ("2027-01-11 07:30", "5 hour", "30 minute", "2027-01-11 12:00"),  # the first moment from which half an hour is left
        ("2027-01-11 07:30", "5 hour", "29 minute", "2027-01-11 13:01"),
        ("2027-01-11 15:30", "1 hour", "40 minute", "2027-01-11 15:50"),
        ("2027-01-15 16:00", "1 hour", "30 minute", "2027-01-15 16:30"),  # a weekend between
        ("2027-01-11 08:00", "1 hour", "1 hour", "2027-01-11 08:00"),
        ("2027-01-11 08:00", "1 hour", "3 hour", "2027-01-11 08:00"),  # never before it starts
        ("2027-01-11 05:00", "1 hour", "1 hour", "2027-01-11 05:00"),
        ("2027-01-11 07:30:15", "30 minute", "10 minute", "2027-01-11 07:50:15"),
        ("2027-01-11 09:00", "2 working_day", "2 hour", "2027-01-13 14:00"),
        ("2027-01-11 09:00", "2 working_day", "4 hour", "2027-01-13 11:00"),
        ("2027-01-11 09:00", "2 working_day", "8 hour", "2027-01-12 15:30"),
        ("2027-01-11 09:00", "3 calendar_day", "30 minute", "2027-01-14 15:30"),
    ],
)
def test_a_lead_in_office_time_is_what_is_left(starts_at: str, duration: str, lead: str, expected: str) -> None:
    assert due_soon(samboja(), at(starts_at), span(duration), (), DueSoon(lead=span(lead))) == at(expected)


@pytest.mark.parametrize(
    ("duration", "lead", "pauses", "expected"),
    [  # from 08:00 on
        ("1 hour", "15 minute", "2027-01-11 08:30/2027-01-11 10:00", "2027-01-11 10:15"),
        ("1 hour", "30 minute", "2027-01-11 08:30/2027-01-11 10:00", "2027-01-11 08:30"),  # half an hour was left as it was suspended
        ("1 hour", "45 minute", "2027-01-11 08:30/2027-01-11 10:00", "2027-01-11 08:15"),
        ("1 hour", "15 minute", "2027-01-11 09:30/2027-01-11 10:00", "2027-01-11 08:45"),  # it was overdue before
        ("2 working_day", "2 hour", "2027-01-13 15:00/2027-01-14 09:00", "2027-01-14 14:00"),
        ("2 working_day", "8 hour", "2027-01-13 15:00/2027-01-14 09:00", "2027-01-13 12:00"),  # 6 hours on Thursday, 2 on Wednesday
    ],
)
def test_a_lead_in_office_time_does_not_count_pauses(duration: str, lead: str, pauses: str, expected: str) -> None:
    rule = DueSoon(lead=span(lead))
    assert due_soon(samboja(), at("2027-01-11 08:00"), span(duration), pauses_of(pauses), rule) == at(expected)


@pytest.mark.parametrize(
    ("starts_at", "duration", "lead", "expected"),
    [
        ("2027-01-11 08:00", "4 working_day", "1 working_day", "2027-01-14 16:00"),
        ("2027-01-11 08:00", "5 working_day", "1 working_day", "2027-01-15 16:30"),  # before Monday is Friday
        ("2027-01-11 08:00", "5 working_day", "9 working_day", "2027-01-11 08:00"),
        ("2027-01-11 07:30", "37 hour", "1 working_day", "2027-01-14 16:00"),  # hours, due on Friday
        ("2027-01-11 15:30", "1 hour", "1 working_day", "2027-01-11 16:00"),  # due on Tuesday at 08:00
        ("2027-01-11 08:00", "1 hour", "1 working_day", "2027-01-11 08:00"),  # due soon at once
        ("2027-01-11 08:00", "14 calendar_day", "4 calendar_day", "2027-01-21 16:00"),
        ("2027-01-11 08:00", "14 calendar_day", "1 calendar_day", "2027-01-22 16:30"),  # the Sunday before is no working day
        ("2027-01-11 08:00", "14 calendar_day", "14 calendar_day", "2027-01-11 16:00"),
        ("2027-01-11 08:00", "14 calendar_day", "15 calendar_day", "2027-01-11 08:00"),
        ("2027-01-16 10:00", "1 working_day", "1 calendar_day", "2027-01-16 10:00"),  # begun on Saturday
        ("2027-01-15 17:00", "1 working_day", "2 calendar_day", "2027-01-15 17:00"),  # begun after Friday's closing
        ("2027-01-11 07:30", "37 hour", "2 calendar_day", "2027-01-13 16:00"),
    ],
)
def test_a_lead_in_days_is_an_end_of_office_hours(starts_at: str, duration: str, lead: str, expected: str) -> None:
    assert due_soon(samboja(), at(starts_at), span(duration), (), DueSoon(lead=span(lead))) == at(expected)


def test_a_lead_beats_percent_and_working_days() -> None:
    rule = DueSoon(percent=50, working_days=3, lead=span("1 working_day"))
    assert due_soon(samboja(), at("2027-01-11 08:00"), span("4 working_day"), (), rule) == at("2027-01-14 16:00")


def test_a_procedure_may_give_a_lead_and_a_step_its_own() -> None:
    case = Case({"/due_soon": {"lead": {"value": 3, "unit": "hour"}}, "/steps/0/due_soon": {"lead": {"value": 10, "unit": "minute"}}})
    assert case.active.due_soon_at == at("2027-01-04 07:50")
    assert case.until(3).active.due_soon_at == at("2027-01-12 12:00")
