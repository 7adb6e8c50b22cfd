"""Deadlines that run when a calendar changes: moved once, told with their cause, never half; those that stay where they are, silently."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from app.domain.calendars.changes import Change
from app.domain.offices import Move as OfficeMove
from app.domain.offices import NewOffice
from app.store.alarms import ringing
from app.store.offices import OFFICE
from app.store.tables import StepRoundRow, table
from app.usecases.calendars import change_calendar_at_the_server
from app.usecases.clock import ring_batch
from app.usecases.offices import add_office, move_office_at_the_server
from app.usecases.recomputing import RecomputedBatch, warn_once
from app.web.session import act
from tests.support.audit import events_of, found_anywhere, rewritten
from tests.support.calendars import at
from tests.support.office import MUARA_JAWA, SAMBOJA, Office, Run
from tests.support.recomputing import ADDED, AFTER, AUGUST, BEFORE, august_2025, batch, change, closed_on, is_stale, shelf, without_hours

ROUND = table(StepRoundRow)


@pytest.fixture
async def office(office_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with august_2025(office_url, tmp_path) as opened:
        yield opened


async def rounds(office: Office, run: Run) -> list[dict[str, Any]]:
    async with office.database.read() as connection:
        found = await connection.execute(select(ROUND).where(ROUND.c.instance_id == UUID(run.id)).order_by(ROUND.c.step, ROUND.c.round))
        return [dict(row) for row in found.mappings()]


async def recomputations(office: Office, run: Run) -> list[dict[str, Any]]:
    return [event for event in await events_of(office, f"instance:{run.id}") if event["type"] == "deadline.recomputed"]


async def due_at(run: Run, step: int = 3) -> str:
    found: str = (await run.get())["steps"][step - 1]["due_at"]
    return found


# ── as it happened ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_monday_18_august_2025_as_it_happened(office: Office) -> None:
    run = await (await Run.start(office, year=2025, quarter=3)).until(3)
    assert await due_at(run) == BEFORE
    as_it_was, closed = await run.get(), (await rounds(office, run))[:2]

    await office.at(at("2025-08-12 10:00"))
    changed_by = await change(office, ADDED)
    assert await due_at(run) == BEFORE
    assert await is_stale(office)

    assert await batch(office) == RecomputedBatch(moved=1)
    assert await due_at(run) == AFTER
    assert not await is_stale(office)
    (event,) = await recomputations(office, run)
    assert (event["actor"], event["office"], event["at"]) == (None, SAMBOJA, "2025-08-12T02:00:00+00:00")
    assert event["data"] == {
        "step": 3,
        "round": 1,
        "from": BEFORE,
        "to": AFTER,
        "due_soon_at": "2025-08-15T16:30:00+08:00",
        "reason": "calendar_changed",
        "change": str(changed_by),
        "calendar_version": await calendar_version(office),
        "withdrawn": [],
    }
    shown = await run.get()
    assert shown["version"] == as_it_was["version"] + 1
    assert shown["planned_end_at"] == as_it_was["planned_end_at"]
    assert (await rounds(office, run))[:2] == closed
    tasks = (await (await office.as_("tim1")).get("/v1/tasks")).json()["items"]
    assert [task["due_at"] for task in tasks] == [AFTER]
    assert await found_anywhere(office) == []

    assert await batch(office) == RecomputedBatch()
    assert len(await recomputations(office, run)) == 1
    await run.take(3)
    assert await found_anywhere(office) == []


async def test_what_was_told_is_taken_back_and_told_again(office: Office) -> None:
    run = await (await Run.start(office, year=2025, quarter=3)).until(3)
    await office.at(at("2025-08-19 08:00"))
    await look(office)
    await change(office, ADDED)
    assert (await batch(office)).moved == 1
    (event,) = await recomputations(office, run)
    assert event["data"]["withdrawn"] == ["missed"]
    await look(office)
    await office.at(at("2025-08-20 08:00"))
    await look(office)
    told = [event["type"] for event in await events_of(office, f"instance:{run.id}") if event["type"].startswith("deadline.")]
    assert told == ["deadline.due_soon", "deadline.missed", "deadline.recomputed", "deadline.missed"]
    assert await found_anywhere(office) == []


async def test_nothing_is_told_of_a_deadline_that_a_changed_calendar_is_about_to_move(office: Office) -> None:
    """The clock has looked for what is stale, the calendar changes, the clock goes on to what rings: it would tell what is not so any more."""
    run = await (await Run.start(office, year=2025, quarter=3)).until(3)
    await office.at(at("2025-08-19 08:00"))
    await change(office, ADDED)
    count = len(await events_of(office, f"instance:{run.id}"))
    await look(office)
    assert (await events_of(office, f"instance:{run.id}"))[count:] == []
    assert (await batch(office)).moved == 1
    await look(office)
    assert [event["type"] for event in await events_of(office, f"instance:{run.id}")][count:] == ["deadline.recomputed", "deadline.due_soon"]


async def test_what_has_no_deadline_by_the_new_calendar_is_told_by_the_old_one(office: Office) -> None:
    run = await (await Run.start(office, year=2025, quarter=3)).until(3)
    await office.at(at("2025-08-19 08:00"))
    await change(office, without_hours(), code=SAMBOJA)
    await look(office)
    assert [event["type"] for event in await events_of(office, f"instance:{run.id}")][-2:] == ["deadline.due_soon", "deadline.missed"]


async def look(office: Office) -> None:
    async with office.database.read() as connection:
        page = await ringing(connection, office.clock(), limit=10)
    await act(
        office.database, lambda connection: ring_batch(connection, shelf(office), office.clock(), instance_ids=[run.instance_id for run in page])
    )


async def calendar_version(office: Office) -> int:
    async with office.database.read() as connection:
        return int((await connection.execute(select(OFFICE.c.calendar_version).where(OFFICE.c.code == SAMBOJA))).scalar_one())


# ── what does not move, and what cannot ─────────────────────────────────────────────────────────────────────────────


async def test_a_change_that_moves_nothing_is_silent(office: Office) -> None:
    run = await (await Run.start(office, year=2025, quarter=3)).until(3)
    as_it_was, events = await run.get(), await events_of(office, f"instance:{run.id}")
    await change(office, closed_on("2025-09-01"))
    assert await is_stale(office)
    assert await batch(office) == RecomputedBatch(stamped=1)
    assert not await is_stale(office)
    shown = await run.get()
    assert shown["version"] == as_it_was["version"]
    assert shown["steps"] == as_it_was["steps"]
    assert await events_of(office, f"instance:{run.id}") == events
    assert await found_anywhere(office) == []


async def test_only_offices_below_the_one_that_changed(office: Office) -> None:
    run = await (await Run.start(office, year=2025, quarter=3)).until(3)
    await change(office, closed_on("2025-08-13"), code=MUARA_JAWA)
    assert await batch(office) == RecomputedBatch()
    await change(office, closed_on("2025-08-13"), code=SAMBOJA)
    assert await is_stale(office, SAMBOJA)
    assert not await is_stale(office, MUARA_JAWA)
    assert await batch(office, offices=[MUARA_JAWA]) == RecomputedBatch()
    assert (await batch(office, offices=[SAMBOJA])).moved == 1
    assert await due_at(run) == AFTER


async def test_batches_go_on_where_the_last_one_ended(office: Office) -> None:
    runs = [await Run.start(office, year=2020 + number, quarter=1) for number in range(5)]
    await change(office, closed_on("2025-08-11"))
    first = await batch(office, limit=2)
    assert first.after is not None
    second = await batch(office, limit=2, after=first.after)
    third = await batch(office, limit=2, after=second.after)
    assert [(done.moved, done.after is None) for done in (first, second, third)] == [(2, False), (2, False), (1, True)]
    assert [len(await recomputations(office, run)) for run in runs] == [1] * 5


async def test_without_office_time_a_deadline_stays_and_waits_for_a_calendar_that_has_some(office: Office) -> None:
    """It is passed over, not tried for ever within one look, and said once to whoever runs the server."""
    runs = [await Run.start(office, year=2020 + number, quarter=1) for number in range(3)]
    stuck = [await due_at(run, 1) for run in runs]
    hours = await week_without_hours(office)
    warn_once.cache_clear()
    with capture_logs() as logs:
        first = await batch(office, limit=2)
        assert (first.moved, first.stamped, first.left) == (0, 0, 2)
        assert await batch(office, limit=2, after=first.after) == RecomputedBatch(left=1)
        assert (await batch(office)).left == 3
    assert [(line["event"], line["office"]) for line in logs] == [("no office time", SAMBOJA)]
    assert [await due_at(run, 1) for run in runs] == stuck
    assert await is_stale(office)

    await hours()
    assert await batch(office) == RecomputedBatch(stamped=3)
    assert not await is_stale(office)
    assert await found_anywhere(office) == []


async def week_without_hours(office: Office) -> Callable[[], Awaitable[None]]:
    """Samboja is left without hours; call what is returned to end that."""
    await change(office, without_hours(), code=SAMBOJA)

    async def end() -> None:
        async with office.database.write() as connection:
            found = Change(lambda before: replace(before, schedules=()))
            await change_calendar_at_the_server(connection, shelf(office), office.clock(), office_code=SAMBOJA, change=found, reason="edited")

    return end


async def test_after_an_office_has_moved_its_deadlines_follow_too(office: Office) -> None:
    run = await (await Run.start(office, year=2025, quarter=3)).until(3)
    async with office.database.write() as connection:
        paser = NewOffice(code="64.01", name="Kabupaten Paser", parent="64", time_zone="Asia/Makassar")
        await add_office(connection, office.clock(), paser)
    await change(office, closed_on("2025-08-15"), code="64.01")
    assert await batch(office) == RecomputedBatch()
    async with office.database.write() as connection:
        await move_office_at_the_server(connection, office.clock(), OfficeMove(SAMBOJA, "64.01", date(2025, 8, 14), None, None))
    moved = UUID((await events_of(office, f"office:{SAMBOJA}"))[-1]["id"])
    assert (await batch(office)).moved == 1
    (event,) = await recomputations(office, run)
    assert (event["data"]["reason"], event["data"]["change"], event["data"]["to"]) == ("office_moved", str(moved), AFTER)
    assert await found_anywhere(office) == []


# ── a verification holds it against the log ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("column", "code"), [("due_at", "deadline_differs"), ("due_soon_at", "deadline_differs"), ("missed_told_at", "state_differs")]
)
async def test_a_recomputed_deadline_that_somebody_rewrites_is_found(office: Office, column: str, code: str) -> None:
    run = await (await Run.start(office, year=2025, quarter=3)).until(3)
    await change(office, ADDED)
    await batch(office)
    sequence = len(await events_of(office, f"instance:{run.id}")) - (column == "missed_told_at")
    async with rewritten(office, StepRoundRow, (ROUND.c.step == 3,), **{column: AUGUST}):
        assert await found_anywhere(office) == [(f"instance:{run.id}", sequence, code)]
    assert await found_anywhere(office) == []
