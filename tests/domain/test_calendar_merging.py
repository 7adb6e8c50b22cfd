"""What an office inherits and what its own rows do to it: hours, seasons, days off, report dates."""

from dataclasses import replace
from datetime import date, time

import pytest

from app.domain.calendars import Calendar, DayOff, Layer, ReportDate, Schedule, Season, Week, merge, missing

MONDAY = date(2027, 1, 11)


def opening(hour: int) -> Week:
    """Every day from that hour on."""
    return (((time(hour), time(17)),),) * 7


def since(valid_from: str, hour: int, *, season: str | None = None, until: str | None = None) -> Schedule:
    return Schedule(date.fromisoformat(valid_from), season, opening(hour), valid_to=None if until is None else date.fromisoformat(until))


def opens(calendar: Calendar, day: str) -> int | None:
    """At what hour; None on a day without hours."""
    spans = calendar.intervals(date.fromisoformat(day))
    return spans[0][0].hour if spans else None


def merged(*layers: Layer) -> Calendar:
    return merge(layers, zone="Asia/Makassar", version=1)


NATION = Layer(
    (since("2023-01-01", 7), since("2023-01-01", 8, season="ramadan")),
    (Season("ramadan", date(2027, 2, 8), date(2027, 3, 9), True),),
    (DayOff(date(2027, 1, 1), "public", "Tahun Baru"), DayOff(date(2027, 8, 18), "joint_leave", "Cuti bersama")),
    (ReportDate(2026, date(2027, 2, 20)),),
)


@pytest.mark.parametrize(
    ("own", "above", "expected"),
    [
        # the nearest office's schedule holds, however new one above is
        ([since("2026-01-01", 9)], [since("2023-01-01", 7), since("2027-01-01", 6)], 9),
        ([since("2026-01-01", 9)], [since("2023-01-01", 7)], 9),
        ([], [since("2023-01-01", 7), since("2027-01-01", 6)], 6),
        # one that is still to come does not hold yet
        ([since("2027-01-12", 9)], [since("2023-01-01", 7)], 7),
        ([since("2027-01-11", 9)], [since("2023-01-01", 7)], 9),
        # of one office the newest
        ([since("2026-01-01", 9), since("2027-01-01", 10)], [since("2027-01-05", 6)], 10),
        # its last day is inside; then the office above is asked again
        ([since("2026-01-01", 9, until="2027-01-11")], [since("2023-01-01", 7)], 9),
        ([since("2026-01-01", 9, until="2027-01-10")], [since("2023-01-01", 7)], 7),
        # the newer one has ended: the older one of the same office goes on
        ([since("2026-01-01", 9), since("2026-06-01", 10, until="2026-12-31")], [since("2023-01-01", 7)], 9),
        ([since("2026-01-01", 9, until="2026-12-31")], [], None),
    ],
)
def test_the_nearest_offices_hours_hold(own: list[Schedule], above: list[Schedule], expected: int | None) -> None:
    for layers in ([Layer(tuple(own)), Layer(tuple(above))], [Layer(tuple(reversed(own))), Layer(), Layer(tuple(reversed(above)))]):
        assert opens(merged(*layers), MONDAY.isoformat()) == expected


def test_of_three_offices_the_nearest_that_says_something_holds() -> None:
    regency = Layer((since("2027-01-11", 8, until="2027-01-12"),))
    office = Layer((since("2027-01-12", 9, until="2027-01-13"),))
    calendar = merged(office, regency, NATION)
    assert [opens(calendar, f"2027-01-{day}") for day in (10, 11, 12, 13, 14)] == [7, 8, 9, 9, 7]


@pytest.mark.parametrize(
    ("own", "day", "expected"),
    [
        (Layer(), "2027-02-08", 8),
        (Layer((since("2026-01-01", 9),)), "2027-02-07", 9),
        # hours of a season beat the normal week, also that of a nearer office
        (Layer((since("2026-01-01", 9),)), "2027-02-08", 8),
        (Layer((since("2026-01-01", 10, season="ramadan"),)), "2027-02-08", 10),
        (Layer((since("2026-01-01", 10, season="ramadan", until="2027-02-20"),)), "2027-02-20", 10),
        (Layer((since("2026-01-01", 10, season="ramadan", until="2027-02-20"),)), "2027-02-21", 8),
        # a nearer office may say on which days a season lies
        (Layer(seasons=(Season("ramadan", date(2027, 2, 9), date(2027, 3, 10)),)), "2027-02-08", 7),
        (Layer(seasons=(Season("ramadan", date(2027, 2, 9), date(2027, 3, 10)),)), "2027-03-10", 8),
        # and have one of its own, which began later and so counts
        (Layer((since("2026-01-01", 11, season="banjir"),), (Season("banjir", date(2027, 2, 10), date(2027, 2, 12)),)), "2027-02-10", 11),
        (Layer((since("2026-01-01", 11, season="banjir"),), (Season("banjir", date(2027, 2, 10), date(2027, 2, 12)),)), "2027-02-13", 8),
        # a season without a schedule changes nothing
        (Layer(seasons=(Season("banjir", date(2027, 2, 10), date(2027, 2, 12)),)), "2027-02-10", 8),
    ],
)
def test_hours_of_a_season(own: Layer, day: str, expected: int) -> None:
    assert opens(merged(own, NATION), day) == expected
    assert opens(merged(Layer(), own, Layer(), NATION), day) == expected


def test_a_season_gives_way_to_those_of_its_name_that_it_overlaps() -> None:
    """Not to one of another year, nor to the same office's own."""
    last_year, split = (
        Season("ramadan", date(2026, 2, 19), date(2026, 3, 20)),
        (date(2027, 2, 1), date(2027, 2, 8), date(2027, 3, 9), date(2027, 3, 20)),
    )
    above = Layer(seasons=(last_year, *NATION.seasons))
    own = Layer(seasons=(Season("ramadan", split[0], split[1]), Season("ramadan", split[2], split[3])))
    assert merged(own, above).seasons == (last_year, *own.seasons)
    beside = Layer(seasons=(Season("ramadan", date(2027, 3, 10), date(2027, 3, 20)), Season("banjir", date(2027, 2, 10), date(2027, 2, 12))))
    assert merged(beside, above).seasons == (last_year, NATION.seasons[0], beside.seasons[1], beside.seasons[0])


OPEN = DayOff(date(2027, 8, 18), "working", "Tetap bekerja")


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ([NATION], None),
        ([Layer(days_off=(OPEN,)), NATION], 7),
        ([Layer(days_off=(OPEN, replace(OPEN, kind="local"))), NATION], 7),
        # beside a day off of the same office it opens the day as well
        ([Layer(NATION.schedules, (), (*NATION.days_off, OPEN))], 7),
        # but only the nearest office with a row for the day is asked
        ([Layer(days_off=(replace(OPEN, kind="local"),)), Layer(days_off=(OPEN,)), NATION], None),
        ([Layer(days_off=(OPEN,)), Layer(days_off=(replace(OPEN, kind="local"),)), NATION], 7),
        ([Layer(days_off=(replace(OPEN, day=date(2027, 8, 19)),)), NATION], None),
    ],
)
def test_an_office_may_work_on_a_day_off_of_those_above(layers: list[Layer], expected: int | None) -> None:
    calendar = merged(*layers)
    assert opens(calendar, "2027-08-18") == expected
    assert (calendar.reason(date(2027, 8, 18)) is None) == (expected is not None)


def test_working_makes_no_hours_where_the_week_has_none() -> None:
    sunday = DayOff(date(2027, 1, 17), "working", "Lembur")
    week = Schedule(date(2023, 1, 1), None, (*opening(7)[:6], ()))
    calendar = merged(Layer((week,), (), (sunday,)))
    assert opens(calendar, "2027-01-17") is None
    assert calendar.reason(sunday.day) == (sunday.day, "weekend", "Minggu")


def test_the_nearest_report_date_holds_year_by_year() -> None:
    own = Layer(report_dates=(ReportDate(2027, date(2028, 2, 15), 10),))
    calendar = merged(own, Layer(report_dates=(ReportDate(2027, date(2028, 2, 20)), ReportDate(2025, date(2026, 2, 2)))), NATION)
    found = {year: (calendar.report_date(year).due_on.isoformat(), calendar.report_date(year).margin_days) for year in (2025, 2026, 2027, 2023)}
    assert found == {2025: ("2026-02-02", 5), 2026: ("2027-02-20", 5), 2027: ("2028-02-15", 10), 2023: ("2024-02-29", 5)}


def test_a_settled_year_is_not_seeded_again() -> None:
    """All of its days may be gone, or be those of a decree: the log says that it was seeded or listed."""
    christmas = tuple(DayOff(date(year, 12, 25), "public", "Natal", source="paket") for year in (2026, 2027))
    assert missing(Layer(days_off=christmas), Layer(), settled={2026}).days_off == christmas[1:]
    listed = Layer(days_off=(DayOff(date(2026, 12, 24), "joint_leave", "Cuti bersama", source="SKB"),))
    assert missing(Layer(days_off=christmas), listed, settled={2026}).days_off == christmas[1:]
    assert missing(Layer(days_off=christmas), listed).days_off == christmas
