"""What people did and wrote in an instance, one record an act. The event log keeps only the hashes of these words."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.instances import Snapshot


@dataclass(frozen=True, slots=True)
class TransitionRecord:
    """A transition taken. `sequence` is the version of the instance that it made; `id` is None in a dry run."""

    id: UUID | None
    sequence: int
    action: str
    step: int | None
    to_step: int | None
    decision: str | None
    actor: Snapshot
    at: datetime
    reason: str | None
    late_reason: str | None
    comment: str | None


@dataclass(frozen=True, slots=True)
class CommentRecord:
    id: UUID
    sequence: int
    body: str
    actor: Snapshot
    at: datetime
