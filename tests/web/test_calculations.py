"""Calculating and planning where the office's calendar does not reach."""

from pathlib import Path

import pytest

from tests.support.office import KEY, SAMBOJA, open_office

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
