"""Instances over HTTP: start one, look at it, move it along, talk about it."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response

from app.domain.instances import Period
from app.domain.records import TransitionRecord
from app.domain.retries import StoredAnswer
from app.store import listings, records
from app.usecases import instances as usecases
from app.usecases.acts import Act, View
from app.usecases.views import visible_offices
from app.web.acting import Acts, ActsAnew, Asks, readers
from app.web.answers import answer, freeze
from app.web.openapi import headed, problems, requires, tagged
from app.web.paging import Paging
from app.web.patterns import PERIOD
from app.web.schemas.instance_view import show_comment, show_instance, show_taken, show_transition
from app.web.schemas.instances import CommentList, CommentRequest, CommentShown, InstanceList, InstanceShown, InstanceStart
from app.web.schemas.listing_view import show_summary, titles_of
from app.web.schemas.transitions import TransitionList, TransitionRequest, TransitionTaken

router = APIRouter(prefix="/v1/instances", tags=["instances"])
READERS = readers("instances:read")

OfficeFilter = Annotated[str | None, Query(max_length=40, description="Kode kantor. The office's region code.", examples=["64.02.13"])]
ProcedureFilter = Annotated[str | None, Query(max_length=80, examples=["pengumpulan-data-kinerja"])]


@router.post(
    "",
    status_code=201,
    response_model=InstanceShown,
    responses=problems(403, 404, 409) | headed(201, "ETag", "Location"),
    openapi_extra=requires("role:performer_of_step_1"),
    summary="Mulai pelaksanaan · Start an instance",
)
async def start_instance(body: InstanceStart, acts: ActsAnew) -> Response:
    """Langkah 1 langsung aktif dan tenggatnya dihitung dalam waktu kantor.

    Who may: a holder of a role that performs step 1, at that office. One open instance per procedure, office and period
    (409 `instance_already_open`). 404 for an office that you cannot see.
    """
    period = Period(body.period.year, body.period.quarter)
    new = usecases.NewInstance(procedure=body.procedure, office=body.office, period=period, title=body.title)

    def show(view: View) -> StoredAnswer:
        headers = {"Location": f"/v1/instances/{view.instance.id}"}
        return freeze(show_instance(view, acts.language), status=201, version=view.instance.version, headers=headers)

    async def work(act: Act) -> StoredAnswer:
        return await usecases.start_instance(act, new, show)

    return await acts.perform(work)


@router.get("", response_model=InstanceList, responses=problems(404), openapi_extra=READERS, summary="Daftar pelaksanaan · Instances")
async def list_instances(
    asks: Asks,
    paging: Paging,
    office: OfficeFilter = None,
    procedure: ProcedureFilter = None,
    state: Literal["running", "suspended", "completed", "cancelled"] | None = None,
    period: Annotated[str | None, Query(pattern=PERIOD, examples=["2026-Q4"])] = None,
    q: Annotated[str | None, Query(max_length=200, description="Kata dalam judul. Words in the title.")] = None,
) -> Response:
    """Semua pelaksanaan yang boleh Anda lihat, yang terbaru dahulu. Newest first."""
    narrowing = listings.Narrowing(offices=visible_offices(asks.actor, office), procedure=procedure, state=state, period=period, text=q)
    rows = await listings.instances(asks.connection, narrowing, after=paging.after(UUID), limit=paging.limit + 1)
    procedures = await titles_of(asks.connection, asks.shelf, rows)
    return paging.answer(InstanceList, rows, key=lambda row: (row.about.instance_id,), show=lambda row: show_summary(row, procedures, asks.now))


@router.get(
    "/{instance_id}",
    response_model=InstanceShown,
    responses=problems(404) | tagged(),
    openapi_extra=READERS,
    summary="Satu pelaksanaan · One instance",
)
async def get_instance(instance_id: UUID, asks: Asks) -> Response:
    """Keadaan lengkap: langkah, yang ditunggu, dan `actions[]` — apa yang boleh Anda lakukan sekarang dan mengapa tidak."""
    view = await asks.instance(instance_id)
    return answer(show_instance(view, asks.language), version=view.instance.version)


@router.post(
    "/{instance_id}/transitions",
    status_code=201,
    response_model=TransitionTaken,
    responses=problems(403, 404, 409, 412) | tagged(201) | {200: {"model": TransitionTaken, "description": "Dry run: nothing was saved."}},
    openapi_extra=requires("role:performer_of_step", "role:controller"),
    summary="Ambil satu transisi · Take a transition",
)
async def take_transition(
    instance_id: UUID,
    body: TransitionRequest,
    acts: Acts,
    dry_run: Annotated[bool, Query(description="Hanya katakan apa yang akan terjadi. Only say what would happen.")] = False,
) -> Response:
    """Aturan SOP menjaga setiap transisi; semua alasan penolakan disebut sekaligus.

    All refusals are listed, your own first: 403 if any concerns you, else 409 if any the state, else 422.
    With `dry_run=true` the answer is 200 with `transition.id: null`, and nothing is saved.
    """
    request = body.asked()

    def show(record: TransitionRecord, after: View) -> StoredAnswer:
        version = None if dry_run else after.instance.version
        return freeze(show_taken(record, after, acts.language), status=200 if dry_run else 201, version=version)

    async def work(act: Act) -> StoredAnswer:
        return await usecases.take_transition(act, instance_id, request, show=show, dry_run=dry_run)

    return await acts.perform(work, ignore_retry=dry_run)


@router.get(
    "/{instance_id}/transitions",
    response_model=TransitionList,
    responses=problems(404),
    openapi_extra=READERS,
    summary="Transisi yang diambil · Transitions taken",
)
async def list_transitions(instance_id: UUID, asks: Asks, paging: Paging) -> Response:
    """Transisi yang sudah diambil beserta alasan yang ditulis, yang lama dahulu."""
    view = await asks.instance(instance_id)
    after = paging.after(int)
    rows = await records.transitions(asks.connection, instance_id, after=0 if after is None else after[0], limit=paging.limit + 1)
    zone = view.instance.office.zone
    return paging.answer(TransitionList, rows, key=lambda row: (row.sequence,), show=lambda row: show_transition(row, zone))


@router.post(
    "/{instance_id}/comments",
    status_code=201,
    response_model=CommentShown,
    responses=problems(403, 404, 409, 412),
    openapi_extra=requires("role:any"),
    summary="Beri komentar · Comment",
)
async def add_comment(instance_id: UUID, body: CommentRequest, acts: Acts) -> Response:
    """Tulis komentar; dalam keadaan apa pun. Auditors and machine accounts read, they do not comment."""

    async def work(act: Act) -> StoredAnswer:
        return await usecases.add_comment(act, instance_id, body.body, show=lambda record, zone: freeze(show_comment(record, zone), status=201))

    return await acts.perform(work)


@router.get("/{instance_id}/comments", response_model=CommentList, responses=problems(404), openapi_extra=READERS, summary="Komentar · Comments")
async def list_comments(instance_id: UUID, asks: Asks, paging: Paging) -> Response:
    """Komentar, yang lama dahulu. Oldest first."""
    view = await asks.instance(instance_id)
    after = paging.after(int)
    rows = await records.comments(asks.connection, instance_id, after=0 if after is None else after[0], limit=paging.limit + 1)
    zone = view.instance.office.zone
    return paging.answer(CommentList, rows, key=lambda row: (row.sequence,), show=lambda row: show_comment(row, zone))
