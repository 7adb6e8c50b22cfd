"""How PostgreSQL finds the deadlines that stand on an older calendar, among 100 000 open steps at 200 offices: office by office, by index."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import pytest

from app.store.database import Database
from app.store.recomputing import Place, stale
from tests.speed.test_plans import nodes, scanned, settled_plan
from tests.support.bulk import Bulk, offices
from tests.support.databases import Databases
from tests.support.office import MONDAY, SAMBOJA
from tests.support.stale import make_stale, settle_calendars
from tests.support.statements import sent

OPEN = Bulk(running=500, completed=0, now=MONDAY, offices=200)
LIMIT = 100
INDEX = "ix_step_round_calendar"


@pytest.fixture(scope="module")
def url(databases: Databases, worker: str) -> Iterator[str]:
    with databases.postgres(worker, seeded=True) as found:
        yield found


@pytest.fixture(scope="module")
async def filled(url: str) -> AsyncIterator[tuple[Database, list[str]]]:
    database = Database(url)
    await OPEN.insert(database)
    await settle_calendars(database)
    yield database, await offices(database)
    await database.close()


async def pages(database: Database, codes: list[str] | None) -> tuple[int, list[str]]:
    """Of the first two pages: how many were found, and the indexes they were found by."""
    found, used = 0, []
    after: Place | None = None
    for _ in range(2):
        async with database.read() as connection:
            with sent(database) as statements:
                page = await stale(connection, offices=codes, limit=LIMIT, after=after)
            ((statement, parameters),) = statements.statements
            plan = await settled_plan(connection, statement, parameters)
        assert scanned(plan) <= {"event"}  # of which there are a dozen here
        used += [node["Index Name"] for node in nodes(plan) if node.get("Relation Name") == "step_round"]
        found += len(page)
        if not page:
            break
        after = page[-1].place
    return found, used


async def test_where_nothing_is_stale_a_look_reads_no_row(filled: tuple[Database, list[str]]) -> None:
    """One short look into the index an office: some three pages each of the 202 there are."""
    database, _ = filled
    async with database.read() as connection:
        with sent(database) as statements:
            assert await stale(connection, limit=LIMIT) == []
        ((statement, parameters),) = statements.statements
        await connection.exec_driver_sql(f"PREPARE looked AS {statement}")
        given = ", ".join("NULL" if value is None else str(value) for value in parameters)
        (explained,) = (await connection.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE looked ({given})")).scalars()
    plan = explained[0]["Plan"]
    (rounds,) = (node for node in nodes(plan) if node.get("Relation Name") == "step_round")
    assert (rounds["Actual Rows"], rounds.get("Heap Fetches", 0)) == (0, 0)
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 1000


async def test_what_is_stale_is_read_from_its_index(filled: tuple[Database, list[str]]) -> None:
    database, codes = filled
    at: dict[str, Any] = {"all": None, "a kecamatan": codes[:1], "a regency of 200": codes}
    for now_stale in ([], codes[:1], codes[1:]):
        await make_stale(database, now_stale)
        for whom, narrowed in at.items():
            found, used = await pages(database, narrowed)
            assert found == (2 * LIMIT if now_stale else 0), whom
            assert set(used) == {INDEX}, whom


@pytest.mark.parametrize("after", [None, Place(SAMBOJA, 1, uuid4())])
async def test_on_sqlite_too_it_is_one_look_an_office(sqlite_office_url: str, after: Place | None) -> None:
    """It plans by the schema alone."""
    database = Database(sqlite_office_url)
    async with database.read() as connection:
        with sent(database) as statements:
            await stale(connection, limit=LIMIT, after=after)
        ((statement, parameters),) = statements.statements
        plan = [row.detail for row in await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", tuple(parameters))]
    await database.close()
    assert f"SEARCH step_round USING INDEX {INDEX} (office_code=? AND calendar_version<?)" in plan
    assert not any("TEMP B-TREE" in line for line in plan)
