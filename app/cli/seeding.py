"""What a database holds before its first request: offices, the national calendar, the shipped procedures; in demo mode the demo people."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from app.settings import Settings
from app.store.database import Database
from app.store.migrations import upgrade
from app.usecases.calendars import seed_calendar
from app.usecases.demo import OFFICES, SAMBOJA, create_demo
from app.usecases.offices import found_office, seed_offices
from app.usecases.procedures import seed_catalog
from app.web.session import act

SHIPPED_OFFICES = tuple(office for office in OFFICES if SAMBOJA.startswith(office.code))
"""The office whose SOP is shipped, and those above it."""


def migrate(settings: Settings) -> None:
    """Bring the schema to its head. Blocking; with a loop of its own."""
    if settings.is_sqlite:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    upgrade(settings.database_url)


async def seed(settings: Settings, now: datetime) -> None:
    """Safe at each start: what is there already is left alone. Another process that seeds at the same moment is waited for."""
    database = Database(settings.database_url)
    try:
        await act(database, lambda connection: _seed(connection, now))
        password = settings.demo_password if settings.demo else None
        if password:
            await act(database, lambda connection: create_demo(connection, now, password))
    finally:
        await database.close()


async def _seed(connection: AsyncConnection, now: datetime) -> None:
    await seed_offices(connection, now)
    for office in SHIPPED_OFFICES:
        await found_office(connection, now, office)
    await seed_calendar(connection, now)
    await seed_catalog(connection, now)
