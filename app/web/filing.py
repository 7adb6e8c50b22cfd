"""How documents are filed, retention schedules, and what is due for disposal, over HTTP."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response

from app.domain.filing import DueQuestion, Filing, FinalAction, RetentionRule, Schedule, SecurityClass
from app.domain.problems import NotVisible
from app.domain.retries import StoredAnswer
from app.store.filed_documents import FiledLine
from app.store.filing import OfficeSchedule, schedule_at
from app.usecases import filing as usecases
from app.usecases.acts import Act
from app.usecases.filing import FiledDocument
from app.web.acting import Amends, Asks, readers
from app.web.answers import answer, freeze
from app.web.document_limits import OfficeInPath
from app.web.documents import instance_of_document
from app.web.instances import OfficeFilter
from app.web.openapi import problems, requires, tagged
from app.web.paging import Paging
from app.web.patterns import NOT_BLANK, PERIOD
from app.web.schemas.base import Day
from app.web.schemas.filing import (
    Classification,
    DocumentRecordRequest,
    DocumentRecordShown,
    DueDocument,
    DueList,
    RecordList,
    RecordShown,
    RetentionScheduleRequest,
    RetentionScheduleShown,
    trimmed,
)
from app.web.schemas.listing_view import titles_of

router = APIRouter()
READERS = readers("records:read")
RECORD = "/v1/documents/{document_id}/record"
SCHEDULE = "/v1/offices/{office_code}/retention-schedule"


@router.get(
    RECORD,
    tags=["documents"],
    response_model=DocumentRecordShown,
    responses=problems(404) | tagged(),
    openapi_extra=readers("documents:read"),
    summary="Metadata arsip dokumen · How a document is filed",
)
async def get_document_record(document_id: UUID, asks: Asks) -> Response:
    """Klasifikasi, keamanan, nomor, retensi. The ETag is the instance's; nothing said yet: `ordinary`, and nulls."""
    instance = await instance_of_document(asks, document_id)
    found = await usecases.filed(asks.connection, document_id, instance, now=asks.now)
    return answer(DocumentRecordShown.of(found), version=instance.version)


@router.put(
    RECORD,
    tags=["documents"],
    response_model=DocumentRecordShown,
    responses=problems(403, 404, 409) | tagged(),
    openapi_extra=requires("role:performer_of_any_step", "role:controller"),
    summary="Tetapkan metadata arsip · File a document",
)
async def put_document_record(document_id: UUID, body: DocumentRecordRequest, amends: Amends) -> Response:
    """Diganti seluruhnya, juga setelah pelaksanaan selesai atau dibatalkan. Who may: who performs any step, or controls, at that office.

    A number that this office gives (`numbered_by: null`) is given once (409 `number_taken`); one from outside may repeat.
    """
    new = Filing(
        classification=body.classification,
        security_class=body.security_class,
        retention_rule=body.retention_rule,
        number=body.number,
        numbered_by=body.numbered_by,
        dated=body.dated,
    )

    def show(found: FiledDocument) -> StoredAnswer:
        return freeze(DocumentRecordShown.of(found), version=found.instance.version)

    async def work(act: Act) -> StoredAnswer:
        return await usecases.describe(act, document_id, new, show=show)

    return await amends.perform(work)


@router.get(
    SCHEDULE,
    tags=["records"],
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
    tags=["records"],
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
    "/v1/records",
    tags=["records"],
    response_model=RecordList,
    responses=problems(404),
    openapi_extra=READERS,
    summary="Temukan kembali dokumen · Find documents again",
)
async def list_records(
    asks: Asks,
    paging: Paging,
    office: OfficeFilter = None,
    number: Annotated[
        str | None, Query(pattern=NOT_BLANK, max_length=100, description="Nomor naskah, seutuhnya. The whole number; capitals do not matter.")
    ] = None,
    classification: Annotated[Classification | None, Query(description="Kode ini dan semua di bawahnya. This code and all below it.")] = None,
    security_class: SecurityClass | None = None,
    period: Annotated[str | None, Query(pattern=PERIOD, examples=["2026-Q4"])] = None,
    closed: Annotated[bool | None, Query(description="Pelaksanaannya selesai atau dibatalkan. Whether its instance is over.")] = None,
    filed: Annotated[bool | None, Query(description="Terjangkau aturan retensi yang berlaku. Whether a rule in force reaches it.")] = None,
) -> Response:
    """Dokumen semua pelaksanaan yang boleh Anda lihat, yang terbaru dahulu, juga yang belum ditetapkan arsipnya. Newest instances first.

    `filed=false&closed=true` is what an archivist still has to file. Restricted records are not documents and never stand here.
    """
    search = usecases.Search(
        office=office,
        number=None if number is None else trimmed(number),
        classification=classification,
        security_class=security_class,
        period=period,
        closed=closed,
        filed=filed,
    )
    after = paging.after(UUID, UUID)
    place = None if after is None else (after[0], after[1])
    found = await usecases.search(asks.connection, asks.actor, search, now=asks.now, after=place, limit=paging.limit + 1)
    procedures = await titles_of(asks.connection, asks.shelf, found.lines)

    def show(line: FiledLine) -> RecordShown:
        return RecordShown.of(line, found.rules.get(line.about.office_code, ()), procedures)

    return paging.answer(RecordList, found.lines, key=lambda line: line.key, show=show)


@router.get(
    "/v1/records/due-for-disposal",
    tags=["records"],
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
    rows = await usecases.due(asks.connection, asks.actor, office, question=question, limit=paging.limit + 1)
    return paging.answer(DueList, rows, key=lambda due: due.key, show=DueDocument.of)
