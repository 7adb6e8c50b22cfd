"""Bodies and answers of calendar feeds."""

from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import Field

from app.store.calendar_feeds import CalendarFeed
from app.usecases.calendar_feeds import Subscribed
from app.web.paging import Listing
from app.web.schemas.base import AnswerModel, RequestModel
from app.web.schemas.common import OfficeRef


class CalendarFeedRequest(RequestModel):
    """Tanpa `office`: yang menunggu Anda. Without an office: what waits for you; with one: the deadlines of that office."""

    office: str | None = Field(default=None, min_length=1, max_length=40, examples=["64.02.13"])


class CalendarFeedShown(AnswerModel):
    """Satu langganan. Its address is shown only when it is made."""

    id: UUID
    kind: Literal["person", "office"]
    office: OfficeRef | None
    created_at: datetime

    @classmethod
    def of(cls, feed: CalendarFeed) -> Self:
        return cls(id=feed.id, kind="person" if feed.office is None else "office", office=_office(feed), created_at=feed.created_at)


class CalendarFeedList(Listing[CalendarFeedShown]):
    """Langganan Anda yang belum dicabut, yang terbaru dahulu."""


class CalendarFeedCreated(AnswerModel):
    """Alamatnya hanya ditunjukkan sekali ini; siapa pun yang mengetahuinya dapat membaca. Shown this once; whoever knows it can read."""

    id: UUID
    kind: Literal["person", "office"]
    office: OfficeRef | None
    url: str = Field(repr=False, description="Tenggat sebagai acara (VEVENT): untuk hampir semua program kalender. As events, for most programs.")
    tasks_url: str = Field(repr=False, description="Tenggat sebagai tugas (VTODO). As tasks, for programs that know tasks.")
    created_at: datetime

    @classmethod
    def of(cls, made: Subscribed, *, base: str) -> Self:
        shown = CalendarFeedShown.of(made.feed)
        address = f"{base.rstrip('/')}/v1/calendar-feeds/{made.secret}"
        return cls(
            id=shown.id,
            kind=shown.kind,
            office=shown.office,
            url=f"{address}/events.ics",
            tasks_url=f"{address}/tasks.ics",
            created_at=shown.created_at,
        )


def _office(feed: CalendarFeed) -> OfficeRef | None:
    return None if feed.office is None else OfficeRef(code=feed.office, name=feed.office_name or feed.office)
