"""The tiny application of `tests.support.frame`, and clients of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from app.store.database import Database
from tests.support.frame import SIGNED_IN, frame_app, visiting


@pytest.fixture
def frame(tmp_path: Path) -> FastAPI:
    """Over an empty database: the frame's manners need no table."""
    return frame_app(Database(f"sqlite:///{tmp_path}/empty.db"))


@pytest.fixture
async def sari(frame: FastAPI) -> AsyncIterator[AsyncClient]:
    async with visiting(frame, **SIGNED_IN) as client:
        yield client
    await frame.state.database.close()


@pytest.fixture
async def stranger(frame: FastAPI) -> AsyncIterator[AsyncClient]:
    async with visiting(frame) as client:
        yield client
    await frame.state.database.close()
