"""Positions to be held: what an administrator enters, what is wrong with an entry, and which two positions cannot be."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from app.domain.people import CAPACITY_PREFIX, Capacity
from app.domain.permissions import INTEGRATION, PERMISSIONS
from app.domain.problems import FieldError
from app.domain.refusals import Refusal
from app.domain.roles import RoleInForce

ROLE = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
"""The keys that procedures give their roles, and the names in `permissions.PERMISSIONS`."""

MAX_POSITIONS, MAX_CLAIMS_LENGTH = 60, 2600
"""An access token names all that its bearer holds, and no token is longer than 8 KiB: what would not fit beside the longest name is not given."""


@dataclass(frozen=True, slots=True)
class Position:
    """A role or permission to be held at an office, both days inside; the instrument is the decree or letter that says so."""

    office: str
    role: str
    valid_from: date
    valid_to: date | None = None
    capacity: Capacity = "definitive"
    instrument_number: str | None = None
    instrument_date: date | None = None

    @property
    def claim(self) -> str:
        return f"{self.office}:{self.role}"

    def ends_after(self, other: "Position") -> bool:
        return (self.valid_to or date.max) > (other.valid_to or date.max)

    def meets(self, other: "Position") -> bool:
        """Whether there is a day on which both are held."""
        return self.valid_from <= (other.valid_to or date.max) and other.valid_from <= (self.valid_to or date.max)


@dataclass(frozen=True, slots=True)
class Held:
    """A position that somebody was given, and that is not revoked."""

    id: UUID
    account_id: UUID
    name: str
    position: Position


def position_mistakes(position: Position) -> Iterator[FieldError]:
    if not ROLE.fullmatch(position.role):
        yield FieldError("/role", "malformed", "Peran ditulis seperti tim_penyusun.", "A role is written like tim_penyusun.")
    if position.valid_to is not None and position.valid_to < position.valid_from:
        yield FieldError("/valid_to", "before_valid_from", "Berakhir sebelum dimulai.", "It ends before it begins.")


def new_position_mistakes(position: Position) -> Iterator[FieldError]:
    """Also what older entries may say, which can still be ended."""
    if position.role in PERMISSIONS and position.capacity != "definitive":
        yield FieldError(
            "/capacity",
            "permission_has_no_capacity",
            "Izin dipegang apa adanya; Plt., Plh., dan Pj. hanya untuk jabatan.",
            "A permission is simply held; Plt., Plh. and Pj. are for positions alone.",
        )
    yield from position_mistakes(position)


def kind_mistakes(role: str, *, machine: bool) -> Iterator[FieldError]:
    """A machine has its permission and nothing else; a person has anything else."""
    if role == INTEGRATION and not machine:
        yield FieldError(
            "/role",
            "for_machines_only",
            "Izin integration hanya untuk akun layanan (POST /v1/service-accounts).",
            "The permission integration is for service accounts alone (POST /v1/service-accounts).",
        )
    if machine and role != INTEGRATION:
        yield FieldError("/role", "for_people_only", "Akun layanan tidak memangku jabatan.", "A service account holds no position.")


def role_mistakes(position: Position, known: Collection[str]) -> Iterator[FieldError]:
    """Of who does not administer the nation. `known`: the roles in force. An invented role gives nothing, and fills up an account all the same."""
    if position.role not in known and position.role not in PERMISSIONS:
        yield FieldError(
            "/role",
            "unknown_role",
            f"{position.role} bukan peran yang dapat diberikan; yang ada: GET /v1/roles (anggota tim ditunjuk saat tim dibentuk). "
            "Peran lain diberikan admin nasional.",
            f"{position.role} is no role that can be given; GET /v1/roles lists them (members of a team are named when it is formed). "
            "Another is for a national admin to give.",
        )


def claims_mistakes(claims: Sequence[str]) -> Iterator[FieldError]:
    """Of all that one account holds and will hold."""
    written = sum(len(claim) + len('"",') for claim in claims)
    if len(claims) > MAX_POSITIONS or written > MAX_CLAIMS_LENGTH:
        yield FieldError(
            "/username",
            "too_many_positions",
            f"Terlalu banyak jabatan dan izin untuk satu akun: paling banyak {MAX_POSITIONS}. Izin di kantor atasan berlaku juga di bawahnya.",
            f"Too many positions and permissions for one account: at most {MAX_POSITIONS}. A permission at a higher office reaches those below it.",
        )


def clashes(position: Position, account_id: UUID, *, role: RoleInForce | None, held: Iterable[Held]) -> tuple[Refusal, ...]:
    """`held` is what others, and the same person, hold of this role at this office. `role` None: no procedure names it."""
    meeting = [other for other in held if other.position.meets(position)]
    label = position.role if role is None else role.label
    return (*_already_assigned(position, account_id, label=label, held=meeting), *held_twice(position, account_id, role=role, held=meeting))


def held_twice(position: Position, account_id: UUID, *, role: RoleInForce | None, held: Iterable[Held]) -> Iterator[Refusal]:
    """An office has one definitive Camat at a time. Who stands in for one (Plt, Plh, Pj) does so beside them, or for want of one."""
    if role is None or not role.single_holder or position.capacity != "definitive":
        return
    for other in held:
        if other.account_id != account_id and other.position.capacity == "definitive":
            yield Refusal("role_already_held", {"role": role.label, "name": other.name, **_until(other)}, variant=_ending(other))


def _already_assigned(position: Position, account_id: UUID, *, label: str, held: Iterable[Held]) -> Iterator[Refusal]:
    for other in held:
        if other.account_id == account_id and other.position.capacity == position.capacity:
            held_as = f"{CAPACITY_PREFIX[other.position.capacity]}{label}"
            yield Refusal("already_assigned", {"role": held_as, **_until(other)}, variant=_ending(other))


def _until(held: Held) -> dict[str, str | int]:
    day = held.position.valid_to
    return {} if day is None else {"until": day.isoformat()}


def _ending(held: Held) -> str:
    """Which sentence: one held without end names no day."""
    return "open" if held.position.valid_to is None else ""


def end_mistakes(before: date | None, after: date | None, today: date) -> Iterator[FieldError]:
    """Of moving the last day: days that have passed are not rewritten. Ending with yesterday ends it today."""
    if after != before and after is not None and after < today - timedelta(days=1):
        yield FieldError("/valid_to", "in_the_past", "Hari terakhir paling awal kemarin.", "The last day is yesterday at the earliest.")


def end_refusals(before: date | None, after: date | None, today: date) -> Iterator[Refusal]:
    """What was over before yesterday would come to have been held on days that have passed."""
    if after != before and before is not None and before < today - timedelta(days=1):
        yield Refusal("assignment_over")
