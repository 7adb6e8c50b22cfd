"""The edge that commits: one reading of the clock per request, connections to read with, and the one place where an act becomes final.

A route takes `Reading`, or it calls `act`: never both, since on PostgreSQL they draw on one pool.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Annotated, TypeVar

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.problems import Refused
from app.domain.refusals import Refusal
from app.store.database import Database
from app.store.errors import Collision

T = TypeVar("T")

Clock = Callable[[], datetime]

TRIES = 5
"""How often an act is tried anew when somebody else changed the same thing first."""


def now_of(request: Request) -> datetime:
    """The moment of this request: the clock is read once, whoever asks first."""
    moment: datetime | None = getattr(request.state, "now", None)
    if moment is None:
        clock: Clock = request.app.state.clock
        moment = request.state.now = clock()
    return moment


def read_clock_again(request: Request) -> datetime:
    """For the one kind of request that lasts: an act is timed when it is decided, not when its first byte came."""
    request.state.now = None
    return now_of(request)


async def _now(request: Request) -> datetime:
    return now_of(request)


async def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


Now = Annotated[datetime, Depends(_now)]
Db = Annotated[Database, Depends(_database)]


async def _reading(database: Db) -> AsyncIterator[AsyncConnection]:
    async with database.read() as connection:
        yield connection


Reading = Annotated[AsyncConnection, Depends(_reading, scope="function")]
"""A connection for single statements, given back before the answer is sent."""


async def act(database: Database, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    """Runs `work` in a transaction of its own and commits before anything is answered: what `work` returns is the answer, serialised already.

    A Collision (the guarded write wrote nothing) rolls back and decides again on fresh state; after the last try the caller is told so.
    """
    for _ in range(TRIES):
        try:
            async with database.write() as connection:
                answer = await work(connection)
        except Collision:
            continue
        return answer
    raise Refused([Refusal("concurrent_change")])
