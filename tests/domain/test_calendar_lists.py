"""Many rows of a calendar at once: a year's list, an import; and what the event of a change tells."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from app.domain.calendars import DayOff, Layer
from app.domain.calendars.changes import MOST_AT_ONCE, Import, add_row, import_rows, put_year_list
from app.domain.calendars.differences import calendar_changed, difference
from app.domain.calendars.entries import ScheduleEntry, SeasonEntry
from app.domain.events import text_hash
from tests.domain.test_calendar_changes import DUE, FASTING, JOINT, LAYER, LOCAL, MORNING, NATIONAL, NEW_DAY, NORMAL, RAMADAN, differing, wrong


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
