"""Calculating and planning where the office's calendar does not reach."""

from pathlib import Path

import httpx
import pytest

from tests.support.office import KEY, SAMBOJA, Office, open_office
from tests.support.replies import made
from tests.web.test_frame_errors import problem

BEFORE_ANY_SCHEDULE = "2019-01-01T08:00:00+08:00"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/deadlines/calculate", {"duration": {"value": 1, "unit": "hour"}}),
        (f"/v1/procedures/{KEY}/plan", {}),
    ],
)
async def test_a_start_far_before_the_first_schedule_is_the_callers_mistake(
    sqlite_office_url: str, tmp_path: Path, path: str, body: dict[str, object]
) -> None:
    async with open_office(sqlite_office_url, tmp_path) as office:
        client = await office.as_("camat")
        response = await client.post(path, json={"office": SAMBOJA, "starts_at": BEFORE_ANY_SCHEDULE, **body})
    assert response.status_code == 422
    assert [(error["pointer"], error["code"]) for error in response.json()["errors"]] == [("/starts_at", "no_office_time")]


async def test_a_year_whose_days_off_are_unknown_is_calculated_with_a_warning(sqlite_office_url: str, tmp_path: Path) -> None:
    async with open_office(sqlite_office_url, tmp_path) as office:
        client = await office.as_("camat")
        body = {"office": SAMBOJA, "starts_at": "2028-12-29T09:00:00+08:00", "duration": {"value": 1, "unit": "working_day"}}
        found = (await client.post("/v1/deadlines/calculate", json=body)).json()
    assert found["due_at"] == "2029-01-01T16:00:00+08:00"
    assert found["explanation"]["warnings"] == ["calendar_not_covered"]


# ── planning back from an end ───────────────────────────────────────────────────────────────────────────────────────


async def planned(office: Office, body: dict[str, object], **query: str) -> httpx.Response:
    client = await office.as_("camat")
    return await client.post(f"/v1/procedures/{KEY}/plan", json={"office": SAMBOJA, **body}, params=query, headers={"Accept-Language": "id"})


@pytest.mark.parametrize(
    ("ends_by", "starts_at"),
    [("2027-02-26", "2027-02-10T13:30:00+08:00"), ("2027-01-29", "2027-01-13T14:30:00+08:00")],
)
async def test_the_latest_start_that_still_meets_a_day(own_office: Office, ends_by: str, starts_at: str) -> None:
    """The inverse vectors of the design; the plan is the one from that start."""
    found = made(await planned(own_office, {"ends_by": ends_by}), 200)
    assert (found["starts_at"], found["steps"][0]["starts_at"], found["ends_at"][:10]) == (starts_at, starts_at, ends_by)
    assert made(await planned(own_office, {"starts_at": starts_at}), 200) == found
    assert made(await planned(own_office, {"ends_by": ends_by, "starts_at": None}), 200) == found


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "", "plan_ambiguous"),
        ({"starts_at": None, "ends_by": None}, "", "plan_ambiguous"),
        ({"starts_at": "2027-01-04T07:30:00+08:00", "ends_by": "2027-01-29"}, "", "plan_ambiguous"),
        ({"ends_by": "2027-02-29"}, "/ends_by", "not_a_date"),
        ({"ends_by": "2027-01-29T16:00:00+08:00"}, "/ends_by", "not_a_date"),
        ({"ends_by": 20270129}, "/ends_by", "not_a_date"),
        ({"ends_by": "1999-12-31"}, "/ends_by", "year_out_of_reach"),
        ({"ends_by": "2101-01-01"}, "/ends_by", "year_out_of_reach"),
        ({"ends_by": "2019-12-31"}, "/ends_by", "no_office_time"),  # before any schedule
    ],
)
async def test_a_plan_begins_somewhere_or_ends_somewhere(own_office: Office, body: dict[str, object], pointer: str, code: str) -> None:
    found = problem(await planned(own_office, body), 422, "invalid_request")
    assert [(error["pointer"], error["code"]) for error in found["errors"]] == [(pointer, code)]  # type: ignore[attr-defined]


async def test_a_plan_explains_each_step_when_asked(own_office: Office) -> None:
    body: dict[str, object] = {"starts_at": "2026-12-21T08:00:00+08:00"}
    assert [step["explanation"] for step in made(await planned(own_office, body), 200)["steps"]] == [None] * 7
    steps = made(await planned(own_office, body, explain="true"), 200)["steps"]
    assert [step["explanation"]["used"][-1]["to"] for step in steps] == [step["due_at"] for step in steps]
    skipped = {day["date"]: (day["code"], day["reason"]) for day in steps[2]["explanation"]["skipped"]}
    assert skipped["2026-12-24"] == ("joint_leave", "Cuti Bersama Hari Raya Natal")
    assert skipped["2026-12-26"] == ("weekend", "Sabtu")


async def test_a_plan_says_what_is_uncertain_about_each_step_unasked(own_office: Office) -> None:
    """In Ramadan 2027, whose dates are estimates; and beyond the years whose days off are known."""
    in_ramadan = made(await planned(own_office, {"starts_at": "2027-03-01T08:00:00+08:00"}), 200)["steps"]
    assert [bool(step["warnings"]) for step in in_ramadan] == [True, True, True, False, False, False, False]
    beyond = made(await planned(own_office, {"ends_by": "2029-01-12"}), 200)["steps"]
    assert [step["warnings"] for step in beyond][-1] == ["calendar_not_covered"]


@pytest.mark.parametrize("body", [{"ends_by": "2100-12-31"}, {"ends_by": "2027-01-02"}, {"ends_by": "2024-02-05"}])
async def test_a_plan_back_from_any_day_in_reach_is_made(own_office: Office, body: dict[str, object]) -> None:
    found = await planned(own_office, body)
    assert found.status_code == 200, found.text
    assert found.json()["ends_at"][:10] <= str(body["ends_by"])
