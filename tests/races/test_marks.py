"""A paraf or a signature that meets the completion of step 7: filed with it, or refused for want of it."""

import random
from collections import Counter

import httpx
import pytest

from tests.support.evidence import faults, replay
from tests.support.office import Office, Run
from tests.support.prepared import prepared
from tests.support.together import after, document_in, outcomes, together

INSTANCES = 60
MARKERS = {"initial": ("sekretaris", "laporan_final", "initials"), "signature": ("camat", "laporan_ditandatangani", "signatures")}


async def mark(run: Run, name: str, document_id: str) -> httpx.Response:
    username, _, path = MARKERS[name]
    kind = "hierarchical" if name == "initial" else "wet"
    return await (await run.office.as_(username)).post(f"/v1/documents/{document_id}/versions/1/{path}", json={"kind": kind})


@pytest.mark.parametrize("missing", ["initial", "signature"])
async def test_the_missing_mark_meets_the_completion(office: Office, missing: str) -> None:
    """Two marks (a double click) and two completions at once."""
    runs = await prepared(office, INSTANCES, step=7, without=[missing])
    for username in ("staf", MARKERS[missing][0]):
        await office.as_(username)
    targets = {run.id: await document_in(run, MARKERS[missing][1]) for run in runs}
    chance, orders = random.Random(missing), Counter[str]()
    for run in runs:
        *marks, first, second = await together(
            mark(run, missing, targets[run.id]),
            mark(run, missing, targets[run.id]),
            after(chance.uniform(0, 0.01), run.act("staf", "complete", step=7)),
            after(chance.uniform(0, 0.01), run.act("staf", "complete", step=7)),
        )
        seen = outcomes(marks)
        assert seen[201, ""] == 1, seen
        assert seen.keys() <= {(201, ""), (409, "already_marked"), (409, "instance_closed")}
        completed = outcomes([first, second])
        assert completed[201, ""] <= 1
        assert completed.keys() <= {(201, ""), (409, f"{missing}_missing"), (409, "instance_closed")}
        orders["filed" if completed[201, ""] else "refused"] += 1
    told = await replay(office.database, runs)
    assert sum((7, 1) in told[run.id].completed for run in runs) == orders["filed"]
    assert await faults(office, runs) == []
    for run in runs:
        if (7, 1) not in told[run.id].completed:
            assert (await run.act("staf", "complete", step=7)).status_code == 201
    assert await faults(office, runs) == []


async def test_both_marks_and_the_completion_at_once(office: Office) -> None:
    runs = await prepared(office, INSTANCES, step=7, without=["initial", "signature"])
    for username in ("staf", "camat", "sekretaris"):
        await office.as_(username)
    targets = {(run.id, name): await document_in(run, slot) for run in runs for name, (_, slot, _) in MARKERS.items()}
    for run in runs:
        *marks, completed = await together(*(mark(run, name, targets[run.id, name]) for name in MARKERS), run.act("staf", "complete", step=7))
        assert outcomes(marks) == {(201, ""): 2}
        assert outcomes([completed]).keys() <= {(201, ""), (409, "initial_missing"), (409, "signature_missing")}
    assert await faults(office, runs) == []
