"""What a calendar change would do to the deadlines that run, before anybody saves it: computed in memory, nothing written, no lock taken."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.calendars import Layer
from app.usecases.acts import Shelf

MOST_EXAMINED = 2_000
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class MovedDeadline:
    """One deadline, in its office's zone. `after` None: the calendar would have no office time left for it, so it would stay as it is."""

    instance_id: UUID
    title: str
    office_code: str
    office_name: str
    step: int
    round: int
    before: datetime
    after: datetime | None


@dataclass(frozen=True, slots=True)
class Effect:
    """`examined` deadlines, all there are if `complete`; of those that would move, `moved` in number, the first 200 as `items`."""

    examined: int
    complete: bool
    moved: int
    items: tuple[MovedDeadline, ...]


async def effect_of(connection: AsyncConnection, shelf: Shelf, now: datetime, *, office_code: str, before: Layer, after: Layer) -> Effect:
    """Which open deadlines would move, at that office and at all ever below it, if it said `after` instead of `before`."""
    raise NotImplementedError(connection, shelf, now, office_code, before, after)
