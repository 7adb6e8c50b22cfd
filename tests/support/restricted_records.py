"""Restricted records in tests: who keeps them, one on its way in, and what the office's log says of them."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import httpx
from sqlalchemy import select, update

from app.outside.restricted_keys import RestrictedKeys
from app.store.events import EVENT
from app.store.restricted_records import RESTRICTED
from app.usecases.demo import DemoPerson
from tests.support.office import Office, Run
from tests.support.people import KUTAI

KEY_TEXT = b64encode(bytes(range(32))).decode()
OTHER_KEY_TEXT = bytes(range(32, 64)).hex()
WITH_KEY = {"ALUR_RESTRICTED_KEY": KEY_TEXT}

KEEPER = DemoPerson("arsip", "Pengelola Arsip", ("restricted_records",))
KEEPER_ABOVE = DemoPerson("arsip.kukar", "Pengelola Arsip Kabupaten", ("restricted_records",), KUTAI)
PAPER = b"%PDF-1.7\nDaftar gaji pegawai\n%%EOF\n"


async def add(office: Office, instance_id: str, content: bytes = PAPER, *, who: str = "arsip", **more: Any) -> httpx.Response:
    """`more`: `record`, `filename`, `note`, `media_type`, `headers`."""
    headers: Mapping[str, str] = more.pop("headers", {})
    file = (more.pop("filename", "gaji.pdf"), content, more.pop("media_type", "application/pdf"))
    data = {"record": "daftar_gaji"} | more
    path = f"/v1/instances/{instance_id}/restricted-records"
    return await (await office.as_(who)).post(path, data=data, files={"file": file}, headers=dict(headers))


async def added(office: Office, run: Run, content: bytes = PAPER, **more: Any) -> str:
    answer = await add(office, run.id, content, **more)
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["id"]
    return found


async def record_names(office: Office, instance_id: str, keeper: DemoPerson = KEEPER) -> dict[str, str]:
    """What paths name: a record of the instance. From here on the server has a key."""
    office.app.state.restricted_keys = RestrictedKeys.of(KEY_TEXT)
    if keeper.username not in office.accounts:
        await office.enrol(keeper)
    answer = await add(office, instance_id, who=keeper.username)
    assert answer.status_code == 201, answer.text
    return {"record_id": answer.json()["id"]}


async def told(office: Office) -> list[tuple[str, dict[str, Any]]]:
    """What the log says of restricted records, in the order in which it happened."""
    about = EVENT.c.type.like("restricted_record.%")
    async with office.database.read() as connection:
        rows = await connection.execute(select(EVENT.c.type, EVENT.c.data).where(about).order_by(EVENT.c.stream, EVENT.c.sequence))
        return [(kind.removeprefix("restricted_record."), data) for kind, data in rows]


async def row_of(office: Office, record: str) -> dict[str, Any]:
    async with office.database.read() as connection:
        rows = (await connection.execute(select(RESTRICTED))).mappings()
        return next(dict(row) for row in rows if str(row["id"]) == record)


async def change(office: Office, record: str, **values: Any) -> None:
    async with office.database.write() as connection:
        row = await row_of(office, record)
        await connection.execute(update(RESTRICTED).where(RESTRICTED.c.id == row["id"]).values(**values))
