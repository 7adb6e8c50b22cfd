"""How late an instance is, how it goes on, and whether the LKJIP is still met, over HTTP."""

from datetime import date
from typing import Any

import pytest

from app.domain.calendars import Layer, ReportDate
from tests.support.calendars import add_layer, at
from tests.support.office import SAMBOJA, Office, Run
from tests.support.replies import made

IN_TIME = {"office_minutes": 0, "working_days": 0}


async def deadlines(run: Run) -> dict[str, Any]:
    found: dict[str, Any] = made(await (await run.office.as_("auditor")).get(f"/v1/instances/{run.id}/deadlines"), 200)
    return found


def late(minutes: int, days: int) -> dict[str, int]:
    return {"office_minutes": minutes, "working_days": days}


async def lateness(run: Run) -> tuple[Any, dict[int, Any], dict[str, Any], Any]:
    """In all, by step, by role, against the plan."""
    found = (await deadlines(run))["lateness"]
    time = ("office_minutes", "working_days")
    by_step = {row["step"]: {name: row[name] for name in time} for row in found["by_step"]}
    by_role = {row["role"]: {name: row[name] for name in time} for row in found["by_role"]}
    return found["total"], by_step, by_role, found["against_plan"]


async def test_lateness_is_split_by_step_and_by_who_was_waited_for(each_office: Office) -> None:
    run = await (await Run.start(each_office)).until(4)
    await run.fill(4)
    made(await run.act("sekretaris", "complete", step=4))
    await each_office.at(at("2027-01-08 08:30"))  # step 4 was due on the 7th
    total, by_step, by_role, against_plan = await lateness(run)
    assert (total, by_step[4], by_role["tim_penyusun"]) == (late(60, 1),) * 3
    assert (by_role["sekretaris"], by_role["camat"], against_plan) == (IN_TIME, IN_TIME, IN_TIME)
    made(await run.act("tim1", "complete", step=4, late_reason="Data terlambat."))
    await each_office.at(at("2027-01-22 08:30"))  # step 5 was due on the 12th, the whole on the 21st
    total, by_step, by_role, against_plan = await lateness(run)
    assert by_step == {1: IN_TIME, 2: IN_TIME, 3: IN_TIME, 4: late(60, 1), 5: late(7 * 450 + 60, 8)}
    assert total == late(7 * 450 + 120, 9)
    assert (by_role["camat"], by_role["sekretaris"], by_role["tim_penyusun"]) == (by_step[5], IN_TIME, by_step[4])
    assert against_plan == late(3 * 450, 3)  # it will end on the 26th at the earliest
    item = next(item for item in (await deadlines(run))["items"] if item["step"] == 4)
    assert (item["late"], item["used"]) == (late(60, 1), late(3 * 450 + 60, 3))


async def test_a_suspended_instance_gets_no_later(own_office: Office) -> None:
    run = await (await Run.start(own_office)).until(3)
    await own_office.at(at("2027-01-13 08:30"))
    made(await run.act("camat", "suspend", reason="Banjir."))
    for moment in ("2027-01-13 15:00", "2027-02-01 09:00"):
        await own_office.at(at(moment))
        assert (await lateness(run))[0] == late(60, 1)


async def test_an_instance_that_was_cancelled_is_late_against_nothing(own_office: Office) -> None:
    run = await Run.start(own_office)
    await own_office.at(at("2027-03-01 09:00"))
    made(await run.act("camat", "cancel", reason="Salah periode."))
    assert await lateness(run) == (IN_TIME, {}, {}, None)
    found = await deadlines(run)
    assert (found["forecast_end_at"], found["forecast"]) == (None, [])


# ── how it goes on ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_forecast_names_every_step_that_is_still_to_come(own_office: Office) -> None:
    run = await (await Run.start(own_office)).until(5)
    found = await deadlines(run)
    steps = [(step["step"], step["starts_at"][5:16], step["due_at"][5:16]) for step in found["forecast"]]
    assert steps == [(6, "01-07T16:00", "01-08T08:30"), (7, "01-08T08:30", "01-12T16:00")]
    assert found["forecast"][0]["activity"] == "Melakukan rapat intern dengan tim"
    assert found["forecast_end_at"] == found["forecast"][-1]["due_at"] == (await run.get())["forecast_end_at"]


# ── the LKJIP ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def report_is_due(office: Office, due_on: date, margin_days: int) -> None:
    async with office.database.write() as connection:
        await add_layer(connection, SAMBOJA, Layer(report_dates=(ReportDate(2026, due_on, margin_days),)))


async def lkjip(run: Run) -> tuple[str | None, str | None]:
    shown = await run.get()
    return shown["lkjip_due_on"], shown["lkjip_risk"]


@pytest.mark.parametrize(
    ("now", "risk"),
    [
        ("2027-02-01 08:00", "on_track"),
        ("2027-02-09 08:00", "at_risk"),
        ("2027-03-01 08:00", "late"),
    ],
)
async def test_the_risk_comes_from_the_forecast(own_office: Office, now: str, risk: str) -> None:
    run = await Run.start(own_office)
    await own_office.at(at(now))
    assert await lkjip(run) == ("2027-02-28", risk)


async def test_while_suspended_it_is_foretold_as_if_it_were_resumed_now(own_office: Office) -> None:
    run = await Run.start(own_office)
    made(await run.act("camat", "suspend", reason="Banjir."))
    found = []
    for now in ("2027-01-04 09:00", "2027-02-09 08:00", "2027-03-01 08:00"):
        await own_office.at(at(now))
        found.append((await lkjip(run))[1])
    assert found == ["on_track", "at_risk", "late"]


@pytest.mark.parametrize(("due_on", "margin", "risk"), [(21, 0, "on_track"), (21, 1, "at_risk"), (20, 0, "late"), (22, 1, "on_track")])
async def test_an_office_may_have_its_own_date(each_office: Office, due_on: int, margin: int, risk: str) -> None:
    run = await Run.start(each_office)  # it ends on 21 January
    await report_is_due(each_office, date(2027, 1, due_on), margin)
    assert await lkjip(run) == (f"2027-01-{due_on}", risk)


async def test_what_is_completed_was_in_time_or_late_and_what_is_cancelled_neither(own_office: Office) -> None:
    in_time, too_late, cancelled = [await Run.start(own_office, quarter=quarter) for quarter in (1, 2, 3)]
    made(await cancelled.act("camat", "cancel", reason="Salah periode."))
    assert await lkjip(cancelled) == ("2027-02-28", None)
    await in_time.until(8)
    await report_is_due(own_office, date(2027, 1, 5), 5)
    await too_late.until(3)
    await own_office.at(at("2027-01-06 09:00"))
    for number in range(3, 8):
        await too_late.take(number)
    assert (await lkjip(in_time), await lkjip(too_late)) == (("2027-01-05", "on_track"), ("2027-01-05", "late"))
