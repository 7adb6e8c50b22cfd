"""A second regency beside Kutai Kartanegara, and administrators and auditors of both: who sees what when an office moves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from app.usecases.demo import DemoPerson
from tests.support.contract import check_answer
from tests.support.office import SAMBOJA, Office, open_office, settled

OFFICES = "/v1/offices"
KUTAI, PASER, PROVINCE = "64.02", "64.01", "64"
NEW = {"code": "64.02.13.1001", "name": "Kelurahan Sungai Seluang", "parent": SAMBOJA, "time_zone": "Asia/Makassar"}
PEOPLE = (
    DemoPerson("pusat", "Admin Pusat", ("admin",), "ID"),
    DemoPerson("admin.kutai", "Admin Kutai", ("admin",), KUTAI),
    DemoPerson("auditor.kutai", "Auditor Kutai", ("auditor",), KUTAI),
    DemoPerson("auditor.paser", "Auditor Paser", ("auditor",), PASER),
    DemoPerson("admin.paser", "Admin Paser", ("admin",), PASER),
)


@asynccontextmanager
async def two_regencies(url: str, directory: Path) -> AsyncIterator[Office]:
    async with open_office(url, directory) as office:
        await office.enrol(PEOPLE[0])
        paser = {"code": PASER, "name": "Kabupaten Paser", "parent": PROVINCE, "time_zone": "Asia/Makassar"}
        assert (await (await office.as_("pusat")).post(OFFICES, json=paser)).status_code == 201
        for person in PEOPLE[1:]:
            await office.enrol(person)
        yield office


async def get(client: httpx.AsyncClient, code: str) -> dict[str, Any]:
    answer = await client.get(f"{OFFICES}/{code}")
    check_answer("getOffice", answer)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def listed(client: httpx.AsyncClient, **params: str | int) -> list[str]:
    answer = await client.get(OFFICES, params=params)
    check_answer("listOffices", answer)
    assert answer.status_code == 200, answer.text
    return [item["code"] for item in answer.json()["items"]]


async def move(client: httpx.AsyncClient, code: str = SAMBOJA, parent: str = PASER, day: str = "2027-07-01", **more: Any) -> httpx.Response:
    headers: dict[str, str] = more.pop("headers", {})
    answer = await client.post(f"{OFFICES}/{code}/parents", json={"parent": parent, "valid_from": day, **more}, headers=headers)
    check_answer("moveOffice", answer)
    return answer


async def told(office: Office, *types: str) -> list[dict[str, Any]]:
    await settled(office.database)
    feed: list[dict[str, Any]] = (await (await office.as_("pusat")).get("/v1/events", params={"limit": 200})).json()["items"]
    return [event for event in feed if event["type"] in types]
