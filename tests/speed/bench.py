"""`python -m tests.speed.bench [sqlite|postgres] [instances]`: what the real server does on this machine. Numbers to compare, no test.

PostgreSQL is the tests' own (fsync off), so its numbers tell of the server's and the database's work, not of a disk.
"""

import asyncio
import contextlib
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from app.outside.logs import configure_logs
from tests.support.databases import Databases
from tests.support.server import Server, serving
from tests.support.workload import AT_ONCE, Crew, cpu_seconds, crew, resident_megabytes, spread


@contextlib.contextmanager
def served(kind: str) -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as directory, contextlib.ExitStack() as stack:
        settings = {}
        if kind == "postgres":
            databases = Databases.of_this_run(is_worker=False)
            stack.callback(databases.close)
            settings["ALUR_DATABASE_URL"] = stack.enter_context(databases.postgres("bench"))
        yield stack.enter_context(serving(Path(directory), **settings))


async def measure(server: Server, number: int) -> None:
    async with crew(server) as people:
        print(f"idle: {resident_megabytes(server.pid):.0f} MB")
        left = number
        while left > 0:
            await batch(server, people, min(left, 500))
            left -= 500
        for kind, seconds in people.seconds.items():
            ordered = sorted(seconds)
            middle, late = statistics.median(ordered) * 1000, ordered[int(len(ordered) * 0.99)] * 1000
            print(f"{kind:9} {len(ordered):5} times, median {middle:.1f} ms, p99 {late:.1f} ms, {AT_ONCE} at once")


async def batch(server: Server, people: Crew, number: int) -> None:
    instances: list[str] = []

    async def start(_: str) -> None:
        instances.append(await people.start())

    phases: list[tuple[str, Callable[[str], Awaitable[None]]]] = [
        ("start", start),
        ("2 uploads", lambda instance: people.fill(instance, 1)),
        ("complete step 1", lambda instance: people.complete(instance, 1)),
        ("complete step 2", lambda instance: people.complete(instance, 2)),
        ("1 upload", lambda instance: people.fill(instance, 3)),
        ("complete step 3", lambda instance: people.complete(instance, 3)),
        ("cancel", lambda instance: people.act("camat", instance, "cancel", reason="Uji beban")),
    ]
    for name, work in phases:
        began, used = time.perf_counter(), cpu_seconds(server.pid)
        await spread(instances or [""] * number, work)
        took, used = time.perf_counter() - began, cpu_seconds(server.pid) - used
        print(f"{name:16} {number / took:6.0f}/s, {used / number * 1000:5.2f} ms CPU each, {resident_megabytes(server.pid):.0f} MB")


if __name__ == "__main__":
    configure_logs(for_people=True)
    chosen = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    with served(chosen) as running:
        asyncio.run(measure(running, int(sys.argv[2]) if len(sys.argv) > 2 else 500))
