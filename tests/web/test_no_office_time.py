"""An office whose calendar has no hours left: what needs a deadline is refused in so many words, everything else goes on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from app.store.tables import OfficeRow, WorkScheduleRow, table
from tests.support.office import KEY, SAMBOJA, Office, Run, open_office
from tests.support.shared_office import nothing_saved
from tests.web.test_frame_errors import problem

OFFICE = table(OfficeRow)


@pytest.fixture
async def office(office_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(office_url, tmp_path) as opened:
        yield opened


async def forget_the_hours(office: Office) -> None:
    async with office.database.write() as connection:
        await connection.execute(delete(table(WorkScheduleRow)))
        await connection.execute(update(OFFICE).values(calendar_version=OFFICE.c.calendar_version + 1))


async def test_nothing_starts_without_office_hours(office: Office) -> None:
    await forget_the_hours(office)
    camat = await office.as_("camat")
    body = {"procedure": KEY, "office": SAMBOJA, "period": {"year": 2026}}
    async with nothing_saved(office):
        answer = await camat.post("/v1/instances", json=body, headers={"Idempotency-Key": "a"})
    assert [refusal["code"] for refusal in problem(answer, 409, "no_office_time")["refusals"]] == ["no_office_time"]  # type: ignore[attr-defined]


async def test_what_runs_can_be_looked_at_and_closed_but_not_moved(office: Office) -> None:
    run = await Run.start(office)
    await run.fill(1)
    await forget_the_hours(office)
    for dry_run in (False, True):
        async with nothing_saved(office):
            problem(await run.act("camat", "complete", step=1, dry_run=dry_run), 409, "no_office_time")
    shown = await run.get()
    assert (shown["state"], shown["forecast_end_at"]) == ("running", None)
    camat = await office.as_("camat")
    assert (await camat.get(f"/v1/instances/{run.id}/deadlines")).json()["forecast_end_at"] is None
    for path in ("/v1/deadlines", "/v1/tasks", "/v1/instances"):
        assert (await camat.get(path)).status_code == 200
    assert (await run.act("camat", "suspend", reason="Menunggu kalender")).status_code == 201
    assert (await run.get())["forecast_end_at"] is None
    problem(await run.act("camat", "resume"), 409, "no_office_time")
    assert (await run.act("camat", "cancel", reason="Kalender hilang")).status_code == 201
    problem(await run.act("camat", "cancel", reason="Lagi"), 409, "instance_closed")


@pytest.mark.parametrize(
    ("path", "more"), [("/v1/deadlines/calculate", {"duration": {"value": 1, "unit": "minute"}}), (f"/v1/procedures/{KEY}/plan", {})]
)
async def test_nothing_is_calculated_without_office_hours(office: Office, path: str, more: dict[str, object]) -> None:
    await forget_the_hours(office)
    body = {"office": SAMBOJA, "starts_at": "2027-01-04T07:30:00+08:00", **more}
    answer = await (await office.as_("camat")).post(path, json=body)
    assert [error["code"] for error in problem(answer, 422, "invalid_request")["errors"]] == ["no_office_time"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("starts_at", "value", "unit"),
    [
        ("2100-12-31T23:59:59-23:59", 1000, "working_day"),
        ("2100-12-31T00:00:00+00:00", 1000, "hour"),
        ("2100-01-01T00:00:00Z", 1000, "calendar_day"),
    ],
)
async def test_the_longest_allowance_of_the_last_year_is_calculated(office: Office, starts_at: str, value: int, unit: str) -> None:
    body = {"office": SAMBOJA, "starts_at": starts_at, "duration": {"value": value, "unit": unit}}
    answer = await (await office.as_("camat")).post("/v1/deadlines/calculate", json=body)
    assert answer.status_code == 200
    assert answer.json()["due_at"] > "2101"
