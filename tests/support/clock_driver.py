"""Workers that look after the clock at a given moment and are killed at random, so many times each, before they may do a look undisturbed.

    python -m tests.support.clock_driver DATABASE_URL MOMENT SEED

Prints how many were killed. A child dies by a timer, wherever it is just then, or as it is about to send a statement, has just been
answered, or is about to commit. None of this needs the wall clock to be right.
"""

import asyncio
import os
import random
import signal
import sys
from datetime import datetime
from typing import Any

from sqlalchemy import event

from app.store.database import Database
from app.web import clock
from app.web.clock import Look, look
from app.worker import own_shelf

WORKERS = 3
DEATHS = 6
"""Of each worker, before it is left in peace."""

LONGEST_LIFE = 0.4
"""Seconds: a little more than a whole look takes. By then a worker that shall die is dead."""

ONE_IN = 25
"""At how many of the moments around a statement a worker dies."""


async def _look(url: str, now: datetime, chance: random.Random | None) -> None:
    database = Database(url)
    if chance is not None:
        _mine(database, chance)
    while (await look(Look(database, own_shelf(), now))).remaining or chance is not None:
        pass  # what remains is held by somebody who dies or is done in a moment; who shall die looks until then
    await database.close()


def _mine(database: Database, chance: random.Random) -> None:
    def perhaps(*_: Any) -> None:
        if chance.randrange(ONE_IN) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    for moment in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(database._writer.sync_engine, moment, perhaps)
    signal.setitimer(signal.ITIMER_REAL, chance.uniform(0.02, LONGEST_LIFE))  # whose signal ends the process there and then


def _child(url: str, now: datetime, chance: random.Random | None) -> int:
    pid = os.fork()
    if pid == 0:
        asyncio.run(_look(url, now, chance))
        os._exit(0)
    return pid


def main(url: str, moment: str, seed: str) -> None:
    clock.BATCH = 10
    now, chance, killed = datetime.fromisoformat(moment), random.Random(seed), 0
    deaths = {_child(url, now, random.Random(chance.random())): 0 for _ in range(WORKERS)}
    while deaths:
        pid, status = os.wait()
        before = deaths.pop(pid)
        if os.WIFSIGNALED(status):
            killed += 1
            mortal = before + 1 < DEATHS
            deaths[_child(url, now, random.Random(chance.random()) if mortal else None)] = before + 1
        elif status != 0:
            raise SystemExit(f"a worker failed: {status}")
    print(killed)


if __name__ == "__main__":
    main(*sys.argv[1:])
