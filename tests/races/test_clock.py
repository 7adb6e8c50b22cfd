"""The clock beside people, and beside itself: whoever is second decides again, everything is told once, and nobody waits for the clock."""

import asyncio
from collections import Counter
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from app.web.clock import Look, Seen, look
from tests.support.clockwork import told_by_the_log
from tests.support.evidence import faults
from tests.support.office import MONDAY, Office
from tests.support.prepared import prepared
from tests.support.together import after, outcomes, together

INSTANCES = 60
BOTH = Counter({(1, 1, "due_soon"): 1, (1, 1, "missed"): 1})
LATE = MONDAY + timedelta(minutes=30, seconds=1)
REASON = "Rapat."


def looking(office: Office) -> Look:
    return Look(office.database, office.app.state.shelf, office.clock())


async def looked(office: Office, *, times: int) -> list[Seen]:
    """So many at once."""
    return list(await asyncio.gather(*(look(looking(office)) for _ in range(times))))


async def test_an_act_and_the_clock_at_the_same_instant_are_both_there(office: Office) -> None:
    """The clock changes no version, so the act is not told to come again: it finds its place in the stream taken, and is decided anew."""
    runs = await prepared(office, INSTANCES, step=1)
    await office.at(LATE)
    await office.as_("camat")
    clock = asyncio.gather(*(look(looking(office)) for _ in range(3)))
    acts = (after(number * 0.005, run.act("camat", "complete", step=1, late_reason=REASON)) for number, run in enumerate(runs))
    answers = await together(*acts)
    await clock
    assert outcomes(answers) == {(201, ""): INSTANCES}
    assert (await look(looking(office))).remaining is False
    told = await told_by_the_log(office.database)
    assert [told[UUID(run.id)] for run in runs] == [BOTH] * INSTANCES
    assert await faults(office, runs) == []


async def test_what_is_suspended_as_the_clock_looks_was_missed_whoever_was_first(office: Office) -> None:
    runs = await prepared(office, INSTANCES, step=1)
    await office.at(LATE)
    await office.as_("camat")
    answers, _ = await asyncio.gather(together(*(run.act("camat", "suspend", reason="Banjir.") for run in runs)), looked(office, times=2))
    assert outcomes(answers) == {(201, ""): INSTANCES}
    told = await told_by_the_log(office.database)
    assert [told[UUID(run.id)] for run in runs] == [BOTH] * INSTANCES
    assert await faults(office, runs) == []


async def test_several_clocks_share_the_work(office: Office) -> None:
    runs = await prepared(office, INSTANCES, step=1)
    await office.at(LATE)
    seen = await looked(office, times=4)
    assert (sum(found.due_soon for found in seen), sum(found.missed for found in seen)) == (INSTANCES, INSTANCES)
    told = await told_by_the_log(office.database)
    assert [told[UUID(run.id)] for run in runs] == [BOTH] * INSTANCES
    assert await faults(office, runs) == []


async def test_the_clock_waits_for_nobody(office: Office) -> None:
    """Not for an act that holds its instance, nor for another clock: what is held is passed over, and told at the next look."""
    runs = await prepared(office, 10, step=1)
    await office.at(LATE)
    async with office.database.write() as connection:
        await connection.execute(text("SELECT 1 FROM instance WHERE id = :id FOR UPDATE"), {"id": UUID(runs[3].id)})
        found = await asyncio.wait_for(look(looking(office)), 4)
    assert found == Seen(recomputed=0, due_soon=9, missed=9, remaining=True)
    assert await look(looking(office)) == Seen(recomputed=0, due_soon=1, missed=1, remaining=False)
