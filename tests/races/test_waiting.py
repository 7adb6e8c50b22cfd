"""Acts that have to wait for each other: a duplicate gets the first one's answer, different acts all happen, and nobody waits for ever."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store import database as databases
from tests.support.evidence import faults
from tests.support.office import Office, Run, open_office
from tests.support.prepared import prepared
from tests.support.together import all_equal, outcomes, replays, together


async def comment(run: Run, username: str, body: str) -> httpx.Response:
    return await (await run.office.as_(username)).post(f"/v1/instances/{run.id}/comments", json={"body": body})


async def test_a_duplicate_waits_until_the_first_has_committed(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one's row is locked for a third of a second before its transaction ends."""
    (run,) = await prepared(office, 1, step=1)
    await office.as_("camat")
    write = office.database.write

    @asynccontextmanager
    async def slowly() -> AsyncIterator[AsyncConnection]:
        async with write() as connection:
            yield connection
            await asyncio.sleep(0.3)

    monkeypatch.setattr(office.database, "write", slowly)
    headers = {"Idempotency-Key": "slow"}
    answers = await together(*(run.act("camat", "complete", headers=headers, step=1) for _ in range(8)))
    assert outcomes(answers) == {(201, ""): 8}
    assert all_equal(answers)
    assert replays(answers) == 7
    assert await faults(office, [run]) == []


async def test_a_wait_that_ends_is_a_409(postgres_office_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "LOCK_WAIT_SECONDS", 2)
    async with open_office(postgres_office_url, tmp_path) as office:
        (run,) = await prepared(office, 1, step=1)
        await office.as_("camat")
        async with office.database.write() as other:
            await other.execute(text("SELECT 1 FROM instance WHERE id = :id FOR UPDATE"), {"id": UUID(run.id)})
            answers = await together(*(run.act("camat", "complete", headers=headers, step=1) for headers in (None, {"Idempotency-Key": "held"})))
        assert outcomes(answers) == {(409, "concurrent_change"): 2}
        assert (await run.act("camat", "complete", headers={"Idempotency-Key": "held"}, step=1)).status_code == 201
        assert await faults(office, [run]) == []


async def test_different_acts_on_one_instance_all_happen_or_say_that_they_did_not(office: Office) -> None:
    runs = await prepared(office, 20, step=1)
    people = ["camat", "sekretaris", "tim1", "staf"] * 2
    for username in set(people):
        await office.as_(username)
    for run in runs:
        answers = await together(*(comment(run, name, f"catatan {number}") for number, name in enumerate(people)))
        seen = outcomes(answers)
        assert seen.keys() <= {(201, ""), (409, "concurrent_change")}
        listed = (await (await office.as_("camat")).get(f"/v1/instances/{run.id}/comments")).json()["items"]
        assert sorted(item["id"] for item in listed) == sorted(answer.json()["id"] for answer in answers if answer.is_success)
    assert await faults(office, runs) == []
