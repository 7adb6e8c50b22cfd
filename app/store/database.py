"""Connections: one place that knows both databases.

PostgreSQL: reads run in autocommit, writes in READ COMMITTED. SQLite: readers in a pool, one single write connection under
BEGIN IMMEDIATE (a pool of writers convoys on busy_timeout; the driver's own deferred transactions lose updates unseen).
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from app.domain.problems import StorageFull, Unavailable
from app.store.errors import Collision

LOCK_WAIT_SECONDS = 5
"""How long an act waits for another one on the same instance before it is told to come again."""

_DEADLOCK = "40P01"
_NO_ROOM = "53100"

_ON_CONNECT = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={LOCK_WAIT_SECONDS * 1000}",
    "PRAGMA cache_size=-512",
)
"""KiB of pages for each of five connections: with SQLite's own 2 MiB each, whoever reads all (a verification) leaves 8 MB behind, measured."""


def async_url(url: str) -> str:
    """The URL with the asynchronous driver of its database. Raises ValueError for a database that is neither of the two."""
    parsed = make_url(url)
    drivers = {"postgresql": "postgresql+asyncpg", "sqlite": "sqlite+aiosqlite"}
    backend = parsed.get_backend_name()
    if backend not in drivers:
        raise ValueError(f"ALUR_DATABASE_URL names {backend}; use postgresql://… or sqlite:///…")
    return parsed.set(drivername=drivers[backend]).render_as_string(hide_password=False)


class Database:
    """Two engines over one database. `read()` and `write()` hand out connections; `write()` commits when its block ends without an error."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = async_url(url)
        self.is_postgres = self.url.startswith("postgresql")
        if self.is_postgres:
            self._writer = _postgres(self.url, pool_size)
            self._reader = self._writer.execution_options(isolation_level="AUTOCOMMIT")
        else:
            self._writer = _sqlite(self.url, begin="BEGIN IMMEDIATE", pool_size=1)
            self._reader = _sqlite(self.url, begin=None, pool_size=4)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection for single statements; each sees its own moment."""
        async with _available(), self._reader.connect() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: committed at the end of the block, rolled back on any error."""
        async with _available(), self._writer.begin() as connection:
            yield connection

    async def close(self) -> None:
        await self._writer.dispose()
        if not self.is_postgres:
            await self._reader.dispose()


@asynccontextmanager
async def _available() -> AsyncIterator[None]:
    """Turns 'no connection', 'no lock in time' and 'database is locked' into one problem that says: come again; a full disk into its own.

    Of two acts that wait for each other PostgreSQL ends one: that is a collision, and whoever began the act tries it anew.
    """
    try:
        yield
    except (OSError, PoolTimeout) as error:
        raise Unavailable from error
    except DBAPIError as error:
        if error.connection_invalidated or _is_wait(error):
            raise Unavailable from error
        if getattr(error.orig, "sqlstate", None) == _NO_ROOM or "database or disk is full" in str(error.orig):
            raise StorageFull from error
        if getattr(error.orig, "sqlstate", None) == _DEADLOCK:
            raise Collision("deadlock") from error
        raise


def _is_wait(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) in {"55P03", "57P01", "57P03", "53300"} or "database is locked" in str(error.orig)


def _postgres(url: str, pool_size: int) -> AsyncEngine:
    settings = {"timezone": "UTC", "lock_timeout": f"{LOCK_WAIT_SECONDS}s", "application_name": "alur", "jit": "off"}
    connecting = {"server_settings": settings, "timeout": LOCK_WAIT_SECONDS}
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=LOCK_WAIT_SECONDS,
        connect_args=connecting,
        hide_parameters=True,
    )


def _sqlite(url: str, *, begin: str | None, pool_size: int) -> AsyncEngine:
    path = make_url(url).database
    if path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=LOCK_WAIT_SECONDS,
        connect_args={"isolation_level": None, "check_same_thread": False},
        hide_parameters=True,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        cursor = connection.cursor()
        for pragma in _ON_CONNECT:
            cursor.execute(pragma)
        cursor.close()

    if begin is not None:

        @event.listens_for(engine.sync_engine, "begin")
        def _begin(connection: Any) -> None:
            connection.exec_driver_sql(begin)

    return engine
