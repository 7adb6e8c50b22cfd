"""Answers kept for retries: read in the load of an act, written in its own statement, swept after a day."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.problems import KeyReused
from app.domain.retries import Retry, StoredAnswer
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


async def sweep(connection: AsyncConnection, now: datetime) -> int:
    """Forget answers older than a day; returns how many."""
    return (await connection.execute(delete(IDEMPOTENCY_KEY).where(IDEMPOTENCY_KEY.c.created_at < now - KEPT))).rowcount
