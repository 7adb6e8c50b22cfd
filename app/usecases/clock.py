"""What the clock does by itself: it tells that a step is due soon and that it was missed, of many instances in one transaction."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.transitions import tell
from app.store import instances as store
from app.store.instances import Loaded, Move, moved_by_clock
from app.usecases.acts import Shelf
from app.usecases.recomputing import is_to_be_recomputed


@dataclass(frozen=True, slots=True)
class Rung:
    """How often each was told."""

    due_soon: int = 0
    missed: int = 0

    def __add__(self, other: "Rung") -> "Rung":
        return Rung(self.due_soon + other.due_soon, self.missed + other.missed)


async def ring_batch(connection: AsyncConnection, shelf: Shelf, now: datetime, *, instance_ids: Sequence[UUID]) -> Rung:
    """Tell what is due of these instances. One that somebody else holds or has changed meanwhile is left for the next look. Raises Collision.

    One whose calendar has just changed is left too. No instance gets a new version: nothing changed that anybody decides on. An act that was
    decided beside it finds the stream's next place taken, and is decided again.
    """
    unresolved = await store.load_many(connection, instance_ids)
    every = [await shelf.with_procedure(connection, found) for found in unresolved]
    loaded = [found for found in every if not await is_to_be_recomputed(connection, shelf, found.instance, now)]
    moves = [move for found in loaded if (move := _told(found, now)) is not None]
    written = await store.save_many(connection, moves)
    told = Counter(event["type"] for move in moves if move.after.id in written for event in move.events)
    return Rung(due_soon=told["deadline.due_soon"], missed=told["deadline.missed"])


def _told(loaded: Loaded, now: datetime) -> Move | None:
    """By the time that its events will bear."""
    before = loaded.instance
    at = before.head.next_at(now)
    after, events = tell(before, loaded.people, at)
    return moved_by_clock(before, after, events=events, now=at, is_new_version=False) if events else None
