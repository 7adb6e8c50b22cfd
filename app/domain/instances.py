"""An instance of a procedure: everything that an act decides on, as frozen values.

Each value mirrors one row of the store field by field; an act makes a new `Instance` from the old one and the store writes the
difference. What derives from these facts (whose turn it is, what is missing, what is due) is computed, never stored twice by hand.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from app.domain.events import EMPTY, Head
from app.domain.procedures import Procedure, SlotUse, Step

InstanceState = Literal["running", "suspended", "completed", "cancelled"]
MarkName = Literal["initial", "signature"]
Snapshot = dict[str, Any]
"""An `ActorSnapshot` as data: account_id, name, role, office, capacity, label."""


@dataclass(frozen=True, slots=True)
class Period:
    """A year, or one of its quarters. `key` is the text that is unique among open instances ('2026-Q4', '2026')."""

    year: int
    quarter: int | None = None

    @property
    def key(self) -> str:
        return f"{self.year}" if self.quarter is None else f"{self.year}-Q{self.quarter}"

    @classmethod
    def parse(cls, key: str) -> Self:
        """Raises ValueError for anything but YYYY or YYYY-Qn, years 2000-2100."""
        found = re.fullmatch(r"(20\d\d|2100)(?:-Q([1-4]))?", key, re.ASCII)
        if found is None:
            raise ValueError(f"{key} is no period; write 2026 or 2026-Q4")
        return cls(int(found[1]), int(found[2]) if found[2] else None)


@dataclass(frozen=True, slots=True)
class Office:
    code: str
    name: str
    time_zone: str
    calendar_version: int

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


@dataclass(frozen=True, slots=True)
class Person:
    """One assignment at the instance's office: who could perform, or become a member of the team."""

    account_id: UUID
    username: str
    name: str
    role: str
    capacity: str
    valid_from: date
    valid_to: date | None

    def holds_on(self, today: date) -> bool:
        return self.valid_from <= today and (self.valid_to is None or today <= self.valid_to)


@dataclass(frozen=True, slots=True)
class StepRound:
    """A step taken once. `is_current` is False once a return has put the step before it again.

    `alarm_at`: when the clock has next something to tell about it (that it is due soon, that it was missed); None when never. `…_told_at`:
    when it told. Once closed: office time used since the start, pauses aside, and office time late after `due_at`, in minutes and working days.
    """

    step: int
    round: int
    state: str
    is_current: bool = True
    started_at: datetime | None = None
    due_at: datetime | None = None
    due_soon_at: datetime | None = None
    paused_at: datetime | None = None
    completed_at: datetime | None = None
    calendar_version: int = 0
    decision: str | None = None
    alarm_at: datetime | None = None
    due_soon_told_at: datetime | None = None
    missed_told_at: datetime | None = None
    used_minutes: int | None = None
    used_days: int | None = None
    late_minutes: int | None = None
    late_days: int | None = None


@dataclass(frozen=True, slots=True)
class SignOff:
    """`used_…` and `late_…` as in a round: what this part took until it was signed off."""

    step: int
    round: int
    role: str
    account_id: UUID
    number: int
    actor: Snapshot
    at: datetime
    late_reason: str | None = None
    voided_at: datetime | None = None
    used_minutes: int | None = None
    used_days: int | None = None
    late_minutes: int | None = None
    late_days: int | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    step: int
    role: str
    account_id: UUID
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    account_id: UUID
    username: str
    name: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Suspension:
    number: int
    suspended_at: datetime
    resumed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Document:
    id: UUID
    slot: str


@dataclass(frozen=True, slots=True)
class DocumentVersion:
    """`size` in bytes; `sha256` hex. `step` and `round` are those in which it was uploaded.

    `scan`: unscanned | quarantined | clean | infected, `threat` what was found. `damaged_at`: when its stored bytes were first seen to differ.
    `signed_from`: the version that the signing gateway was given, where this is what it gave back.
    """

    document_id: UUID
    version: int
    step: int
    round: int
    sha256: str
    size: int
    media_type: str
    filename: str
    storage_key: str
    copy_of: int | None
    note: str | None
    uploaded_by: Snapshot
    uploaded_at: datetime
    scan: str = "unscanned"
    scanned_at: datetime | None = None
    threat: str | None = None
    damaged_at: datetime | None = None
    signed_from: int | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A paraf or tanda tangan, bound to the SHA-256 of the version it was put on. `evidence`: what was found of an electronic one."""

    id: UUID
    document_id: UUID
    version: int
    mark: str
    kind: str
    role: str
    account_id: UUID
    sha256: str
    actor: Snapshot
    at: datetime
    evidence: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """`version` counts the acts; `head` is where this instance's event stream ends."""

    id: UUID
    procedure: Procedure
    procedure_version: int
    office: Office
    period: Period
    title: str
    state: str
    version: int
    current_step: int | None
    started_by: UUID
    started_at: datetime
    planned_end_at: datetime
    completed_at: datetime | None = None
    team_instrument: dict[str, Any] | None = None
    head: Head = EMPTY
    rounds: tuple[StepRound, ...] = ()
    sign_offs: tuple[SignOff, ...] = ()
    claims: tuple[Claim, ...] = ()
    members: tuple[Member, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    documents: tuple[Document, ...] = ()
    versions: tuple[DocumentVersion, ...] = ()
    marks: tuple[Mark, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.state in {"running", "suspended"}

    @property
    def active(self) -> StepRound | None:
        """The one round that is active while the instance is open."""
        return next((found for found in self.rounds if found.state == "active"), None)

    @property
    def active_step(self) -> Step | None:
        return None if self.active is None else self.procedure.step(self.active.step)

    def current_round(self, step: int) -> StepRound | None:
        """The round that stands for the step today; None while it is pending."""
        return next((found for found in self.rounds if found.step == step and found.is_current), None)

    def rounds_opened(self, step: int) -> int:
        return max((found.round for found in self.rounds if found.step == step), default=0)

    def signed(self, opened: StepRound) -> tuple[SignOff, ...]:
        """The sign-offs that count in that round, in the order in which they were given."""
        given = (s for s in self.sign_offs if s.step == opened.step and s.round == opened.round and s.voided_at is None)
        return tuple(sorted(given, key=lambda sign_off: sign_off.at))

    def document(self, slot: str) -> Document | None:
        return next((found for found in self.documents if found.slot == slot), None)

    def history(self, slot: str) -> tuple[DocumentVersion, ...]:
        """All versions in the slot, oldest first."""
        document = self.document(slot)
        found = (v for v in self.versions if document is not None and v.document_id == document.id)
        return tuple(sorted(found, key=lambda version: version.version))

    def latest(self, slot: str) -> DocumentVersion | None:
        return next(reversed(self.history(slot)), None)

    def usable(self, slot: str) -> DocumentVersion | None:
        """The latest version, where no malware was found in it."""
        latest = self.latest(slot)
        return None if latest is None or latest.scan == "infected" else latest

    def fills_input(self, use: SlotUse) -> bool:
        """An input is filled by any version that is not infected, a team input by a team."""
        return bool(self.members) if self.procedure.slots[use.slot].kind == "team" else self.usable(use.slot) is not None

    def fills_output(self, use: SlotUse, opened: StepRound | None) -> bool:
        """An output is filled only by a version of the step's own round, so that a return asks for new work (or a stated copy)."""
        if self.procedure.slots[use.slot].kind == "team":
            return bool(self.members)
        latest = self.usable(use.slot)
        return latest is not None and opened is not None and (latest.step, latest.round) == (opened.step, opened.round)

    def marks_on(self, version: DocumentVersion) -> tuple[Mark, ...]:
        return tuple(m for m in self.marks if (m.document_id, m.version) == (version.document_id, version.version))

    def is_member(self, account_id: UUID) -> bool:
        return any(member.account_id == account_id for member in self.members)

    def pauses_of(self, opened: StepRound) -> tuple[Suspension, ...]:
        """The suspensions since that round began, until it was closed."""
        since, until = opened.started_at, opened.completed_at
        return tuple(s for s in self.suspensions if since is not None and since <= s.suspended_at and (until is None or s.suspended_at < until))

    def with_round(self, changed: StepRound) -> Self:
        """This instance with that round put in, in place of the one of the same number where there is one."""
        others = tuple(r for r in self.rounds if (r.step, r.round) != (changed.step, changed.round))
        return replace(self, rounds=(*others, changed))


def role_labels(procedure: Procedure, roles: Iterable[str]) -> str:
    """Roles as a person reads them: "Sekretaris, Tim Penyusun"."""
    return ", ".join(procedure.roles[role].label for role in roles)
