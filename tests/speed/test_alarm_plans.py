"""How PostgreSQL finds what rings among 100 000 open steps: by the partial index, first page or later, at all offices or at some."""

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from app.store.alarms import ringing
from app.store.database import Database
from tests.speed.test_plans import nodes, scanned, settled_plan
from tests.support.bulk import Bulk, offices
from tests.support.databases import Databases
from tests.support.office import MONDAY
from tests.support.statements import sent

OPEN = Bulk(running=500, completed=0, now=MONDAY, offices=200)
LIMIT = 100
ALARM = "ix_step_round_alarm"
MOMENTS = {"nothing": -timedelta(days=30), "a few": -timedelta(hours=208), "a quarter": timedelta(0), "everything": timedelta(days=60)}
"""How much rings, and when: alarms lie between 210 hours before Monday and 690 after it."""


@pytest.fixture(scope="module")
def url(databases: Databases, worker: str) -> Iterator[str]:
    with databases.postgres(worker, seeded=True) as found:
        yield found


@pytest.fixture(scope="module")
async def filled(url: str) -> AsyncIterator[tuple[Database, list[str]]]:
    database = Database(url)
    await OPEN.insert(database)
    yield database, await offices(database)
    await database.close()


@pytest.mark.parametrize("rings", MOMENTS)
@pytest.mark.parametrize("whom", ["all", "a kecamatan", "a regency of 200"])
async def test_what_rings_is_read_from_the_partial_index(filled: tuple[Database, list[str]], rings: str, whom: str) -> None:
    database, codes = filled
    assert len(codes) == 200
    at: dict[str, Sequence[str] | None] = {"all": None, "a kecamatan": codes[:1], "a regency of 200": codes}
    now, after, used = MONDAY + MOMENTS[rings], None, []
    for _ in range(2):
        async with database.read() as connection:
            with sent(database) as statements:
                page = await ringing(connection, now, offices=at[whom], limit=LIMIT, after=after)
            ((statement, parameters),) = statements.statements
            plan = await settled_plan(connection, statement, parameters)
        assert scanned(plan) == set()
        used += [node["Index Name"] for node in nodes(plan) if "Index Name" in node]
        assert bool(page) == (rings != "nothing") or whom == "a kecamatan"
        if not page:
            break
        after = page[len(page) // 2]
    assert_index(whom, used)


def assert_index(whom: str, used: list[Any]) -> None:
    """One office has so few open steps that its own index may serve as well."""
    assert set(used) == {ALARM} if whom != "a kecamatan" else set(used) <= {ALARM, "ix_step_round_office_due", "ix_step_round_calendar"}
