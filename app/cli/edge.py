"""What every command shares: the settings, a database for its time, one transaction, the wall clock."""

import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from app.settings import Settings
from app.store.database import Database

T = TypeVar("T")


def wall_clock() -> datetime:
    return datetime.now(UTC)


def settings() -> Settings:
    """Raises SettingsRefused."""
    return Settings.load(os.environ)


async def with_database(work: Callable[[Database], Awaitable[T]]) -> T:
    database = Database(settings().database_url)
    try:
        return await work(database)
    finally:
        await database.close()


async def reading(work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    async def look(database: Database) -> T:
        async with database.read() as connection:
            return await work(connection)

    return await with_database(look)
