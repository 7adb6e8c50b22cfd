"""Deadlines are computed anew while people act, and while others compute them: each moves once, nobody waits, and nothing is half done."""

import asyncio
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.calendars import DayOff, Layer
from app.usecases.acts import Shelf
from app.usecases.recomputing import RecomputedBatch, recompute_batch, something_is_stale
from app.web.session import act
from tests.support.audit import found_anywhere
from tests.support.calendars import add_layer
from tests.support.office import SAMBOJA, TEAM, Office, Run
from tests.support.prepared import prepared
from tests.support.together import after, outcomes, together

BEFORE, AFTER = "2027-01-12T16:00:00+08:00", "2027-01-13T16:00:00+08:00"
"""Step 3 takes five working days from Monday 2027-01-04."""


def closed_on(day: str) -> Layer:
    return Layer(days_off=(DayOff(date.fromisoformat(day), "local", "Hari jadi kecamatan", False, "SK Camat"),))


async def change(office: Office, day: str = "2027-01-08") -> None:
    async with office.database.write() as connection:
        await add_layer(connection, SAMBOJA, closed_on(day))


def shelf(office: Office) -> Shelf:
    found: Shelf = office.app.state.shelf
    return found


async def batch(office: Office, limit: int = 100) -> RecomputedBatch:
    return await act(office.database, lambda connection: recompute_batch(connection, shelf(office), office.clock(), limit=limit))


async def work_off(office: Office, limit: int = 7) -> int:
    """As a worker does: batch after batch until nothing is left; how many it moved."""
    moved = 0
    async with office.database.read() as connection:
        while await something_is_stale(connection):
            moved += (await batch(office, limit)).moved
    return moved


async def told(office: Office, kind: str = "deadline.recomputed") -> Counter[str]:
    """How often each instance was told so."""
    async with office.database.read() as connection:
        found = await connection.execute(text("SELECT instance_id FROM event WHERE type = :kind"), {"kind": kind})
        return Counter(str(instance_id) for instance_id in found.scalars())


async def active(office: Office) -> list[tuple[Any, ...]]:
    """Step, calendar version and due time of each open round, beside the version of its office's calendar."""
    async with office.database.read() as connection:
        found = await connection.execute(
            text(
                "SELECT r.step, r.due_at, r.calendar_version, o.calendar_version FROM step_round r JOIN office o ON o.code = r.office_code"
                " WHERE r.state = 'active'"
            )
        )
        return [tuple(row) for row in found]


# ── several at once ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_several_workers_move_each_deadline_once(office: Office) -> None:
    runs = await prepared(office, 90, step=3)
    await change(office)
    moved = await asyncio.gather(*(work_off(office) for _ in range(3)))
    assert sum(moved) == len(runs)
    assert await told(office) == Counter(run.id for run in runs)
    assert {(row[1].isoformat(), row[2] == row[3]) for row in await active(office)} == {("2027-01-13T08:00:00+00:00", True)}
    assert await found_anywhere(office) == []


async def test_a_calendar_that_changes_again_meanwhile_is_followed_to_its_end(office: Office) -> None:
    runs = await prepared(office, 60, step=3)
    await change(office)

    async def again() -> None:
        await asyncio.sleep(0.05)
        await change(office, "2027-01-07")

    await asyncio.gather(work_off(office), work_off(office), again())
    await work_off(office)
    assert {(row[1].isoformat(), row[2] == row[3]) for row in await active(office)} == {("2027-01-14T08:00:00+00:00", True)}
    assert set((await told(office)).values()) <= {1, 2}
    assert len(await told(office)) == len(runs)
    assert await found_anywhere(office) == []


# ── beside people who act ───────────────────────────────────────────────────────────────────────────────────────────


async def beside(office: Office, acts: list[Callable[[], Awaitable[httpx.Response]]]) -> Counter[tuple[int, str]]:
    """The acts, the change in their midst and two workers, all at once; then what is left is worked off."""

    async def one(number: int) -> httpx.Response:
        return await after(0.004 * number, acts[number]())  # type: ignore[arg-type]

    async def change_soon() -> None:
        await asyncio.sleep(0.05)
        await change(office)

    async def work_soon() -> None:
        for _ in range(15):
            await batch(office, 5)
            await asyncio.sleep(0.01)

    answers, *_ = await asyncio.gather(together(*(one(number) for number in range(len(acts)))), change_soon(), work_soon(), work_soon())
    await work_off(office)
    assert all(row[2] == row[3] for row in await active(office))
    assert set((await told(office)).values()) <= {1}
    assert await found_anywhere(office) == []
    return outcomes(answers)


async def test_steps_that_open_around_the_change_all_end_on_the_new_calendar(office: Office) -> None:
    runs = await prepared(office, 60, step=2)
    await office.as_("sekretaris")
    seen = await beside(office, [lambda run=run: run.act("sekretaris", "complete", step=2, team=TEAM) for run in runs])  # type: ignore[misc]
    assert seen == {(201, ""): 60}
    assert {(row[0], row[1].isoformat()) for row in await active(office)} == {(3, "2027-01-13T08:00:00+00:00")}


async def test_suspending_and_resuming_around_the_change(office: Office) -> None:
    runs = await prepared(office, 60, step=3)
    await office.as_("camat")
    for run in runs[::2]:
        assert (await run.act("camat", "suspend", reason="Banjir")).status_code == 201

    def other_way(number: int) -> Callable[[], Awaitable[httpx.Response]]:
        suspending: dict[str, Any] = {"action": "suspend", "reason": "Banjir"}
        return lambda: runs[number].act("camat", **suspending if number % 2 else {"action": "resume"})

    seen = await beside(office, [other_way(number) for number in range(len(runs))])
    assert seen == {(201, ""): 60}
    assert {row[1].isoformat() for row in await active(office)} == {"2027-01-13T08:00:00+00:00"}


async def test_returning_around_the_change(office: Office) -> None:
    runs = await prepared(office, 60, step=5)
    await office.as_("camat")
    seen = await beside(office, [lambda run=run: run.act("camat", "return", step=5, to_step=4, reason="Belum cocok") for run in runs])  # type: ignore[misc]
    assert seen == {(201, ""): 60}
    assert {row[0] for row in await active(office)} == {4}


async def test_a_step_that_was_opened_on_the_old_calendar_after_the_change_is_mended(office: Office) -> None:
    """It was decided before the change and committed after it: then it is stale from its first moment, and the next batch finds it."""
    (run,) = await prepared(office, 1, step=2)
    sekretaris = await office.as_("sekretaris")
    assert sekretaris is not None
    changed, loaded = asyncio.Event(), asyncio.Event()
    calendars, got = shelf(office).calendars, shelf(office).calendars.get

    async def get(connection: AsyncConnection, code: str, version: int) -> Any:
        found = await got(connection, code, version)
        loaded.set()
        await changed.wait()
        return found

    calendars.get = get  # type: ignore[assignment, method-assign]
    completing = asyncio.create_task(run.act("sekretaris", "complete", step=2, team=TEAM))
    await loaded.wait()
    calendars.get = got  # type: ignore[method-assign]
    await change(office)
    changed.set()
    answer = await completing
    assert answer.json()["instance"]["steps"][2]["due_at"] == BEFORE
    assert (await batch(office)).moved == 1
    assert (await run.get())["steps"][2]["due_at"] == AFTER
    assert await found_anywhere(office) == []


# ── a batch that is open ────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_open_batch_blocks_nobody_outside_it_and_holds_up_those_inside_until_it_ends(office: Office) -> None:
    await prepared(office, 5, step=3)
    await change(office)
    (outside,) = await prepared(office, 1, step=3, first=5)
    inside = await one_of_the_batch(office)
    await office.as_("tim1")
    async with office.database.write() as connection:
        assert (await recompute_batch(connection, shelf(office), office.clock())).moved == 5
        assert (await outside.act("tim1", "complete", step=3)).status_code == 201
        waiting = asyncio.create_task(inside.act("tim1", "complete", step=3))
        await blocked(office)
        assert not waiting.done()
    answer = await waiting
    assert answer.status_code == 201
    assert answer.json()["instance"]["steps"][2]["due_at"] == AFTER
    assert await found_anywhere(office) == []


async def one_of_the_batch(office: Office) -> Run:
    async with office.database.read() as connection:
        found = await connection.execute(
            text(
                "SELECT r.instance_id FROM step_round r JOIN office o ON o.code = r.office_code WHERE r.calendar_version < o.calendar_version"
                " AND r.state = 'active' LIMIT 1"
            )
        )
        return Run(office, {"id": str(found.scalar_one())})


async def blocked(office: Office) -> None:
    """Returns when somebody waits for another's lock."""
    question = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0")
    for _ in range(1000):
        async with office.database.read() as connection:
            if (await connection.execute(question)).scalar_one():
                return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody waits")


async def test_a_batch_waits_for_nobody(office: Office) -> None:
    """One instance is held by an act that has not ended: the others are done, that one is left, and found by the next batch."""
    runs = await prepared(office, 5, step=3)
    await change(office)
    async with office.database.write() as connection:
        await connection.execute(text("SELECT 1 FROM instance WHERE id = :id FOR UPDATE"), {"id": UUID(runs[2].id)})
        assert await batch(office) == RecomputedBatch(moved=4, left=1)
    assert await batch(office) == RecomputedBatch(moved=1)
    assert await told(office) == Counter(run.id for run in runs)


# ── a batch that dies ───────────────────────────────────────────────────────────────────────────────────────────────


class Died(Exception):
    pass


async def die_before_the_commit(office: Office) -> None:
    async with office.database.write() as connection:
        assert (await recompute_batch(connection, shelf(office), office.clock(), limit=8)).moved == 8
        raise Died


async def test_a_batch_that_dies_before_it_commits_has_done_nothing(office: Office) -> None:
    runs = await prepared(office, 20, step=3)
    await change(office)
    assert (await batch(office, 8)).moved == 8
    with pytest.raises(Died):
        await die_before_the_commit(office)
    assert sum((await told(office)).values()) == 8
    assert await work_off(office) == 12
    assert await told(office) == Counter(run.id for run in runs)
    assert await found_anywhere(office) == []


async def test_workers_that_are_killed_leave_nothing_half_done(office: Office) -> None:
    """kill -9 at whatever moment, inside a batch or between two: eight times, each worker going on where the last one died."""
    runs = await prepared(office, 120, step=3)
    await change(office)
    at_work = []
    for number in range(8):
        worker = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.support.recomputing_worker",
            office.database.url,
            stdout=asyncio.subprocess.PIPE,
        )
        assert worker.stdout is not None
        await worker.stdout.readline()
        await asyncio.sleep(0.03 * number)
        worker.kill()
        await worker.wait()
        at_work.append(sum((await told(office)).values()))
    assert set((await told(office)).values()) <= {1}
    assert at_work[-1] > 0
    await work_off(office)
    assert await told(office) == Counter(run.id for run in runs)
    assert {(row[1].isoformat(), row[2] == row[3]) for row in await active(office)} == {("2027-01-13T08:00:00+00:00", True)}
    assert await found_anywhere(office) == []
