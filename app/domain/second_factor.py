"""What a second factor unlocks, and what a session without one is left with."""

from collections.abc import Iterable
from typing import Literal

from app.domain.authority import Assignment, Claimed

Standing = Literal["not_needed", "passed", "enrolment_needed"]


def needing(valid: Iterable[Assignment], names: frozenset[str]) -> frozenset[str]:
    """The claims (`office:role`) among these whose role or permission needs one."""
    return frozenset(assignment.claim for assignment in valid if assignment.role in names)


def without(claimed: Claimed, withheld: frozenset[str]) -> Claimed:
    return Claimed(claimed.roles - withheld, claimed.permissions - withheld)


def standing(needed: frozenset[str], *, passed: bool) -> Standing:
    if passed:
        return "passed"
    return "enrolment_needed" if needed else "not_needed"
