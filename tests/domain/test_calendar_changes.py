"""What an administrator changes of an office's own rows: one row, a year's list, an import; and what is refused."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time
from typing import Any
from uuid import UUID

import pytest

from app.domain.calendars import DayOff, Layer, ReportDate, Schedule, Season
from app.domain.calendars.changes import (
    Change,
    add_row,
    change_row,
    remove_row,
    set_report_date,
    unset_report_date,
)
from app.domain.calendars.differences import difference
from app.domain.calendars.entries import Entry, ScheduleEntry, SeasonEntry
from app.domain.calendars.kinds import RowField
from app.domain.problems import FieldError, Invalid, NotVisible

MORNING = [[["08:00", "12:00"]]] * 5 + [[], []]
WEEK = (((time(8), time(12)),),) * 5 + ((), ())
NATIONAL, JOINT, LOCAL = (
    DayOff(date(2027, 8, 17), "public", "Proklamasi", id=UUID(int=1)),
    DayOff(date(2027, 8, 18), "joint_leave", "Cuti bersama", True, "perkiraan", id=UUID(int=2)),
    DayOff(date(2027, 8, 19), "local", "Hari jadi", id=UUID(int=3)),
)
RAMADAN = Season("ramadan", date(2027, 2, 8), date(2027, 3, 9), True, id=UUID(int=4))
NORMAL, FASTING = Schedule(date(2023, 1, 1), None, WEEK, id=UUID(int=5)), Schedule(date(2023, 1, 1), "ramadan", WEEK, id=UUID(int=6))
DUE = ReportDate(2026, date(2027, 2, 15))
LAYER = Layer((NORMAL, FASTING), (RAMADAN,), (NATIONAL, JOINT, LOCAL), (DUE,))


def wrong(make: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as invalid:
        make()
    assert all(error.id and error.en for error in invalid.value.errors)
    return [(error.pointer, error.code) for error in invalid.value.errors]


def differing(change: Change) -> tuple[Layer, Layer, Layer]:
    found = difference(LAYER, change.apply(LAYER))
    return found.added, found.changed, found.removed


NEW_DAY = DayOff(date(2027, 8, 20), "working", "Ganti hari")
NEW_SEASON = Season("ramadan", date(2028, 1, 28), date(2028, 2, 25))
NEW_HOURS = Schedule(date(2027, 7, 1), None, WEEK, "SK", date(2027, 12, 31))


@pytest.mark.parametrize(
    ("entry", "added"),
    [
        (NEW_DAY, Layer(days_off=(NEW_DAY,))),
        (replace(NATIONAL, kind="joint_leave", id=None), Layer(days_off=(replace(NATIONAL, kind="joint_leave"),))),
        (SeasonEntry("ramadan", date(2028, 1, 28), date(2028, 2, 25)), Layer(seasons=(NEW_SEASON,))),
        (SeasonEntry("banjir", RAMADAN.starts_on, RAMADAN.ends_on), Layer(seasons=(Season("banjir", RAMADAN.starts_on, RAMADAN.ends_on),))),
        (ScheduleEntry(date(2027, 7, 1), None, MORNING, "SK", date(2027, 12, 31)), Layer((NEW_HOURS,))),
        (ScheduleEntry(date(2023, 1, 1), "tidak ada", MORNING), Layer((Schedule(date(2023, 1, 1), "tidak ada", WEEK),))),
    ],
)
def test_a_row_is_added(entry: Any, added: Layer) -> None:
    change = add_row(entry)
    assert differing(change) == (added, Layer(), Layer())
    assert (change.row, change.years) == (None, ())


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (replace(NATIONAL, name="Lagi"), ("/date", "day_off_exists")),
        (SeasonEntry("ramadan", date(2027, 3, 9), date(2027, 4, 7)), ("/starts_on", "season_overlaps")),
        (SeasonEntry("ramadan", date(2027, 1, 9), date(2027, 2, 8)), ("/starts_on", "season_overlaps")),
        (ScheduleEntry(date(2023, 1, 1), None, MORNING), ("/valid_from", "schedule_exists")),
    ],
)
def test_what_is_there_is_not_added_again(entry: Any, expected: tuple[str, str]) -> None:
    assert wrong(lambda: add_row(entry).apply(LAYER)) == [expected]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (replace(NATIONAL, day=date(1999, 12, 31)), [("/date", "year_out_of_range")]),
        (replace(NATIONAL, day=date(2101, 1, 1), name=" "), [("/date", "year_out_of_range"), ("/name", "malformed")]),
        (replace(NATIONAL, name="x" * 201, source="x" * 401, decree="x" * 201), [(f"/{name}", "malformed") for name in ("name", "source", "decree")]),
        (replace(NATIONAL, name="a\0b"), [("/name", "malformed")]),
        (replace(NATIONAL, name="\ud800"), [("/name", "malformed")]),
        (replace(NATIONAL, source="dua\nbaris"), [("/source", "malformed")]),
        (replace(NATIONAL, decree=""), [("/decree", "malformed")]),
        (SeasonEntry("", date(2027, 3, 9), date(2027, 3, 8)), [("/name", "malformed"), ("/ends_on", "before_its_start")]),
        (
            SeasonEntry("x" * 41, date(1990, 1, 1), date(2190, 1, 1)),
            [("/name", "malformed"), *((f"/{n}", "year_out_of_range") for n in ("starts_on", "ends_on"))],
        ),
        (ScheduleEntry(date(1990, 1, 1), "", MORNING), [("/valid_from", "year_out_of_range"), ("/season", "malformed")]),
        (ScheduleEntry(date(2027, 1, 2), None, MORNING, valid_to=date(2027, 1, 1)), [("/valid_to", "before_its_start")]),
        (ScheduleEntry(date(2027, 1, 2), None, MORNING, valid_to=date(2999, 1, 1)), [("/valid_to", "year_out_of_range")]),
        (ScheduleEntry(date(2027, 1, 2), None, MORNING[:6]), [("/week", "not_seven_days")]),
        (ReportDate(2026, date(2026, 12, 31)), [("/due_on", "not_in_the_year_after")]),
        (ReportDate(2026, date(2028, 1, 1), 61), [("/due_on", "not_in_the_year_after"), ("/margin_days", "out_of_range")]),
        (ReportDate(1999, date(2000, 1, 1), -1), [("/year", "year_out_of_range"), ("/margin_days", "out_of_range")]),
    ],
)
def test_what_is_wrong_in_itself_is_told_at_once(entry: Entry, expected: list[tuple[str, str]]) -> None:
    assert wrong(lambda: set_report_date(entry) if isinstance(entry, ReportDate) else add_row(entry)) == expected


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ([], None),
        ([["00:00", "23:59"]], None),
        ([["08:00", "12:00"], ["12:00", "16:00"]], None),
        ([[f"{hour:02}:00", f"{hour:02}:30"] for hour in range(8)], None),
        ([[f"{hour:02}:00", f"{hour:02}:30"] for hour in range(9)], ("", "too_long")),
        ([["12:00", "08:00"]], ("/0", "closes_before_it_opens")),
        ([["08:00", "08:00"]], ("/0", "closes_before_it_opens")),
        ([["08:00", "12:00"], ["11:59", "16:00"]], ("/1", "hours_overlap")),
        ([["13:00", "16:00"], ["08:00", "12:00"]], ("/1", "hours_overlap")),
        ([["08:00"]], ("/0", "not_office_hours")),
        ([["08:00", "24:00"]], ("/0", "not_office_hours")),
        ([["8:00", "12:00"]], ("/0", "not_office_hours")),
        ([["08:00:00", "12:00"]], ("/0", "not_office_hours")),
        ([["08:00+08:00", "12:00"]], ("/0", "not_office_hours")),
        ([["pagi", "siang"]], ("/0", "not_office_hours")),
    ],
)
def test_office_hours_of_a_day(hours: Sequence[Sequence[str]], expected: tuple[str, str] | None) -> None:
    week: list[Any] = [[], [], hours, [], [], [], []]

    def make() -> Layer:
        return add_row(ScheduleEntry(date(2027, 1, 2), None, week)).apply(LAYER)

    if expected is None:
        assert make().schedules[-1].week[2] == tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in hours)
    else:
        assert wrong(make) == [(f"/week/wednesday{expected[0]}", expected[1])]


@pytest.mark.parametrize(
    ("field", "row", "given", "after"),
    [
        ("days_off", JOINT, {"provisional": False, "decree": "SKB 1"}, Layer(days_off=(replace(JOINT, provisional=False, decree="SKB 1"),))),
        ("days_off", JOINT, {"day": date(2027, 8, 17)}, Layer(days_off=(replace(JOINT, day=date(2027, 8, 17)),))),
        ("seasons", RAMADAN, {"starts_on": date(2027, 2, 9)}, Layer(seasons=(replace(RAMADAN, starts_on=date(2027, 2, 9)),))),
        (
            "schedules",
            NORMAL,
            {"week": [[]] * 7, "valid_to": NORMAL.valid_from},
            Layer((replace(NORMAL, week=((),) * 7, valid_to=NORMAL.valid_from),)),
        ),
        ("schedules", FASTING, {"season": "puasa"}, Layer((replace(FASTING, season="puasa"),))),
        ("days_off", JOINT, {}, Layer()),
    ],
)
def test_a_row_is_changed_and_keeps_its_id(field: RowField, row: Any, given: dict[str, Any], after: Layer) -> None:
    change = change_row(field, row.id, given)
    assert differing(change) == (Layer(), after, Layer())
    assert change.row is not None
    assert change.row.among(LAYER) is row


@pytest.mark.parametrize(
    ("field", "row", "given", "expected"),
    [
        ("days_off", JOINT, {"day": NATIONAL.day, "kind": "public"}, ("/date", "day_off_exists")),
        ("days_off", JOINT, {"name": ""}, ("/name", "malformed")),
        ("seasons", RAMADAN, {"ends_on": date(2027, 2, 7)}, ("/ends_on", "before_its_start")),
        ("schedules", NORMAL, {"valid_from": date(2028, 1, 1), "valid_to": date(2027, 1, 1)}, ("/valid_to", "before_its_start")),
        ("schedules", NORMAL, {"season": "ramadan"}, ("/valid_from", "schedule_exists")),
        ("schedules", NORMAL, {"week": []}, ("/week", "not_seven_days")),
    ],
)
def test_a_row_is_not_changed_into_what_could_not_be_added(field: RowField, row: Any, given: dict[str, Any], expected: tuple[str, str]) -> None:
    assert wrong(lambda: change_row(field, row.id, given).apply(LAYER)) == [expected]


@pytest.mark.parametrize(("field", "row"), [("days_off", LOCAL), ("seasons", RAMADAN), ("schedules", NORMAL)])
def test_a_row_is_removed(field: RowField, row: Any) -> None:
    added, changed, removed = differing(remove_row(field, row.id))
    assert (added, changed, getattr(removed, field)) == (Layer(), Layer(), (row,))


@pytest.mark.parametrize(
    "change", [remove_row("seasons", LOCAL.id or UUID(int=0)), change_row("days_off", UUID(int=99), {}), unset_report_date(2030)]
)
def test_a_row_that_is_not_there_is_not_found(change: Change) -> None:
    with pytest.raises(NotVisible):
        change.apply(LAYER)


def test_a_report_date_is_set_changed_and_unset() -> None:
    assert differing(set_report_date(ReportDate(2027, date(2028, 2, 20)))) == (
        Layer(report_dates=(ReportDate(2027, date(2028, 2, 20)),)),
        Layer(),
        Layer(),
    )
    assert differing(set_report_date(replace(DUE, margin_days=9))) == (Layer(), Layer(report_dates=(replace(DUE, margin_days=9),)), Layer())
    assert differing(set_report_date(DUE)) == (Layer(), Layer(), Layer())
    assert differing(unset_report_date(2026)) == (Layer(), Layer(), Layer(report_dates=(DUE,)))


def test_a_mistake_reads_in_both_languages() -> None:
    with pytest.raises(Invalid) as invalid:
        add_row(replace(NATIONAL, name=""))
    assert invalid.value.errors == (FieldError("/name", "malformed", "1 sampai 200 karakter dalam satu baris.", "1 to 200 characters in one line."),)
