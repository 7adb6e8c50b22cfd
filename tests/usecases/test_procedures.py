"""Publishing: the next version, never a change; the same text twice adds nothing; two publishers at once lose nothing."""

import asyncio
from datetime import UTC, datetime
from hashlib import sha256

import pytest
import rfc8785
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.problems import NotVisible
from app.domain.procedure_checks import parse
from app.domain.procedures import Procedure
from app.store import procedures as store
from app.store.database import Database
from app.store.events import EVENT
from app.usecases.offices import seed_offices
from app.usecases.procedures import Published, publish, seed_catalog
from app.web.session import act
from tests.support.drafts import OTHER, SHIPPED, changed

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
KEY = SHIPPED["key"]
SOP = parse(SHIPPED)
REVISED = parse(changed(SHIPPED, {"/steps/0/duration/value": 45}))


async def published(database: Database, procedure: Procedure) -> Published:
    async def work(connection: AsyncConnection) -> Published:
        return await publish(connection, procedure, NOW)

    return await act(database, work)


async def told(database: Database) -> list[tuple[str, int, str]]:
    """What the national office's stream says was published, in its order."""
    log = select(EVENT.c.data).where(EVENT.c.type == "procedure.published", EVENT.c.stream == "office:ID").order_by(EVENT.c.sequence)
    async with database.read() as connection:
        return [(row.data["key"], row.data["version"], row.data["sha256"]) for row in await connection.execute(log)]


@pytest.fixture
async def database(database: Database) -> Database:
    """With the office in whose stream a publication is told."""
    async with database.write() as connection:
        await seed_offices(connection, NOW)
    return database


async def count(database: Database) -> int:
    async with database.read() as connection:
        return (await connection.execute(select(func.count()).select_from(store.PROCEDURE))).scalar_one()


async def test_a_procedure_is_published_as_version_1_and_read_back_whole(database: Database) -> None:
    assert await published(database, SOP) == Published(KEY, 1, created=True)
    async with database.read() as connection:
        found = await store.latest(connection, KEY)
        assert found == await store.version(connection, KEY, 1)
        assert await store.version(connection, KEY, 2) is None
        assert await store.latest(connection, "tidak-ada") is None
    assert found is not None
    assert (found.version, found.procedure, found.published_at) == (1, SOP, NOW)
    assert found.sha256 == sha256(rfc8785.dumps(SOP.model_dump(mode="json"))).hexdigest()


async def test_the_same_text_again_adds_nothing_and_another_text_is_the_next_version(database: Database) -> None:
    outcomes = [await published(database, procedure) for procedure in (SOP, SOP, REVISED, REVISED, SOP)]
    assert outcomes == [
        Published(KEY, 1, created=True),
        Published(KEY, 1, created=False),
        Published(KEY, 2, created=True),
        Published(KEY, 2, created=False),
        Published(KEY, 3, created=True),
    ]
    async with database.read() as connection:
        assert [found.version for found in await store.versions(connection, KEY)] == [3, 2, 1]
        first = await store.version(connection, KEY, 1)
    assert first is not None
    assert first.procedure == SOP
    hashes = [store.definition_hash(procedure) for procedure in (SOP, REVISED, SOP)]
    assert await told(database) == [(KEY, number, hashed) for number, hashed in enumerate(hashes, start=1)]


async def test_the_order_of_the_roles_is_kept_and_another_order_is_another_text(database: Database) -> None:
    turned = parse(SHIPPED | {"roles": dict(reversed(SHIPPED["roles"].items()))})
    assert turned == SOP
    assert [(await published(database, procedure)).version for procedure in (SOP, turned, turned)] == [1, 2, 2]
    async with database.read() as connection:
        first, second = await store.version(connection, KEY, 1), await store.version(connection, KEY, 2)
    assert first is not None
    assert second is not None
    assert list(first.procedure.roles) == list(reversed(second.procedure.roles)) == ["camat", "sekretaris", "tim_penyusun", "staf"]
    assert list(first.procedure.slots) == list(SHIPPED["slots"])


async def test_publishers_of_one_text_at_once_make_one_version(database: Database) -> None:
    outcomes = await asyncio.gather(*(published(database, SOP) for _ in range(8)))
    assert [outcome.version for outcome in outcomes] == [1] * 8
    assert sum(outcome.created for outcome in outcomes) == 1
    assert await count(database) == 1


async def test_publishers_of_two_texts_at_once_make_two_versions(database: Database) -> None:
    for _ in range(10):
        before = await count(database)
        outcomes = await asyncio.gather(published(database, SOP), published(database, REVISED))
        assert {outcome.version for outcome in outcomes if outcome.created} == set(range(before + 1, await count(database) + 1))
        assert len({outcome.version for outcome in outcomes}) == 2


async def test_a_list_has_the_latest_version_of_each_and_goes_on_after_a_key(database: Database) -> None:
    for procedure in (SOP, REVISED, parse(OTHER)):
        await published(database, procedure)
    async with database.read() as connection:
        whole = await store.list_latest(connection, None, 10)
        assert [(line.key, line.version, line.title) for line in whole] == [
            (OTHER["key"], 1, OTHER["title"]),
            (KEY, 2, SOP.title),
        ]
        assert await store.list_latest(connection, None, 1) == whole[:1]
        assert await store.list_latest(connection, OTHER["key"], 10) == whole[1:]
        assert await store.list_latest(connection, KEY, 10) == ()
        assert await store.known_keys(connection, frozenset({KEY, "tidak-ada"})) == {KEY}
        assert await store.known_keys(connection, frozenset()) == frozenset()


async def test_the_catalog_is_seeded_once_however_often_and_by_however_many(database: Database) -> None:
    async def seeded() -> tuple[Published, ...]:
        return await act(database, lambda connection: seed_catalog(connection, NOW))

    outcomes = await asyncio.gather(*(seeded() for _ in range(4)))
    assert sum(outcome.created for (outcome,) in outcomes) == 1
    assert await seeded() == (Published(KEY, 1, created=False),)
    assert [(key, version) for key, version, _ in await told(database)] == [(KEY, 1)]


async def test_seeding_leaves_alone_what_an_office_has_published_since(database: Database) -> None:
    await published(database, SOP)
    await published(database, REVISED)
    async with database.write() as connection:
        assert await seed_catalog(connection, NOW) == (Published(KEY, 1, created=False),)
    assert await count(database) == 2


async def test_seeding_publishes_a_shipped_text_that_is_new(database: Database) -> None:
    await published(database, REVISED)
    async with database.write() as connection:
        assert await seed_catalog(connection, NOW) == (Published(KEY, 2, created=True),)


async def test_the_cache_reads_each_version_once_and_stays_small(database: Database) -> None:
    for procedure in (SOP, REVISED, parse(OTHER)):
        await published(database, procedure)
    cache = store.ProcedureCache(size=2)
    async with database.write() as connection:
        first = await cache.get(connection, KEY, 1)
        assert first == SOP
        assert (await cache.get(connection, KEY, 2)) == REVISED
        with pytest.raises(NotVisible):
            await cache.get(connection, KEY, 3)
        await connection.execute(text("DELETE FROM procedure"))
        assert await cache.get(connection, KEY, 1) is first
        await connection.rollback()
    async with database.read() as connection:
        await cache.get(connection, OTHER["key"], 1)  # pushes out version 2, the one not asked for longest
        assert await cache.get(connection, KEY, 1) is first
    async with database.write() as connection:
        await connection.execute(text("DELETE FROM procedure"))
        with pytest.raises(NotVisible):
            await cache.get(connection, KEY, 2)
