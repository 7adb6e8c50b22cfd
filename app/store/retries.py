"""Answers kept for retries: read in the load of an act, written in its own statement, swept after a day."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Uuid

from app.domain.problems import KeyReused
from app.domain.retries import Retry, StoredAnswer
from app.store.errors import Collision
from app.store.guarded import Change
from app.store.rows import json_rows, nested
from app.store.tables import IdempotencyKeyRow, table

IDEMPOTENCY_KEY = table(IdempotencyKeyRow)
KEPT = timedelta(hours=24)
NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Found:
    """An answer kept under the caller's key, and the fingerprint of the request that it answered."""

    fingerprint: str
    answer: StoredAnswer

    def for_retry(self, retry: Retry) -> StoredAnswer:
        """The answer to give again. Raises KeyReused when the key came with another request."""
        if self.fingerprint != retry.fingerprint:
            raise KeyReused
        return self.answer


def answer_columns(*, is_postgres: bool) -> str:
    """The subselect for a load statement; takes the parameters `caller` and `key` (see `no_retry`)."""
    names = ("k.fingerprint", "k.status", "k.headers", "k.body")
    return json_rows("idempotency_key k WHERE k.caller = :caller AND k.key = :key", names, is_postgres=is_postgres)


def no_retry(retry: Retry | None) -> dict[str, Any]:
    """The parameters of `answer_columns`; without a key they match nothing."""
    return {"caller": NOBODY, "key": ""} if retry is None else {"caller": retry.caller, "key": retry.key}


def found_answer(rows: str) -> Found | None:
    for fingerprint, status, headers, body in json.loads(rows):
        return Found(fingerprint, StoredAnswer(status, nested(headers), body))
    return None


def key_change(retry: Retry | None, answer: StoredAnswer | None, now: datetime) -> list[Change]:
    if retry is None or answer is None:
        return []
    row = {
        "caller": retry.caller,
        "key": retry.key,
        "fingerprint": retry.fingerprint,
        "status": answer.status,
        "headers": answer.headers,
        "body": answer.body,
        "created_at": now,
    }
    return [Change("insert", IDEMPOTENCY_KEY, [row])]


async def kept_answer(connection: AsyncConnection, retry: Retry | None) -> StoredAnswer | None:
    """For acts whose load is not one statement. Raises KeyReused when the key came with another request."""
    if retry is None:
        return None
    statement = text(f"SELECT {answer_columns(is_postgres=connection.dialect.name == 'postgresql')}").bindparams(bindparam("caller", type_=Uuid()))
    found = found_answer((await connection.execute(statement, no_retry(retry))).scalar_one())
    return None if found is None else found.for_retry(retry)


async def keep_answer(connection: AsyncConnection, retry: Retry | None, answer: StoredAnswer, *, now: datetime) -> None:
    """For acts whose write is not one statement. Raises Collision when a request with the same key came first: look again for its answer."""
    for change in key_change(retry, answer, now):
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        statement = dialect.insert(IDEMPOTENCY_KEY).values(list(change.rows)).on_conflict_do_nothing()
        if (await connection.execute(statement)).rowcount != 1:
            raise Collision(IDEMPOTENCY_KEY.name)


async def sweep(connection: AsyncConnection, now: datetime) -> int:
    """Forget answers older than a day; returns how many."""
    return (await connection.execute(delete(IDEMPOTENCY_KEY).where(IDEMPOTENCY_KEY.c.created_at < now - KEPT))).rowcount
