"""Whose deadlines a dry run shows: an office that is below only on other days has its say in the numbers, not its instances' titles."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.office import SAMBOJA, Office, Run
from tests.support.regencies import PASER, get, move, two_regencies


@pytest.fixture
async def office(office_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with two_regencies(office_url, tmp_path) as opened:
        yield opened


async def foreseen(office: Office, username: str, code: str) -> dict[str, Any]:
    body = {"date": "2027-01-11", "kind": "local", "name": "Banjir"}
    answer = await (await office.as_(username)).post(f"/v1/calendars/{code}/days-off", params={"dry_run": "true"}, json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["effect"]
    return found


async def test_a_dry_run_names_only_what_its_caller_may_see(office: Office) -> None:
    await (await Run.start(office)).until(3)
    pusat = await office.as_("pusat")
    version = (await get(pusat, SAMBOJA))["version"]
    assert (await move(pusat, day="2027-01-08", headers={"If-Match": f'"{version}"'})).status_code == 201
    found = await foreseen(office, "admin.paser", PASER)
    assert (found["examined"], found["moved"], found["items"]) == (1, 1, [])
    assert [item["office"]["code"] for item in (await foreseen(office, "pusat", PASER))["items"]] == [SAMBOJA]
