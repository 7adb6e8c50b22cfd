"""Verifying the log while others write to it: no false alarm."""

import asyncio

from tests.support.office import Office, Run
from tests.support.prepared import prepared


async def busy(run: Run) -> None:
    for name in ("camat", "staf", "sekretaris") * 5:
        await (await run.office.as_(name)).post(f"/v1/instances/{run.id}/comments", json={"body": "catatan"})
    await run.act("camat", "complete", step=1)
    await run.act("sekretaris", "suspend", reason="rapat")


async def test_a_log_that_is_being_written_is_intact(office: Office) -> None:
    runs = await prepared(office, 12, step=1)
    for username in ("camat", "sekretaris", "staf"):
        await office.as_(username)
    auditor = await office.as_("auditor")
    writing = asyncio.gather(*(busy(run) for run in runs))
    verdicts = []
    while not writing.done():
        verdicts.append((await auditor.get("/v1/audit/verify")).json())
    await writing
    assert verdicts != []
    assert [verdict for verdict in verdicts if not verdict["intact"]] == []
