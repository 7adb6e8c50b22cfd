"""Between the change of a calendar and the clock's next look: who acts is judged by the calendar in force, and what moved is told with the act."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.audit import events_of, found_anywhere
from tests.support.calendars import at
from tests.support.office import Office, Run
from tests.support.recomputing import ADDED, AFTER, BEFORE, august_2025, batch, change, is_stale

LATE_BY_THE_OLD = at("2025-08-19 10:00")
"""The step was due on Monday the 18th; with that day off, it is due on this Tuesday at 16:00."""


@pytest.fixture
async def office(office_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with august_2025(office_url, tmp_path) as opened:
        yield opened


async def told_since(office: Office, run: Run, count: int) -> list[dict[str, Any]]:
    return (await events_of(office, f"instance:{run.id}"))[count:]


async def test_what_the_new_calendar_excuses_is_not_late(office: Office) -> None:
    run = await (await Run.start(office, year=2025, quarter=3)).until(3)
    await run.fill(3)
    await office.at(LATE_BY_THE_OLD)
    refused = await run.act("tim1", "complete", step=3)
    assert [refusal["code"] for refusal in refused.json()["refusals"]] == ["late_reason_missing"]

    await change(office, ADDED)
    before, count = await run.get(), len(await events_of(office, f"instance:{run.id}"))
    done = await run.act("tim1", "complete", step=3)
    assert done.status_code == 201, done.text

    after = done.json()["instance"]
    assert (after["steps"][2]["due_at"], after["steps"][2]["deadline_state"]) == (AFTER, "met")
    assert after["version"] == before["version"] + 2
    moved, *acts = await told_since(office, run, count)
    assert (moved["type"], moved["actor"], moved["data"]["from"], moved["data"]["to"]) == ("deadline.recomputed", None, BEFORE, AFTER)
    assert [event["type"] for event in acts] == ["deadline.due_soon", "step.signed_off", "step.completed", "step.activated"]
    assert not await is_stale(office)
    assert (await batch(office)).moved == 0
    assert await found_anywhere(office) == []


async def test_a_dry_run_is_judged_so_too_and_leaves_the_clock_its_work(office: Office) -> None:
    run = await (await Run.start(office, year=2025, quarter=3)).until(3)
    await run.fill(3)
    await office.at(LATE_BY_THE_OLD)
    await change(office, ADDED)
    before = await run.get()
    client = await office.as_("tim1")
    answer = await client.post(f"/v1/instances/{run.id}/transitions", params={"dry_run": "true"}, json={"action": "complete", "step": 3})
    assert answer.status_code == 200, answer.text
    assert await run.get() == before
    assert before["recomputing"]
    assert (await batch(office)).moved == 1
    assert await found_anywhere(office) == []


async def test_who_suspends_stops_the_clock_of_the_new_calendar(office: Office) -> None:
    run = await (await Run.start(office, year=2025, quarter=3)).until(3)
    await office.at(LATE_BY_THE_OLD)
    await change(office, ADDED)
    assert (await run.act("camat", "suspend", reason="Rapat koordinasi")).status_code == 201
    shown = (await run.get())["steps"][2]
    assert (shown["due_at"], shown["deadline_state"]) == (AFTER, "paused")
    assert "deadline.missed" not in {event["type"] for event in await events_of(office, f"instance:{run.id}")}
    assert await found_anywhere(office) == []
