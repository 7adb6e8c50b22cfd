"""Every due time can be explained: what was used, what was skipped and why, and what is not certain."""

from datetime import date, time

from app.domain.calendars import Calendar, DayOff, Schedule, explain
from tests.support.calendars import at, pauses_of, samboja, span

NINE_TO_FIVE = (((time(9), time(17)),),) * 5 + ((), ())


def test_hours_are_explained_by_the_stretches_used() -> None:
    found = explain(samboja(), at("2026-12-23 11:30"), span("5 hour"))
    assert found.due_at == at("2026-12-28 09:00")
    assert found.used == (
        (at("2026-12-23 11:30"), at("2026-12-23 12:00")),
        (at("2026-12-23 13:00"), at("2026-12-23 16:00")),
        (at("2026-12-28 07:30"), at("2026-12-28 09:00")),
    )
    assert found.skipped == (
        (date(2026, 12, 24), "joint_leave", "Cuti Bersama Hari Raya Natal"),
        (date(2026, 12, 25), "public", "Hari Raya Natal"),
        (date(2026, 12, 26), "weekend", "Sabtu"),
        (date(2026, 12, 27), "weekend", "Minggu"),
    )
    assert found.warnings == ()


def test_reasons_are_told_in_english_too() -> None:
    found = explain(samboja(), at("2026-12-23 11:30"), span("1 working_day"))
    assert [row.english for row in found.skipped] == [
        "Joint leave: Cuti Bersama Hari Raya Natal",
        "Public holiday: Hari Raya Natal",
        "Saturday",
        "Sunday",
    ]


def test_working_days_are_explained_by_the_office_hours_of_each_day_counted() -> None:
    found = explain(samboja(), at("2027-01-14 09:00"), span("2 working_day"))
    assert found.used == ((at("2027-01-15 07:30"), at("2027-01-15 16:30")), (at("2027-01-18 07:30"), at("2027-01-18 16:00")))
    assert [row.reason for row in found.skipped] == ["Sabtu", "Minggu"]


def test_calendar_days_run_through_days_off_and_skip_only_what_follows() -> None:
    found = explain(samboja(), at("2027-01-09 09:00"), span("7 calendar_day"))
    assert found.used == ((at("2027-01-09 09:00"), at("2027-01-18 16:00")),)
    assert [row.day for row in found.skipped] == [date(2027, 1, 16), date(2027, 1, 17)]


def test_a_start_on_sunday_is_explained() -> None:
    found = explain(samboja(), at("2027-01-10 10:00"), span("30 minute"))
    assert found.skipped == ((date(2027, 1, 10), "weekend", "Minggu"),)


def test_what_a_pause_took_is_explained() -> None:
    hours = explain(samboja(), at("2027-01-11 15:30"), span("1 hour"), pauses_of("2027-01-11 15:45/2027-01-13 09:00"))
    assert hours.used == ((at("2027-01-11 15:30"), at("2027-01-11 15:45")), (at("2027-01-13 09:00"), at("2027-01-13 09:45")))
    assert hours.skipped == ((date(2027, 1, 12), "paused", "Ditangguhkan"),)
    days = explain(samboja(), at("2027-01-11 09:00"), span("2 working_day"), pauses_of("2027-01-12 10:00/2027-01-13 08:00"))
    assert [since.date() for since, _ in days.used] == [date(2027, 1, 13), date(2027, 1, 14)]
    assert days.skipped == ((date(2027, 1, 12), "paused", "Ditangguhkan"),)


def test_a_start_day_lost_to_a_pause_is_explained() -> None:
    found = explain(samboja(), at("2027-01-11 09:00"), span("2 working_day"), pauses_of("2027-01-11 15:00/2027-01-12 08:00"))
    assert [since.date() for since, _ in found.used] == [date(2027, 1, 13), date(2027, 1, 14)]
    assert found.skipped == ((date(2027, 1, 11), "paused", "Ditangguhkan"),)


def test_a_pause_after_the_deadline_takes_nothing() -> None:
    for duration in ("1 hour", "2 working_day"):
        later = explain(samboja(), at("2027-01-11 09:00"), span(duration), pauses_of("2027-01-14 15:00/2027-01-18 08:00"))
        assert later == explain(samboja(), at("2027-01-11 09:00"), span(duration))


def test_a_start_after_office_hours_skips_nothing() -> None:
    assert explain(samboja(), at("2027-01-11 17:00"), span("30 minute")).skipped == ()


def test_a_year_whose_days_off_are_unknown_is_warned_of() -> None:
    assert explain(samboja(), at("2028-12-28 09:00"), span("1 working_day")).warnings == ()
    found = explain(samboja(), at("2028-12-29 09:00"), span("1 working_day"))
    assert found.due_at == at("2029-01-01 16:00")
    assert found.warnings == ("calendar_not_covered",)


def test_an_estimated_day_off_is_warned_of() -> None:
    found = explain(samboja(), at("2027-03-09 09:00"), span("1 working_day"))
    assert (date(2027, 3, 10), "public", "Hari Raya Idul Fitri (perkiraan)") in found.skipped
    assert "provisional_day" in found.warnings


def test_an_estimated_day_off_on_a_sunday_matters_to_nobody() -> None:
    calendar = Calendar("Asia/Makassar", 1, (Schedule(date(2023, 1, 1), None, NINE_TO_FIVE),), (), (DayOff(date(2027, 1, 17), "public", "?", True),))
    assert "provisional_day" not in explain(calendar, at("2027-01-15 09:00"), span("1 working_day")).warnings


def test_a_firm_reason_comes_before_an_estimated_one() -> None:
    monday = date(2027, 1, 18)
    rows = (DayOff(monday, "public", "Perkiraan", True), DayOff(monday, "joint_leave", "Cuti Bersama"), DayOff(monday, "local", "Hari Jadi"))
    calendar = Calendar("Asia/Makassar", 1, (Schedule(date(2023, 1, 1), None, NINE_TO_FIVE),), (), rows)
    found = explain(calendar, at("2027-01-15 09:00"), span("1 working_day"))
    assert found.skipped[-1] == (monday, "joint_leave", "Cuti Bersama")
    assert "provisional_day" not in found.warnings


def test_an_estimated_season_is_warned_of() -> None:
    assert explain(samboja(), at("2027-03-01 09:00"), span("1 hour")).warnings == ("provisional_season",)
    assert explain(samboja(), at("2026-03-02 09:00"), span("1 hour")).warnings == ()
