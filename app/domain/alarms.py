"""When the clock has something to tell about a step's round: that it is due soon, that it was missed. Each once, never early.

The due moment itself is still in time (domain.md §2), so it was missed only after it.
"""

from dataclasses import replace
from datetime import datetime
from typing import Literal

from app.domain.instances import StepRound

Told = Literal["due_soon", "missed"]


def alarmed(found: StepRound) -> StepRound:
    """The round with the next moment at which there is something to tell; None while its clock stands still, and once it is closed."""
    waits = found.state == "active" and found.paused_at is None
    return replace(found, alarm_at=min(_untold(found), default=None) if waits else None)


def retimed(found: StepRound, now: datetime) -> tuple[StepRound, tuple[Told, ...]]:
    """The round after its due times moved: what was told and lies ahead again is withdrawn, to be told when it comes. Names what was."""
    withdrawn: list[Told] = []
    if found.due_soon_told_at is not None and not is_due_soon(found, now):
        withdrawn.append("due_soon")
        found = replace(found, due_soon_told_at=None)
    if found.missed_told_at is not None and not is_missed(found, now):
        withdrawn.append("missed")
        found = replace(found, missed_told_at=None)
    return alarmed(found), tuple(withdrawn)


def to_tell(found: StepRound, now: datetime) -> tuple[Told, ...]:
    """What is to be told of the round now, in its order; nothing while it is paused."""
    if found.state != "active" or found.paused_at is not None:
        return ()
    due_soon: tuple[Told, ...] = ("due_soon",) if found.due_soon_told_at is None and is_due_soon(found, now) else ()
    missed: tuple[Told, ...] = ("missed",) if found.missed_told_at is None and is_missed(found, now) else ()
    return (*due_soon, *missed)


def is_due_soon(found: StepRound, now: datetime) -> bool:
    return found.due_soon_at is not None and found.due_soon_at <= now


def is_missed(found: StepRound, now: datetime) -> bool:
    return found.due_at is not None and found.due_at < now


def _untold(found: StepRound) -> list[datetime]:
    pairs = ((found.due_soon_at, found.due_soon_told_at), (found.due_at, found.missed_told_at))
    return [moment for moment, told_at in pairs if moment is not None and told_at is None]
