"""What a second factor unlocks, and what a session without one is left with."""

from collections.abc import Iterable
from typing import Literal

from app.domain.authority import Assignment, Claimed
from app.domain.permissions import PERMISSIONS
from app.domain.roles import SIGNING

Standing = Literal["not_needed", "passed", "enrolment_needed"]


def needing(valid: Iterable[Assignment], names: frozenset[str]) -> frozenset[str]:
    """The claims (`office:role`) among these whose role or permission needs one."""
    return frozenset(assignment.claim for assignment in valid if assignment.role in names)


def locked(assignments: Iterable[Assignment], required: frozenset[str], *, withheld: bool) -> frozenset[str]:
    """The same for a session that has not passed one, as far as can be told without the procedures in force.

    `withheld`: at its last refresh something was left out. Which roles sign is not known here, so then it may be any of them.
    """
    signing = withheld and SIGNING in required
    return frozenset(a.claim for a in assignments if a.role in required or (signing and a.role not in PERMISSIONS))


def without(claimed: Claimed, withheld: frozenset[str]) -> Claimed:
    return Claimed(claimed.roles - withheld, claimed.permissions - withheld)


def standing(needed: frozenset[str], *, passed: bool) -> Standing:
    if passed:
        return "passed"
    return "enrolment_needed" if needed else "not_needed"
