"""What a calendar shows: what holds, who says it, day by day, and to whom."""

from typing import Any

import httpx
import pytest

from tests.support.calendar_rows import CLOSURE, AtCalendar, at_calendar, calendar_of, errors_of
from tests.support.machines import let_in, machine
from tests.support.office import MUARA_JAWA, SAMBOJA, Office
from tests.support.people import KUTAI
from tests.support.valid_requests import with_admins_above
from tests.web.test_frame_errors import problem


@pytest.fixture
async def office(each_office: Office) -> Office:
    return await with_admins_above(each_office)


@pytest.fixture
async def samboja(office: Office) -> AtCalendar:
    return await at_calendar(office, "camat")


# ── the whole ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_calendar_shows_what_holds_now_and_later_and_who_says_so(samboja: AtCalendar) -> None:
    answer = await samboja.get("getCalendar")
    found = answer.json()
    assert answer.headers["etag"].startswith('"1.')
    assert (found["office"], found["time_zone"], found["version"], found["recomputing"]) == (SAMBOJA, "Asia/Makassar", 1, False)
    assert found["covered_years"] == [2024, 2025, 2026, 2027, 2028]
    assert found["own"] == {"schedules": 0, "seasons": 0, "days_off": 0, "report_dates": 0}
    assert [(row["name"], row["starts_on"], row["ends_on"], row["provisional"]) for row in found["seasons"]] == [
        ("ramadan", "2027-02-08", "2027-03-09", True)
    ]
    normal, ramadan = found["schedules"]
    assert {(row["office"], row["inherited"]) for row in (normal, ramadan)} == {("ID", True)}
    assert (normal["season"], ramadan["season"], normal["valid_from"], normal["valid_to"]) == (None, "ramadan", "2023-01-01", None)
    morning, friday = [{"from": "07:30", "to": "12:00"}, {"from": "13:00", "to": "16:00"}], [{"from": "07:30", "to": "11:30"}]
    assert (normal["week"]["monday"], normal["week"]["friday"][:1], normal["week"]["sunday"]) == (morning, friday, [])
    assert list(normal["week"]) == ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    again = await samboja.client.get(samboja.path, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


async def test_a_row_of_ones_own_is_counted_and_raises_the_version_here_and_below_alone(office: Office) -> None:
    admin, kukar = await at_calendar(office), await at_calendar(office, "kukar", KUTAI)
    await admin.change("createDayOff", "/days-off", CLOSURE)
    assert [await admin.version(), await kukar.version()] == [2, 1]
    await kukar.change("createDayOff", "/days-off", CLOSURE)
    theirs = await at_calendar(office, "camat.muarajawa", MUARA_JAWA)
    assert [await admin.version(), await kukar.version(), await theirs.version()] == [3, 2, 2]
    shown = await admin.read("getCalendar")
    assert shown["own"] == {"schedules": 0, "seasons": 0, "days_off": 1, "report_dates": 0}


# ── day by day ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def days(at: AtCalendar, first: str, last: str, language: str = "id") -> dict[str, Any]:
    client = httpx.AsyncClient(transport=at.client._transport, base_url="http://alur.example", headers=at.client.headers)
    client.headers["Accept-Language"] = language
    return {day["date"]: day for day in (await AtCalendar(client, at.code).read("listCalendarDays", "/days", from_=first, to=last))["items"]}


async def test_each_day_has_its_hours_or_the_reason_why_not(samboja: AtCalendar) -> None:
    found = await days(samboja, "2027-02-05", "2027-02-08")
    assert [day["weekday"] for day in found.values()] == ["friday", "saturday", "sunday", "monday"]
    assert [day["off"] and day["off"]["code"] for day in found.values()] == ["joint_leave", "public", "weekend", None]
    assert found["2027-02-05"]["off"]["reason"] == "Cuti Bersama Tahun Baru Imlek"
    assert (await days(samboja, "2027-02-05", "2027-02-05", "en"))["2027-02-05"]["off"]["reason"] == "Joint leave: Cuti Bersama Tahun Baru Imlek"
    ramadan = found["2027-02-08"]
    assert (ramadan["season"], ramadan["warnings"]) == ("ramadan", ["provisional_season"])
    assert ramadan["intervals"] == [
        {"from": "2027-02-08T08:00:00+08:00", "to": "2027-02-08T12:00:00+08:00"},
        {"from": "2027-02-08T12:30:00+08:00", "to": "2027-02-08T15:00:00+08:00"},
    ]
    schedules = {row["id"]: row["season"] for row in (await samboja.read("listSchedules", "/schedules"))["items"]}
    assert schedules[ramadan["schedule_id"]] == "ramadan"
    assert schedules[found["2027-02-05"]["schedule_id"]] is None


async def test_without_dates_a_month_from_today_is_shown(samboja: AtCalendar) -> None:
    answer = await samboja.get("listCalendarDays", "/days")
    shown = answer.json()["items"]
    assert (shown[0]["date"], shown[-1]["date"], len(shown)) == ("2027-01-04", "2027-02-03", 31)
    assert answer.json()["page"] == {"next_cursor": None, "limit": 366}
    assert answer.headers["etag"].startswith('"1.')


@pytest.mark.parametrize(
    ("asked", "pointers"),
    [
        ({"from_": "2027-01-04", "to": "2027-01-03"}, ["?to"]),
        ({"from_": "2027-01-01", "to": "2028-01-02"}, ["?to"]),
        ({"to": "2026-12-31"}, ["?to"]),
        ({"from_": "2027-02-30"}, ["?from"]),
        ({"from_": "04/01/2027", "to": "x"}, ["?from", "?to"]),
        ({"from_": "1899-12-31"}, ["?from"]),
    ],
)
async def test_a_stretch_of_days_that_cannot_be_is_refused(samboja: AtCalendar, asked: dict[str, str], pointers: list[str]) -> None:
    assert [pointer for pointer, _ in errors_of(await samboja.get("listCalendarDays", "/days", **asked))] == pointers


async def test_a_leap_year_is_shown_whole(samboja: AtCalendar) -> None:
    found = await days(samboja, "2028-01-01", "2028-12-31")
    assert len(found) == 366
    assert (await days(samboja, "2029-01-01", "2029-01-01"))["2029-01-01"]["warnings"] == ["calendar_not_covered"]


# ── lists ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_days_off_are_narrowed_and_paged_by_date(office: Office, samboja: AtCalendar) -> None:
    await (await at_calendar(office)).change("createDayOff", "/days-off", CLOSURE | {"date": "2027-06-07"})
    everything = (await samboja.read("listDaysOff", "/days-off", year=2027, limit=200))["items"]
    assert [row["date"] for row in everything] == sorted(row["date"] for row in everything)
    assert {row["date"][:4] for row in everything} == {"2027"}
    (own,) = (await samboja.read("listDaysOff", "/days-off", own="true"))["items"]
    assert own == {"id": own["id"], "office": SAMBOJA, "inherited": False} | CLOSURE | {"date": "2027-06-07"}
    assert own in everything
    leave = (await samboja.read("listDaysOff", "/days-off", year=2027, kind="joint_leave"))["items"]
    assert leave == [row for row in everything if row["kind"] == "joint_leave"]
    found, params = [], {"year": 2027, "limit": 7}
    while True:
        page = await samboja.read("listDaysOff", "/days-off", **params)
        found += page["items"]
        if page["page"]["next_cursor"] is None:
            break
        params["cursor"] = page["page"]["next_cursor"]
    assert found == everything
    problem(await samboja.get("listDaysOff", "/days-off", year=2028, cursor=params["cursor"]), 422, "cursor_invalid")


async def test_schedules_stand_in_the_order_in_which_they_hold(office: Office) -> None:
    admin = await at_calendar(office)
    week = {name: [{"from": "08:00", "to": "14:00"}] for name in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")}
    for day in ("2027-05-01", "2027-06-01"):
        await admin.change("createSchedule", "/schedules", {"valid_from": day, "week": week})
    listed = (await admin.read("listSchedules", "/schedules"))["items"]
    assert [(row["office"], row["valid_from"], row["season"]) for row in listed[:2]] == [
        (SAMBOJA, "2027-06-01", None),
        (SAMBOJA, "2027-05-01", None),
    ]
    assert {row["office"] for row in listed[2:]} == {"ID"}
    pages = [await admin.read("listSchedules", "/schedules", limit=1)]
    while pages[-1]["page"]["next_cursor"]:
        pages.append(await admin.read("listSchedules", "/schedules", limit=1, cursor=pages[-1]["page"]["next_cursor"]))
    assert [row for page in pages for row in page["items"]] == listed


async def test_lists_carry_the_version_of_the_calendar(samboja: AtCalendar) -> None:
    for operation, rows in (
        ("listDaysOff", "/days-off"),
        ("listSeasons", "/seasons"),
        ("listSchedules", "/schedules"),
        ("listReportDates", "/report-dates"),
    ):
        assert (await samboja.get(operation, rows)).headers["etag"].startswith('"1.')


# ── who sees what ───────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_closure_is_seen_where_it_holds_and_nowhere_beside(office: Office, samboja: AtCalendar) -> None:
    muara_jawa = await at_calendar(office, "camat.muarajawa", MUARA_JAWA)
    await (await at_calendar(office)).change("createDayOff", "/days-off", CLOSURE | {"date": "2027-01-12"})
    await (await at_calendar(office, "kukar", KUTAI)).change("createDayOff", "/days-off", CLOSURE | {"date": "2027-01-13", "name": "Erau"})
    here, there = [await days(at, "2027-01-12", "2027-01-13") for at in (samboja, muara_jawa)]
    assert [day["off"] and day["off"]["reason"] for day in here.values()] == ["Kantor direnovasi", "Erau"]
    assert [day["off"] and day["off"]["reason"] for day in there.values()] == [None, "Erau"]
    assert [row["office"] for row in (await muara_jawa.read("listDaysOff", "/days-off", year=2027, kind="local"))["items"]] == [KUTAI]
    assert "direnovasi" not in (await muara_jawa.get("listDaysOff", "/days-off", limit=200)).text


async def test_a_calendar_that_is_not_yours_does_not_exist(office: Office) -> None:
    for who, code in (("camat", MUARA_JAWA), ("camat", KUTAI), ("admin", "ID"), ("admin", "99"), ("camat.muarajawa", SAMBOJA)):
        client = await office.as_(who)
        for rows in ("", "/days", "/days-off", "/seasons", "/schedules", "/report-dates"):
            problem(await client.get(calendar_of(code) + rows, params={"limit": "x", "from": "x"}), 404, "not_found")


async def test_a_machine_with_the_scope_reads_and_never_writes(office: Office) -> None:
    reading, others = [await let_in(office, await machine(office, scopes=[scope])) for scope in ("calendars:read", "deadlines:read")]
    for rows in ("", "/days", "/days-off", "/seasons", "/schedules", "/report-dates"):
        assert (await reading.get(calendar_of() + rows)).status_code == 200
        problem(await others.get(calendar_of() + rows), 403, "scope_missing")
    for params in ({}, {"dry_run": "true"}):
        problem(await reading.post(f"{calendar_of()}/days-off", json=CLOSURE, params=params), 403, "not_for_machines")
    for client in (reading, others):
        await client.aclose()
