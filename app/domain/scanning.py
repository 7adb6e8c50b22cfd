"""Scanning for malware: what was found of a version's bytes, and what that lets happen.

unscanned    nobody scans here; given out
quarantined  the scanner has not answered yet, or could not take it; given out only where an administrator says so
clean        the scanner found nothing
infected     it found something, after the version was put: never given out, marked or copied, and it fills no slot
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from app.domain.events import NewEvent
from app.domain.instances import DocumentVersion, Instance, SignOff, StepRound
from app.domain.refusals import Refusal

Scan = Literal["unscanned", "quarantined", "clean", "infected"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`threat`: what the scanner calls it, of what is infected. `reason`, of what is quarantined: unreachable | silent | dropped | too_large |
    unclear (from the scanner), missing | damaged (from the storage).
    """

    scan: Scan
    threat: str | None = None
    reason: str | None = None


CLEAN = Finding("clean")
UNSCANNED = Finding("unscanned")


def reading_refusals(version: DocumentVersion, *, hold: bool) -> Iterator[Refusal]:
    """Why its bytes are not given out. `hold`: what is quarantined is not."""
    if version.scan == "infected":
        yield Refusal("content_infected", {"threat": version.threat or "?"})
    if hold and version.scan == "quarantined":
        yield Refusal("content_quarantined", variant="" if version.scanned_at is None else "tried")


def marking_refusals(version: DocumentVersion, *, hold: bool) -> Iterator[Refusal]:
    """Nobody initials or signs what nobody can read."""
    if version.scan == "infected":
        yield Refusal("content_infected", {"threat": version.threat or "?"})
    if hold and version.scan == "quarantined":
        yield Refusal("not_scanned_yet")
    if version.damaged_at is not None:
        yield Refusal("version_damaged")


def scanned(instance: Instance, storage_key: str, finding: Finding, now: datetime) -> tuple[Instance, NewEvent] | None:
    """The instance once its scanner has spoken (clean or infected); None when nothing of it waits under that key.

    All versions with these bytes change, copies too. Where the active step stood on an infected one, its sign-offs and its decision are void
    as after a new version: they were given for something else.
    """
    waiting = [v for v in instance.versions if v.storage_key == storage_key and v.scan == "quarantined"]
    if not waiting:
        return None
    versions = tuple(replace(v, scan=finding.scan, scanned_at=now, threat=finding.threat) if v in waiting else v for v in instance.versions)
    undone = _stands_on(instance, waiting) if finding.scan == "infected" else None
    voided = () if undone is None else instance.signed(undone)
    changed = replace(instance, versions=versions, sign_offs=tuple(replace(s, voided_at=now) if s in voided else s for s in instance.sign_offs))
    if undone is not None:
        changed = changed.with_round(replace(undone, decision=None))
    return changed, NewEvent("document.scanned", _told(waiting, finding, undone=undone, voided=voided))


def _stands_on(instance: Instance, found: list[DocumentVersion]) -> StepRound | None:
    """The active round, where its step asks for a slot of which one of these is the latest version."""
    step = instance.active_step
    uses = () if step is None else (*step.inputs, *step.outputs)
    return instance.active if any(instance.latest(use.slot) in found for use in uses) else None


def _told(found: list[DocumentVersion], finding: Finding, *, undone: StepRound | None, voided: tuple[SignOff, ...]) -> dict[str, object]:
    """`step` and `round` where sign-offs of that round are void by it, else null."""
    first = found[0]
    return {
        "document_id": str(first.document_id),
        "version": first.version,
        "versions": [v.version for v in found],
        "sha256": first.sha256,
        "scan": finding.scan,
        "threat": finding.threat,
        "step": None if undone is None else undone.step,
        "round": None if undone is None else undone.round,
        "voided_sign_offs": [{"role": s.role, "account_id": str(s.account_id)} for s in voided],
    }
