"""The worker: what no request should wait for. It looks after the clock and sweeps what has expired; any number may run, each round is idempotent.

Where `ALUR_CLOCK_INSIDE` says so (by itself on SQLite) the server does the same beside serving, and no worker is needed.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from anyio import to_thread

from app.outside.antivirus import Scanner
from app.outside.storage import Blobs
from app.store import resumable_uploads, retries, sessions, throttling
from app.store.calendars import CalendarCache
from app.store.database import Database
from app.store.procedures import ProcedureCache
from app.usecases.acts import Shelf
from app.usecases.receiving import remove_unnamed
from app.usecases.storage_sweep import remove_orphans
from app.web.clock import Look, look
from app.web.scanning import ScanLook, Scanned, scan_waiting

Clock = Callable[[], datetime]

SWEEP_EVERY = timedelta(minutes=10)
ORPHANS_EVERY = timedelta(hours=6)
"""Everything in storage is listed for it, which a bucket has its price for."""

SIGN_OF_LIFE = "worker.alive"
"""A file in the data directory, touched after each good round; its age is what a health check looks at."""

ABANDONED_UPLOAD = timedelta(hours=24)

log = structlog.get_logger("alur.worker")


def own_shelf() -> Shelf:
    return Shelf(ProcedureCache(), CalendarCache())


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What there is to look after, and how often the clock looks. `woken` cuts a wait short, `stopping` ends the work between two batches."""

    database: Database
    blobs: Blobs
    clock: Clock
    every: timedelta
    scanner: Scanner | None = None
    shelf: Shelf = field(default_factory=own_shelf)
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def stop(self) -> None:
        self.stopping.set()
        self.woken.set()


@dataclass(frozen=True, slots=True)
class Swept:
    idempotency_keys: int
    sessions: int
    sign_in_traces: int
    uploads: int
    expired_uploads: int
    orphans: int


async def sweep(database: Database, blobs: Blobs, now: datetime, *, orphans: bool = True) -> Swept:
    """Forget kept answers and failed sign-ins after a day, sessions that are over with their tokens, addresses that are no longer familiar,
    and uploads that nobody finished, whose rows go before their bytes. `orphans`: also what storage holds and no row names.
    """
    async with database.write() as connection:
        keys = await retries.sweep(connection, now)
        ended = await sessions.sweep(connection, now)
        traces = await throttling.sweep(connection, now)
        expired, parts = await resumable_uploads.remove_expired(connection, now)
    for key, _ in parts:
        await remove_unnamed(blobs, key)
    abandoned = await blobs.sweep(ABANDONED_UPLOAD, now)
    return Swept(keys, ended, traces, abandoned, expired, await remove_orphans(database, blobs, now) if orphans else 0)


async def sweep_round(work: Work, *, orphans: bool = True) -> None:
    log.info("swept", **asdict(await sweep(work.database, work.blobs, work.clock(), orphans=orphans)))


async def clock_round(work: Work) -> None:
    """Until nothing is left to tell at this moment."""
    at = Look(work.database, work.shelf, work.clock(), go_on=lambda: not work.stopping.is_set())
    seen = await look(at)
    if seen.told_anything:
        log.info("clock looked", **asdict(seen))


async def scan_round(work: Work) -> None:
    """What was stored while the malware scanner was away."""
    if work.scanner is None:
        return
    at = ScanLook(work.database, work.blobs, work.scanner, work.shelf, work.clock(), go_on=lambda: not work.stopping.is_set())
    done = await scan_waiting(at)
    if done != Scanned():
        log.info("scanned", **asdict(done))


async def _keep_scanning(work: Work) -> None:
    """Beside the clock, which waits for no scanner."""
    while not work.stopping.is_set():
        await _went_well(scan_round(work), "scan failed")
        with suppress(TimeoutError):
            await asyncio.wait_for(work.stopping.wait(), work.every.total_seconds())


async def round_of(work: Work) -> None:
    """Everything, once."""
    await sweep_round(work)
    await clock_round(work)
    await scan_round(work)


async def keep_working(work: Work, *, after_good_round: Callable[[], Awaitable[None]] | None = None) -> None:
    """Until it is stopped or cancelled; a batch that has begun is finished when it is stopped."""
    scanning = None if work.scanner is None else asyncio.create_task(_keep_scanning(work))
    try:
        await _keep_rounds(work, after_good_round)
    finally:
        if scanning is not None:
            scanning.cancel()
            await asyncio.wait([scanning])


async def _keep_rounds(work: Work, after_good_round: Callable[[], Awaitable[None]] | None) -> None:
    swept_at: datetime | None = None
    listed_at: datetime | None = None
    while not work.stopping.is_set():
        now = work.clock()
        work.woken.clear()
        good = True
        if swept_at is None or now - swept_at >= SWEEP_EVERY:
            orphans = listed_at is None or now - listed_at >= ORPHANS_EVERY
            good = await _went_well(sweep_round(work, orphans=orphans), "sweep failed")
            swept_at = now if good else swept_at
            listed_at = now if good and orphans else listed_at
        good = await _went_well(clock_round(work), "clock failed") and good
        if good and after_good_round is not None:
            await after_good_round()
        with suppress(TimeoutError):
            await asyncio.wait_for(work.woken.wait(), work.every.total_seconds())


async def _went_well(work: Awaitable[None], otherwise: str) -> bool:
    """What fails is logged and tried again: the database may be away for a while."""
    try:
        await work
    except Exception:
        log.exception(otherwise)
        return False
    return True


async def run(work: Work, *, data_dir: Path) -> None:
    """Work until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, work.stop)

    async def show_life() -> None:
        await to_thread.run_sync(_touch, data_dir / SIGN_OF_LIFE)

    await keep_working(work, after_good_round=show_life)


def _touch(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
