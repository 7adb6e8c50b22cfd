"""The worker: what no request should wait for. It sweeps what has expired; any number may run, each round is idempotent.

On SQLite the server is the one process there is, and sweeps by itself.
"""

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from anyio import to_thread

from app.outside.blobs import DiskBlobs
from app.store import retries, sessions, throttling
from app.store.database import Database

Clock = Callable[[], datetime]

SWEEP_EVERY = timedelta(minutes=10)
SIGN_OF_LIFE = "worker.alive"
"""A file in the data directory, touched after each good round; its age is what a health check looks at."""

ABANDONED_UPLOAD = timedelta(hours=24)

log = structlog.get_logger("alur.worker")


@dataclass(frozen=True, slots=True)
class Swept:
    idempotency_keys: int
    sessions: int
    sign_in_traces: int
    uploads: int


async def sweep(database: Database, blobs: DiskBlobs, now: datetime) -> Swept:
    """Forget kept answers and failed sign-ins after a day, sessions that are over with their tokens, addresses that are no longer familiar,
    and uploads that nobody finished.
    """
    async with database.write() as connection:
        keys = await retries.sweep(connection, now)
        ended = await sessions.sweep(connection, now)
        traces = await throttling.sweep(connection, now)
    return Swept(keys, ended, traces, await blobs.sweep(ABANDONED_UPLOAD, now))


async def round_of(database: Database, blobs: DiskBlobs, now: datetime) -> None:
    swept = await sweep(database, blobs, now)
    log.info("swept", **asdict(swept))


async def _try_round(database: Database, blobs: DiskBlobs, now: datetime) -> bool:
    """Whether it went well. A round that fails is logged and tried again: the database may be away for a while."""
    try:
        await round_of(database, blobs, now)
    except Exception:
        log.exception("sweep failed")
        return False
    return True


async def keep_sweeping(database: Database, blobs: DiskBlobs, clock: Clock) -> None:
    """Until it is cancelled."""
    while True:
        await _try_round(database, blobs, clock())
        await asyncio.sleep(SWEEP_EVERY.total_seconds())


async def run(database: Database, blobs: DiskBlobs, clock: Clock, *, data_dir: Path) -> None:
    """Sweep now and then until SIGTERM or SIGINT; a round that has begun is finished."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    while not stop.is_set():
        if await _try_round(database, blobs, clock()):
            await to_thread.run_sync(_touch, data_dir / SIGN_OF_LIFE)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), SWEEP_EVERY.total_seconds())


def _touch(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
