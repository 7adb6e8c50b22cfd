"""The tiny application of `tests.support.frame`, and clients of it; one with sessions alone; and one whole office for all tests of a module."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from app.store.database import Database
from app.usecases.sessions import SessionTerms
from tests.support.databases import Databases
from tests.support.frame import SIGNED_IN, frame_app, visiting
from tests.support.office import Office, open_office
from tests.support.people import session_terms
from tests.support.session_client import Clock, opened


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


@pytest.fixture(scope="module")
def terms() -> SessionTerms:
    return session_terms()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def client(sqlite_database: Database, terms: SessionTerms, clock: Clock) -> AsyncIterator[AsyncClient]:
    """Of the application with sessions alone (`tests.support.session_client`), which reads this `clock`."""
    async with await opened(sqlite_database, terms, clock) as client:
        yield client


@pytest.fixture(scope="module")
def office_kind() -> str:
    """Which database the module's office runs on; a module that needs both gives this fixture two parameters."""
    return "sqlite"


@pytest.fixture(scope="module")
def office_settings() -> dict[str, str]:
    """Settings of the module's office beside the usual ones."""
    return {}


@pytest.fixture(scope="module")
def shared_office_url(office_kind: str, databases: Databases, worker: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if office_kind == "sqlite":
        yield databases.sqlite(tmp_path_factory.mktemp("database"), seeded=True)
    else:
        with databases.postgres(worker, seeded=True) as url:
            yield url


@pytest.fixture(scope="module")
async def office(shared_office_url: str, office_settings: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """Shared by the tests of a module: each takes an instance of its own (`tests.support.shared_office.fresh`)."""
    async with open_office(shared_office_url, tmp_path_factory.mktemp("office"), **office_settings) as opened:
        yield opened


@pytest.fixture
async def own_office(sqlite_office_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    """For one test alone, which may move its clock."""
    async with open_office(sqlite_office_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def each_office(office_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    """For one test alone, which runs once on each of the two databases."""
    async with open_office(office_url, tmp_path) as opened:
        yield opened
