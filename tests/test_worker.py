"""The worker's rounds: what has expired is swept, what has not is left alone; what is due is told."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.main import create_app
from app.outside.storage import DiskBlobs
from app.outside.tokens import generate_key_pem
from app.settings import Settings
from app.store.database import Database
from app.store.events import EVENT
from app.store.tables import FamiliarAddressRow, IdempotencyKeyRow, RefreshTokenRow, SessionRow, SignInFailureRow, table
from app.worker import Swept, Work, keep_working, sweep
from tests.support.office import MONDAY, SAMBOJA, Office, Run, open_office
from tests.support.people import enrol, seed

NOW = datetime(2027, 1, 4, 0, 0, tzinfo=UTC)
KEYS, SESSIONS, TOKENS = table(IdempotencyKeyRow), table(SessionRow), table(RefreshTokenRow)
FAILURES, ADDRESSES = table(SignInFailureRow), table(FamiliarAddressRow)


async def _keep(connection: AsyncConnection, key: str, age: timedelta) -> None:
    row = {"caller": UUID(int=1), "key": key, "fingerprint": "f", "status": 201, "headers": {}, "body": "{}", "created_at": NOW - age}
    await connection.execute(insert(KEYS), row)


async def _session(connection: AsyncConnection, number: int, account: UUID, **times: datetime) -> None:
    row = {"id": UUID(int=number), "account_id": account, "created_at": NOW, "refreshed_at": NOW, "expires_at": NOW}
    await connection.execute(insert(SESSIONS), row | times)
    await connection.execute(insert(TOKENS), {"hash": str(number), "session_id": UUID(int=number), "issued_at": NOW})


async def _traces(connection: AsyncConnection, account: UUID) -> None:
    """Of failures and addresses, each a little too old and just young enough."""
    for key, age in (("old", timedelta(days=1, seconds=1)), ("young", timedelta(hours=23))):
        await connection.execute(insert(FAILURES), {"key": key, "failures": 3, "last_at": NOW - age, "not_before": NOW - age})
    for address, age in (("old", timedelta(days=90, seconds=1)), ("young", timedelta(days=89))):
        await connection.execute(insert(ADDRESSES), {"account_id": account, "address": address, "last_at": NOW - age})


async def test_a_round_forgets_what_has_expired_and_nothing_else(database: Database, tmp_path: Path) -> None:
    await seed(database)
    account = await enrol(database, "sari")
    blobs = DiskBlobs(tmp_path / "documents")
    async with database.write() as connection:
        await _keep(connection, "old", timedelta(hours=24, seconds=1))
        await _keep(connection, "young", timedelta(hours=23, minutes=59))
        await _session(connection, 1, account, expires_at=NOW - timedelta(days=1, seconds=1))
        await _session(connection, 2, account, expires_at=NOW + timedelta(hours=1), revoked_at=NOW - timedelta(days=2))
        await _session(connection, 3, account, expires_at=NOW - timedelta(hours=1))
        await _traces(connection, account)
    for name, age in (("abandoned", timedelta(hours=25)), ("under-way", timedelta(hours=1))):
        file = tmp_path / "documents" / "incoming" / name
        file.write_bytes(b"half")
        os.utime(file, times=((NOW - age).timestamp(),) * 2)
    assert await sweep(database, blobs, NOW) == Swept(idempotency_keys=1, sessions=2, sign_in_traces=2, uploads=1, expired_uploads=0, orphans=0)
    assert await sweep(database, blobs, NOW) == Swept(idempotency_keys=0, sessions=0, sign_in_traces=0, uploads=0, expired_uploads=0, orphans=0)
    assert [file.name for file in (tmp_path / "documents" / "incoming").iterdir()] == ["under-way"]
    async with database.read() as connection:
        for kept in (SESSIONS, TOKENS, FAILURES, ADDRESSES):
            assert (await connection.execute(select(func.count()).select_from(kept))).scalar_one() == 1


async def test_on_sqlite_the_server_sweeps_by_itself_and_stops_when_it_does(sqlite_url: str, sqlite_database: Database, tmp_path: Path) -> None:
    async with sqlite_database.write() as connection:
        await _keep(connection, "old", timedelta(days=2))
    before = asyncio.all_tasks()
    async with serving(sqlite_url, tmp_path):
        (task,) = asyncio.all_tasks() - before
        async with asyncio.timeout(20):
            while await _kept(sqlite_database):
                pass
        assert not task.done()
    assert task.cancelled()


async def test_on_postgresql_the_server_leaves_sweeping_to_the_worker(postgres_url: str, tmp_path: Path) -> None:
    before = asyncio.all_tasks()
    async with serving(postgres_url, tmp_path):
        assert asyncio.all_tasks() == before


class Away(Database):
    """Cannot be reached, and counts how often it was tried."""

    def __init__(self) -> None:
        self.tried: asyncio.Queue[None] = asyncio.Queue()

    def write(self) -> AbstractAsyncContextManager[AsyncConnection]:
        self.tried.put_nowait(None)
        raise OSError("no database")


async def test_a_round_that_fails_is_tried_again(tmp_path: Path) -> None:
    database = Away()
    work = Work(database=database, blobs=DiskBlobs(tmp_path / "documents"), clock=lambda: NOW, every=timedelta(0))
    task = asyncio.create_task(keep_working(work))
    for _ in range(5):
        await asyncio.wait_for(database.tried.get(), 20)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


# ── the clock ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def told(office: Office) -> list[str]:
    async with office.database.read() as connection:
        found = await connection.execute(select(EVENT.c.type).where(EVENT.c.type.like("deadline.%")).order_by(EVENT.c.sequence))
        return [kind.removeprefix("deadline.") for kind in found.scalars()]


async def test_it_tells_what_is_due_round_by_round_and_ends_when_it_is_told_to(office_url: str, tmp_path: Path) -> None:
    rounds: asyncio.Queue[None] = asyncio.Queue()

    async def one_more() -> None:
        rounds.put_nowait(None)

    async with open_office(office_url, tmp_path) as office:
        await Run.start(office)
        work = Work(database=office.database, blobs=DiskBlobs(tmp_path / "documents"), clock=office.clock, every=timedelta(hours=1))
        task = asyncio.create_task(keep_working(work, after_good_round=one_more))
        await asyncio.wait_for(rounds.get(), 20)
        for minutes, expected in ((0, []), (25, ["due_soon"]), (31, ["due_soon", "missed"]), (60, ["due_soon", "missed"])):
            await office.at(MONDAY + timedelta(minutes=minutes))
            work.woken.set()
            await asyncio.wait_for(rounds.get(), 20)
            assert await told(office) == expected
        work.stop()
        await asyncio.wait_for(task, 20)


async def test_a_server_that_is_alone_looks_at_once_when_a_calendar_changes(office_url: str, tmp_path: Path) -> None:
    """Its next look by itself would be an hour away."""
    async with open_office(office_url, tmp_path, ALUR_CLOCK_INSIDE="1", ALUR_CLOCK_SECONDS="3600") as office:
        run = await Run.start(office)
        async with office.app.router.lifespan_context(office.app):
            new = {"date": "2027-01-04", "kind": "local", "name": "Banjir", "source": "Camat Samboja"}
            answer = await (await office.as_("admin")).post(f"/v1/calendars/{SAMBOJA}/days-off", json=new)
            assert answer.status_code == 201, answer.text
            async with asyncio.timeout(20):
                while (await run.get())["steps"][0]["due_at"] == "2027-01-04T08:00:00+08:00":
                    pass


async def overdue(url: str, directory: Path) -> None:
    """An instance whose first step is overdue by any clock."""
    async with open_office(url, directory, now=datetime(2026, 1, 5, 0, 0, tzinfo=UTC)) as office:
        await Run.start(office)


def worker_process(url: str, directory: Path, *more: str) -> "subprocess.Popen[bytes]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ALUR_")}
    environment |= {"ALUR_DATA_DIR": str(directory), "ALUR_DATABASE_URL": url}
    return subprocess.Popen([sys.executable, "-m", "app.cli", "worker", *more], env=environment, stdout=subprocess.PIPE)


async def test_the_process_tells_and_finishes_when_it_is_told_to(office_url: str, tmp_path: Path) -> None:
    await overdue(office_url, tmp_path)
    with worker_process(office_url, tmp_path) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(2)]
        process.terminate()
        assert process.wait(timeout=30) == 0
    assert [json.loads(line)["event"] for line in lines] == ["swept", "clock looked"]
    assert {name: json.loads(lines[1])[name] for name in ("due_soon", "missed", "remaining")} == {"due_soon": 1, "missed": 1, "remaining": False}


async def test_once_is_everything_once(office_url: str, tmp_path: Path) -> None:
    await overdue(office_url, tmp_path)
    for expected in (["swept", "clock looked"], ["swept"]):
        with worker_process(office_url, tmp_path, "--once") as process:
            out, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        assert [json.loads(line)["event"] for line in out.splitlines()] == expected


@asynccontextmanager
async def serving(url: str, directory: Path) -> AsyncIterator[None]:
    """The server as it runs between start and shutdown."""
    settings = {"ALUR_DATA_DIR": str(directory), "ALUR_DATABASE_URL": url, "ALUR_SIGNING_KEY": generate_key_pem()}
    app = create_app(Settings.load(settings), clock=lambda: NOW)
    async with app.router.lifespan_context(app):
        yield


async def _kept(database: Database) -> int:
    async with database.read() as connection:
        return (await connection.execute(select(func.count()).select_from(KEYS))).scalar_one()
