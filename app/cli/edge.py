"""What every command shares: the settings, a database for its time, one transaction, the wall clock."""

import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from app.settings import Settings, SettingsRefused
from app.store.database import Database
from app.store.migrations import current_is_head

T = TypeVar("T")


def wall_clock() -> datetime:
    return datetime.now(UTC)


def settings() -> Settings:
    """Raises SettingsRefused."""
    return Settings.load(os.environ)


async def with_database(work: Callable[[Database], Awaitable[T]]) -> T:
    """Raises SettingsRefused when `alur migrate` has not been here, Unavailable when the database does not answer."""
    database = Database(settings().database_url)
    try:
        if not await _is_migrated(database):
            raise SettingsRefused("The database is not at this version's schema. Run: alur migrate")
        return await work(database)
    finally:
        await database.close()


async def _is_migrated(database: Database) -> bool:
    async with database.read() as connection:
        return await current_is_head(connection)


async def reading(work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    async def look(database: Database) -> T:
        async with database.read() as connection:
            return await work(connection)

    return await with_database(look)
