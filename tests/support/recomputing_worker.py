"""`python -m tests.support.recomputing_worker DATABASE_URL`: computes what is stale, three instances at a time, until it is killed."""

import asyncio
import sys
from datetime import UTC, datetime

from app.store.calendars import CalendarCache
from app.store.database import Database
from app.store.procedures import ProcedureCache
from app.usecases.acts import Shelf
from app.usecases.recomputing import recompute_batch
from app.web.session import act

NOW = datetime(2027, 1, 4, 1, 0, tzinfo=UTC)


async def work(url: str) -> None:
    database, shelf = Database(url), Shelf(ProcedureCache(), CalendarCache())
    print("at work", flush=True)
    while True:
        await act(database, lambda connection: recompute_batch(connection, shelf, NOW, limit=3))


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1]))
