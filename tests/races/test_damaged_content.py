"""Two who meet the same damage at once: the log says so once; nor does it say twice that the bytes are whole again."""

import asyncio
from uuid import UUID

from sqlalchemy import select

from app.domain.stored_content import Damage
from app.store.stored_content import VERSION
from app.usecases.stored_content import note_damage, note_restored
from app.web.session import act
from app.worker import own_shelf
from tests.support.audit import found_anywhere
from tests.support.office import Office
from tests.support.shared_office import fresh

READERS = 4


async def test_damage_is_noted_once_and_its_end_once(office: Office) -> None:
    run = await fresh(office)
    assert (await run.upload("camat", "draf_tim")).status_code == 201
    async with office.database.read() as connection:
        key = (await connection.execute(select(VERSION.c.storage_key).where(VERSION.c.instance_id == UUID(run.id)))).scalar_one()
    damage, shelf, at = Damage(key, 0, "0" * 64, "1" * 64), own_shelf(), UUID(run.id)

    async def noted() -> bool:
        return await act(office.database, lambda c: note_damage(c, shelf, office.clock(), instance_id=at, damage=damage))

    async def restored() -> bool:
        return await act(office.database, lambda c: note_restored(c, shelf, office.clock(), instance_id=at, storage_key=key))

    for note in (noted, restored):
        assert sorted(await asyncio.gather(*(note() for _ in range(READERS)))) == [False] * (READERS - 1) + [True]
    told = (await (await office.as_("auditor")).get(f"/v1/instances/{run.id}/events?limit=200")).json()["items"]
    assert [event["type"] for event in told if event["type"] in {"document.damaged", "document.restored"}] == [
        "document.damaged",
        "document.restored",
    ]
    assert await found_anywhere(office) == []
