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
from app.store.rows import json_rows, moment, nested
from app.store.tables import IdempotencyKeyRow, table

IDEMPOTENCY_KEY = table(IdempotencyKeyRow)
KEPT = timedelta(hours=24)
NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Found:
    """An answer kept under the caller's key, and the fingerprint of the request that it answered."""

    fingerprint: str
    answer: StoredAnswer
    created_at: datetime

    def is_over(self, now: datetime) -> bool:
        """Whether the promise to repeat it has run out. No sweep need have come by: the row is then as good as none, and is written over."""
        return self.created_at < now - KEPT

    def for_retry(self, retry: Retry) -> StoredAnswer:
        """The answer to give again. Raises KeyReused when the key came with another request."""
        if self.fingerprint != retry.fingerprint:
            raise KeyReused
        return self.answer


def answer_columns(*, is_postgres: bool) -> str:
    """The subselect for a load statement; takes the parameters `caller` and `key` (see `no_retry`)."""
    names = ("k.fingerprint", "k.status", "k.headers", "k.body", "k.created_at")
    return json_rows("idempotency_key k WHERE k.caller = :caller AND k.key = :key", names, is_postgres=is_postgres)


def no_retry(retry: Retry | None) -> dict[str, Any]:
    """The parameters of `answer_columns`; without a key they match nothing."""
    return {"caller": NOBODY, "key": ""} if retry is None else {"caller": retry.caller, "key": retry.key}


def found_answer(rows: str) -> Found | None:
    for fingerprint, status, headers, body, created_at in json.loads(rows):
        return Found(fingerprint, StoredAnswer(status, nested(headers), body), moment(created_at))
    return None


def key_change(retry: Retry | None, answer: StoredAnswer | None, now: datetime, *, instead: bool = False) -> list[Change]:
    """`instead`: an answer whose time is over lies under this key, and gives way."""
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
    return [Change("update" if instead else "insert", IDEMPOTENCY_KEY, [row])]


async def kept_answer(connection: AsyncConnection, retry: Retry | None, now: datetime) -> StoredAnswer | None:
    """For acts whose load is not one statement. Raises KeyReused when the key came with another request."""
    if retry is None:
        return None
    statement = text(f"SELECT {answer_columns(is_postgres=connection.dialect.name == 'postgresql')}").bindparams(bindparam("caller", type_=Uuid()))
    found = found_answer((await connection.execute(statement, no_retry(retry))).scalar_one())
    return None if found is None or found.is_over(now) else found.for_retry(retry)


async def keep_answer(connection: AsyncConnection, retry: Retry | None, answer: StoredAnswer, *, now: datetime) -> None:
    """For acts whose write is not one statement. Raises Collision when a request with the same key came first: look again for its answer."""
    for change in key_change(retry, answer, now):
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        statement = dialect.insert(IDEMPOTENCY_KEY).values(list(change.rows))
        instead = {name: statement.excluded[name] for name in ("fingerprint", "status", "headers", "body", "created_at")}
        is_over = IDEMPOTENCY_KEY.c.created_at < now - KEPT
        written = statement.on_conflict_do_update(index_elements=["caller", "key"], set_=instead, where=is_over)
        if (await connection.execute(written)).rowcount != 1:
            raise Collision(IDEMPOTENCY_KEY.name)


async def sweep(connection: AsyncConnection, now: datetime) -> int:
    """Forget answers older than a day; returns how many."""
    return (await connection.execute(delete(IDEMPOTENCY_KEY).where(IDEMPOTENCY_KEY.c.created_at < now - KEPT))).rowcount
