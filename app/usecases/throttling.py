"""Trying to prove who one is: a try is counted before it is judged, and given back when it proves right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.problems import TooManyRequests
from app.domain.throttling import Counter, Kind, Tally, wait, with_one_less, with_one_more
from app.store import throttling as store

_OF_ONES_OWN: frozenset[Kind] = frozenset({"pair", "session"})


@dataclass(frozen=True, slots=True)
class Try:
    """A try that was let through, and what it made of each counter."""

    taken: Mapping[Counter, Tally]


async def begin_try(connection: AsyncConnection, now: datetime, counted: Sequence[Counter]) -> Try:
    """Raises TooManyRequests, having counted nothing."""
    held = await store.hold(connection, now, [counter.key for counter in counted])
    tallies = {counter: held[counter.key] for counter in counted}
    seconds = wait(tallies, now)
    if seconds:
        raise TooManyRequests(retry_after=seconds)
    taken = {counter: with_one_more(counter, tally, now) for counter, tally in tallies.items()}
    await store.keep(connection, {counter.key: tally for counter, tally in taken.items()})
    return Try(taken)


async def give_back(connection: AsyncConnection, now: datetime, tried: Try, *, proved: bool = True) -> None:
    """It was no failure. `proved`: nothing is left to prove, so name and address together, or the session, begin anew.

    A right password without its second factor proves half, and clears nothing: else who knows the password guesses codes for ever.
    """
    held = await store.hold(connection, now, [counter.key for counter in tried.taken])
    await store.keep(connection, {counter.key: with_one_less(held[counter.key], taken, now) for counter, taken in tried.taken.items()})
    if proved:
        await store.forget(connection, next(counter.key for counter in tried.taken if counter.kind in _OF_ONES_OWN))
