"""A try to prove who one is, counted in a transaction of its own before anything is judged."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.people import Actor
from app.domain.problems import Invalid, TooManyRequests
from app.domain.throttling import Proof, counters, session_counters
from app.store.database import Database
from app.usecases.throttling import Try, begin_try, give_back
from app.web.session import act


async def counted(database: Database, now: datetime, name: str, *, address: str, familiar: bool) -> Try:
    """Raises TooManyRequests. Whoever proves right gives it back, in the transaction of what they do then."""

    async def work(connection: AsyncConnection) -> Try:
        return await begin_try(connection, now, counters(name, address, familiar=familiar))

    return await act(database, work)


async def counted_again(database: Database, now: datetime, actor: Actor, proof: Proof) -> Try:
    """The same for who is signed in, and is asked to prove it once more."""

    async def work(connection: AsyncConnection) -> Try:
        return await begin_try(connection, now, session_counters(actor.session_id or actor.account_id, proof))

    return await act(database, work)


@asynccontextmanager
async def no_failure(database: Database, now: datetime, tried: Try) -> AsyncIterator[None]:
    """Gives the try back where it is not judged at all: too many passwords are being checked, or what it was to set is no good.

    Otherwise a flood of guesses from elsewhere would turn an owner's tries into failures.
    """
    try:
        yield
    except (TooManyRequests, Invalid):
        await act(database, lambda connection: give_back(connection, now, tried, proved=False))
        raise
