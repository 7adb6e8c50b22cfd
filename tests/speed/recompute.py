"""`python -m tests.speed.recompute [open instances] [batch]`: a calendar change that moves them all, on PostgreSQL, beside people who act.

Says how long it takes, which locks the batches take, whether anybody waits for them, and how long transitions take meanwhile: on instances
that the change does not concern, and on those that it does. Numbers to look at, no test.
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from datetime import date
from pathlib import Path

import structlog
from sqlalchemy import text

from app.domain.calendars import DayOff, Layer
from app.store.calendars import CalendarCache
from app.store.database import Database
from app.store.procedures import ProcedureCache
from app.usecases.acts import Shelf
from app.usecases.calendar_effects import effect_of
from app.usecases.recomputing import recompute_batch, something_is_stale
from app.web.session import act
from tests.support.bulk import Bulk
from tests.support.calendars import add_layer, layer_of
from tests.support.databases import Databases
from tests.support.office import MONDAY, SAMBOJA, Office, Run, open_office
from tests.support.prepared import prepared
from tests.support.stale import settle_calendars

OFFICES, BESIDE = 200, 150
ADDED = Layer(days_off=(DayOff(date(2027, 1, 6), "local", "Cuti bersama", False, "SKB"),))
_LOCKS = """
SELECT DISTINCT c.relname, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
WHERE l.locktype = 'relation' AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND l.granted
  AND c.relkind = 'r' AND c.relname !~ '^pg_'
  AND l.pid IN (SELECT pid FROM pg_stat_activity WHERE query LIKE 'WITH held AS%')
"""
_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0"


@asynccontextmanager
async def filled(url: str, directory: Path, number: int) -> AsyncIterator[Office]:
    async with open_office(url, directory) as office:
        await Bulk(running=max(1, number // OFFICES), completed=0, now=MONDAY, offices=OFFICES).insert(office.database)
        async with office.database.write() as connection:
            await connection.execute(text("DELETE FROM task WHERE office_code = :code"), {"code": SAMBOJA})
            await connection.execute(text("DELETE FROM step_round WHERE office_code = :code"), {"code": SAMBOJA})
            await connection.execute(text("DELETE FROM instance WHERE office_code = :code"), {"code": SAMBOJA})
        await settle_calendars(office.database)
        yield office


async def worker(url: str, batch: int) -> None:
    """In a process of its own, as `alur worker` is one."""
    database = Database(url)
    began = time.perf_counter()
    done, seconds = await work_off(database, Shelf(ProcedureCache(), CalendarCache()), batch)
    print(json.dumps([done, seconds, time.perf_counter() - began]))
    await database.close()


async def in_a_process(url: str, batch: int) -> tuple[dict[str, int], list[float], float]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.speed.recompute", "worker", url, str(batch), stdout=asyncio.subprocess.PIPE
    )
    answered, _ = await process.communicate()
    done, seconds, took = json.loads(answered)
    return done, seconds, took


async def work_off(database: Database, shelf: Shelf, batch: int) -> tuple[Counter[str], list[float]]:
    """What was done, and how long each batch took."""
    done: Counter[str] = Counter()
    seconds: list[float] = []
    after = None
    while True:
        began = time.perf_counter()
        found = await act(database, lambda connection: recompute_batch(connection, shelf, MONDAY, limit=batch, after=after))  # noqa: B023
        seconds.append(time.perf_counter() - began)
        done += Counter(moved=found.moved, stamped=found.stamped, left=found.left)
        after = found.after
        if after is None:
            return done, seconds


async def watch(database: Database, until: Callable[[], bool]) -> tuple[set[tuple[str, str]], int, int]:
    """The table locks that were seen on the batches' connections, how often one looked, and how often somebody waited for a lock."""
    locks: set[tuple[str, str]] = set()
    looks, waits = 0, 0
    while not until():
        async with database.read() as connection:
            locks |= {(row.relname, row.mode) for row in await connection.execute(text(_LOCKS))}
            waits += bool((await connection.execute(text(_WAITING))).scalar_one())
        looks += 1
        await asyncio.sleep(0.005)
    return locks, looks, waits


async def people(runs: list[Run], until: Callable[[], bool]) -> list[float]:
    """Somebody claims and releases, one instance after the other, until that is over; how long each act took."""
    seconds: list[float] = []
    while not until():
        for run in runs:
            for action in ("claim", "release"):
                began = time.perf_counter()
                answer = await run.act("tim1", action, step=3)
                assert answer.status_code == 201, answer.text
                seconds.append(time.perf_counter() - began)
            if until():
                break
    return seconds


def shown(name: str, seconds: list[float]) -> None:
    ordered = [found * 1000 for found in sorted(seconds)]
    late = ordered[int(len(ordered) * 0.99)]
    print(f"{name:32} {len(ordered):5}, median {statistics.median(ordered):6.1f} ms, p99 {late:6.1f} ms, longest {ordered[-1]:6.1f} ms")


async def preview(office: Office) -> None:
    began = time.perf_counter()
    async with office.database.read() as connection:
        before = await layer_of(connection, "ID")
        after = before.with_rows(ADDED)
        found = await effect_of(connection, office.app.state.shelf, office_code="ID", before=before, after=after)
    print(f"preview: {found.examined} looked at, {found.moved} would move, {time.perf_counter() - began:.1f} s")


async def measure(office: Office, batch: int) -> None:
    """The people's instances are at Samboja, half of them made before the change and moved by it, half of them after."""
    database = office.database
    concerned = await prepared(office, BESIDE, step=3)
    await office.as_("tim1")
    over = False
    alone = asyncio.create_task(people(concerned, lambda: over))
    await asyncio.sleep(3)
    over = True
    shown("acts, nothing to recompute", await alone)

    await preview(office)
    async with database.write() as connection:
        await add_layer(connection, "ID", ADDED)
    others = await prepared(office, BESIDE, step=3, first=BESIDE)
    over = False
    beside = [asyncio.create_task(people(runs, lambda: over)) for runs in (others, concerned)]
    watching = asyncio.create_task(watch(database, lambda: over))
    done, seconds, took = await in_a_process(database.url, batch)
    over = True
    print(f"{done} in {took:.1f} s, {sum(done.values()) / took:.0f} a second, batches of {batch}")
    shown("batches", seconds)
    shown("acts on others meanwhile", await beside[0])
    shown("acts on those concerned meanwhile", await beside[1])
    locks, looks, waits = await watching
    print("table locks of the batches:", ", ".join(sorted(f"{table} {mode}" for table, mode in locks)))
    print(f"somebody waited for a lock in {waits} of {looks} looks")
    left, _, took = await in_a_process(database.url, batch)
    async with database.read() as connection:
        stale = await something_is_stale(connection)
    print(f"the next look: {left} in {took:.2f} s; anything left: {stale}")


async def run(url: str, number: int, batch: int) -> None:
    with tempfile.TemporaryDirectory() as directory:
        async with filled(url, Path(directory), number) as office:
            await measure(office, batch)


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    if sys.argv[1:2] == ["worker"]:
        asyncio.run(worker(sys.argv[2], int(sys.argv[3])))
        sys.exit()
    instances, at_a_time = (int(given) for given in sys.argv[1:] + ["10000", "100"][len(sys.argv) - 1 :])
    with ExitStack() as stack:
        databases = Databases.of_this_run(is_worker=False)
        stack.callback(databases.close)
        asyncio.run(run(stack.enter_context(databases.postgres("bench", seeded=True)), instances, at_a_time))
