"""What an administrator changes of an office's own rows: one row, a year's list, an import; and what is refused."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time
from typing import Any
from uuid import UUID

import pytest

from app.domain.calendars import DayOff, Layer, ReportDate, Schedule, Season
from app.domain.calendars.changes import (
    MOST_AT_ONCE,
    Change,
    Import,
    add_row,
    change_row,
    import_rows,
    put_year_list,
    remove_row,
    set_report_date,
    unset_report_date,
)
from app.domain.calendars.differences import calendar_changed, difference
from app.domain.calendars.entries import Entry, ScheduleEntry, SeasonEntry
from app.domain.calendars.kinds import RowField
from app.domain.events import text_hash
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


def listed(*rows: DayOff) -> list[tuple[str, DayOff]]:
    return [(f"/days/{number}", replace(row, id=None)) for number, row in enumerate(rows)]


def test_a_years_list_replaces_what_a_decree_may_list_and_nothing_else() -> None:
    """As 18 August 2025 was added in August: what stays the same keeps its id, what is left out is gone, a local closure stays."""
    firm, new = (
        replace(JOINT, provisional=False, source="SKB", decree="SKB 933/2027"),
        DayOff(date(2027, 12, 24), "joint_leave", "Cuti bersama Natal"),
    )
    change = put_year_list(2027, listed(firm, new))
    assert change.years == (2027,)
    assert differing(change) == (Layer(days_off=(new,)), Layer(days_off=(firm,)), Layer(days_off=(NATIONAL,)))
    ids = {row.day: row.id for row in change.apply(LAYER).days_off}
    assert ids == {JOINT.day: JOINT.id, new.day: None, LOCAL.day: LOCAL.id}
    other_year = put_year_list(2028, listed(replace(NATIONAL, day=date(2028, 8, 17))))
    assert differing(other_year)[1:] == (Layer(), Layer())
    assert not difference(LAYER, put_year_list(2027, listed(NATIONAL, JOINT)).apply(LAYER))


def test_a_years_list_is_of_that_year_and_of_what_is_decreed() -> None:
    rows = listed(replace(NATIONAL, day=date(2026, 8, 17)), LOCAL, JOINT, JOINT, replace(JOINT, day=date(1990, 1, 1), name=""))
    assert wrong(lambda: put_year_list(2027, rows)) == [
        ("/days/0/date", "not_in_the_year"),
        ("/days/1/kind", "not_of_a_list"),
        ("/days/4/date", "year_out_of_range"),
        ("/days/4/name", "malformed"),
        ("/days/4/date", "not_in_the_year"),
        ("/days/3/date", "day_off_exists"),
    ]
    assert wrong(lambda: put_year_list(2027, [])) == [("", "rows_out_of_range")]


def test_an_import_adds_what_is_new_and_changes_what_is_there() -> None:
    firm, new = replace(JOINT, provisional=False, id=None), DayOff(date(2027, 12, 24), "joint_leave", "Cuti bersama Natal")
    change = import_rows(
        Import(
            [("/days_off/0", new), ("/days_off/1", firm)],
            [("/seasons/0", SeasonEntry("ramadan", RAMADAN.starts_on, date(2027, 3, 10)))],
            [("/schedules/0", ScheduleEntry(date(2023, 1, 1), None, [[]] * 7))],
            [("/report_dates/0", replace(DUE, margin_days=7))],
        )
    )
    season, hours = replace(RAMADAN, ends_on=date(2027, 3, 10), provisional=False), replace(NORMAL, week=((),) * 7)
    expected = Layer((hours,), (season,), (replace(firm, id=JOINT.id),), (replace(DUE, margin_days=7),))
    assert differing(change) == (Layer(days_off=(new,)), expected, Layer())
    after = change.apply(LAYER)
    assert {row.id for row in (*after.schedules, *after.seasons)} == {row.id for row in (*LAYER.schedules, *LAYER.seasons)}
    again = after.identified(lambda: UUID(int=77))
    assert not difference(again, change.apply(again))


def test_an_import_is_refused_with_all_that_is_wrong() -> None:
    bad = Import(
        [("/days_off/0", NATIONAL), ("/days_off/1", NATIONAL), ("/days_off/2", replace(NATIONAL, name=""))],
        [("/seasons/0", SeasonEntry("a", date(2027, 1, 1), date(2027, 1, 9))), ("/seasons/1", SeasonEntry("a", date(2027, 1, 9), date(2027, 1, 10)))],
        [("/schedules/0", ScheduleEntry(date(2027, 1, 1), None, [["x"]]))],
        [("/report_dates/0", DUE), ("/report_dates/1", DUE)],
    )
    assert wrong(lambda: import_rows(bad)) == [
        ("/days_off/2/name", "malformed"),
        ("/schedules/0/week", "not_seven_days"),
        ("/days_off/1/date", "day_off_exists"),
        ("/seasons/1/starts_on", "season_overlaps"),
        ("/report_dates/1/year", "report_date_exists"),
    ]
    moved = Import(seasons=[("/seasons/0", SeasonEntry("ramadan", date(2027, 2, 9), date(2027, 3, 10)))])
    assert wrong(lambda: import_rows(moved).apply(LAYER)) == [("/seasons/0/starts_on", "season_overlaps")]
    many = [(f"/days_off/{number}", replace(NATIONAL, day=date.fromordinal(NATIONAL.day.toordinal() + number))) for number in range(MOST_AT_ONCE + 1)]
    assert wrong(lambda: import_rows(Import(many))) == [("", "rows_out_of_range")]
    assert len(import_rows(Import(many[1:])).apply(LAYER).days_off) == MOST_AT_ONCE + 3
    assert wrong(lambda: import_rows(Import())) == [("", "rows_out_of_range")]


def test_an_office_has_no_end_of_rows() -> None:
    full = Layer(days_off=tuple(DayOff(date.fromordinal(date(2000, 1, 1).toordinal() + number), "local", "Tutup") for number in range(4000)))
    assert wrong(lambda: add_row(NEW_DAY).apply(full)) == [("", "calendar_full")]
    full = Layer(full.schedules, full.seasons, full.days_off[1:])
    assert len(add_row(NEW_DAY).apply(full).days_off) == 4000


def test_the_event_tells_everything_but_words() -> None:
    after = Layer((NORMAL,), (replace(RAMADAN, provisional=False),), (NATIONAL, LOCAL), (replace(DUE, margin_days=9),))
    event = calendar_changed(difference(LAYER, after), "imported", (2027,))
    assert (event.type, {name: event.data[name] for name in ("reason", "years", "added")}) == (
        "calendar.changed",
        {"reason": "imported", "years": [2027], "added": {}},
    )
    assert event.data["changed"] == {
        "seasons": [
            {
                "id": str(RAMADAN.id),
                "name_sha256": text_hash("ramadan"),
                "starts_on": "2027-02-08",
                "ends_on": "2027-03-09",
                "provisional": False,
                "source_sha256": text_hash(""),
            }
        ],
        "report_dates": [{"year": 2026, "due_on": "2027-02-15", "margin_days": 9}],
    }
    assert event.data["removed"] == {
        "days_off": [
            {
                "id": str(JOINT.id),
                "date": "2027-08-18",
                "kind": "joint_leave",
                "provisional": True,
                "name_sha256": text_hash("Cuti bersama"),
                "source_sha256": text_hash("perkiraan"),
                "decree_sha256": None,
            }
        ],
        "schedules": [
            {
                "id": str(FASTING.id),
                "season_sha256": text_hash("ramadan"),
                "valid_from": "2023-01-01",
                "valid_to": None,
                "week": MORNING,
                "source_sha256": text_hash(""),
            }
        ],
    }
    assert "years" not in calendar_changed(difference(LAYER, after), "edited").data


def test_a_mistake_reads_in_both_languages() -> None:
    with pytest.raises(Invalid) as invalid:
        add_row(replace(NATIONAL, name=""))
    assert invalid.value.errors == (FieldError("/name", "malformed", "1 sampai 200 karakter dalam satu baris.", "1 to 200 characters in one line."),)
