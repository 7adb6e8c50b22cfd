"""The office's calendar changes while steps are opened: each due date is that of the version it names, and after the change of the new one."""

import asyncio
from datetime import date
from uuid import UUID

from sqlalchemy import text

from app.domain.calendars import DayOff, Layer
from tests.support.calendars import add_layer
from tests.support.evidence import faults
from tests.support.office import SAMBOJA, TEAM, Office, Run
from tests.support.prepared import prepared

INSTANCES = 60
DAY_OFF = Layer(days_off=(DayOff(date(2027, 1, 8), "local", "Hari jadi kecamatan", False, "SK Camat"),))
BEFORE, AFTER = "2027-01-12T16:00:00+08:00", "2027-01-13T16:00:00+08:00"
"""Step 3 takes five working days from Monday 2027-01-04."""


async def form_team(run: Run) -> str:
    """Completes step 2; when step 3 is due."""
    answer = await run.act("sekretaris", "complete", step=2, team=TEAM)
    assert answer.status_code == 201, answer.text
    due_at: str = answer.json()["instance"]["steps"][2]["due_at"]
    return due_at


async def versions(office: Office, runs: list[Run]) -> dict[str, int]:
    async with office.database.read() as connection:
        found = await connection.execute(
            text("SELECT instance_id, calendar_version FROM step_round WHERE step = 3 AND instance_id = ANY(:ids)"),
            {"ids": [UUID(run.id) for run in runs]},
        )
        return {str(row.instance_id): row.calendar_version for row in found}


async def calendar_version(office: Office) -> int:
    async with office.database.read() as connection:
        return int((await connection.execute(text("SELECT calendar_version FROM office WHERE code = :code"), {"code": SAMBOJA})).scalar_one())


async def test_due_dates_follow_a_calendar_that_moves_under_running_acts(office: Office) -> None:
    runs = await prepared(office, INSTANCES, step=2)
    await office.as_("sekretaris")
    old = await calendar_version(office)
    due = {runs[0].id: await form_team(runs[0])}  # the cache is warm with the old version
    assert due[runs[0].id] == BEFORE

    async def change() -> None:
        await asyncio.sleep(0.03)
        async with office.database.write() as connection:
            await add_layer(connection, SAMBOJA, DAY_OFF)

    meanwhile, later = runs[1:40], runs[40:]
    answers = await asyncio.gather(change(), *(form_team(run) for run in meanwhile))
    due |= dict(zip((run.id for run in meanwhile), answers[1:], strict=True))
    assert await calendar_version(office) == old + 1

    for run in later:  # every act that begins after the change
        assert await form_team(run) == AFTER
    due |= dict.fromkeys((run.id for run in later), AFTER)

    stored = await versions(office, runs)
    assert due == {instance_id: BEFORE if version == old else AFTER for instance_id, version in stored.items()}
    assert set(stored.values()) == {old, old + 1}
    assert await faults(office, runs) == []


async def test_a_change_at_an_office_above_moves_the_calendar_too(office: Office) -> None:
    runs = await prepared(office, 2, step=2)
    assert await form_team(runs[0]) == BEFORE
    async with office.database.write() as connection:
        await add_layer(connection, "64", DAY_OFF)
    assert await form_team(runs[1]) == AFTER
