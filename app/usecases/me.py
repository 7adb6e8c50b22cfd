"""Who the caller is: the positions behind the token, and how the account is secured."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.authority import Assignment
from app.domain.people import Actor, WaitingFor, WaitingPosition
from app.domain.roles import RoleInForce
from app.store.assignments import assignments_of
from app.store.credentials import secured
from app.store.directory import home_of
from app.store.offices import office_names
from app.store.procedures import roles_in_force
from app.usecases.second_factor import needed_claims


@dataclass(frozen=True, slots=True)
class Me:
    """`held` are the assignments behind the actor's holdings; `offices` names every office that the actor sees.

    `home` is the office where the account is administered, by code and name; it grants nothing.
    `needed_for` are the positions that need a second factor, withheld or not. `waiting` are those not in the token, `offices_waiting` the names
    of their offices.
    """

    actor: Actor
    home: tuple[str, str]
    held: list[Assignment]
    offices: dict[str, str]
    roles: Mapping[str, RoleInForce]
    enrolled: bool
    passed: bool
    needed_for: list[str]
    waiting: list[WaitingPosition]
    offices_waiting: dict[str, str]


async def view_me(connection: AsyncConnection, actor: Actor, now: datetime, *, required: frozenset[str]) -> Me:
    assignments = await assignments_of(connection, actor.account_id, now)
    held = held_by(actor, assignments, now)
    names = await office_names(connection, {assignment.office for assignment in held}, now)
    enrolled, passed = await secured(connection, actor.account_id, actor.session_id)
    needed = frozenset() if actor.session_id is None else await needed_claims(connection, assignments, now, required=required)
    return Me(
        actor=actor,
        home=await home_of(connection, actor.account_id),
        held=held,
        offices=names,
        roles=await roles_in_force(connection),
        enrolled=enrolled,
        passed=passed,
        needed_for=sorted(needed),
        waiting=_exactly(actor.waiting, locked=frozenset() if passed else needed),
        offices_waiting=await office_names(connection, {p.office for p in actor.waiting}, now) if actor.waiting else {},
    )


def _exactly(waiting: Iterable[WaitingPosition], *, locked: frozenset[str]) -> list[WaitingPosition]:
    """With the reasons by the procedures in force: whoever authenticates reads none of them."""
    return [p if p.reason == "issuer_second_factor" else replace(p, reason=_reason(p, locked)) for p in waiting]


def _reason(position: WaitingPosition, locked: Collection[str]) -> WaitingFor:
    return "second_factor" if f"{position.office}:{position.role}" in locked else "refresh"


def held_by(actor: Actor, assignments: list[Assignment], now: datetime) -> list[Assignment]:
    """The assignments behind the actor's holdings, with their validity."""
    held = {(holding.office, holding.role, holding.capacity) for holding in actor.holdings}
    return [a for a in assignments if (a.office, a.role, a.capacity) in held and a.valid_at(now)]
