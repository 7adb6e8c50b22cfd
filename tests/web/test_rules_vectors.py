"""The three vectors of the deadline rules over HTTP: planned, and walked with every step completed exactly when it is due."""

import pytest

from tests.support.calendars import at
from tests.support.office import KEY, SAMBOJA, Office, Run
from tests.support.replies import made, refused

VECTORS = {
    "2027-01-04T07:30:00+08:00": (
        "2027-01-04T08:00:00+08:00",
        "2027-01-04T09:00:00+08:00",
        "2027-01-12T16:00:00+08:00",
        "2027-01-14T16:00:00+08:00",
        "2027-01-18T16:00:00+08:00",
        "2027-01-19T08:30:00+08:00",
        "2027-01-21T16:00:00+08:00",
    ),
    "2026-12-21T08:00:00+08:00": (
        "2026-12-21T08:30:00+08:00",
        "2026-12-21T09:30:00+08:00",
        "2026-12-30T16:00:00+08:00",
        "2027-01-04T16:00:00+08:00",
        "2027-01-07T16:00:00+08:00",
        "2027-01-08T08:30:00+08:00",
        "2027-01-12T16:00:00+08:00",
    ),
    "2027-03-01T08:00:00+08:00": (  # Ramadan
        "2027-03-01T08:30:00+08:00",
        "2027-03-01T09:30:00+08:00",
        "2027-03-16T16:00:00+08:00",
        "2027-03-18T16:00:00+08:00",
        "2027-03-22T16:00:00+08:00",
        "2027-03-23T08:30:00+08:00",
        "2027-03-29T16:00:00+08:00",
    ),
}


@pytest.mark.parametrize("starts_at", VECTORS)
async def test_the_plan_meets_the_vector(office: Office, starts_at: str) -> None:
    client = await office.as_("staf")
    plan = made(await client.post(f"/v1/procedures/{KEY}/plan", json={"office": SAMBOJA, "starts_at": starts_at}), 200)
    assert [(step["number"], step["due_at"]) for step in plan["steps"]] == list(enumerate(VECTORS[starts_at], start=1))
    assert plan["ends_at"] == VECTORS[starts_at][-1]
    assert [step["starts_at"] for step in plan["steps"]] == [starts_at, *VECTORS[starts_at][:-1]]


@pytest.mark.parametrize("starts_at", VECTORS)
async def test_an_instance_taken_step_by_step_as_each_is_due_meets_the_vector(each_office: Office, starts_at: str) -> None:
    """The due instant is in time: no step is late, and none asks why."""
    await each_office.at(at(starts_at[:19]))
    run = await Run.start(each_office)
    shown = await run.get()
    assert shown["planned_end_at"] == VECTORS[starts_at][-1]
    for number, due_at in enumerate(VECTORS[starts_at], start=1):
        assert shown["steps"][number - 1]["due_at"] == due_at
        assert shown["forecast_end_at"] == VECTORS[starts_at][-1]
        await each_office.at(at(due_at[:19]))
        shown = (await run.take(number))["instance"]
        assert shown["steps"][number - 1]["deadline_state"] == "met"
        assert shown["steps"][number - 1]["completed_at"] == due_at
    assert (shown["state"], shown["completed_at"]) == ("completed", VECTORS[starts_at][-1])


@pytest.mark.parametrize(
    ("starts_at", "duration", "due_at", "skipped"),
    [
        (
            "2026-12-23T13:00:00+08:00",
            {"value": 2, "unit": "working_day"},
            "2026-12-29T16:00:00+08:00",
            [
                ("2026-12-24", "Cuti Bersama Hari Raya Natal"),
                ("2026-12-25", "Hari Raya Natal"),
                ("2026-12-26", "Sabtu"),
                ("2026-12-27", "Minggu"),
            ],
        ),
        ("2027-03-01T08:00:00+08:00", {"value": 30, "unit": "minute"}, "2027-03-01T08:30:00+08:00", []),
        ("2027-01-04T07:30:00+08:00", {"value": 270, "unit": "minute"}, "2027-01-04T12:00:00+08:00", []),
    ],
)
async def test_a_deadline_is_explained(
    office: Office, starts_at: str, duration: dict[str, object], due_at: str, skipped: list[tuple[str, str]]
) -> None:
    client = await office.as_("staf")
    body = {"office": SAMBOJA, "starts_at": starts_at, "duration": duration}
    found = made(await client.post("/v1/deadlines/calculate", json=body), 200)
    assert found["due_at"] == due_at
    assert [(day["date"], day["reason"]) for day in found["explanation"]["skipped"]] == skipped
    assert found["explanation"]["used"][-1]["to"] == due_at


async def test_the_deadline_of_an_hour_runs_across_the_noon_break(office: Office) -> None:
    client = await office.as_("staf")
    body = {"office": SAMBOJA, "starts_at": "2027-01-04T11:30:00+08:00", "duration": {"value": 1, "unit": "hour"}}
    used = made(await client.post("/v1/deadlines/calculate", json=body), 200)["explanation"]["used"]
    assert [(span["from"][11:16], span["to"][11:16]) for span in used] == [("11:30", "12:00"), ("13:00", "13:30")]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"starts_at": "2027-01-04T07:30:00"}, "/starts_at"),
        ({"starts_at": "kapan-kapan"}, "/starts_at"),
        ({"duration": {"value": 0, "unit": "hour"}}, "/duration/value"),
        ({"duration": {"value": 1, "unit": "fortnight"}}, "/duration/unit"),
        ({"extra": 1}, "/extra"),
    ],
)
async def test_what_cannot_be_calculated_says_where_it_is_wrong(office: Office, change: dict[str, object], pointer: str) -> None:
    body = {"office": SAMBOJA, "starts_at": "2027-01-04T07:30:00+08:00", "duration": {"value": 1, "unit": "hour"}} | change
    answer = await (await office.as_("staf")).post("/v1/deadlines/calculate", json=body)
    assert refused(answer) == (422, ["invalid_request"])
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
