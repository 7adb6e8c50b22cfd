"""What a verification finds where an instance no longer stands as its log says: states, rounds, due times, pauses."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.store.tables import DocumentRow, InstanceRow, SignOffRow, StepRoundRow, SuspensionRow, table
from tests.support.audit import events_of, found, found_anywhere, rewritten, slipped_in, taken_away
from tests.support.office import MONDAY, MUARA_JAWA, Office, Run, open_office

INSTANCE, ROUND, SIGN_OFF, SUSPENSION, DOCUMENT = map(table, (InstanceRow, StepRoundRow, SignOffRow, SuspensionRow, DocumentRow))
OTHER_TIME = MONDAY + timedelta(minutes=7)


@pytest.fixture
async def office(office_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(office_url, tmp_path) as opened:
        yield opened


async def a_run_with_pauses_and_a_return(office: Office) -> Run:
    """At step 5 for the second time, suspended: steps 1 to 3 completed, 4 twice, a pause ended and one running, sign-offs void and not."""
    run = await (await Run.start(office)).until(3)
    assert (await run.act("camat", "suspend", reason="Menunggu data")).status_code == 201
    office.clock.forward(minutes=5)
    assert (await run.act("camat", "resume")).status_code == 201
    await run.take(3)
    await run.take(4)
    office.clock.forward(minutes=5)
    assert (await run.act("camat", "return", step=5, to_step=4, reason="Belum cocok")).status_code == 201
    await run.take(4)
    assert (await run.upload("camat", "konsep_laporan_diperiksa")).status_code == 201
    assert (await run.act("camat", "suspend", reason="Rapat")).status_code == 201
    return run


CHANGES: list[tuple[Any, tuple[Any, ...], str, Any, str]] = [
    (InstanceRow, (), "state", "running", "state_differs"),
    (InstanceRow, (), "current_step", 7, "state_differs"),
    (InstanceRow, (), "completed_at", OTHER_TIME, "state_differs"),
    (InstanceRow, (), "started_at", OTHER_TIME, "state_differs"),
    (InstanceRow, (), "version", 99, "state_differs"),
    (InstanceRow, (), "period_key", "2025", "state_differs"),
    (InstanceRow, (), "planned_end_at", OTHER_TIME, "deadline_differs"),
    (StepRoundRow, (ROUND.c.step == 1,), "state", "skipped", "state_differs"),
    (StepRoundRow, (ROUND.c.state == "returned",), "state", "completed", "state_differs"),
    (StepRoundRow, (ROUND.c.state == "active",), "state", "completed", "state_differs"),
    (StepRoundRow, (ROUND.c.step == 4, ROUND.c.round == 1), "is_current", True, "state_differs"),
    (StepRoundRow, (ROUND.c.step == 4, ROUND.c.round == 2), "is_current", False, "state_differs"),
    (StepRoundRow, (ROUND.c.step == 2,), "started_at", OTHER_TIME, "state_differs"),
    (StepRoundRow, (ROUND.c.step == 2,), "completed_at", OTHER_TIME, "state_differs"),
    (StepRoundRow, (ROUND.c.step == 2,), "decision", "no", "state_differs"),
    (StepRoundRow, (ROUND.c.state == "active",), "paused_at", None, "state_differs"),
    (StepRoundRow, (ROUND.c.step == 2,), "due_at", OTHER_TIME, "deadline_differs"),
    (StepRoundRow, (ROUND.c.step == 3,), "due_at", None, "deadline_differs"),
    (StepRoundRow, (ROUND.c.state == "active",), "due_at", OTHER_TIME, "deadline_differs"),
    (StepRoundRow, (ROUND.c.state == "active",), "alarm_at", OTHER_TIME, "deadline_differs"),
    (SuspensionRow, (SUSPENSION.c.number == 1,), "suspended_at", OTHER_TIME, "state_differs"),
    (SuspensionRow, (SUSPENSION.c.number == 1,), "resumed_at", OTHER_TIME, "state_differs"),
    (SuspensionRow, (SUSPENSION.c.number == 2,), "resumed_at", OTHER_TIME, "state_differs"),
    (SignOffRow, (SIGN_OFF.c.step == 1,), "voided_at", OTHER_TIME, "state_differs"),
    (SignOffRow, (SIGN_OFF.c.step == 4, SIGN_OFF.c.round == 1), "voided_at", None, "state_differs"),
    (DocumentRow, (DOCUMENT.c.slot == "draf_tim",), "slot", "laporan_final", "document_differs"),
]


async def test_what_is_rewritten_is_found(office: Office) -> None:
    run = await a_run_with_pauses_and_a_return(office)
    assert await found(office) == []
    for kind, which, column, value, code in CHANGES:
        async with rewritten(office, kind, which, **{column: value}):
            told = await found(office)
            assert [(b[0], b[2]) for b in told] == [(f"instance:{run.id}", code)], (kind, which, column)
            assert await found(office, instance=run.id) == told
    assert await found(office) == []


async def test_a_clock_that_somebody_made_silent_is_found(office: Office) -> None:
    run = await Run.start(office)
    for moment in (None, OTHER_TIME):
        async with rewritten(office, StepRoundRow, (), alarm_at=moment):
            assert [(b[0], b[2]) for b in await found(office)] == [(f"instance:{run.id}", "deadline_differs")]
    assert await found(office) == []


async def test_an_instance_put_into_another_office_or_begun_by_another_is_found(office: Office) -> None:
    run = await Run.start(office)
    for changed in ({"office_code": MUARA_JAWA}, {"started_by": office.accounts["staf"]}):
        async with rewritten(office, InstanceRow, (), **changed):
            assert await found_anywhere(office) == [(f"instance:{run.id}", 1, "state_differs")]
    assert await found_anywhere(office) == []


async def test_the_event_that_is_contradicted_is_named(office: Office) -> None:
    """The last one that said it: a due time moved by a pause is that of the resumption."""
    run = await a_run_with_pauses_and_a_return(office)
    events = await events_of(office, f"instance:{run.id}")
    told = {
        "instance.resumed": (StepRoundRow, (ROUND.c.step == 3,), {"due_at": OTHER_TIME}),
        "step.returned": (StepRoundRow, (ROUND.c.state == "returned",), {"state": "completed"}),
    }
    for kind, (row, which, changed) in told.items():
        sequence = next(event["sequence"] for event in events if event["type"] == kind)
        async with rewritten(office, row, which, **changed):
            assert [b[1] for b in await found(office)] == [sequence], kind


async def test_rows_taken_away_and_slipped_in_are_found(office: Office) -> None:
    run = await a_run_with_pauses_and_a_return(office)
    stream, last = f"instance:{run.id}", len(await events_of(office, f"instance:{run.id}"))
    for kind in (StepRoundRow, SuspensionRow):
        async with taken_away(office, kind, ()):
            assert [(b[0], b[2]) for b in await found(office)] == [(stream, "state_differs")]
    async with slipped_in(office, StepRoundRow, (ROUND.c.step == 1,), step=7, state="skipped"):
        assert await found(office) == [(stream, last + 1, "state_differs")]
    async with slipped_in(office, SuspensionRow, (SUSPENSION.c.number == 1,), number=9):
        assert await found(office) == [(stream, last + 1, "state_differs")]
    assert await found(office) == []


@pytest.mark.parametrize("ended", ["completed", "cancelled", "cancelled while suspended"])
async def test_an_ended_instance_stays_ended(office: Office, ended: str) -> None:
    run = await (await Run.start(office)).until(8 if ended == "completed" else 2)
    if ended == "cancelled while suspended":
        assert (await run.act("camat", "suspend", reason="Rapat")).status_code == 201
        office.clock.forward(minutes=5)
    if ended != "completed":
        assert (await run.act("camat", "cancel", reason="Keliru")).status_code == 201
    assert await found(office) == []
    last = len(await events_of(office, f"instance:{run.id}"))
    async with rewritten(office, InstanceRow, (INSTANCE.c.id == UUID(run.id),), state="running", current_step=7):
        assert await found(office) == [(f"instance:{run.id}", last, "state_differs")]
