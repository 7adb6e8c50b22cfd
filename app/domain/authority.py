"""Authority = what the token claims ∩ the assignments valid now (domain.md §3).

So a role lost is lost at once, though the token still names it; a role gained comes with the next refresh, though it is assigned already.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.domain.people import CAPACITY_PREFIX, Capacity, Holding, WaitingPosition
from app.domain.permissions import PERMISSIONS

_RANK: dict[Capacity, int] = {"definitive": 0, "pj": 1, "plt": 2, "plh": 3}


@dataclass(frozen=True, slots=True)
class Assignment:
    """A role or permission at an office, not revoked. Both `valid_from` and `valid_to` are inside, as days at the office's own zone."""

    office: str
    time_zone: str
    role: str
    capacity: Capacity
    valid_from: date
    valid_to: date | None
    covers: frozenset[str]

    @property
    def claim(self) -> str:
        return f"{self.office}:{self.role}"

    @property
    def label(self) -> str:
        """The position as people write it ("Plh. Camat"), for where no procedure is at hand to name its role."""
        return CAPACITY_PREFIX[self.capacity] + self.role.replace("_", " ").title()

    def __str__(self) -> str:
        return f"{self.label} ({self.office})"

    def valid_at(self, now: datetime) -> bool:
        return self.valid_from <= self._day(now) and not self.is_over(now)

    def is_over(self, now: datetime) -> bool:
        return self.valid_to is not None and self.valid_to < self._day(now)

    def _day(self, now: datetime) -> date:
        return now.astimezone(ZoneInfo(self.time_zone)).date()


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a token says of its bearer, each as `office:name`. A permission named among the roles counts for nothing, and the reverse."""

    roles: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()

    def names(self, assignment: Assignment) -> bool:
        return assignment.claim in (self.permissions if assignment.role in PERMISSIONS else self.roles)


def claimed_by(assignments: Iterable[Assignment], now: datetime) -> Claimed:
    """What a token issued now may say."""
    valid = [assignment for assignment in assignments if assignment.valid_at(now)]
    return Claimed(
        roles=frozenset(a.claim for a in valid if a.role not in PERMISSIONS),
        permissions=frozenset(a.claim for a in valid if a.role in PERMISSIONS),
    )


def holdings(claimed: Claimed, assignments: Iterable[Assignment], now: datetime) -> tuple[Holding, ...]:
    """The intersection. Where one position is held twice, the definitive holding comes first and is the one that acts."""
    held = sorted((a for a in assignments if claimed.names(a) and a.valid_at(now)), key=_by_rank)
    return tuple(Holding(office=a.office, role=a.role, capacity=a.capacity, covers=a.covers) for a in held)


def waiting(claimed: Claimed, assignments: Iterable[Assignment], now: datetime, *, locked: frozenset[str]) -> tuple[WaitingPosition, ...]:
    """The rest: assigned and valid now, and not claimed; each position once. `locked` are the claims that need a second factor first."""
    missing = sorted((a for a in assignments if a.valid_at(now) and not claimed.names(a)), key=_by_rank)
    first = {assignment.claim: assignment for assignment in reversed(missing)}
    return tuple(
        WaitingPosition(a.office, a.role, a.capacity, a.label, "second_factor" if claim in locked else "refresh")
        for claim, a in sorted(first.items())
    )


def _by_rank(assignment: Assignment) -> tuple[str, str, int, date]:
    return (assignment.office, assignment.role, _RANK[assignment.capacity], assignment.valid_from)
