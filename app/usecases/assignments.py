"""Assignments. Each change is recorded in the stream of the office where the position is, before anything else is written.

That stream is also what two who give the same role meet on: who holds what there is looked up once the event is appended, so nobody
else can be giving it at that moment.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from app.domain.administration import assignment_refusals
from app.domain.advice import Advice
from app.domain.assignments import (
    Held,
    Position,
    claims_mistakes,
    clashes,
    end_mistakes,
    end_refusals,
    kind_mistakes,
    new_position_mistakes,
    position_mistakes,
    role_mistakes,
)
from app.domain.events import NewEvent, text_hash
from app.domain.offices import ROOT
from app.domain.permissions import ADMIN
from app.domain.problems import NotVisible
from app.domain.refusals import Refusal
from app.domain.retries import StoredAnswer
from app.domain.standing_in import also_held, warnings
from app.store import assignments as store
from app.store.accounts import find_account
from app.store.directory import Line, held_at
from app.store.events import append_office_events
from app.store.offices import find_office
from app.store.procedures import roles_in_force
from app.usecases.acts import Act, refuse
from app.usecases.administering import as_admin, once
from app.usecases.directory import AssignmentView, Found, find_visible, line_in_sight, view_assignment
from app.usecases.entries import ActorData, check, unknown_account, unknown_office


@dataclass(frozen=True, slots=True)
class Assigned:
    """A position given or changed, and what is odd about it."""

    id: UUID
    warnings: tuple[Advice, ...]


@dataclass(frozen=True, slots=True)
class AssignmentChange:
    """What an administrator changes: the fields in `given`, and no other. None takes the last day, or the instrument, away."""

    given: frozenset[str]
    valid_to: date | None = None
    instrument_number: str | None = None
    instrument_date: date | None = None

    def of(self, position: Position) -> Position:
        until = self.valid_to if "valid_to" in self.given else position.valid_to
        if "instrument" not in self.given:
            return replace(position, valid_to=until)
        return replace(position, valid_to=until, instrument_number=self.instrument_number, instrument_date=self.instrument_date)


Show = Callable[[AssignmentView, tuple[Advice, ...]], StoredAnswer]


async def assign(
    connection: AsyncConnection, now: datetime, username: str, *, position: Position, actor: ActorData = None, demo: bool = True
) -> Assigned:
    """Raises Invalid, Refused, Collision. `demo`: whether people of the demo count."""
    check(new_position_mistakes(position))
    if await find_office(connection, position.office, now) is None:
        raise unknown_office(position.office)
    account = await find_account(connection, username)
    if account is None:
        raise unknown_account(username)
    check(kind_mistakes(position.role, machine=account.kind == "machine"))
    if not account.active:
        refuse([Refusal("account_closed")])
    held = [assignment.claim for assignment in await store.assignments_of(connection, account.id, now) if not assignment.is_over(now)]
    check(claims_mistakes([*held, position.claim]))
    assignment_id = await give(connection, now, account.id, position=position, actor=actor)
    return Assigned(assignment_id, await _judged(connection, now, account.id, position=position, assignment_id=assignment_id, demo=demo))


async def give(
    connection: AsyncConnection, now: datetime, account_id: UUID, *, position: Position, actor: ActorData = None, source: str = "local"
) -> UUID:
    """Record the position and write it, whatever speaks against it."""
    assignment_id = uuid7()
    event = NewEvent("assignment.created", {"assignment_id": str(assignment_id), "account_id": str(account_id), **recorded(position)})
    await append_office_events(connection, position.office, now, actor=actor, events=[event])
    await store.add_assignment(connection, now, assignment_id, account_id=account_id, position=position, source=source)
    return assignment_id


async def change(connection: AsyncConnection, now: datetime, line: Line, *, wanted: AssignmentChange, actor: ActorData, demo: bool) -> Assigned:
    """Where nothing differs, nothing happens. Raises Refused, Collision."""
    position, before = wanted.of(position_of(line)), position_of(line)
    if position != before:
        about = {"assignment_id": str(line.id), "account_id": str(line.account_id), **recorded(position)}
        await append_office_events(connection, line.office, now, actor=actor, events=[NewEvent("assignment.changed", about)])
        columns = {"valid_to": position.valid_to, "instrument_number": position.instrument_number, "instrument_date": position.instrument_date}
        await store.change_assignment(connection, line.id, version=line.version, **columns)
    grows = position.ends_after(before)
    judged = await _judged(connection, now, line.account_id, position=position, assignment_id=line.id, demo=demo, clashing=grows)
    return Assigned(line.id, judged)


async def revoke(connection: AsyncConnection, now: datetime, line: Line, *, reason: str | None = None, actor: ActorData = None) -> None:
    """At once: the holder's next request is made without it. Raises Refused, Collision."""
    refuse(_revoked(line))
    about = {"assignment_id": str(line.id), "account_id": str(line.account_id), "role": line.role, "reason_sha256": text_hash(reason)}
    await append_office_events(connection, line.office, now, actor=actor, events=[NewEvent("assignment.revoked", about)])
    await store.change_assignment(connection, line.id, version=line.version, revoked_at=now)


# ── by an administrator, over HTTP ──────────────────────────────────────────────────────────────────────────────────


async def enter_assignment(act: Act, whom: UUID | str, position: Position, *, demo: bool, show: Show) -> StoredAnswer:
    """`whom` by id or username. Raises NotVisible, Invalid, Refused."""
    found = await _in_sight(act, whom, demo=demo)
    account_id = found.person.id
    if not act.actor.sees(position.office):
        raise NotVisible("/office")

    async def work() -> StoredAnswer:
        check(new_position_mistakes(position))
        check(kind_mistakes(position.role, machine=False))
        refuse(assignment_refusals(act.actor, position.office, account_id))
        if not act.actor.permitted(ADMIN, ROOT):
            check(role_mistakes(position, await roles_in_force(act.connection)))
        actor = as_admin(act.actor, position.office)
        made = await assign(act.connection, act.now, found.person.username, position=position, actor=actor, demo=demo)
        return show(await view_assignment(act.connection, act.actor, made.id, now=act.now, demo=demo), made.warnings)

    return await once(act, work)


async def amend_assignment(act: Act, assignment_id: UUID, wanted: AssignmentChange, *, demo: bool, show: Show) -> StoredAnswer:
    """Raises NotVisible, Stale, PreconditionRequired, Invalid, Refused."""
    line = await line_in_sight(act.connection, act.actor, assignment_id, demo=demo)
    act.expected.check(line.version)
    today, position = line.today(act.now), wanted.of(position_of(line))
    check(position_mistakes(position))
    check(end_mistakes(line.valid_to, position.valid_to, today))
    refuse(
        [
            *assignment_refusals(act.actor, line.office, line.account_id),
            *_standing_refusals(line),
            *end_refusals(line.valid_to, position.valid_to, today),
        ]
    )
    made = await change(act.connection, act.now, line, wanted=wanted, actor=as_admin(act.actor, line.office), demo=demo)
    return show(await view_assignment(act.connection, act.actor, assignment_id, now=act.now, demo=demo), made.warnings)


async def revoke_assignment(act: Act, assignment_id: UUID, *, reason: str | None, demo: bool, show: Show) -> StoredAnswer:
    """Raises NotVisible, Stale, Refused."""
    line = await line_in_sight(act.connection, act.actor, assignment_id, demo=demo)

    async def work() -> StoredAnswer:
        act.expected.check(line.version)
        refuse([*assignment_refusals(act.actor, line.office, line.account_id), *_revoked(line)])
        await revoke(act.connection, act.now, line, reason=reason, actor=as_admin(act.actor, line.office))
        return show(await view_assignment(act.connection, act.actor, assignment_id, now=act.now, demo=demo), ())

    return await once(act, work)


async def _in_sight(act: Act, whom: UUID | str, *, demo: bool) -> Found:
    """Raises NotVisible."""
    account = None if isinstance(whom, UUID) else await find_account(act.connection, whom.lower())
    account_id = whom if isinstance(whom, UUID) else account.id if account else UUID(int=0)
    try:
        return await find_visible(act.connection, act.actor, account_id, now=act.now, demo=demo)
    except NotVisible:
        raise NotVisible("/account_id" if isinstance(whom, UUID) else "/username") from None


def _standing_refusals(line: Line) -> list[Refusal]:
    return [*_revoked(line), *([Refusal("assignment_of_issuer")] if line.source == "issuer" else [])]


def _revoked(line: Line) -> list[Refusal]:
    return [] if line.revoked_at is None else [Refusal("assignment_revoked")]


async def _judged(
    connection: AsyncConnection,
    now: datetime,
    account_id: UUID,
    *,
    position: Position,
    assignment_id: UUID,
    demo: bool,
    clashing: bool = True,
) -> tuple[Advice, ...]:
    """What is odd about a position that has just been written. Raises Refused where it cannot stand: nothing of it is committed then.

    Without `clashing` nobody else is looked at: what takes no day from anybody stands as it stood.
    """
    roles = await roles_in_force(connection)
    role, lines = roles.get(position.role), await held_at(connection, position.office, position.role, demo=demo)
    others = [line for line in lines if line.id != assignment_id]
    refuse(clashes(position, account_id, role=role, held=map(as_held, others) if clashing else ()))
    odd = warnings(position, await store.assignments_of(connection, account_id, now), roles)
    return (*odd, *also_held(position, account_id, role=role, held=[as_held(line) for line in others if line.active]))


def as_held(line: Line) -> Held:
    return Held(line.id, line.account_id, line.name, position_of(line))


def position_of(line: Line) -> Position:
    return Position(
        office=line.office,
        role=line.role,
        valid_from=line.valid_from,
        valid_to=line.valid_to,
        capacity=line.capacity,
        instrument_number=line.instrument_number,
        instrument_date=line.instrument_date,
    )


def recorded(position: Position) -> dict[str, Any]:
    """As the event keeps it: the number of the instrument is words that people wrote, so only its hash."""
    return {
        "role": position.role,
        "capacity": position.capacity,
        "valid_from": position.valid_from.isoformat(),
        "valid_to": None if position.valid_to is None else position.valid_to.isoformat(),
        "instrument_number_sha256": text_hash(position.instrument_number),
        "instrument_date": None if position.instrument_date is None else position.instrument_date.isoformat(),
    }
