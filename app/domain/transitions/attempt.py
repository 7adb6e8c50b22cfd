"""What the rules judge: who asks for which transition, of which instance, at what moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from app.domain.instances import Claim, Instance, Person, StepRound
from app.domain.people import Actor, ActorSnapshot
from app.domain.permissions import PERMISSIONS
from app.domain.procedures import Quorum, Step

Action = Literal["complete", "return", "claim", "release", "suspend", "resume", "cancel", "change_team"]


@dataclass(frozen=True, slots=True)
class TeamRequest:
    """The members by username, and the decree that names them (number, date), where there is one."""

    usernames: tuple[str, ...]
    instrument: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionRequest:
    """One transition as asked for. What a situation does not need is ignored; blank texts count as absent."""

    action: Action
    step: int | None = None
    as_role: str | None = None
    to_step: int | None = None
    reason: str | None = None
    late_reason: str | None = None
    decision: Literal["yes", "no"] | None = None
    team: TeamRequest | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """One caller before one instance, now. `people` are the assignments at the instance's office, past and future ones included."""

    instance: Instance
    actor: Actor
    people: tuple[Person, ...]
    now: datetime

    @property
    def today(self) -> date:
        return self.now.astimezone(self.instance.office.zone).date()

    @property
    def act_time(self) -> datetime:
        """Now, but never before the last event."""
        return self.instance.head.next_at(self.now)

    @property
    def step(self) -> Step | None:
        return self.instance.active_step

    @property
    def round(self) -> StepRound | None:
        return self.instance.active

    def holds(self, role: str, account_id: UUID | None = None) -> bool:
        """Whether the caller (or another account) can perform `role` in this instance now; a member, only while one of the office's people."""
        office = self.instance.office.code
        is_team = role == self.instance.procedure.team_role
        if is_team and not self.instance.is_member(account_id or self.actor.account_id):
            return False
        if account_id is None:
            return self.actor.works_at(office) if is_team else self.actor.position(role, office) is not None
        held = {p.role for p in self.people if p.account_id == account_id and p.holds_on(self.today)}
        return bool(held - PERMISSIONS) if is_team else role in held

    def parts_of(self, step: Step) -> tuple[str, ...]:
        """The performer parts of the step that the caller holds, in the procedure's order."""
        return tuple(role for role in step.performers if self.holds(role))

    def overdue(self) -> bool:
        """The due moment itself is still in time (domain.md §2: inclusive). Judged at the time that the act will bear."""
        return self.round is not None and self.round.due_at is not None and self.act_time > self.round.due_at

    def claim_on(self, role: str) -> Claim | None:
        """The living claim on that part: a claim ends when the claimant loses the role."""
        step = self.step
        found = next((c for c in self.instance.claims if step is not None and c.step == step.number and c.role == role), None)
        return found if found is not None and self.holds(role, found.account_id) else None

    def as_role(self, role: str) -> ActorSnapshot:
        """The caller as this role: the capacity held now is what the log keeps."""
        office = self.instance.office.code
        holding = self.actor.position(role, office)
        label = self.instance.procedure.roles[role].label
        return self.actor.snapshot(role, office, label, capacity="definitive" if holding is None else holding.capacity)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A situation and what is asked in it."""

    situation: Situation
    request: TransitionRequest

    @property
    def instance(self) -> Instance:
        return self.situation.instance

    @property
    def at_active_step(self) -> Step | None:
        """The active step if it is the one the request names: only then does its state concern the caller."""
        step = self.situation.step
        return step if step is not None and step.number == self.request.step else None

    def part(self) -> str | None:
        """The part this caller would sign off: `as_role`, else the first held one that is open to them: not signed off, nor claimed by another."""
        step = self.at_active_step
        if step is None:
            return None
        held = self.situation.parts_of(step)
        if self.request.as_role is not None:
            return self.request.as_role if self.request.as_role in held else None
        unsigned = [role for role in held if not part_is_signed(self.situation, step, role)]
        return next(iter([*(role for role in unsigned if not self._is_anothers(role)), *unsigned, *held]), None)

    def _is_anothers(self, role: str) -> bool:
        claim = self.situation.claim_on(role)
        return claim is not None and claim.account_id != self.situation.actor.account_id


def signatures_needed(step: Step, role: str, *, team_role: str | None) -> int:
    """How many people must sign off this part: the quorum for the team, one for everyone else."""
    return step.completion.quorum if isinstance(step.completion, Quorum) and role == team_role else 1


def part_is_signed(situation: Situation, step: Step, role: str) -> bool:
    """Whether nothing is left to sign for this caller in that part: the part is complete, or the caller has given theirs."""
    given = signed_by(situation.instance, role)
    needed = signatures_needed(step, role, team_role=situation.instance.procedure.team_role)
    return len(given) >= needed or situation.actor.account_id in given


def signed_by(instance: Instance, role: str) -> frozenset[UUID]:
    """Who has signed off that part of the active step in this round."""
    active = instance.active
    signed = () if active is None else instance.signed(active)
    return frozenset(s.account_id for s in signed if s.role == role)


def is_met(instance: Instance, step: Step) -> bool:
    """The step's completion rule over the sign-offs of this round."""
    team_role = instance.procedure.team_role
    parts = [len(signed_by(instance, role)) >= signatures_needed(step, role, team_role=team_role) for role in step.performers]
    return any(parts) if step.completion == "any" else all(parts)


def controllers(instance: Instance) -> tuple[str, ...]:
    """Who suspends, resumes and cancels: the performers of step 1 and those the procedure names."""
    return unique((*instance.procedure.steps[0].performers, *instance.procedure.controls))


def unique(roles: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(roles))
