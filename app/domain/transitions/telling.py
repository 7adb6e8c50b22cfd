"""What the clock tells of an instance: that its step is due soon, that it was missed, and who is to hear of it.

A transition tells first what is due by its own time, so that a step finished late between two looks of the clock was missed all the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.domain.alarms import Told, alarmed, to_tell
from app.domain.events import NewEvent
from app.domain.instances import Instance, Person, StepRound
from app.domain.marking import awaited_marks
from app.domain.permissions import PERMISSIONS
from app.domain.transitions.attempt import is_met, signatures_needed, signed_by, unique
from app.domain.transitions.course import told


def tell(instance: Instance, people: Sequence[Person], now: datetime) -> tuple[Instance, tuple[NewEvent, ...]]:
    """The instance with what was told marked as told, and the events: due soon before missed, also where both were long ago."""
    active = instance.active
    due = () if active is None else to_tell(active, now)
    if active is None or not due:
        return instance, ()
    events = tuple(_event(instance, active, kind=kind, people=people, now=now) for kind in due)
    marked = replace(
        active,
        due_soon_told_at=now if "due_soon" in due else active.due_soon_told_at,
        missed_told_at=now if "missed" in due else active.missed_told_at,
    )
    return instance.with_round(alarmed(marked)), events


def _event(instance: Instance, active: StepRound, *, kind: Told, people: Sequence[Person], now: datetime) -> NewEvent:
    today = now.astimezone(instance.office.zone).date()
    data: dict[str, Any] = {"step": active.step, "round": active.round, "due_at": told(active.due_at, instance)}
    if kind == "due_soon":
        data["due_soon_at"] = told(active.due_soon_at, instance)
    waited_for = unique((*_unsigned_parts(instance), *_marks_to_put_on(instance)))
    levels = {1: waited_for} if kind == "due_soon" else {1: waited_for, 2: _superiors(instance, waited_for)}
    data["tell"] = [
        {"level": level, "role": role, "accounts": [str(account) for account in _accounts(instance, role, people=people, today=today)]}
        for level, roles in levels.items()
        for role in roles
    ]
    return NewEvent(f"deadline.{kind}", data)


def _unsigned_parts(instance: Instance) -> tuple[str, ...]:
    """The performers of the active step whose part is still to be signed off, in the procedure's order."""
    step = instance.active_step
    if step is None or is_met(instance, step):
        return ()
    team_role = instance.procedure.team_role
    return tuple(role for role in step.performers if len(signed_by(instance, role)) < signatures_needed(step, role, team_role=team_role))


def _marks_to_put_on(instance: Instance) -> Iterator[str]:
    """Whose initial or signature is next, where what is to be marked is there."""
    step, active = instance.active_step, instance.active
    if step is not None:
        yield from (role for use, _, role in awaited_marks(instance, step, active) if use in step.inputs or instance.fills_output(use, active))


def _superiors(instance: Instance, roles: Sequence[str]) -> tuple[str, ...]:
    """Who is waited for hears of it anyway."""
    declared = instance.procedure.roles
    return unique(superior for role in roles if (superior := declared[role].superior) is not None and superior not in roles)


def _accounts(instance: Instance, role: str, *, people: Sequence[Person], today: date) -> tuple[UUID, ...]:
    """Who holds the role at the office that day, Plt and Plh too; of the team, the members who have not signed and are still the office's people."""
    return tuple(sorted(set(_holders(instance, role, people=people, today=today))))


def _holders(instance: Instance, role: str, *, people: Sequence[Person], today: date) -> Iterator[UUID]:
    here = [person for person in people if person.holds_on(today)]
    if role != instance.procedure.team_role:
        yield from (person.account_id for person in here if person.role == role)
        return
    working = {person.account_id for person in here if person.role not in PERMISSIONS} - signed_by(instance, role)
    yield from (member.account_id for member in instance.members if member.account_id in working)
