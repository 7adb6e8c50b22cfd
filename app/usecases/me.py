"""Who the caller is: the positions behind the token, and how the account is secured."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.authority import Assignment
from app.domain.people import Actor
from app.domain.roles import RoleInForce
from app.store.assignments import assignments_of
from app.store.credentials import secured
from app.store.offices import office_names
from app.store.procedures import roles_in_force
from app.usecases.second_factor import needed_claims


@dataclass(frozen=True, slots=True)
class Me:
    """`held` are the assignments behind the actor's holdings; `offices` names every office that the actor sees.

    `needed_for` are the positions that need a second factor, withheld or not.
    """

    actor: Actor
    held: list[Assignment]
    offices: dict[str, str]
    roles: Mapping[str, RoleInForce]
    enrolled: bool
    passed: bool
    needed_for: list[str]


async def view_me(connection: AsyncConnection, actor: Actor, now: datetime, *, required: frozenset[str]) -> Me:
    assignments = await assignments_of(connection, actor.account_id, now)
    held = held_by(actor, assignments, now)
    names = await office_names(connection, {assignment.office for assignment in held}, now)
    enrolled, passed = await secured(connection, actor.account_id, actor.session_id)
    needed = frozenset() if actor.session_id is None else await needed_claims(connection, assignments, now, required=required)
    return Me(actor, held, names, await roles_in_force(connection), enrolled, passed, sorted(needed))


def held_by(actor: Actor, assignments: list[Assignment], now: datetime) -> list[Assignment]:
    """The assignments behind the actor's holdings, with their validity."""
    held = {(holding.office, holding.role, holding.capacity) for holding in actor.holdings}
    return [a for a in assignments if (a.office, a.role, a.capacity) in held and a.valid_at(now)]
