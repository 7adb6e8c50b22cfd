"""What a calendar says about a day, what it refuses, and how offices inherit one from another."""

from datetime import UTC, date, datetime, time

import pytest

from app.domain.calendars import (
    Calendar,
    CalendarHasNoWorkingTime,
    DayOff,
    Layer,
    Pause,
    Schedule,
    Season,
    due,
    explain,
    merge,
    missing,
    office_minutes,
    week_as_text,
    week_from_text,
)
from tests.support.calendars import WITA, at, samboja, span

NINE_TO_FIVE = (((time(9), time(17)),),) * 5 + ((), ())
CLOSED = ((),) * 7


def test_a_day_tells_its_intervals_or_why_it_has_none() -> None:
    friday, sunday = date(2027, 1, 15), date(2027, 1, 17)
    assert samboja().intervals(friday) == ((at("2027-01-15 07:30"), at("2027-01-15 11:30")), (at("2027-01-15 13:00"), at("2027-01-15 16:30")))
    assert samboja().is_working_day(friday)
    assert samboja().closing(friday) == at("2027-01-15 16:30")
    assert samboja().reason(friday) is None
    assert samboja().intervals(sunday) == ()
    assert not samboja().is_working_day(sunday)
    assert samboja().reason(sunday) == (sunday, "weekend", "Minggu")
    with pytest.raises(ValueError, match="2027-01-17 is not a working day"):
        samboja().closing(sunday)


def test_a_weekday_without_hours_and_a_day_without_schedule_say_so() -> None:
    week = (NINE_TO_FIVE[0], (), *NINE_TO_FIVE[2:])
    calendar = Calendar("Asia/Makassar", 1, (Schedule(date(2027, 1, 1), None, week),))
    assert calendar.reason(date(2027, 1, 12)) == (date(2027, 1, 12), "closed", "Selasa, tidak ada jam kerja")
    assert calendar.reason(date(2026, 12, 31)) == (date(2026, 12, 31), "no_schedule", "Belum ada jadwal kerja")


def test_the_newest_schedule_of_the_right_season_holds() -> None:
    def opening_at(hour: int, valid_from: date, season: str | None = None) -> Schedule:
        return Schedule(valid_from, season, (((time(hour), time(16)),),) * 7)

    calendar = Calendar(
        "UTC",
        1,
        (
            opening_at(8, date(2027, 1, 10)),
            opening_at(7, date(2027, 1, 1)),
            opening_at(9, date(2027, 1, 1), "ramadan"),
            opening_at(10, date(2027, 2, 20), "ramadan"),
            opening_at(11, date(2027, 3, 1), "late"),
        ),
        (
            Season("ramadan", date(2027, 2, 8), date(2027, 3, 9)),
            Season("late", date(2027, 2, 25), date(2027, 3, 5)),
            Season("unknown", date(2027, 1, 1), date(2027, 1, 31)),
        ),
    )
    openings = {text: calendar.intervals(date.fromisoformat(text))[0][0].hour for text in ("2027-01-09", "2027-01-10", "2027-02-08")}
    assert openings == {"2027-01-09": 7, "2027-01-10": 8, "2027-02-08": 9}
    later = {text: calendar.intervals(date.fromisoformat(text))[0][0].hour for text in ("2027-02-20", "2027-02-28", "2027-03-01", "2027-03-10")}
    assert later == {"2027-02-20": 10, "2027-02-28": 10, "2027-03-01": 11, "2027-03-10": 8}


@pytest.mark.parametrize(
    ("zone", "day", "hours", "minutes"),
    [
        ("Europe/Berlin", "2026-03-28", ((1, 30), (2, 30)), 60),
        ("Europe/Berlin", "2026-03-29", ((1, 30), (2, 30)), 30),  # from 02:00 to 03:00: 02:30 is never shown
        ("Europe/Berlin", "2026-03-29", ((2, 10), (4, 0)), 60),
        ("Europe/Berlin", "2026-03-29", ((2, 10), (2, 50)), 0),
        ("Europe/Berlin", "2026-10-25", ((1, 30), (2, 30)), 60),  # from 03:00 back to 02:00: 02:30 is shown twice, the first counts
        ("Europe/Berlin", "2026-10-25", ((2, 30), (4, 0)), 150),
        ("Pacific/Apia", "2011-12-30", ((8, 0), (16, 0)), 0),  # a day that never was
    ],
)
def test_offices_open_and_close_by_the_clock_on_the_wall(zone: str, day: str, hours: tuple[tuple[int, int], ...], minutes: int) -> None:
    (opening, closing), here = (time(*edge) for edge in hours), date.fromisoformat(day)
    calendar = Calendar(zone, 1, (Schedule(date(2000, 1, 1), None, (((opening, closing),),) * 7),))
    spans = calendar.intervals(here)
    assert sum((to.astimezone(UTC) - since.astimezone(UTC)).seconds // 60 for since, to in spans) == minutes
    assert calendar.is_working_day(here) == bool(minutes)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2027-01-11 07:30", "2027-01-11 16:00", 450),
        ("2027-01-11 00:00", "2027-01-18 00:00", 37 * 60 + 30),
        ("2027-02-22 00:00", "2027-03-01 00:00", 32 * 60 + 30),
        ("2027-01-11 11:30", "2027-01-11 13:30", 60),
        ("2027-01-11 08:00:30", "2027-01-11 08:02:00", 1),
        ("2027-01-16 00:00", "2027-01-17 23:59", 0),
        ("2027-01-11 12:00", "2027-01-11 08:00", 0),
    ],
)
def test_office_minutes_between_two_instants(start: str, end: str, expected: int) -> None:
    assert office_minutes(samboja(), at(start), at(end)) == expected


# ── What cannot be ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("duration", ["1 minute", "1 hour", "1 working_day", "1 calendar_day"])
@pytest.mark.parametrize("schedules", [(), (Schedule(date(2020, 1, 1), None, CLOSED),), (Schedule(date(2040, 1, 1), None, NINE_TO_FIVE),)])
def test_a_calendar_without_working_time_is_said_and_not_searched_for_ever(duration: str, schedules: tuple[Schedule, ...]) -> None:
    calendar = Calendar("Asia/Makassar", 1, schedules)
    with pytest.raises(CalendarHasNoWorkingTime, match="too little office time"):
        due(calendar, at("2027-01-11 09:00"), span(duration))
    with pytest.raises(CalendarHasNoWorkingTime):
        explain(calendar, at("2027-01-11 09:00"), span(duration))


def test_a_deadline_further_than_a_hundred_years_is_none() -> None:
    one_minute_a_day = Calendar("UTC", 1, (Schedule(date(2020, 1, 1), None, (((time(9), time(9, 1)),),) * 7),))
    with pytest.raises(CalendarHasNoWorkingTime):
        due(one_minute_a_day, at("2027-01-11 09:00"), span("10000 hour"))


@pytest.mark.parametrize("starts_at", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC)])
@pytest.mark.parametrize("duration", ["1 minute", "10000 working_day", "10000 calendar_day"])
def test_the_ends_of_time_are_on_no_calendar(starts_at: datetime, duration: str) -> None:
    with pytest.raises(CalendarHasNoWorkingTime, match="not on any calendar"):
        due(samboja(), starts_at, span(duration))


def test_a_time_without_offset_is_refused() -> None:
    naive = at("2027-01-11 09:00").replace(tzinfo=None)
    for duration in ("1 minute", "1 working_day", "1 calendar_day"):
        with pytest.raises(ValueError, match="offset"):
            due(samboja(), naive, span(duration))
    with pytest.raises(ValueError, match="offset"):
        office_minutes(samboja(), naive, at("2027-01-11 10:00"))
    with pytest.raises(ValueError, match="offset"):
        Pause(at("2027-01-11 09:00"), naive)


def test_a_pause_or_season_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before"):
        Pause(at("2027-01-11 09:00"), at("2027-01-11 08:00"))
    with pytest.raises(ValueError, match="ends before"):
        Season("ramadan", date(2027, 2, 8), date(2027, 2, 7))


@pytest.mark.parametrize(
    "hours",
    [
        ((time(9), time(9)),),
        ((time(10), time(9)),),
        ((time(9), time(12)), (time(11), time(13))),
        ((time(13), time(16)), (time(9), time(12))),
    ],
)
def test_office_hours_out_of_order_are_refused(hours: tuple[tuple[time, time], ...]) -> None:
    with pytest.raises(ValueError, match="without overlap"):
        Schedule(date(2027, 1, 1), None, (hours, *CLOSED[1:]))


def test_a_week_has_seven_days() -> None:
    with pytest.raises(ValueError, match="seven days"):
        Schedule(date(2027, 1, 1), None, NINE_TO_FIVE[:5])


def test_a_week_survives_its_text() -> None:
    week = samboja().schedules[0].week
    assert week_as_text(week)[4] == [["07:30", "11:30"], ["13:00", "16:30"]]
    assert week_from_text(week_as_text(week)) == week


# ── Inheriting and seeding ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_nearest_office_wins() -> None:
    first, second, third = date(2023, 1, 1), date(2025, 1, 1), date(2027, 1, 12)
    national = Layer(
        (Schedule(first, None, NINE_TO_FIVE), Schedule(second, None, NINE_TO_FIVE), Schedule(first, "ramadan", NINE_TO_FIVE)),
        (Season("ramadan", date(2026, 2, 19), date(2026, 3, 20)), Season("ramadan", date(2027, 2, 8), date(2027, 3, 9), True)),
        (DayOff(third, "public", "Nasional"), DayOff(date(2027, 1, 13), "joint_leave", "Cuti Bersama")),
    )
    own = Layer(
        (Schedule(second, None, CLOSED),),
        (Season("ramadan", date(2027, 2, 9), date(2027, 3, 10)),),
        (DayOff(third, "local", "Hari Jadi"),),
    )
    found = merge([own, national], zone="Asia/Makassar", version=7)
    assert (found.zone, found.version) == ("Asia/Makassar", 7)
    assert [(row.season, row.depth, row.valid_from) for row in found.schedules] == [
        (None, 0, second),
        (None, 1, first),
        (None, 1, second),
        ("ramadan", 1, first),
    ]
    assert found.seasons == (national.seasons[0], own.seasons[0])
    assert [row.name for row in found.days_off] == ["Hari Jadi", "Cuti Bersama"]
    assert found.covered_years == frozenset()
    assert merge([national], zone="UTC", version=1).covered_years == {2027}


def test_seeding_adds_only_what_is_missing() -> None:
    wanted = Layer(
        (Schedule(date(2023, 1, 1), None, NINE_TO_FIVE), Schedule(date(2023, 1, 1), "ramadan", NINE_TO_FIVE)),
        (Season("ramadan", date(2026, 2, 19), date(2026, 3, 20)), Season("ramadan", date(2027, 2, 8), date(2027, 3, 9))),
        tuple(DayOff(date(year, 12, 25), "public", "Natal", source="seed") for year in (2026, 2027)),
    )
    assert missing(wanted, Layer()) == wanted
    assert not missing(wanted, wanted)
    changed = Layer(
        (Schedule(date(2023, 1, 1), None, CLOSED),),
        (Season("ramadan", date(2027, 2, 10), date(2027, 3, 11)),),
        (DayOff(date(2026, 12, 26), "public", "Natal", source="seed"), DayOff(date(2027, 8, 18), "public", "Baru", source="SKB")),
    )
    assert missing(wanted, changed) == Layer(wanted.schedules[1:], wanted.seasons[:1], wanted.days_off[1:])


def test_a_seeded_day_never_stands_beside_one_of_the_same_kind_that_an_administrator_put_there() -> None:
    mine = Layer(days_off=(DayOff(date(2027, 12, 25), "public", "Hari Natal", source="SKB"),))
    seed = Layer(days_off=(DayOff(date(2027, 12, 25), "public", "Natal", source="seed"),))
    assert not missing(seed, mine)


def test_calendars_of_equal_content_are_equal() -> None:
    one, other = (merge([Layer(samboja().schedules, samboja().seasons, samboja().days_off)], zone="Asia/Makassar", version=1) for _ in "ab")
    one.intervals(date(2027, 1, 11))
    assert one == other == samboja()
    assert hash(one) == hash(other)


def test_a_due_time_is_looked_up_and_not_computed_from_scratch() -> None:
    """The days a plan touches are remembered. Counted, not timed: the second plan looks at the same day objects."""
    calendar = merge([Layer(samboja().schedules)], zone="Asia/Makassar", version=1)
    due(calendar, at("2027-01-11 08:00"), span("5 working_day"))
    known = {day: id(found) for day, found in calendar._days.items()}
    due(calendar, at("2027-01-11 08:00"), span("5 working_day"))
    assert {day: id(found) for day, found in calendar._days.items()} == known
    assert len(known) == 7


def test_zones_agree_with_offices() -> None:
    assert samboja().zone_info is WITA
    assert samboja().local(datetime(2027, 1, 11, tzinfo=UTC)) == at("2027-01-11 08:00")
