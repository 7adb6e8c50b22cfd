"""The scanner finds malware in what a person is just building on: one of the two is first, nobody's act is lost, and the log tells it as it was."""

import random
from collections import Counter
from uuid import UUID

import httpx
from sqlalchemy import update

from app.domain.scanning import CLEAN, Finding
from app.store.scanning import VERSION, Waiting, waiting
from app.usecases.scanning import record
from app.web.session import act
from app.worker import own_shelf
from tests.support.audit import found_anywhere
from tests.support.office import Office, Run
from tests.support.prepared import prepared
from tests.support.together import after, outcomes, together

INSTANCES = 40
INFECTED = Finding("infected", "Eicar")


async def quarantined(office: Office, runs: list[Run], slot: str) -> dict[UUID, Waiting]:
    """The version in that slot of each, put into quarantine past the application: what the scanner says of it makes the log right again."""
    found = {}
    for run in runs:
        listed = (await (await office.as_("camat")).get(f"/v1/instances/{run.id}/documents")).json()["items"]
        document = next(d for d in listed if d["slot"] == slot)["id"]
        async with office.database.write() as connection:
            await connection.execute(update(VERSION).where(VERSION.c.document_id == UUID(document)).values(scan="quarantined"))
    async with office.database.read() as connection:
        for one in await waiting(connection, tried_before=office.clock(), limit=1000):
            found[one.instance_id] = one
    return found


async def judged(office: Office, one: Waiting, finding: Finding) -> httpx.Response:
    """As an answer, so that it can stand among others: 201 when it changed the instance."""
    shelf = own_shelf()
    changed = await act(office.database, lambda connection: record(connection, shelf, office.clock(), of=one, finding=finding))
    return httpx.Response(201 if changed else 204)


async def test_a_completion_and_malware_in_what_it_stands_on(office: Office) -> None:
    """Completed first: it stays so, and the next step misses its input. Found first: the completion is refused."""
    runs = await prepared(office, INSTANCES, step=3)
    await office.as_("tim1")
    ones = await quarantined(office, runs, "rencana_kegiatan")
    chance, orders = random.Random("scanning"), Counter[str]()
    for run in runs:
        one = ones[UUID(run.id)]
        first, second, completed = await together(
            after(chance.uniform(0, 0.02), judged(office, one, INFECTED)),
            after(chance.uniform(0, 0.02), judged(office, one, INFECTED)),
            after(chance.uniform(0, 0.02), run.act("tim1", "complete", step=3)),
        )
        assert sorted([first.status_code, second.status_code]) == [201, 204]
        assert outcomes([completed]).keys() <= {(201, ""), (409, "output_missing")}
        step = (await run.get())["current_step"]
        assert step == (4 if completed.status_code == 201 else 3)
        orders["completed" if completed.status_code == 201 else "refused"] += 1
    assert all(orders[way] for way in ("completed", "refused")), orders
    assert await found_anywhere(office) == []


async def test_a_new_version_and_the_scan_of_the_old_one(office: Office) -> None:
    runs = await prepared(office, INSTANCES, step=3)
    await office.as_("tim1")
    ones = await quarantined(office, runs, "rencana_kegiatan")
    chance = random.Random("version")
    for number, run in enumerate(runs):
        finding = (CLEAN, INFECTED)[number % 2]
        scan, put = await together(
            after(chance.uniform(0, 0.02), judged(office, ones[UUID(run.id)], finding)),
            after(chance.uniform(0, 0.02), run.upload("tim1", "rencana_kegiatan")),
        )
        assert (scan.status_code, put.status_code) == (201, 201), put.text
        assert (await run.act("tim1", "complete", step=3)).status_code == 201
    assert await found_anywhere(office) == []
