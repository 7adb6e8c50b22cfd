"""Retention schedules, and what is due for disposal, over HTTP."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response

from app.domain.filing import DueQuestion, FinalAction, RetentionRule, Schedule
from app.domain.problems import NotVisible
from app.domain.retries import StoredAnswer
from app.store.filing import OfficeSchedule, schedule_at
from app.usecases import filing as usecases
from app.usecases.acts import Act
from app.web.acting import Amends, Asks, readers
from app.web.answers import answer, freeze
from app.web.document_limits import OfficeInPath
from app.web.instances import OfficeFilter
from app.web.openapi import problems, requires, tagged
from app.web.paging import Paging
from app.web.schemas.base import Day
from app.web.schemas.filing import DueDocument, DueList, RetentionScheduleRequest, RetentionScheduleShown

router = APIRouter(tags=["records"])
READERS = readers("records:read")
SCHEDULE = "/v1/offices/{office_code}/retention-schedule"


@router.get(
    SCHEDULE,
    response_model=RetentionScheduleShown,
    responses=problems(404) | tagged(),
    openapi_extra=READERS,
    summary="Jadwal retensi arsip · Retention schedule",
)
async def get_retention_schedule(office_code: OfficeInPath, asks: Asks) -> Response:
    """Jadwal yang berlaku: milik kantor ini, atau kantor terdekat di atasnya. None is shipped: the law is for the office to name."""
    if not asks.actor.sees(office_code):
        raise NotVisible
    found = await schedule_at(asks.connection, office_code, asks.now)
    return answer(RetentionScheduleShown.of(found), version=found.version)


@router.put(
    SCHEDULE,
    response_model=RetentionScheduleShown,
    responses=problems(403, 404, 409) | tagged(),
    openapi_extra=requires("admin"),
    summary="Tetapkan jadwal retensi · Set the retention schedule",
)
async def put_retention_schedule(office_code: OfficeInPath, body: RetentionScheduleRequest, amends: Amends) -> Response:
    """Berlaku juga bagi kantor di bawahnya yang tidak menetapkan sendiri. Who may: `admin` of the office, or of an office above it.

    The rule of the longest classification wins; one that a document names wins over it. `rules: []` lets the office above say again.
    """
    new = Schedule(office_code, body.source, tuple(RetentionRule(**rule.model_dump()) for rule in body.rules))

    def show(found: OfficeSchedule) -> StoredAnswer:
        return freeze(RetentionScheduleShown.of(found), version=found.version)

    async def work(act: Act) -> StoredAnswer:
        return await usecases.put_schedule(act, new, show=show)

    return await amends.perform(work)


@router.get(
    "/v1/records/due-for-disposal",
    response_model=DueList,
    responses=problems(404),
    openapi_extra=READERS,
    summary="Yang habis masa simpannya · Due for disposal",
)
async def list_due_for_disposal(
    asks: Asks,
    paging: Paging,
    office: OfficeFilter = None,
    on: Annotated[Day | None, Query(description="Pada hari ini; bawaan: hari ini di kantornya. Default: today.", examples=["2030-01-01"])] = None,
    action: Annotated[FinalAction | None, Query(description="Tindakan akhir ini saja. This final action only.")] = None,
) -> Response:
    """Dokumen yang masa retensinya sudah lewat menurut jadwal yang berlaku, yang paling lama dahulu. Nothing is deleted.

    Retention counts from the end of the calendar year, at its office, in which its instance was completed or cancelled. What falls under
    no rule is kept. Restricted records are not documents and never stand here.
    """
    after = paging.after(date, UUID)
    question = DueQuestion(now=asks.now, on=on, action=action, after=None if after is None else (after[0], after[1]))
    rows = await usecases.due(asks.connection, asks.actor, office, question=question)
    return paging.answer(DueList, rows[: paging.limit + 1], key=lambda due: due.key, show=DueDocument.of)
