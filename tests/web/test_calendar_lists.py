"""Many rows of a calendar in one call: a year's decree, an import, a sheet from Excel, and when reports are due."""

from typing import Any

import pytest

from app.web.bodies import MAX_BODY
from tests.support.administering import recorded
from tests.support.calendar_rows import CLOSURE, IMPORT, SCHEDULE, SEASON, AtCalendar, at_calendar, errors_of
from tests.support.office import MUARA_JAWA, SAMBOJA, Office
from tests.support.people import KUTAI
from tests.support.replies import refused
from tests.support.shared_office import nothing_saved
from tests.support.valid_requests import with_admins_above
from tests.web.test_frame_errors import problem

CSV = {"Content-Type": "text/csv; charset=utf-8"}
LIST = {
    "decree": "SKB 933/2028",
    "source": "SKB Tiga Menteri",
    "days": [
        {"date": "2029-01-01", "kind": "public", "name": "Tahun Baru Masehi"},
        {"date": "2029-02-14", "kind": "public", "name": "Idul Fitri", "provisional": True},
        {"date": "2029-12-24", "kind": "joint_leave", "name": "Cuti bersama Natal"},
    ],
}


@pytest.fixture
async def office(each_office: Office) -> Office:
    return await with_admins_above(each_office)


@pytest.fixture
async def admin(office: Office) -> AtCalendar:
    return await at_calendar(office)


async def days_of(at: AtCalendar, year: int, **params: str) -> dict[tuple[str, str], dict[str, Any]]:
    listed = (await at.read("listDaysOff", "/days-off", year=year, limit=200, **params))["items"]
    return {(row["date"], row["kind"]): row for row in listed}


# ── a year's list ───────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_years_decree_is_entered_in_one_call(office: Office, admin: AtCalendar) -> None:
    pusat = await at_calendar(office, "pusat", "ID")
    before = await pusat.version()
    assert 2029 not in (await admin.read("getCalendar"))["covered_years"]
    done = await pusat.send("putCalendarYear", "/years/2029", LIST)
    assert (done.status_code, done.json()["version"], len(done.json()["added"]["days_off"])) == (200, before + 1, 3)
    assert 2029 in (await admin.read("getCalendar"))["covered_years"]
    shown = await days_of(admin, 2029)
    assert shown["2029-02-14", "public"] == {
        "id": shown["2029-02-14", "public"]["id"],
        "office": "ID",
        "inherited": True,
        "date": "2029-02-14",
        "kind": "public",
        "name": "Idul Fitri",
        "provisional": True,
        "source": "SKB Tiga Menteri",
        "decree": "SKB 933/2028",
    }
    again = await pusat.change("putCalendarYear", "/years/2029", LIST)
    assert (again["version"], again["added"], again["removed"]) == (before + 1, again["removed"], again["added"])
    assert [(data["reason"], data["years"]) for _, _, data in await recorded(office, "calendar.changed")] == [("year_list", [2029])]


async def test_a_later_decree_changes_what_it_changes_and_closures_stay(admin: AtCalendar) -> None:
    for kind in ("local", "working"):
        await admin.change("createDayOff", "/days-off", CLOSURE | {"date": "2029-03-05", "kind": kind})
    first = await admin.change("putCalendarYear", "/years/2029", LIST)
    ids = {row["date"]: row["id"] for row in first["added"]["days_off"]}
    new, eid, _ = LIST["days"]
    later = LIST | {"days": [new, eid | {"provisional": False}, {"date": "2029-12-26", "kind": "joint_leave", "name": "Cuti bersama Natal"}]}
    done = await admin.change("putCalendarYear", "/years/2029", later)
    assert [(row["date"], row["id"], row["provisional"]) for row in done["changed"]["days_off"]] == [("2029-02-14", ids["2029-02-14"], False)]
    assert [row["date"] for row in done["added"]["days_off"]] == ["2029-12-26"]
    assert [row["id"] for row in done["removed"]["days_off"]] == [ids["2029-12-24"]]
    assert sorted(await days_of(admin, 2029, own="true")) == [
        ("2029-01-01", "public"),
        ("2029-02-14", "public"),
        ("2029-03-05", "local"),
        ("2029-03-05", "working"),
        ("2029-12-26", "joint_leave"),
    ]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([LIST["days"][0], {"date": "2028-12-31", "kind": "public", "name": "x"}], [("/days/1/date", "not_in_the_year")]),
        ([LIST["days"][0], LIST["days"][0]], [("/days/1/date", "day_off_exists")]),
        ([{"date": "2029-01-01", "kind": "local", "name": "x"}], [("/days/0/kind", "not_allowed")]),
        ([{"date": "2029-13-01", "kind": "public"}], [("/days/0/date", "not_a_date"), ("/days/0/name", "missing")]),
        ([], [("/days", "too_short")]),
        ("semua", [("/days", "not_a_list")]),
    ],
)
async def test_a_list_that_cannot_be_is_refused_at_its_place(own_office: Office, days: Any, expected: list[tuple[str, str]]) -> None:
    admin = await at_calendar(own_office)
    async with nothing_saved(own_office):
        assert errors_of(await admin.send("putCalendarYear", "/years/2029", {"days": days})) == expected


async def test_a_year_out_of_reach_is_no_place(own_office: Office) -> None:
    admin = await at_calendar(own_office)
    for year in ("1999", "2101", "x"):
        answer = await admin.client.put(f"{admin.path}/years/{year}", json=LIST, headers={"If-Match": "*"})
        problem(answer, 404, "not_found")


# ── an import ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_rows_of_every_kind_come_in_one_change(office: Office, admin: AtCalendar) -> None:
    done = await admin.send("importCalendar", "/import", IMPORT)
    assert (done.status_code, done.json()["version"], done.headers["etag"][:3]) == (201, 2, '"2.')
    assert {name: len(rows) for name, rows in done.json()["added"].items()} == {"schedules": 1, "seasons": 1, "days_off": 1, "report_dates": 1}
    moved = {"days_off": [CLOSURE | {"name": "Lain"}], "seasons": [SEASON | {"ends_on": "2099-02-20"}], "schedules": [SCHEDULE | {"valid_to": None}]}
    again = await admin.change("importCalendar", "/import", moved)
    assert (again["version"], again["added"]["days_off"], again["removed"]["seasons"]) == (3, [], [])
    before = {name: rows[0]["id"] for name, rows in done.json()["added"].items() if name != "report_dates"}
    assert {name: rows[0]["id"] for name, rows in again["changed"].items() if rows} == before
    same = await admin.change("importCalendar", "/import", moved)
    assert same["version"] == 3
    assert [data["reason"] for _, _, data in await recorded(office, "calendar.changed")] == ["imported", "imported"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, [("", "rows_out_of_range")]),
        ({"days_off": [CLOSURE] * 1001}, [("/days_off", "too_long")]),
        ({"days_off": [CLOSURE] * 600, "report_dates": [{"year": 2050, "due_on": "2051-01-01"}] * 401}, [("", "rows_out_of_range")]),
        ({"days_off": [CLOSURE, CLOSURE | {"kind": "x"}]}, [("/days_off/1/kind", "not_allowed")]),
        (
            {"days_off": [CLOSURE, CLOSURE | {"name": "a\tb"}, CLOSURE], "seasons": [SEASON | {"ends_on": "2098-01-01"}]},
            [("/days_off/1/name", "malformed"), ("/seasons/0/ends_on", "before_its_start"), ("/days_off/2/date", "day_off_exists")],
        ),
        ({"seasons": [SEASON, SEASON | {"starts_on": "2099-02-06"}]}, [("/seasons/1/starts_on", "season_overlaps")]),
        ({"schedules": [SCHEDULE, SCHEDULE | {"valid_to": None}]}, [("/schedules/1/valid_from", "schedule_exists")]),
        ({"schedules": [SCHEDULE | {"week": {"monday": []}}]}, [(f"/schedules/0/week/{day}", "missing") for day in list(SCHEDULE["week"])[1:]]),
        ({"report_dates": [{"year": 2026, "due_on": "2026-12-31"}]}, [("/report_dates/0/due_on", "not_in_the_year_after")]),
        ({"hari_libur": []}, [("/hari_libur", "unknown_field")]),
    ],
)
async def test_an_import_that_cannot_be_is_refused_at_each_place_and_whole(own_office: Office, body: dict[str, Any], expected: list[Any]) -> None:
    admin = await at_calendar(own_office)
    async with nothing_saved(own_office):
        assert errors_of(await admin.send("importCalendar", "/import", body)) == expected


async def test_the_same_key_imports_once(admin: AtCalendar) -> None:
    first, again = [await admin.send("importCalendar", "/import", IMPORT, headers={"Idempotency-Key": "impor"}) for _ in range(2)]
    assert (first.json(), again.headers["idempotency-replayed"]) == (again.json(), "true")


# ── a sheet ─────────────────────────────────────────────────────────────────────────────────────────────────────────

EXCEL = "\ufeffDate;Kind;Name;Provisional;Source;Decree\r\n2027-08-18;joint_leave;Cuti bersama, HUT RI;;SKB Tiga Menteri;SKB 1/2027\r\n;;;;;\r\n"
EXCEL += '2027-09-06;local;"Kantor ""A"" direnovasi";TRUE;;\r\n'


async def test_a_sheet_from_excel_is_imported(admin: AtCalendar) -> None:
    done = await admin.send("importCalendarCsv", "/import-csv", content=EXCEL.encode(), headers=CSV | {"Idempotency-Key": "lembar"})
    assert (done.status_code, done.json()["version"]) == (201, 2)
    keys = ("date", "kind", "name", "provisional", "source", "decree")
    assert [tuple(row[key] for key in keys) for row in done.json()["added"]["days_off"]] == [
        ("2027-08-18", "joint_leave", "Cuti bersama, HUT RI", False, "SKB Tiga Menteri", "SKB 1/2027"),
        ("2027-09-06", "local", 'Kantor "A" direnovasi', True, "", None),
    ]
    replayed = await admin.send("importCalendarCsv", "/import-csv", content=EXCEL.encode(), headers=CSV | {"Idempotency-Key": "lembar"})
    assert replayed.headers["idempotency-replayed"] == "true"
    other = EXCEL.replace("joint_leave", "public").encode()
    problem(
        await admin.send("importCalendarCsv", "/import-csv", content=other, headers=CSV | {"Idempotency-Key": "lembar"}),
        422,
        "idempotency_key_reused",
    )
    again = await admin.change("importCalendarCsv", "/import-csv", content=EXCEL.replace("HUT RI", "HUT").encode(), headers=CSV)
    assert ([row["name"] for row in again["changed"]["days_off"]], again["added"]["days_off"]) == (["Cuti bersama, HUT"], [])


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"date,kind,name\n18/08/2027,joint_leave,x\n2027-08-19,libur,\n", ["/lines/2/date", "/lines/3/kind", "/lines/3/name"]),
        (b"date;kind;name\n2027-08-18;local;x\n2027-08-18;local;y\n", ["/lines/3/date"]),
        ("date,kind,name\n2027-08-18,local,Idul F\u00eetr\n".encode("cp1252"), [""]),
        (b"date,kind\n2027-08-18,local\n", ["/lines/1"]),
        (b"date,kind,name\n", [""]),
        (b"", [""]),
        (b"PK\x03\x04\x00\x00", None),
    ],
)
async def test_a_sheet_that_cannot_be_is_refused_at_its_line(own_office: Office, content: bytes, expected: list[str] | None) -> None:
    admin = await at_calendar(own_office)
    async with nothing_saved(own_office):
        found = [pointer for pointer, _ in errors_of(await admin.send("importCalendarCsv", "/import-csv", content=content, headers=CSV))]
    assert found == (found if expected is None else expected)


async def test_what_is_no_sheet_is_refused_as_other_bodies_are(own_office: Office) -> None:
    admin, camat = await at_calendar(own_office), await at_calendar(own_office, "camat")
    elsewhere = await at_calendar(own_office, "admin", MUARA_JAWA)
    for kind in ("application/json", "text/plain", "application/vnd.ms-excel", ""):
        answer = await admin.send("importCalendarCsv", "/import-csv", content=EXCEL.encode(), headers={"Content-Type": kind})
        problem(answer, 415, "unsupported_media_type")
        problem(await elsewhere.send("importCalendarCsv", "/import-csv", content=b"x", headers={"Content-Type": kind}), 404, "not_found")
    problem(await admin.send("importCalendarCsv", "/import-csv", content=b" " * (MAX_BODY + 1), headers=CSV), 413, "payload_too_large")
    problem(await elsewhere.send("importCalendarCsv", "/import-csv", content=b"\xff", headers=CSV), 404, "not_found")
    assert refused(await camat.send("importCalendarCsv", "/import-csv", content=EXCEL.encode(), headers=CSV)) == (403, ["permission_missing"])


# ── when reports are due ────────────────────────────────────────────────────────────────────────────────────────────


async def due_dates(at: AtCalendar, **params: str) -> list[tuple[Any, ...]]:
    found = (await at.read("listReportDates", "/report-dates", **params))["items"]
    return [(row["year"], row["due_on"], row["margin_days"], row["office"], row["inherited"]) for row in found]


async def test_the_nearest_office_says_when_a_report_is_due(office: Office, admin: AtCalendar) -> None:
    kukar = await at_calendar(office, "kukar", KUTAI)
    await kukar.change("putReportDate", "/report-dates/2026", {"due_on": "2027-02-15"})
    await kukar.change("putReportDate", "/report-dates/2027", {"due_on": "2028-02-14", "margin_days": 0})
    done = await admin.change("putReportDate", "/report-dates/2026", {"due_on": "2027-01-29", "margin_days": 10})
    assert [(row["year"], row["office"]) for row in done["added"]["report_dates"]] == [(2026, SAMBOJA)]
    assert await due_dates(admin) == [(2026, "2027-01-29", 10, SAMBOJA, False), (2027, "2028-02-14", 0, KUTAI, True)]
    assert await due_dates(admin, own="true") == [(2026, "2027-01-29", 10, SAMBOJA, False)]
    assert await due_dates(kukar) == [(2026, "2027-02-15", 5, KUTAI, False), (2027, "2028-02-14", 0, KUTAI, False)]
    moved = await admin.change("putReportDate", "/report-dates/2026", {"due_on": "2027-01-28", "margin_days": 10})
    assert [row["due_on"] for row in moved["changed"]["report_dates"]] == ["2027-01-28"]
    await admin.change("removeReportDate", "/report-dates/2026")
    assert await due_dates(admin) == [(2026, "2027-02-15", 5, KUTAI, True), (2027, "2028-02-14", 0, KUTAI, True)]
    assert refused(await admin.send("removeReportDate", "/report-dates/2026")) == (409, ["inherited_row"])
    problem(await admin.send("removeReportDate", "/report-dates/2030"), 404, "not_found")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, [("/due_on", "missing")]),
        ({"due_on": "2026-12-31"}, [("/due_on", "not_in_the_year_after")]),
        ({"due_on": "2028-01-01"}, [("/due_on", "not_in_the_year_after")]),
        ({"due_on": "akhir Februari"}, [("/due_on", "not_a_date")]),
        ({"due_on": "2027-02-15", "margin_days": -1}, [("/margin_days", "too_small")]),
        ({"due_on": "2027-02-15", "margin_days": 61}, [("/margin_days", "too_large")]),
        ({"due_on": "2027-02-15", "margin_days": 2.5}, [("/margin_days", "not_an_integer")]),
        ({"due_on": "2027-02-15", "year": 2026}, [("/year", "unknown_field")]),
    ],
)
async def test_a_date_that_cannot_be_is_refused_at_its_place(own_office: Office, body: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    admin = await at_calendar(own_office)
    async with nothing_saved(own_office):
        assert errors_of(await admin.send("putReportDate", "/report-dates/2026", body)) == expected
