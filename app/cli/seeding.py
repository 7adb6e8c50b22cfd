"""What a database holds before its first request: offices, the national calendar, the shipped procedures; in demo mode the demo people."""

from datetime import datetime

from app.settings import Settings
from app.store.database import Database
from app.store.migrations import upgrade
from app.usecases.calendars import seed_calendar
from app.usecases.demo import create_demo
from app.usecases.people import seed_offices
from app.usecases.procedures import seed_catalog


def migrate(settings: Settings) -> None:
    """Bring the schema to its head. Blocking; with a loop of its own."""
    if settings.is_sqlite:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    upgrade(settings.database_url)


async def seed(settings: Settings, now: datetime) -> None:
    """Safe at each start: what is there already is left alone."""
    database = Database(settings.database_url)
    try:
        async with database.write() as connection:
            await seed_offices(connection)
            await seed_calendar(connection, now)
            await seed_catalog(connection, now)
        if settings.demo and settings.demo_password:
            async with database.write() as connection:
                await create_demo(connection, now, settings.demo_password)
    finally:
        await database.close()
