"""Days off as the holidays package knows them, whatever the machine's locale."""

from datetime import date

import pytest

from app.domain.calendars import DayOff
from app.outside.calendars import national_calendar
from app.outside.holidays import SOURCE, days_off


def test_public_holidays_and_joint_leave_are_both_there() -> None:
    found = days_off([2026])
    assert DayOff(date(2026, 12, 24), "joint_leave", "Cuti Bersama Hari Raya Natal", source=SOURCE) in found
    assert DayOff(date(2026, 12, 25), "public", "Hari Raya Natal", source=SOURCE) in found
    assert {row.day.year for row in found} == {2026}
    assert list(found) == sorted(found, key=lambda row: (row.day, row.kind))


@pytest.mark.parametrize("locale", ["C.UTF-8", "en_US.UTF-8", "id_ID.UTF-8"])
def test_estimated_days_are_provisional_in_every_locale(monkeypatch: pytest.MonkeyPatch, locale: str) -> None:
    for name in ("LANG", "LC_ALL", "LANGUAGE"):
        monkeypatch.setenv(name, locale)
    found = {row.day: row for row in days_off([2027])}
    assert found[date(2027, 3, 10)] == DayOff(date(2027, 3, 10), "public", "Hari Raya Idul Fitri", True, SOURCE)
    assert not found[date(2027, 12, 25)].provisional
    assert not any("(" in row.name for row in found.values())


def test_a_day_added_by_decree_in_mid_year_is_known() -> None:
    assert DayOff(date(2025, 8, 18), "joint_leave", "Cuti Bersama Hari Kemerdekaan Republik Indonesia", source=SOURCE) in days_off([2025])


def test_the_weeks_of_the_catalog_have_the_hours_of_the_law() -> None:
    hours = {
        schedule.season: sum((to.hour - since.hour) * 60 + to.minute - since.minute for day in schedule.week for since, to in day)
        for schedule in national_calendar([]).schedules
    }
    assert hours == {None: 37 * 60 + 30, "ramadan": 32 * 60 + 30}


def test_the_catalog_knows_ramadan_and_which_of_it_is_estimated() -> None:
    seasons = {row.starts_on: (row.name, row.ends_on, row.provisional) for row in national_calendar([]).seasons}
    assert seasons == {
        date(2024, 3, 12): ("ramadan", date(2024, 4, 9), False),
        date(2025, 3, 1): ("ramadan", date(2025, 3, 30), False),
        date(2026, 2, 19): ("ramadan", date(2026, 3, 20), False),
        date(2027, 2, 8): ("ramadan", date(2027, 3, 9), True),
    }
