"""Whom an administrator may do what to.

`admin` reaches down from its office. An account answers to an administrator only where that reach holds everything which the account could
do: else who resets the password of somebody with a higher position would hold that position. And nobody administers themselves.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from app.domain.people import Actor
from app.domain.permissions import ADMIN, AUDITOR
from app.domain.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Administered:
    """An account before its administrator: where it is at home, and where it holds something, now or later."""

    id: UUID
    office: str
    held_at: frozenset[str]


def account_refusals(actor: Actor, account: Administered) -> tuple[Refusal, ...]:
    return (*_not_to_yourself(actor, account.id), *reach_refusals(actor, account))


def reach_refusals(actor: Actor, account: Administered) -> Iterator[Refusal]:
    """An office that the caller cannot see is not named; who administers nothing at all is told no more than that."""
    missing = sorted(office for office in {account.office, *account.held_at} if not actor.permitted(ADMIN, office))
    seen = [office for office in missing if actor.sees(office)]
    yield from office_refusals(actor, *seen)
    if len(seen) == len(missing):
        return
    if any(holding.role == ADMIN for holding in actor.holdings):
        yield Refusal("held_elsewhere")
    elif not seen:
        yield Refusal("permission_missing", {"permission": ADMIN}, variant="anywhere")


def office_refusals(actor: Actor, *offices: str) -> Iterator[Refusal]:
    for office in offices:
        if not actor.permitted(ADMIN, office):
            yield Refusal("permission_missing", {"permission": ADMIN, "office": office})


def assignment_refusals(actor: Actor, office: str, account_id: UUID) -> tuple[Refusal, ...]:
    """Of giving, changing or revoking a position at that office."""
    return (*_not_to_yourself(actor, account_id), *office_refusals(actor, office))


def reads_details(actor: Actor, account_id: UUID, office: str) -> bool:
    """Who is shown more of an account than its name and positions: its person, and who administers or inspects its home office."""
    return actor.account_id == account_id or any(actor.permitted(name, office) for name in (ADMIN, AUDITOR))


def _not_to_yourself(actor: Actor, account_id: UUID) -> Iterator[Refusal]:
    if actor.account_id == account_id:
        yield Refusal("not_to_yourself")
