"""Administration over HTTP, as an admin's curl does it."""

from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import select

from app.store.events import EVENT
from app.usecases.demo import DemoPerson
from tests.support.office import SAMBOJA, Office
from tests.support.replies import made

KUTAI = "64.02"
NIP = "198001172005011004"
"""Of nobody: an invented birth, an invented appointment."""

ABOVE = DemoPerson("admin.kabupaten", "Admin Kabupaten", ("admin",), KUTAI)
PLH = {"role": "camat", "capacity": "plh", "valid_from": "2027-01-05", "valid_to": "2027-01-07"}
LETTER = {"number": "800/01/2027", "date": "2027-01-04"}


async def account(office: Office, username: str = "ratna", /, *, who: str = "admin", **more: Any) -> dict[str, Any]:
    body = {"username": username, "name": "Ratna Dewi", "office": SAMBOJA} | more
    found: dict[str, Any] = made(await (await office.as_(who)).post("/v1/accounts", json=body))
    office.accounts[username] = UUID(found["id"])
    return found


async def give(office: Office, username: str, /, *, who: str = "admin", headers: dict[str, str] | None = None, **position: Any) -> httpx.Response:
    body = {"username": username, "office": SAMBOJA, "instrument": LETTER} | position
    return await (await office.as_(who)).post("/v1/assignments", json=body, headers=headers)


async def given(office: Office, username: str, /, **position: Any) -> dict[str, Any]:
    found: dict[str, Any] = made(await give(office, username, **position))
    return found


async def to_account(office: Office, username: str, act: str, *, who: str = "admin", method: str = "POST", **more: Any) -> httpx.Response:
    """An administrator's act on somebody's account: `close`, `password-reset`, ""…"""
    path = f"/v1/accounts/{office.accounts[username]}" + (f"/{act}" if act else "")
    return await (await office.as_(who)).request(method, path, **more)


async def shown(office: Office, username: str, *, who: str = "admin") -> dict[str, Any]:
    found: dict[str, Any] = made(await to_account(office, username, "", who=who, method="GET"), 200)
    return found


async def recorded(office: Office, kind: str) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Stream, actor and data of each event of that kind that people caused, as written."""
    async with office.database.read() as connection:
        rows = await connection.execute(select(EVENT.c.stream, EVENT.c.actor, EVENT.c.data).where(EVENT.c.type == kind).order_by(EVENT.c.id))
        return [(row.stream, row.actor, row.data) for row in rows if row.actor is not None]
