"""Deadline lists as files for a spreadsheet."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response

from app.domain.problems import Refused
from app.domain.refusals import Refusal
from app.store import listings
from app.usecases.views import visible_offices
from app.web.acting import Asks, readers
from app.web.deadline_sheets import deadline_table, instance_table
from app.web.deadlines import StateFilter
from app.web.exports import EXPORTED, FileFormat, file_of
from app.web.instances import OfficeFilter, ProcedureFilter
from app.web.openapi import problems
from app.web.schemas.listing_view import titles_of

router = APIRouter(tags=["deadlines"])
READERS = readers("deadlines:read")
MOST_ROWS = 10_000

WaitingRole = Annotated[str | None, Query(max_length=63, description="Pelaksana yang masih ditunggu. Who is still waited for.", examples=["camat"])]


@router.get(
    "/v1/deadlines/export",
    response_class=Response,
    responses=problems(404) | EXPORTED,
    openapi_extra=READERS,
    summary="Unduh tenggat · Download deadlines",
)
async def download_deadlines(
    asks: Asks,
    state: StateFilter = None,
    office: OfficeFilter = None,
    procedure: ProcedureFilter = None,
    role: WaitingRole = None,
    format: FileFormat = "csv",  # noqa: A002 - the parameter's name
) -> Response:
    """Seluruh daftar tenggat sebagai tabel, dengan saringan yang sama; lebih dari 10 000 baris ditolak (422 `too_many_rows`).

    The whole list as a table, with the same filters and never cut. Moments are at each office's own clock. Headings follow `Accept-Language`.
    """
    narrowing = listings.Narrowing(offices=visible_offices(asks.actor, office), procedure=procedure, role=role)
    lines = await listings.deadlines(asks.connection, narrowing, state=state, now=asks.now, after=None, limit=MOST_ROWS + 1)
    if len(lines) > MOST_ROWS:
        raise Refused([Refusal("too_many_rows", {"most": MOST_ROWS})])
    procedures = await titles_of(asks.connection, asks.shelf, lines)
    return await file_of(deadline_table(lines, procedures, asks.now, language=asks.language), kind=format)


@router.get(
    "/v1/instances/{instance_id}/deadlines/export",
    response_class=Response,
    responses=problems(404) | EXPORTED,
    openapi_extra=READERS,
    summary="Unduh tenggat satu pelaksanaan · Download one instance's deadlines",
)
async def download_instance_deadlines(
    instance_id: UUID,
    asks: Asks,
    format: FileFormat = "csv",  # noqa: A002 - the parameter's name
) -> Response:
    """Tenggat setiap putaran langkah sebagai tabel, termasuk yang sudah lewat. Every round there has been, kept or missed."""
    return await file_of(instance_table(await asks.instance(instance_id), language=asks.language), kind=format)
