"""The edge that commits: an answer leaves only after its transaction is final."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.database import Database
from app.web.session import act
from tests.support.frame import Happenings, frame_app, prepare_scratch, visiting
from tests.web.test_frame_errors import problem


@pytest.fixture
async def frame(database: Database) -> FastAPI:
    await prepare_scratch(database)
    return frame_app(database)


@pytest.fixture
async def client(frame: FastAPI) -> AsyncIterator[AsyncClient]:
    async with visiting(frame) as client:
        yield client


async def rows(database: Database) -> int:
    async with database.read() as connection:
        return int((await connection.execute(text("SELECT count(*) FROM scratch"))).scalar_one())


async def test_an_act_is_final_when_it_is_answered(client: AsyncClient, database: Database) -> None:
    answer = await client.post("/v1/odd/acts")
    assert (answer.status_code, answer.json()["name"]) == (201, "try 1")
    assert await rows(database) == 1
    assert (await client.get("/v1/odd/reading")).text == "1"


async def test_a_commit_that_fails_is_never_a_2xx(client: AsyncClient, database: Database) -> None:
    """The foreign key is checked at COMMIT: everything before it went well, the answer was serialised already."""
    problem(await client.post("/v1/odd/acts?parent=404"), 500, "internal_error")
    assert await rows(database) == 0


@pytest.mark.parametrize("collisions", range(5))
async def test_a_collision_is_decided_anew_in_a_fresh_transaction(client: AsyncClient, frame: FastAPI, database: Database, collisions: int) -> None:
    frame.state.happenings.collisions = collisions
    answer = await client.post("/v1/odd/acts")
    assert (answer.status_code, answer.json()["name"]) == (201, f"try {collisions + 1}")
    assert await rows(database) == 1  # what the collided tries had written is gone


async def test_after_the_last_try_the_caller_is_told(client: AsyncClient, frame: FastAPI, database: Database) -> None:
    happenings: Happenings = frame.state.happenings
    happenings.collisions = 99
    body = problem(await client.post("/v1/odd/acts"), 409, "concurrent_change")
    assert body["refusals"] != []
    assert (happenings.tries, await rows(database)) == (5, 0)


async def test_another_error_is_not_tried_again(database: Database) -> None:
    tries = 0

    async def work(_: AsyncConnection) -> None:
        nonlocal tries
        tries += 1
        raise LookupError

    with pytest.raises(LookupError):
        await act(database, work)
    assert tries == 1


async def test_the_clock_is_read_once_per_request(client: AsyncClient, frame: FastAPI) -> None:
    assert (await client.get("/v1/odd/times")).text == "True"
    assert frame.state.happenings.clock_readings == 1
    await client.get("/v1/odd/times")
    assert frame.state.happenings.clock_readings == 2


async def test_more_readers_than_connections_all_get_their_answer(client: AsyncClient) -> None:
    answers = await asyncio.gather(*(client.get("/v1/odd/reading") for _ in range(40)))
    assert {answer.status_code for answer in answers} == {200}
