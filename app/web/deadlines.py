"""Deadlines over HTTP: what is overdue or due soon, one instance's deadlines, a calculation, a plan."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response

from app.store import listings
from app.store.deadline_history import recomputations
from app.usecases.deadlines import Wish, calculate
from app.usecases.deadlines import plan_procedure as planned
from app.usecases.views import visible_offices
from app.web.acting import Asks, readers
from app.web.answers import answer
from app.web.instances import OfficeFilter, ProcedureFilter
from app.web.openapi import problems
from app.web.paging import Paging
from app.web.schemas.deadline_view import Explaining, show_explanation, show_instance_deadlines, show_plan
from app.web.schemas.listing_view import show_deadline, titles_of
from app.web.schemas.worklists import Calculation, CalculationRequest, DeadlineList, InstanceDeadlines, Plan, PlanRequest

Explain = Annotated[bool, Query(description="Sertakan penjelasan tenggat. With what led to each due time.")]

router = APIRouter(tags=["deadlines"])
READERS = readers("deadlines:read")

StateFilter = Annotated[
    Literal["overdue", "due_soon", "on_time"] | None, Query(description="Suspended instances count only as overdue, if they were so already.")
]


@router.get("/v1/deadlines", response_model=DeadlineList, responses=problems(404), openapi_extra=READERS, summary="Tenggat · Deadlines")
async def list_deadlines(
    asks: Asks,
    paging: Paging,
    state: StateFilter = None,
    office: OfficeFilter = None,
    procedure: ProcedureFilter = None,
    role: Annotated[str | None, Query(max_length=63, description="Pelaksana yang masih ditunggu.", examples=["camat"])] = None,
) -> Response:
    """Langkah yang sedang berjalan di semua pelaksanaan yang boleh Anda lihat, yang paling dekat tenggatnya dahulu."""
    narrowing = listings.Narrowing(offices=visible_offices(asks.actor, office), procedure=procedure, role=role)
    after = paging.after(datetime, UUID)
    rows = await listings.deadlines(asks.connection, narrowing, state=state, now=asks.now, after=after, limit=paging.limit + 1)
    procedures = await titles_of(asks.connection, asks.shelf, rows)
    return paging.answer(
        DeadlineList,
        rows,
        key=lambda row: (row.due_at, row.about.instance_id),
        show=lambda row: show_deadline(row, procedures, asks.now),
    )


@router.get(
    "/v1/instances/{instance_id}/deadlines",
    response_model=InstanceDeadlines,
    responses=problems(404),
    openapi_extra=READERS,
    summary="Tenggat satu pelaksanaan · One instance's deadlines",
)
async def get_instance_deadlines(instance_id: UUID, asks: Asks, explain: Explain = False) -> Response:
    """Tenggat setiap putaran langkah, termasuk yang sudah lewat; perkiraan langkah berikutnya; keterlambatan. Every round, kept or missed.

    With `explain=true` each round says which office time led to its due time, which days were passed over and why, and how it was moved.
    """
    view = await asks.instance(instance_id)
    explaining = Explaining(asks.language, await recomputations(asks.connection, instance_id)) if explain else None
    return answer(show_instance_deadlines(view, explaining))


@router.post(
    "/v1/deadlines/calculate",
    response_model=Calculation,
    responses=problems(404),
    openapi_extra=READERS,
    summary="Hitung tenggat · Calculate a deadline",
)
async def calculate_deadline(body: CalculationRequest, asks: Asks) -> Response:
    """Hitung satu tenggat dalam waktu kantor, dengan penjelasan: jam yang dipakai, hari yang dilewati dan sebabnya. Saves nothing."""
    duration = body.duration.as_duration()
    found = await calculate(asks.connection, asks.shelf, asks.actor, office=body.office, starts_at=body.starts_at, duration=duration)
    return answer(Calculation(due_at=found.due_at, explanation=show_explanation(found, asks.language)))


@router.post(
    "/v1/procedures/{key}/plan",
    response_model=Plan,
    responses=problems(404),
    openapi_extra=READERS,
    tags=["procedures"],
    summary="Rencana bertanggal · A dated plan",
)
async def plan_procedure(key: str, body: PlanRequest, asks: Asks, explain: Explain = False) -> Response:
    """Rencana bertanggal menurut kalender kantor, dari `starts_at`, atau mulai selambatnya agar selesai pada `ends_by`. Saves nothing.

    With `ends_by` it is the plan that starts latest and still ends on or before that day. A decision step is planned along `yes`.
    """
    wish = Wish(starts_at=body.starts_at, ends_by=body.ends_by)
    found = await planned(asks.connection, asks.shelf, asks.actor, key=key, office=body.office, wish=wish)
    return answer(show_plan(found, asks.language, explain=explain))
