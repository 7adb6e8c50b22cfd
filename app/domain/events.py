"""Events: what happened, in one grammar (`subject.past_participle`). A name is never reused for something else.

Free text enters an event only as its SHA-256: the words stay where they can be read by those who may.
"""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

GENESIS = "0" * 64
"""The `previous_hash` of the first event of a stream."""

EVENT_TYPES: frozenset[str] = frozenset(
    {
        "instance.started",
        "instance.suspended",
        "instance.resumed",
        "instance.cancelled",
        "instance.completed",
        "step.activated",
        "step.claimed",
        "step.released",
        "step.signed_off",
        "step.completed",
        "step.returned",
        "step.skipped",
        "team.formed",
        "team.changed",
        "document.uploaded",
        "document.initialed",
        "document.signed",
        "document.scanned",
        "document.damaged",
        "document.restored",
        "document.described",
        "signing.intended",
        "signing.failed",
        "restricted_record.added",
        "restricted_record.read",
        "restricted_record.damaged",
        "restricted_record.restored",
        "deadline.due_soon",
        "deadline.missed",
        "deadline.recomputed",
        "comment.added",
        "account.created",
        "account.changed",
        "account.closed",
        "account.reopened",
        "account.password_changed",
        "account.password_reset",
        "account.second_factor_enabled",
        "account.second_factor_removed",
        "account.sessions_ended",
        "assignment.created",
        "assignment.changed",
        "assignment.revoked",
        "service_account.created",
        "service_account.secret_issued",
        "service_account.revoked",
        "key.rotated",
        "calendar.changed",
        "calendar_feed.created",
        "calendar_feed.revoked",
        "office.created",
        "office.renamed",
        "office.moved",
        "office.documents_changed",
        "office.retention_changed",
        "procedure.published",
    }
)


OF_THE_CLOCK = frozenset(
    {
        "deadline.due_soon",
        "deadline.missed",
        "deadline.recomputed",
        "document.scanned",
        "document.damaged",
        "document.restored",
        "restricted_record.damaged",
        "restricted_record.restored",
    }
)
"""Nobody does these, also when they are told inside a person's act: they have no actor."""


@dataclass(frozen=True, slots=True)
class NewEvent:
    """Something that just happened; the store gives it its place in the stream."""

    type: str
    data: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.type not in EVENT_TYPES:
            raise ValueError(f"{self.type} is not an event type")


@dataclass(frozen=True, slots=True)
class Head:
    """Where a stream ends: its last sequence, hash and time. An empty stream: 0, 64 zeros, None."""

    sequence: int = 0
    hash: str = GENESIS
    at: datetime | None = None

    def next_at(self, now: datetime) -> datetime:
        """When what happens now happened, as the stream tells it: time never runs backwards within one."""
        return now if self.at is None else max(now, self.at)


EMPTY = Head()
"""Where a stream ends that has no event yet."""


def text_hash(text: str | None) -> str | None:
    """SHA-256 (hex) of a text that people wrote, or None where there is none."""
    return None if text is None else sha256(text.encode()).hexdigest()
