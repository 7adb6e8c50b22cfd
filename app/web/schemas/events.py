"""Bodies of the one log."""

from typing import Any
from uuid import UUID

from pydantic import Field

from app.web.paging import Listing, PageInfo
from app.web.schemas.base import AnswerModel
from app.web.schemas.common import ActorShown


class EventShown(AnswerModel):
    """Satu kejadian. `hash` = SHA-256 of the RFC 8785 JSON of this object without `hash`; free text stands here only as its hash."""

    id: UUID
    type: str = Field(examples=["step.completed"])
    stream: str = Field(examples=["instance:0190163d-8694-739b-aea5-966c26f8ad91"])
    sequence: int
    instance_id: UUID | None
    office: str = Field(examples=["64.02.13"])
    at: str = Field(json_schema_extra={"format": "date-time"}, examples=["2027-01-04T00:30:00+00:00"])
    actor: ActorShown | None
    data: dict[str, Any]
    previous_hash: str
    hash: str


class EventList(Listing[EventShown]):
    """Kejadian satu pelaksanaan, yang lama dahulu."""


class FeedPage(PageInfo):
    """`resume_after` is where to go on later, at the end too; `next_cursor` is null when there is no more now."""

    resume_after: str | None


class EventFeed(AnswerModel):
    """Kejadian menurut urutan tercatatnya. Each event is seen exactly once by whoever follows `resume_after`."""

    items: list[EventShown]
    page: FeedPage


class BreakShown(AnswerModel):
    """Tempat catatan tidak lagi seperti ditulis. Where the log is not as it was written.

    `sequence_gap`, `link_broken`, `hash_differs`: the chain breaks at this event. `end_differs`: the stream is shorter or longer than its
    owner says. `owner_missing`: nobody has this stream. `event_unreadable`: no act writes such data.

    What is kept now is not what this event says: `words_differ`, `document_differs`, `state_differs`, `deadline_differs` (an instance),
    `office_differs`, and `account_…`, `assignment_…`, `service_account_…`, `calendar_…`, `restricted_record_…`, each `…_differs`, `…_missing` (the
    row is gone) or, one past the end, `…_unknown` (no event tells of such a row). Filing counts as `document_differs`, retention schedules and
    document limits as `office_differs`.
    """

    stream: str
    sequence: int
    code: str = Field(examples=["hash_differs"])


class AuditVerdict(AnswerModel):
    intact: bool
    instances: int
    events: int
    broken: list[BreakShown]
