"""Authority = what the token claims ∩ the assignments valid now (domain.md §3).

So a role lost is lost at once, though the token still names it; a role gained comes with the next refresh, though it is assigned already.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.domain.people import CAPACITY_PREFIX, Capacity, Holding
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
    held = [assignment for assignment in assignments if claimed.names(assignment) and assignment.valid_at(now)]
    held.sort(key=lambda a: (a.office, a.role, _RANK[a.capacity], a.valid_from))
    return tuple(Holding(office=a.office, role=a.role, capacity=a.capacity, covers=a.covers) for a in held)
