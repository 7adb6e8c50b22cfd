"""What every command shares: the settings, a database for its time, one transaction, the wall clock."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import NoReturn, TypeVar

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.problems import FieldError, Invalid, Refused
from app.settings import Settings, SettingsRefused
from app.store.database import Database
from app.store.migrations import current_is_head
from app.web.session import act

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


def writing(work: Callable[[AsyncConnection, datetime], Awaitable[None]]) -> None:
    """One transaction; what cannot be entered is said place by place, and the command ends."""

    async def go(database: Database) -> None:
        await act(database, lambda connection: work(connection, wall_clock()))

    try:
        asyncio.run(with_database(go))
    except Invalid as invalid:
        complain(invalid.errors)
    except Refused as refused:
        for refusal in refused.refusals:
            typer.echo(f"alur: {refusal.message('id')} · {refusal.message('en')}", err=True)
        raise typer.Exit(1) from None


def complain(mistakes: tuple[FieldError, ...]) -> NoReturn:
    for mistake in mistakes:
        place = mistake.pointer.lstrip("/")
        typer.echo(f"alur: {place + ': ' if place else ''}{mistake.id} · {mistake.en}", err=True)
    raise typer.Exit(1)
