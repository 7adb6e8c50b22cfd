"""Whether the LKJIP is still met. Its date in 2027 is usually Sunday, 28 February, with five working days to spare."""

from dataclasses import replace
from datetime import date

import pytest

from app.domain.calendars import ReportDate
from app.domain.lkjip import lkjip_risk
from tests.support.calendars import at, samboja

USUAL = ReportDate.usual(2026)
MONDAY = ReportDate(2026, date(2027, 3, 1))


@pytest.mark.parametrize(
    ("report", "ends_at", "is_over", "expected"),
    [
        # Mon 22 to Fri 26 February are five working days
        (USUAL, "2027-01-21 16:00", False, "on_track"),
        (USUAL, "2027-02-21 23:59", False, "on_track"),
        (USUAL, "2027-02-22 00:00", False, "at_risk"),
        (USUAL, "2027-02-26 16:00", False, "at_risk"),
        (USUAL, "2027-02-28 23:59", False, "at_risk"),  # the due day is in time, whatever the hour
        (USUAL, "2027-03-01 00:00", False, "late"),
        (USUAL, "2027-06-01 00:00", False, "late"),
        # the due day counts, if it is a working day
        (MONDAY, "2027-02-22 16:00", False, "on_track"),
        (MONDAY, "2027-02-23 07:30", False, "at_risk"),
        (MONDAY, "2027-03-01 16:00", False, "at_risk"),
        (MONDAY, "2027-03-02 07:30", False, "late"),
        # another margin
        (replace(MONDAY, margin_days=0), "2027-03-01 23:59", False, "on_track"),
        (replace(MONDAY, margin_days=0), "2027-03-02 00:00", False, "late"),
        (replace(MONDAY, margin_days=1), "2027-02-28 12:00", False, "on_track"),
        (replace(MONDAY, margin_days=1), "2027-03-01 12:00", False, "at_risk"),
        (replace(MONDAY, margin_days=10), "2027-02-11 12:00", False, "on_track"),
        (replace(MONDAY, margin_days=10), "2027-02-16 12:00", False, "at_risk"),
        # what is over is at risk no more
        (USUAL, "2027-02-28 23:59", True, "on_track"),
        (USUAL, "2027-03-01 00:00", True, "late"),
        # far away, and long past
        (ReportDate.usual(2100), "2027-02-22 00:00", False, "on_track"),
        (ReportDate.usual(2000), "2027-02-22 00:00", True, "late"),
    ],
)
def test_the_risk(report: ReportDate, ends_at: str, is_over: bool, expected: str) -> None:
    assert lkjip_risk(samboja(), report, ends_at=at(ends_at), is_over=is_over) == expected


def test_an_office_without_hours_has_no_days_to_spare() -> None:
    assert lkjip_risk(replace(samboja(), schedules=()), USUAL, ends_at=at("2027-01-04 08:00"), is_over=False) == "at_risk"


def test_the_day_is_the_offices() -> None:
    """Half past three in the afternoon of the 28th in Greenwich is the first of March in Samboja."""
    late = at("2027-03-01 00:00").astimezone(tz=None)
    assert lkjip_risk(samboja(), USUAL, ends_at=late, is_over=True) == "late"
