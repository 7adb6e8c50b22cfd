"""A try to prove who one is, counted in a transaction of its own before anything is judged."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.database import Database
from app.usecases.throttling import Try, begin_try
from app.web.session import act


async def counted(database: Database, now: datetime, name: str, *, address: str, familiar: bool) -> Try:
    """Raises TooManyRequests. Whoever proves right gives it back, in the transaction of what they do then."""

    async def work(connection: AsyncConnection) -> Try:
        return await begin_try(connection, now, name, address=address, familiar=familiar)

    return await act(database, work)
