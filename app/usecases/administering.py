"""What acts on accounts and assignments share: an answer kept for retries, and the administrator as the log knows them."""

from collections.abc import Awaitable, Callable

from app.domain.people import Actor
from app.domain.permissions import ADMIN
from app.domain.problems import Problem
from app.domain.retries import StoredAnswer
from app.store.retries import keep_answer, kept_answer
from app.usecases.acts import Act, AlreadyAnswered
from app.usecases.entries import ActorData


async def once(act: Act, work: Callable[[], Awaitable[StoredAnswer]]) -> StoredAnswer:
    """Do it, unless it was done under the same Idempotency-Key. Raises KeyReused, AlreadyAnswered, Collision.

    What speaks against it may be that the same request has done it since the first look: so then there is a second.
    """
    await _not_answered(act)
    try:
        answer = await work()
    except Problem:
        await _not_answered(act)
        raise
    await keep_answer(act.connection, act.retry, answer, now=act.now)
    return answer


async def _not_answered(act: Act) -> None:
    kept = await kept_answer(act.connection, act.retry, act.now)
    if kept is not None:
        raise AlreadyAnswered(kept)


def as_admin(actor: Actor, office: str) -> ActorData:
    """As the events keep who did it: `admin` performs nothing, so this is the one thing that it acts as, by the nearest holding that reaches."""
    held = [holding for holding in actor.holdings if holding.role == ADMIN and office in holding.covers]
    if not held:
        return actor.snapshot(ADMIN, office, "Admin").as_data()
    nearest = min(held, key=lambda holding: len(holding.covers))
    return actor.snapshot(ADMIN, nearest.office, "Admin", capacity=nearest.capacity).as_data()
