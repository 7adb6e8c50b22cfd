"""Single rows of a calendar: added, changed and removed by who administers the office, and what that does to deadlines at once."""

from typing import Any

import pytest

from app.domain.events import text_hash
from tests.support.administering import recorded
from tests.support.calendar_rows import CLOSURE, SCHEDULE, SEASON, WEEK, AtCalendar, at_calendar, due, errors_of
from tests.support.office import MUARA_JAWA, SAMBOJA, Office
from tests.support.replies import refused
from tests.support.shared_office import nothing_saved
from tests.support.valid_requests import with_admins_above
from tests.web.test_frame_errors import problem

DAY_OFF = ("DayOff", "days-off", "days_off")
SEASONS = ("Season", "seasons", "seasons")
SCHEDULES = ("Schedule", "schedules", "schedules")
KINDS = (DAY_OFF, SEASONS, SCHEDULES)
PATHS = {noun: rows for noun, rows, _ in KINDS}
ROWS: dict[str, dict[str, Any]] = {"DayOff": CLOSURE, "Season": SEASON, "Schedule": SCHEDULE}
CHANGED: dict[str, dict[str, Any]] = {
    "DayOff": {"name": "Kantor pindah", "decree": None},
    "Season": {"ends_on": "2099-02-13", "provisional": False},
    "Schedule": {"week": WEEK | {"tuesday": [{"from": "09:00", "to": "11:30"}]}, "valid_to": None},
}


@pytest.fixture
async def office(each_office: Office) -> Office:
    return await with_admins_above(each_office)


@pytest.fixture
async def admin(office: Office) -> AtCalendar:
    return await at_calendar(office)


@pytest.fixture
async def pusat(office: Office) -> AtCalendar:
    return await at_calendar(office, "pusat", "ID")


# ── one row's life ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("noun", "rows", "field"), KINDS, ids=str)
async def test_a_row_is_added_changed_and_removed(admin: AtCalendar, noun: str, rows: str, field: str) -> None:
    made = await admin.send(f"create{noun}", f"/{rows}", ROWS[noun])
    assert made.status_code == 201, made.text
    (added,) = made.json()["added"][field]
    assert added == {"id": added["id"], "office": SAMBOJA, "inherited": False} | ROWS[noun]
    assert made.headers["etag"].startswith('"2.')
    answer = await admin.send(f"change{noun}", f"/{rows}/{added['id']}", CHANGED[noun], headers={"If-Match": made.headers["etag"]})
    assert (answer.status_code, answer.json()["version"]) == (200, 3)
    (changed,) = answer.json()["changed"][field]
    assert changed == added | CHANGED[noun]
    assert (await listed(admin, rows)) == [changed]
    gone = await admin.send(f"remove{noun}", f"/{rows}/{added['id']}", headers={"If-Match": answer.headers["etag"]})
    assert (gone.status_code, gone.json()["version"], gone.json()["removed"][field]) == (200, 4, [changed])
    assert await listed(admin, rows) == []
    for operation, body in ((f"change{noun}", {}), (f"remove{noun}", None)):
        problem(await admin.send(operation, f"/{rows}/{added['id']}", body), 404, "not_found")
    assert await admin.version() == 4


async def listed(at: AtCalendar, rows: str) -> list[dict[str, Any]]:
    operation = {"days-off": "listDaysOff", "seasons": "listSeasons", "schedules": "listSchedules", "report-dates": "listReportDates"}[rows]
    found: list[dict[str, Any]] = (await at.read(operation, f"/{rows}", own="true"))["items"]
    return found


async def test_the_log_tells_of_it_and_keeps_no_words(office: Office, admin: AtCalendar) -> None:
    row = (await admin.change("createDayOff", "/days-off", CLOSURE))["added"]["days_off"][0]
    ((stream, actor, data),) = await recorded(office, "calendar.changed")
    told = {"id": row["id"], "date": "2099-01-05", "kind": "local", "provisional": False, "name_sha256": text_hash(CLOSURE["name"])}
    told |= {"source_sha256": text_hash(CLOSURE["source"]), "decree_sha256": text_hash(CLOSURE["decree"])}
    assert (stream, actor["label"], data) == (
        f"office:{SAMBOJA}",
        "Admin",
        {"reason": "edited", "added": {"days_off": [told]}, "changed": {}, "removed": {}},
    )


@pytest.mark.parametrize(("noun", "rows", "field"), KINDS, ids=str)
async def test_what_makes_no_difference_makes_no_version(office: Office, admin: AtCalendar, noun: str, rows: str, field: str) -> None:
    row = (await admin.change(f"create{noun}", f"/{rows}", ROWS[noun]))["added"][field][0]
    async with nothing_saved(office):
        for body in ({}, ROWS[noun]):
            answer = await admin.change(f"change{noun}", f"/{rows}/{row['id']}", body)
            assert (answer["version"], answer["changed"][field]) == (2, [])


# ── versions and retries ────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_change_names_the_version_that_it_was_decided_on(office: Office, admin: AtCalendar) -> None:
    read = (await admin.get("listDaysOff", "/days-off")).headers["etag"]
    row = (await admin.change("createDayOff", "/days-off", CLOSURE, headers={"If-Match": read}))["added"]["days_off"][0]
    path = f"{admin.path}/days-off/{row['id']}"
    async with nothing_saved(office):
        problem(
            await admin.send("createDayOff", "/days-off", CLOSURE | {"date": "2099-01-06"}, headers={"If-Match": read}), 412, "precondition_failed"
        )
        for method, body in (("PATCH", {"name": "Lain"}), ("DELETE", None)):
            problem(await admin.client.request(method, path, json=body), 428, "precondition_required")
            problem(await admin.client.request(method, path, json=body, headers={"If-Match": read}), 412, "precondition_failed")
        for rows in ("years/2098", "report-dates/2098"):
            body = {"days": [{"date": "2098-12-25", "kind": "public", "name": "Natal"}]} if rows[0] == "y" else {"due_on": "2099-02-01"}
            problem(await admin.client.put(f"{admin.path}/{rows}", json=body), 428, "precondition_required")


async def test_the_same_key_adds_one_row(admin: AtCalendar) -> None:
    key = {"Idempotency-Key": "banjir"}
    first, again = [await admin.send("createDayOff", "/days-off", CLOSURE, headers=key) for _ in range(2)]
    assert (first.json(), again.headers["idempotency-replayed"]) == (again.json(), "true")
    assert len(await listed(admin, "days-off")) == 1
    problem(await admin.send("createDayOff", "/days-off", CLOSURE | {"name": "Lain"}, headers=key), 422, "idempotency_key_reused")
    assert errors_of(await admin.send("createDayOff", "/days-off", CLOSURE)) == [("/date", "day_off_exists")]


# ── who may ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_inherited_row_is_changed_where_it_is_said(office: Office, admin: AtCalendar, pusat: AtCalendar) -> None:
    """The refusal names the office; whoever may not change anything is told that first."""
    of_the_nation = {
        "DayOff": (await admin.read("listDaysOff", "/days-off", year=2027))["items"][0]["id"],
        "Season": (await admin.read("listSeasons", "/seasons"))["items"][-1]["id"],
        "Schedule": (await admin.read("listSchedules", "/schedules"))["items"][0]["id"],
    }
    camat = await at_calendar(office, "camat")
    async with nothing_saved(office):
        for noun, rows, _ in KINDS:
            for operation, body in ((f"change{noun}", {}), (f"remove{noun}", None)):
                path = f"/{rows}/{of_the_nation[noun]}"
                answer = await admin.send(operation, path, body)
                assert refused(answer) == (409, ["inherited_row"])
                assert "ID" in answer.json()["refusals"][0]["message"]
                assert refused(await camat.send(operation, path, body)) == (403, ["permission_missing", "inherited_row"])
    before = await pusat.version()
    assert (await pusat.change("removeSeason", f"/seasons/{of_the_nation['Season']}"))["version"] == before + 1
    assert await admin.version() == 2


async def test_who_may_not_is_told_so_and_strangers_learn_nothing(office: Office, admin: AtCalendar) -> None:
    for who in ("camat", "auditor", "staf"):
        mine = await at_calendar(office, who)
        assert refused(await mine.send("createDayOff", "/days-off", CLOSURE)) == (403, ["permission_missing"])
    for who in ("camat.muarajawa", "admin"):
        there = await at_calendar(office, who, SAMBOJA if who == "camat.muarajawa" else MUARA_JAWA)
        for body in (CLOSURE, {"aneh": 1}, CLOSURE | {"date": "1999-01-01"}):
            problem(await there.send("createDayOff", "/days-off", body), 404, "not_found")
    assert (await (await at_calendar(office, "kukar")).change("createDayOff", "/days-off", CLOSURE))["version"] == 2


# ── what deadlines make of it ───────────────────────────────────────────────────────────────────────────────────────


async def test_a_season_that_is_moved_moves_what_is_due_in_it(office: Office, pusat: AtCalendar) -> None:
    """Ramadan 2027 is decreed a day later than it was estimated: 8 February has the hours of a usual Monday."""
    ramadan = (await pusat.read("listSeasons", "/seasons"))["items"][-1]
    assert await due(office, "2027-02-08 15:30") == "2027-02-09 08:30"
    assert await due(office, "2027-02-08 07:30") == "2027-02-08 08:30"
    moved = {"starts_on": "2027-02-09", "ends_on": "2027-03-10", "provisional": False}
    await pusat.change("changeSeason", f"/seasons/{ramadan['id']}", moved)
    assert await due(office, "2027-02-08 15:30") == "2027-02-08 16:00"
    assert await due(office, "2027-02-08 07:30") == "2027-02-08 08:00"
    await (await at_calendar(office)).change("createSeason", "/seasons", {"name": "ramadan", "starts_on": "2027-02-08", "ends_on": "2027-03-09"})
    assert await due(office, "2027-02-08 15:30") == "2027-02-09 08:30"
    assert await due(office, "2027-02-08 15:30", code=MUARA_JAWA, who="camat.muarajawa") == "2027-02-08 16:00"


async def test_a_joint_leave_that_is_added_later_holds_for_the_whole_nation(office: Office, pusat: AtCalendar) -> None:
    """18 August 2025, as it happened: the year's list did not have it until August."""
    listed_since = (await pusat.read("listDaysOff", "/days-off", year=2025, kind="joint_leave", limit=200))["items"]
    (row,) = [row["id"] for row in listed_since if row["date"] == "2025-08-18"]
    await pusat.change("removeDayOff", f"/days-off/{row}")
    assert await due(office, "2025-08-15 09:00", "1 working_day") == "2025-08-18 16:00"
    leave = {"date": "2025-08-18", "kind": "joint_leave", "name": "Cuti bersama Hari Kemerdekaan", "decree": "SKB 933/2025"}
    await pusat.change("createDayOff", "/days-off", leave)
    assert await due(office, "2025-08-15 09:00", "1 working_day") == "2025-08-19 16:00"
    assert await due(office, "2025-08-15 09:00", "1 working_day", code=MUARA_JAWA, who="camat.muarajawa") == "2025-08-19 16:00"
    await (await at_calendar(office)).change("createDayOff", "/days-off", leave | {"kind": "working", "name": "Siaga banjir"})
    assert await due(office, "2025-08-15 09:00", "1 working_day") == "2025-08-18 16:00"
    assert await due(office, "2025-08-15 09:00", "1 working_day", code=MUARA_JAWA, who="camat.muarajawa") == "2025-08-19 16:00"


async def test_the_nearest_offices_hours_hold_while_they_last(office: Office, admin: AtCalendar) -> None:
    late = [{"from": "09:00", "to": "12:00"}, {"from": "13:00", "to": "17:30"}]
    week = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), late) | {"saturday": [], "sunday": []}
    row = await admin.change("createSchedule", "/schedules", {"valid_from": "2027-01-04", "valid_to": "2027-01-08", "week": week})
    assert await due(office, "2027-01-04 07:30") == "2027-01-04 09:30"
    assert await due(office, "2027-01-11 07:30") == "2027-01-11 08:00"
    await admin.change("removeSchedule", f"/schedules/{row['added']['schedules'][0]['id']}")
    assert await due(office, "2027-01-04 07:30") == "2027-01-04 08:00"


async def test_an_office_without_hours_has_no_deadlines(office: Office, admin: AtCalendar) -> None:
    for season in (None, "ramadan"):
        await admin.change("createSchedule", "/schedules", {"valid_from": "2000-01-01", "season": season, "week": {name: [] for name in WEEK}})
    answer = await (await office.as_("camat")).post(
        "/v1/deadlines/calculate",
        json={"office": SAMBOJA, "starts_at": "2026-12-07T08:00:00+08:00", "duration": {"value": 1, "unit": "hour"}},
    )
    assert errors_of(answer) == [("/starts_at", "no_office_time")]


# ── what cannot be ──────────────────────────────────────────────────────────────────────────────────────────────────

HOURS = {"from": "07:30", "to": "12:00"}


def monday(*hours: Any) -> dict[str, Any]:
    return SCHEDULE | {"week": WEEK | {"monday": list(hours)}}


@pytest.mark.parametrize(
    ("noun", "body", "expected"),
    [
        ("DayOff", CLOSURE | {"date": "18/08/2025"}, [("/date", "not_a_date")]),
        ("DayOff", CLOSURE | {"date": "1999-12-31"}, [("/date", "year_out_of_range")]),
        ("DayOff", CLOSURE | {"kind": "libur"}, [("/kind", "not_allowed")]),
        ("DayOff", CLOSURE | {"name": " "}, [("/name", "pattern_mismatch")]),
        ("DayOff", CLOSURE | {"name": "a\nb", "source": "c\td"}, [("/name", "malformed"), ("/source", "malformed")]),
        ("DayOff", CLOSURE | {"name": "x" * 201, "decree": ""}, [("/name", "too_long"), ("/decree", "too_short")]),
        ("DayOff", CLOSURE | {"provisional": "ya"}, [("/provisional", "not_a_boolean")]),
        ("DayOff", {}, [("/date", "missing"), ("/kind", "missing"), ("/name", "missing")]),
        ("Season", SEASON | {"ends_on": "2099-02-01"}, [("/ends_on", "before_its_start")]),
        ("Season", SEASON | {"name": "x" * 41}, [("/name", "too_long")]),
        ("Schedule", SCHEDULE | {"valid_to": "2098-12-31"}, [("/valid_to", "before_its_start")]),
        ("Schedule", SCHEDULE | {"week": {}}, [(f"/week/{name}", "missing") for name in WEEK]),
        ("Schedule", SCHEDULE | {"week": WEEK | {"senin": []}}, [("/week/senin", "unknown_field")]),
        ("Schedule", monday({"from": "7:30", "to": "12:00"}), [("/week/monday/0/from", "pattern_mismatch")]),
        ("Schedule", monday({"from": "07:30", "to": "24:00"}), [("/week/monday/0/to", "pattern_mismatch")]),
        ("Schedule", monday({"from": "12:00", "to": "12:00"}), [("/week/monday/0/to", "not_after_from")]),
        ("Schedule", monday(HOURS, {"from": "11:59", "to": "16:00"}), [("/week/monday", "hours_overlap")]),
        ("Schedule", monday({"from": "13:00", "to": "16:00"}, HOURS), [("/week/monday", "hours_overlap")]),
        ("Schedule", monday(*[HOURS] * 9), [("/week/monday", "too_long")]),
        ("Schedule", monday({"from": "07:30"}), [("/week/monday/0/to", "missing")]),
        ("Schedule", monday(["07:30", "12:00"]), [("/week/monday/0", "not_an_object")]),
    ],
)
async def test_a_row_that_cannot_be_is_refused_at_its_place(own_office: Office, noun: str, body: dict[str, Any], expected: list[Any]) -> None:
    admin, rows = await at_calendar(own_office), PATHS[noun]
    async with nothing_saved(own_office):
        assert errors_of(await admin.send(f"create{noun}", f"/{rows}", body)) == expected


@pytest.mark.parametrize(
    ("noun", "beside", "change", "expected"),
    [
        ("DayOff", {"date": "2099-01-06"}, {"date": "2099-01-05"}, ("/date", "day_off_exists")),
        ("Season", {"starts_on": "2099-03-02", "ends_on": "2099-03-06"}, {"starts_on": "2099-02-06"}, ("/starts_on", "season_overlaps")),
        ("Season", {"name": "banjir"}, {"ends_on": "2099-01-01"}, ("/ends_on", "before_its_start")),
        ("Schedule", {"valid_from": "2099-06-01"}, {"valid_from": "2099-01-01"}, ("/valid_from", "schedule_exists")),
        ("Schedule", {"season": None}, {"valid_to": "2098-01-01"}, ("/valid_to", "before_its_start")),
    ],
)
async def test_a_change_that_clashes_is_refused_at_its_place(
    own_office: Office, noun: str, beside: dict[str, Any], change: dict[str, Any], expected: tuple[str, str]
) -> None:
    admin, rows = await at_calendar(own_office), PATHS[noun]
    await admin.change(f"create{noun}", f"/{rows}", ROWS[noun])
    other = await admin.change(f"create{noun}", f"/{rows}", ROWS[noun] | beside)
    (row,) = next(found for found in other["added"].values() if found)
    async with nothing_saved(own_office):
        assert errors_of(await admin.send(f"change{noun}", f"/{rows}/{row['id']}", change)) == [expected]
