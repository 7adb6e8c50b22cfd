"""The worker's rounds: what has expired is swept, what has not is left alone."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.outside.blobs import DiskBlobs
from app.store.database import Database
from app.store.tables import IdempotencyKeyRow, SessionRow, table
from app.worker import Swept, sweep
from tests.support.people import enrol, seed

NOW = datetime(2027, 1, 4, 0, 0, tzinfo=UTC)
KEYS, SESSIONS = table(IdempotencyKeyRow), table(SessionRow)


async def _keep(connection: AsyncConnection, key: str, age: timedelta) -> None:
    row = {"caller": UUID(int=1), "key": key, "fingerprint": "f", "status": 201, "headers": {}, "body": "{}", "created_at": NOW - age}
    await connection.execute(insert(KEYS), row)


async def _session(connection: AsyncConnection, number: int, account: UUID, **times: datetime) -> None:
    row = {"id": UUID(int=number), "account_id": account, "refresh_hash": "h", "created_at": NOW, "refreshed_at": NOW, "expires_at": NOW}
    await connection.execute(insert(SESSIONS), row | times)


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
    for name, age in (("abandoned", timedelta(hours=25)), ("under-way", timedelta(hours=1))):
        file = tmp_path / "documents" / "incoming" / name
        file.write_bytes(b"half")
        os.utime(file, times=((NOW - age).timestamp(),) * 2)
    assert await sweep(database, blobs, NOW) == Swept(idempotency_keys=1, sessions=2, uploads=1)
    assert await sweep(database, blobs, NOW) == Swept(idempotency_keys=0, sessions=0, uploads=0)
    assert [file.name for file in (tmp_path / "documents" / "incoming").iterdir()] == ["under-way"]
    async with database.read() as connection:
        assert (await connection.execute(select(func.count()).select_from(SESSIONS))).scalar_one() == 1
