"""Deadlines over HTTP: what is overdue or due soon, one instance's deadlines, a calculation, a plan."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response

from app.store import listings
from app.usecases.deadlines import calculate
from app.usecases.deadlines import plan_procedure as planned
from app.usecases.views import visible_offices
from app.web.acting import Asks, readers
from app.web.answers import answer
from app.web.instances import OfficeFilter, ProcedureFilter
from app.web.openapi import problems
from app.web.paging import Paging
from app.web.schemas.common import OfficeRef, ProcedureRef, local
from app.web.schemas.listing_view import show_deadline, show_instance_deadlines, titles_of
from app.web.schemas.worklists import (
    Calculation,
    CalculationRequest,
    DeadlineList,
    ExplanationShown,
    InstanceDeadlines,
    Plan,
    PlannedStepShown,
    PlanRequest,
    SkippedDay,
    UsedInterval,
)

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
async def get_instance_deadlines(instance_id: UUID, asks: Asks) -> Response:
    """Tenggat setiap putaran langkah, termasuk yang sudah lewat. Every round there has been, kept or missed."""
    view = await asks.instance(instance_id)
    return answer(show_instance_deadlines(view))


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
    skipped = [SkippedDay(date=s.day.isoformat(), reason=s.english if asks.language == "en" else s.reason) for s in found.skipped]
    used = [UsedInterval(from_=since, to=until) for since, until in found.used]
    explanation = ExplanationShown(used=used, skipped=skipped, warnings=list(found.warnings))
    return answer(Calculation(due_at=found.due_at, explanation=explanation))


@router.post(
    "/v1/procedures/{key}/plan",
    response_model=Plan,
    responses=problems(404),
    openapi_extra=READERS,
    tags=["procedures"],
    summary="Rencana bertanggal · A dated plan",
)
async def plan_procedure(key: str, body: PlanRequest, asks: Asks) -> Response:
    """Rencana bertanggal menurut kalender kantor; tidak menyimpan apa pun. A decision step is planned along `yes`."""
    found = await planned(asks.connection, asks.shelf, asks.actor, key=key, office=body.office, starts_at=body.starts_at)
    zone = found.office.zone
    steps = [
        PlannedStepShown(
            number=step.number,
            activity=found.procedure.step(step.number).activity.label,
            starts_at=local(step.starts_at, zone),
            due_at=local(step.due_at, zone),
        )
        for step in found.steps
    ]
    plan = Plan(
        procedure=ProcedureRef(key=key, version=found.version, title=found.procedure.title),
        office=OfficeRef(code=found.office.code, name=found.office.name),
        steps=steps,
        ends_at=steps[-1].due_at,
    )
    return answer(plan)
