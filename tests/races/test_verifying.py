"""Verifying the log while others write to it: no false alarm."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx

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
    """Accounts entered, moved and closed, positions given, changed and revoked, at two offices, by two administrators."""
    for name in ("pusat", "kedua"):
        await office.enrol(DemoPerson(name, "Admin Pusat", ("admin",), "ID"))
    desks = [await office.as_("pusat"), await office.as_("kedua")]
    work = [coming_and_going(desks[number % 2], number) for number in range(12)]
    assert await broken_meanwhile(office, asyncio.gather(*work)) == []


async def coming_and_going(desk: httpx.AsyncClient, number: int) -> None:
    here, there = (SAMBOJA, MUARA_JAWA) if number % 3 else (MUARA_JAWA, SAMBOJA)
    account = await entered(desk, "/v1/accounts", username=f"orang{number}", name="Orang Baru", office=here)
    position = {"account_id": account.rpartition("/")[2], "office": here, "role": "pegawai", "valid_from": "2027-01-01"}
    given = await entered(desk, "/v1/assignments", **position)
    await amended(desk, given, valid_to="2027-06-30")
    await amended(desk, account, office=there, name="Orang Lama")
    await insisting(lambda: desk.post(f"{given}/revoke", json={"reason": "Mutasi"}))
    await insisting(lambda: desk.post(f"{account}/close", json={"reason": "Mutasi"}))


async def entered(desk: httpx.AsyncClient, path: str, **body: str) -> str:
    made = await insisting(lambda: desk.post(path, json=body))
    return f"{path}/{made.json()['id']}"


async def amended(desk: httpx.AsyncClient, path: str, **body: str) -> None:
    known = await desk.get(path)
    await insisting(lambda: desk.patch(path, json=body, headers={"If-Match": known.headers["etag"]}))


async def insisting(ask: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
    """As a client does that is told to come again: so many write to one office here that some are."""
    while (answer := await ask()).status_code == 409 and answer.json()["code"] == "concurrent_change":
        pass
    assert answer.is_success, answer.text
    return answer
