"""One look of the clock: due times that a calendar change has moved are computed anew, then what is due is told. Batch by batch.

Used by the worker, by a server that is alone, and by `POST /v1/deadlines/check`. Any number may look at once: nobody leads, nobody waits.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from fastapi import Request

from app.domain.problems import Refused, Unavailable
from app.store.alarms import Ringing, ringing
from app.store.database import Database
from app.store.recomputing import Place, stale
from app.usecases.acts import Shelf
from app.usecases.clock import Rung, ring_batch
from app.usecases.recomputing import BATCH, RecomputedBatch, recompute_batch, something_is_stale
from app.web.session import act

log = structlog.get_logger("alur.clock")


@dataclass(frozen=True, slots=True)
class Look:
    """When the clock looks and where: at all offices, or at some. `go_on` is asked before each batch; what is left is for the next look."""

    database: Database
    shelf: Shelf
    now: datetime
    offices: Sequence[str] | None = None
    go_on: Callable[[], bool] = lambda: True


@dataclass(frozen=True, slots=True)
class Seen:
    """How many due times moved, how often each was told, and whether something is left to do now."""

    recomputed: int
    due_soon: int
    missed: int
    remaining: bool

    @property
    def told_anything(self) -> bool:
        return bool(self.recomputed or self.due_soon or self.missed)


async def look(at: Look) -> Seen:
    """Calendars first, so that nothing is told that a new one takes back."""
    moved, rung = await _recompute(at), Rung()
    async for page in _pages(at):
        rung += await _ring(at, page)
    return Seen(moved, rung.due_soon, rung.missed, await _something_is_left(at))


async def _something_is_left(at: Look) -> bool:
    async with at.database.read() as connection:
        return bool(await ringing(connection, at.now, offices=at.offices, limit=1)) or await something_is_stale(connection, offices=at.offices)


async def _recompute(at: Look) -> int:
    """How many due times moved. After a batch that cannot be written its instances come one by one: the one that spoils it is passed over."""
    moved, one_by_one, after = 0, 0, None
    while at.go_on():
        limit, one_by_one = (1, one_by_one - 1) if one_by_one else (BATCH, 0)
        try:
            done = await _recompute_batch(at, after, limit)
        except Unavailable:
            raise
        except Refused:
            return moved  # others were quicker, each time: the next look finds what is left
        except Exception:
            if limit > 1:
                one_by_one = BATCH
                continue
            done = RecomputedBatch(after=await _pass_over(at, after))
        moved, after = moved + done.moved, done.after
        if after is None:
            return moved
    return moved


async def _recompute_batch(at: Look, after: Place | None, limit: int) -> RecomputedBatch:
    return await act(at.database, lambda connection: recompute_batch(connection, at.shelf, at.now, offices=at.offices, limit=limit, after=after))


async def _pass_over(at: Look, after: Place | None) -> Place | None:
    """The place of the one that follows, which is logged; None when it is gone meanwhile."""
    async with at.database.read() as connection:
        found = await stale(connection, offices=at.offices, limit=1, after=after)
    log.exception("deadline not recomputed", instance_id=str(found[0].place.instance_id) if found else None)
    return found[0].place if found else None


async def _pages(at: Look) -> AsyncIterator[list[Ringing]]:
    """Each instance that rings comes once, whether or not it could be told: so one that cannot stops nobody, and the look has an end."""
    after = None
    while at.go_on():
        async with at.database.read() as connection:
            page = await ringing(connection, at.now, offices=at.offices, limit=BATCH, after=after)
        if page:
            yield page
        if len(page) < BATCH:
            return
        after = page[-1]


async def _ring(at: Look, page: list[Ringing]) -> Rung:
    """A batch that cannot be told is halved until the one is found that spoils it: that one is logged and passed over."""
    ids = [found.instance_id for found in page]
    try:
        return await act(at.database, lambda connection: ring_batch(connection, at.shelf, at.now, instance_ids=ids))
    except Unavailable:
        raise
    except Refused:
        return Rung()  # others were quicker, each time: the next look finds what is left
    except Exception:
        if len(page) == 1:
            log.exception("instance passed over", instance_id=str(ids[0]))
            return Rung()
    middle = len(page) // 2
    return await _ring(at, page[:middle]) + await _ring(at, page[middle:])


def wake(request: Request) -> None:
    """After an act that moves due times: where the server looks after the clock itself, it does so now."""
    request.app.state.woken.set()
