"""Probes: alive without looking at anything, ready only when everything is in order."""

import asyncio

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from structlog.testing import capture_logs

from app.store.database import Database
from app.web import health
from app.web.health import database_answers
from tests.web.test_frame_errors import problem


async def good() -> bool:
    return True


async def bad() -> bool:
    return False


async def broken() -> bool:
    raise LookupError("/secret/path: no space left")


async def asleep() -> bool:
    await asyncio.sleep(60)
    return True


async def test_alive_and_version_ask_nobody_for_a_token(stranger: AsyncClient) -> None:
    assert (await stranger.get("/livez")).json() == {"status": "alive"}
    assert (await stranger.get("/version")).json() == {"name": "Alur", "version": "1.2.3"}


async def test_ready_when_every_check_holds(frame: FastAPI, stranger: AsyncClient) -> None:
    frame.state.readiness = {"database": good, "storage": good}
    assert (await stranger.get("/readyz")).json() == {"status": "ready", "checks": {"database": "ok", "storage": "ok"}}


async def test_what_is_not_ready_is_named_and_nothing_more(frame: FastAPI, stranger: AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PATIENCE_SECONDS", 0.01)
    frame.state.readiness = {"database": good, "migrations": bad, "storage": broken, "clamd": asleep}
    with capture_logs() as logs:
        answer = await stranger.get("/readyz")
    body = problem(answer, 503, "not_ready")
    assert [error["pointer"] for error in body["errors"]] == ["/checks/migrations", "/checks/storage", "/checks/clamd"]  # type: ignore[attr-defined]
    assert int(answer.headers["retry-after"]) > 0
    assert "secret" not in answer.text
    assert [line["check"] for line in logs if line["event"] == "not ready"] == ["storage", "clamd"]


async def test_a_database_that_answers_is_ready(sqlite_database: Database) -> None:
    assert await database_answers(sqlite_database)()
