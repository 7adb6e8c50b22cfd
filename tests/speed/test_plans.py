"""How PostgreSQL reads the pages with 10 000 open instances and 15 000 ended ones: by indexes, first page or later, whatever is asked.

Each statement is taken as the driver gets it, prepared, and run until PostgreSQL has settled on a plan (it may turn generic after five).
"""

import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.timeliness import span
from app.store import feed, listings, timeliness
from app.store.database import Database
from app.store.listings import Caller, Narrowing
from tests.support.bulk import Bulk, account_of, offices
from tests.support.databases import Databases
from tests.support.office import KEY, MONDAY, SAMBOJA, WITA, Run, open_office
from tests.support.statements import sent

BIG = {"step_round", "task", "instance", "event", "sign_off"}
LIMIT = 51
_numbers = itertools.count(1)
SHAPES = {
    "10 000 open": Bulk(running=500, completed=750, now=MONDAY, events=4),
    "500 open of 10 000": Bulk(running=25, completed=475, now=MONDAY, events=10),
}


@dataclass(frozen=True)
class Filled:
    database: Database
    codes: list[str]
    member: UUID

    def seen_by(self, whom: str) -> list[str]:
        return {"a kecamatan": [SAMBOJA], "three kecamatan": self.codes[:3], "the kabupaten": self.codes}[whom]


@pytest.fixture(scope="module", params=SHAPES)
def seeded(request: pytest.FixtureRequest, databases: Databases, worker: str) -> Iterator[tuple[str, Bulk]]:
    with databases.postgres(worker, seeded=True) as url:
        yield url, SHAPES[request.param]


@pytest.fixture(scope="module")
async def filled(seeded: tuple[str, Bulk]) -> AsyncIterator[Filled]:
    url, bulk = seeded
    database = Database(url)
    await bulk.insert(database)
    yield Filled(database, await offices(database), await account_of(database, f"tim1@{SAMBOJA}"))
    await database.close()


@pytest.fixture(scope="module")
async def signed(filled: Filled) -> Filled:
    """With the sign-offs of the closed rounds."""
    signing = """INSERT INTO sign_off (instance_id, step, round, role, account_id, number, actor, at)
        SELECT r.instance_id, r.step, r.round, role, i.started_by, 1, '{}', r.completed_at
        FROM step_round r JOIN instance i ON i.id = r.instance_id, unnest(ARRAY['camat', 'sekretaris']) role
        WHERE r.state = 'completed' AND (role = 'camat') = (r.step IN (1, 3, 5, 7)) ON CONFLICT DO NOTHING"""
    async with filled.database.write() as connection:
        await connection.execute(text(signing))
    async with filled.database.read() as connection:
        await connection.execute(text("ANALYZE sign_off"))
    return filled


# ── reading a plan ──────────────────────────────────────────────────────────────────────────────────────────────────


def literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool | int):
        return str(value)
    if isinstance(value, datetime | date):
        value = value.isoformat()
    return "'" + str(value).replace("'", "''") + "'"


async def settled_plan(connection: AsyncConnection, statement: str, parameters: Any, *, executions: int = 6) -> dict[str, Any]:
    """How a prepared statement is executed once it has been executed so often."""
    name, given = f"looked_at_{next(_numbers)}", f"({', '.join(map(literal, parameters))})" if parameters else ""
    await connection.exec_driver_sql(f"PREPARE {name} AS {statement}")
    for _ in range(executions):
        await connection.exec_driver_sql(f"EXECUTE {name} {given}")
    found = (await connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) EXECUTE {name} {given}")).scalar_one()
    plan: dict[str, Any] = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return plan


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)


def scanned(plan: dict[str, Any]) -> set[str]:
    """The big tables that are read from end to end."""
    return {node["Relation Name"] for node in nodes(plan) if node["Node Type"] == "Seq Scan"} & BIG


async def scans(database: Database, read: Callable[[AsyncConnection, Any], Awaitable[list[Any]]]) -> set[str]:
    """What the first page scans, and the one that goes on from its middle."""
    found: set[str] = set()
    after = None
    for _ in range(2):
        async with database.read() as connection:
            with sent(database) as statements:
                rows = await read(connection, after)
            ((statement, parameters),) = statements.statements
            found |= scanned(await settled_plan(connection, statement, parameters))
        after = rows[len(rows) // 2] if rows else None
        if after is None:
            break
    return found


async def indexes(database: Database, read: Callable[[AsyncConnection, Any], Awaitable[list[Any]]]) -> set[str]:
    """What it reads by."""
    async with database.read() as connection:
        with sent(database) as statements:
            await read(connection, None)
        ((statement, parameters),) = statements.statements
        return {node["Index Name"] for node in nodes(await settled_plan(connection, statement, parameters)) if "Index Name" in node}


# ── the pages ───────────────────────────────────────────────────────────────────────────────────────────────────────

WHOM = ("a kecamatan", "three kecamatan", "the kabupaten")


@pytest.mark.parametrize("whom", WHOM)
@pytest.mark.parametrize("state", [None, "overdue", "due_soon", "on_time"])
async def test_deadlines_are_read_by_index(signed: Filled, whom: str, state: Any) -> None:
    found = {}
    for narrowed in ({}, {"role": "camat"}, {"role": "tim_penyusun"}, {"role": "nobody"}, {"procedure": KEY}):
        narrowing = Narrowing(offices=signed.seen_by(whom), **narrowed)

        async def read(connection: AsyncConnection, row: Any, narrowing: Narrowing = narrowing) -> list[Any]:
            after = None if row is None else (row.due_at, row.about.instance_id)
            return list(await listings.deadlines(connection, narrowing, state=state, now=MONDAY, after=after, limit=LIMIT))

        found[str(narrowed)] = await scans(signed.database, read)
    assert not any(found.values()), found


@pytest.mark.parametrize("whom", WHOM)
async def test_instances_are_read_by_index(filled: Filled, whom: str) -> None:
    """Except for words in titles: they have no index (PostgreSQL's is an extension), so who sees every office reads every title."""
    found = {}
    for narrowed in (
        {},
        {"procedure": KEY},
        {"state": "running"},
        {"state": "suspended"},
        {"state": "cancelled"},
        {"period": "2026-Q4"},
        {"text": "17"},
    ):
        narrowing = Narrowing(offices=filled.seen_by(whom), **narrowed)

        async def read(connection: AsyncConnection, row: Any, narrowing: Narrowing = narrowing) -> list[Any]:
            after = None if row is None else (row.about.instance_id,)
            return list(await listings.instances(connection, narrowing, after=after, limit=LIMIT))

        found[str(narrowed)] = await scans(filled.database, read)
    if whom == "the kabupaten":
        del found[str({"text": "17"})]
    assert not any(found.values()), found


@pytest.mark.parametrize("person", ["camat", "member", "sekretaris who stands in next door", "auditor of the kabupaten"])
async def test_tasks_are_read_by_index(filled: Filled, person: str) -> None:
    next_door = filled.codes[3]
    stands_in = [(SAMBOJA, "pegawai"), (SAMBOJA, "sekretaris"), (next_door, "camat")]
    caller = {
        "camat": Caller(uuid4(), [SAMBOJA], [(SAMBOJA, "camat"), (SAMBOJA, "pegawai")]),
        "member": Caller(filled.member, [SAMBOJA], [(SAMBOJA, "pegawai")]),
        "sekretaris who stands in next door": Caller(filled.member, [SAMBOJA, next_door], stands_in),
        "auditor of the kabupaten": Caller(uuid4(), filled.codes, []),
    }[person]

    async def read(connection: AsyncConnection, row: Any) -> list[Any]:
        after = None if row is None else (row.due_at, row.about.instance_id, row.kind, row.role, row.slot)
        return list(await listings.tasks(connection, caller, after=after, limit=LIMIT))

    assert await scans(filled.database, read) == set()


@pytest.mark.parametrize("whom", [*WHOM, "an office without any"])
async def test_the_feed_is_read_by_index(filled: Filled, whom: str) -> None:
    """Also where there is nothing to read: a follower asks again and again."""
    codes = ["64"] if whom == "an office without any" else filled.seen_by(whom)
    found = {}
    for streams in ([], codes):

        async def read(connection: AsyncConnection, row: Any, streams: list[str] = streams) -> list[Any]:
            after = None if row is None else row.place
            return list(await feed.feed(connection, offices=codes, office_streams=streams, after=after, limit=LIMIT))

        found[str(streams)] = await scans(filled.database, read)
    assert not any(found.values()), found


@pytest.mark.parametrize("whom", ["a kecamatan", "three kecamatan"])
@pytest.mark.parametrize("parts", [False, True])
async def test_a_year_of_an_office_is_reported_by_index(signed: Filled, whom: str, parts: bool) -> None:
    """Its closed rounds are a range of one index. Who asks about every office reads everything, and that is then the quickest; so is reading
    all of the few tasks for three offices.
    """
    year = span(date(2026, 1, 1), date(2026, 12, 31), WITA)
    found, used = {}, set()
    for narrowed in ({}, {"procedure": KEY}, {"period": "2026-Q4"}, {"step": 4}, {"role": "camat"}):
        wanted = timeliness.Wanted(spans={year: signed.seen_by(whom)}, parts=parts, most=50_000, **narrowed)

        async def read(connection: AsyncConnection, _: Any, wanted: timeliness.Wanted = wanted) -> list[Any]:
            return list(await timeliness.finished(connection, wanted))

        async def still(connection: AsyncConnection, _: Any, wanted: timeliness.Wanted = wanted) -> list[Any]:
            return list(await timeliness.still_open(connection, wanted, MONDAY))

        found[str(narrowed)] = await scans(signed.database, read) | await scans(signed.database, still)
        used |= await indexes(signed.database, read)
    small = {"task"} if whom == "three kecamatan" else set()
    assert not any(tables - small for tables in found.values()), found
    assert "ix_step_round_closed" in used


async def test_an_act_loads_and_writes_by_index(filled: Filled, tmp_path: Path) -> None:
    """Planned for these parameters or for any: PostgreSQL chooses either. A write is only explained, it was executed once already."""
    async with open_office(filled.database.url, tmp_path) as office:
        with sent(office.database) as statements:
            run = await Run.start(office, year=2100)
            await run.take(1)
            await run.act("sekretaris", "suspend", reason="rapat")
            await run.act("sekretaris", "cancel", reason="salah periode")
    acts = [(statement, given) for statement, given in statements.statements if statement.startswith("WITH guard") or "json_build_array" in statement]
    found = {}
    async with filled.database.read() as connection:
        for mode in ("force_custom_plan", "force_generic_plan"):
            await connection.exec_driver_sql(f"SET plan_cache_mode = {mode}")
            for statement, given in acts:
                found[mode, statement] = scanned(await settled_plan(connection, statement, given, executions=0))
        await connection.exec_driver_sql("RESET plan_cache_mode")
    assert len(found) >= 10
    assert {key: tables for key, tables in found.items() if tables} == {}
