"""What every test may ask for: a database of its own, freshly migrated or seeded as the demo is, on SQLite and on a real PostgreSQL."""

import gc
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.outside.logs import configure_logs
from app.store.database import Database
from tests.support.databases import Databases
from tests.support.memory import in_memory
from tests.support.s3_server import S3Server, s3_server

DATABASES = pytest.StashKey[Databases]()


def pytest_configure(config: pytest.Config) -> None:
    configure_logs(for_people=True)
    databases = Databases.of_this_run(is_worker=hasattr(config, "workerinput"))
    config.stash[DATABASES] = databases
    if config.getoption("numprocesses", None):
        databases.launch()
    if databases.controls and (memory := in_memory()) is not None:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: the garbage collector need not walk through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[DATABASES].close()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def databases(pytestconfig: pytest.Config) -> Databases:
    return pytestconfig.stash[DATABASES]


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """Which of pytest-xdist's workers this is; "main" without it."""
    return getattr(request.config, "workerinput", {}).get("workerid", "main")


@pytest.fixture(scope="session")
def s3(request: pytest.FixtureRequest, databases: Databases) -> S3Server:
    """A real one; the test is skipped with the reason where it cannot run."""
    return s3_server(databases.directory, os.getppid() if hasattr(request.config, "workerinput") else os.getpid())


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, databases: Databases, worker: str, tmp_path: Path) -> Iterator[str]:
    """A freshly migrated database, for what opens its own connections; the test runs once on each of the two."""
    if request.param == "sqlite":
        yield databases.sqlite(tmp_path)
    else:
        with databases.postgres(worker) as url:
            yield url


@pytest.fixture(params=["sqlite", "postgres"])
def office_url(request: pytest.FixtureRequest, databases: Databases, worker: str, tmp_path: Path) -> Iterator[str]:
    """A database that holds what the demo holds, for `tests.support.office.open_office`; the test runs once on each of the two."""
    if request.param == "sqlite":
        yield databases.sqlite(tmp_path, seeded=True)
    else:
        with databases.postgres(worker, seeded=True) as url:
            yield url


@pytest.fixture
def sqlite_office_url(databases: Databases, tmp_path: Path) -> str:
    return databases.sqlite(tmp_path, seeded=True)


@pytest.fixture
def postgres_office_url(databases: Databases, worker: str) -> Iterator[str]:
    with databases.postgres(worker, seeded=True) as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A freshly migrated database; the test runs once on each of the two."""
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def postgres_url(databases: Databases, worker: str) -> Iterator[str]:
    with databases.postgres(worker) as url:
        yield url


@pytest.fixture
async def postgres_database(postgres_url: str) -> AsyncIterator[Database]:
    """A freshly migrated PostgreSQL, for races and for EXPLAIN."""
    opened = Database(postgres_url)
    yield opened
    await opened.close()


@pytest.fixture
def sqlite_url(databases: Databases, tmp_path: Path) -> str:
    return databases.sqlite(tmp_path)


@pytest.fixture
async def sqlite_database(sqlite_url: str) -> AsyncIterator[Database]:
    opened = Database(sqlite_url)
    yield opened
    await opened.close()
