"""How SQLite reads the pages: it plans by the schema alone, so an empty database shows it."""

import re
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store import alarms, feed, listings, timeliness
from app.store.database import Database
from app.store.listings import Caller, Narrowing
from tests.support.office import KEY, MONDAY, SAMBOJA
from tests.support.statements import sent

WHOM = {"a kecamatan": [SAMBOJA], "the kabupaten": [f"64.02.{n}" for n in range(13, 33)]}
A_SCAN = re.compile(r"SCAN (step_round|task|instance|event|sign_off)\b(?!.* USING )")
Read = Callable[[AsyncConnection, list[str]], Awaitable[Any]]


def deadlines(state: Any, **narrowed: str) -> Read:
    def read(connection: AsyncConnection, codes: list[str]) -> Awaitable[Any]:
        return listings.deadlines(connection, Narrowing(offices=codes, **narrowed), state=state, now=MONDAY, after=(MONDAY, uuid4()), limit=51)

    return read


def instances(**narrowed: str) -> Read:
    def read(connection: AsyncConnection, codes: list[str]) -> Awaitable[Any]:
        return listings.instances(connection, Narrowing(offices=codes, **narrowed), after=(uuid4(),), limit=51)

    return read


def tasks(connection: AsyncConnection, codes: list[str]) -> Awaitable[Any]:
    return listings.tasks(connection, Caller(uuid4(), codes, [(codes[0], "camat"), (codes[-1], "staf")]), after=None, limit=51)


def rings(connection: AsyncConnection, codes: list[str]) -> Awaitable[Any]:
    return alarms.ringing(connection, MONDAY, offices=codes, limit=100, after=alarms.Ringing(MONDAY, uuid4()))


def events(connection: AsyncConnection, codes: list[str]) -> Awaitable[Any]:
    return feed.feed(connection, offices=codes, office_streams=codes, after=(0, 5), limit=51)


def timely(*, parts: bool, is_open: bool = False) -> Read:
    def read(connection: AsyncConnection, codes: list[str]) -> Awaitable[Any]:
        wanted = timeliness.Wanted(spans={(MONDAY, MONDAY): codes}, parts=parts, most=50_000)
        return timeliness.still_open(connection, wanted, MONDAY) if is_open else timeliness.finished(connection, wanted)

    return read


@pytest.mark.parametrize("whom", WHOM)
@pytest.mark.parametrize(
    "read",
    [
        *(deadlines(state) for state in (None, "overdue", "due_soon", "on_time")),
        deadlines(None, role="camat"),
        deadlines("overdue", procedure=KEY),
        *(instances(**narrowed) for narrowed in ({}, {"state": "running"}, {"period": "2026-Q4"}, {"procedure": KEY})),
        *(timely(parts=parts, is_open=is_open) for parts in (False, True) for is_open in (False, True)),
        tasks,
        events,
        rings,
    ],
)
async def test_a_page_is_read_by_index(sqlite_database: Database, whom: str, read: Read) -> None:
    async with sqlite_database.read() as connection:
        with sent(sqlite_database) as statements:
            await read(connection, WHOM[whom])
        ((statement, parameters),) = statements.statements
        plan = [row[3] for row in await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    assert [line for line in plan if A_SCAN.search(line)] == []
