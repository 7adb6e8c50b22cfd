"""Verifying the log while others write to it: no false alarm."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date

from app.domain.assignments import Position
from app.store.errors import Collision
from app.usecases.assignments import assign
from app.usecases.audit import Break, verify
from app.usecases.demo import DemoPerson
from tests.support.office import MUARA_JAWA, SAMBOJA, Office, Run
from tests.support.prepared import prepared


async def busy(run: Run) -> None:
    for name in ("camat", "staf", "sekretaris") * 5:
        await (await run.office.as_(name)).post(f"/v1/instances/{run.id}/comments", json={"body": "catatan"})
    await run.act("camat", "complete", step=1)
    await run.act("sekretaris", "suspend", reason="rapat")
    await run.act("sekretaris", "resume")
    await run.act("sekretaris", "cancel", reason="selesai")


async def broken_meanwhile(office: Office, writing: "asyncio.Future[list[None]]") -> list[Break]:
    """What verifications of everything have found, one after the other while it is written, and one afterwards."""
    broken: list[Break] = []
    done = False
    while not done:
        done = writing.done()
        broken += (await verify(office.database, None)).broken
    await writing
    return broken


async def test_a_log_that_is_being_written_is_intact(office: Office) -> None:
    runs = await prepared(office, 12, step=1)
    for username in ("camat", "sekretaris", "staf"):
        await office.as_(username)
    assert await broken_meanwhile(office, asyncio.gather(*(busy(run) for run in runs))) == []


async def test_people_may_come_and_go_meanwhile(office: Office) -> None:
    """Accounts are entered and positions given at two offices."""

    async def entering(code: str, number: int) -> None:
        person = DemoPerson(f"orang{number}.{code}", "Orang Baru", ("pegawai",), code)
        await insisting(lambda: office.enrol(person))
        await insisting(lambda: give(office, person.username, Position(code, "arsiparis", date(2026, 1, 1))))

    work = [entering(code, number) for code in (SAMBOJA, MUARA_JAWA) for number in range(15)]
    assert await broken_meanwhile(office, asyncio.gather(*work)) == []


async def give(office: Office, username: str, position: Position) -> None:
    async with office.database.write() as connection:
        await assign(connection, office.clock(), username, position=position)


async def insisting(act: Callable[[], Awaitable[None]]) -> None:
    """As the edge does: again, when another act was first."""
    while True:
        try:
            return await act()
        except Collision:
            continue
