"""Sealing anew while others do so too, or while the owner of a secret ends it."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.outside.sealing import Seal
from app.outside.tokens import HeldKey, KeyRing, Keys, SigningKey
from app.store import keys as store
from app.store.accounts import ACCOUNT
from app.store.database import Database
from app.store.errors import Collision
from app.store.events import EVENT
from app.usecases.keys import Resealed, reseal
from app.web.session import act
from tests.support.people import NOW, enrol, seed
from tests.support.tokens import OTHER_PEM, PEM

OLD, NEW = SigningKey(PEM), SigningKey(OTHER_PEM)


class Rotated:
    """A source of keys: the new one signs, the old one is still here."""

    def mark(self) -> object:
        return None

    def read(self) -> KeyRing:
        return KeyRing(NEW, (HeldKey(OLD.public, OLD, NOW),))


async def enrolled(database: Database, count: int) -> list[UUID]:
    await seed(database)
    made = [await enrol(database, f"pegawai{number}") for number in range(count)]
    seal = Seal(Keys.of(OLD))
    async with database.write() as connection:
        for account_id in made:
            sealed = seal.seal(str(account_id).encode(), about=f"totp:{account_id}")
            await connection.execute(update(ACCOUNT).where(ACCOUNT.c.id == account_id).values(totp_secret=sealed))
    return made


async def secrets_in(database: Database) -> dict[UUID, str | None]:
    async with database.read() as connection:
        return {row.id: row.totp_secret for row in await connection.execute(select(ACCOUNT.c.id, ACCOUNT.c.totp_secret))}


async def noted_in(database: Database) -> list[dict[str, str]]:
    async with database.read() as connection:
        return list((await connection.execute(select(EVENT.c.data).where(EVENT.c.type == "key.rotated"))).scalars())


async def resealing(database: Database) -> Resealed:
    async def work(connection: AsyncConnection) -> Resealed:
        return await reseal(connection, NOW, Keys(Rotated()))

    return await act(database, work)


async def test_several_hosts_seal_anew_at_once_and_one_of_them_is_written_down(postgres_database: Database) -> None:
    made = await enrolled(postgres_database, 20)
    done = await asyncio.gather(*(resealing(postgres_database) for _ in range(4)))
    assert sorted(one.secrets for one in done) == [0, 0, 0, 20]
    seal = Seal(Keys.of(NEW))
    assert {account: seal.open(text, about=f"totp:{account}") for account, text in (await secrets_in(postgres_database)).items() if text} == {
        account: str(account).encode() for account in made
    }
    assert await noted_in(postgres_database) == [{"kid": NEW.kid, "previous_kid": OLD.kid}]


async def test_a_rotation_noted_between_the_two_looks_is_not_noted_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await seed(database)
    await resealing(database)
    looked, look = [], store.last_rotation

    async def too_early_at_first(connection: AsyncConnection, office_code: str, **more: UUID) -> str | None:
        looked.append(more)
        return None if len(looked) == 1 else await look(connection, office_code, **more)

    monkeypatch.setattr(store, "last_rotation", too_early_at_first)
    await resealing(database)
    assert len(looked) == 3
    assert await noted_in(database) == [{"kid": NEW.kid, "previous_kid": OLD.kid}]


async def test_a_secret_that_its_owner_ended_meanwhile_does_not_come_back(database: Database) -> None:
    (account_id,) = await enrolled(database, 1)
    async with database.read() as connection:
        (seen,) = await store.sealed_secrets(connection)
    async with database.write() as connection:
        await connection.execute(update(ACCOUNT).values(totp_secret=None))
    with pytest.raises(Collision):
        async with database.write() as connection:
            await store.replace_sealed(connection, seen, by="v1.another.one")
    assert await secrets_in(database) == {account_id: None}
    assert await resealing(database) == Resealed(0, ())
