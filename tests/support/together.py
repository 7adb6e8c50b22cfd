"""Requests that meet: started at once, each on a connection of its own."""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any

import httpx

from tests.support.office import Run


async def together(*calls: Coroutine[Any, Any, httpx.Response]) -> list[httpx.Response]:
    return list(await asyncio.gather(*calls))


async def after(seconds: float, call: Coroutine[Any, Any, httpx.Response]) -> httpx.Response:
    """So that a race is won by each side now and then."""
    await asyncio.sleep(seconds)
    return await call


def outcomes(answers: Iterable[httpx.Response]) -> Counter[tuple[int, str]]:
    """How often each status came, with the code of its problem ("" for a success)."""
    return Counter((answer.status_code, "" if answer.is_success else answer.json()["code"]) for answer in answers)


def all_equal(answers: Sequence[httpx.Response]) -> bool:
    """Status, body and ETag."""
    return len({(answer.status_code, answer.content, answer.headers.get("ETag")) for answer in answers}) == 1


def replays(answers: Iterable[httpx.Response]) -> int:
    return sum(answer.headers.get("Idempotency-Replayed") == "true" for answer in answers)


async def document_in(run: Run, slot: str) -> str:
    """The id of the document in that slot."""
    documents = (await (await run.office.as_("camat")).get(f"/v1/instances/{run.id}/documents")).json()["items"]
    found: str = next(document["id"] for document in documents if document["slot"] == slot)
    return found
