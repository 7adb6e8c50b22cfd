"""Reports over HTTP: which steps were finished in time."""

from datetime import date
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from app.domain.timeliness import Dimension
from app.usecases.timeliness import Question, report
from app.web.acting import Asks, readers
from app.web.answers import answer
from app.web.exports import EXPORTED, FileFormat, file_of
from app.web.instances import OfficeFilter, ProcedureFilter
from app.web.openapi import problems
from app.web.patterns import GROUP_BY, PERIOD
from app.web.report_sheets import timeliness_table
from app.web.schemas.base import Day
from app.web.schemas.reports import TimelinessReport

router = APIRouter(prefix="/v1/reports", tags=["reports"])
READERS = readers("reports:read")


async def _asked(
    office: OfficeFilter = None,
    below: Annotated[bool, Query(description="Juga kantor di bawah `office` sekarang. With the offices now below `office`.")] = False,
    procedure: ProcedureFilter = None,
    from_: Annotated[
        Day | None,
        Query(alias="from", description="Hari pertama selesainya; bawaan: awal tahun. First day of finishing.", examples=["2026-01-01"]),
    ] = None,
    to: Annotated[Day | None, Query(description="Hari terakhir, termasuk; bawaan: akhir tahun. Last day, inside.", examples=["2026-12-31"])] = None,
    period: Annotated[
        str | None,
        Query(pattern=PERIOD, description="Periode pelaksanaannya, bukan kapan selesainya. What the work is about, not when.", examples=["2026-Q4"]),
    ] = None,
    step: Annotated[int | None, Query(ge=1, le=200)] = None,
    role: Annotated[
        str | None, Query(max_length=63, description="Bagian pelaksana ini saja. Only the parts of this role.", examples=["camat"])
    ] = None,
    group_by: Annotated[
        str,
        Query(
            pattern=GROUP_BY,
            description="Dipisahkan koma; baris diurutkan menurut ini. Comma-separated; rows are in this order.",
            examples=["procedure,step"],
        ),
    ] = "procedure,step",
) -> Question:
    dimensions = tuple(dict.fromkeys(cast(list[Dimension], group_by.split(","))))
    since, until = _days_of(period) if period and not (from_ or to) else (from_, to)
    return Question(
        group_by=dimensions, office=office, below=below, procedure=procedure, since=since, until=until, period=period, step=step, role=role
    )


def _days_of(period: str) -> tuple[date, date]:
    """A report about a year is finished in the year after: who names the period alone wants to see that too."""
    year = int(period[:4])
    return date(year, 1, 1), date(year + 1, 12, 31)


Asked = Annotated[Question, Depends(_asked)]


@router.get(
    "/timeliness",
    response_model=TimelinessReport,
    responses=problems(404),
    openapi_extra=READERS,
    summary="Laporan ketepatan waktu · Timeliness",
)
async def get_timeliness_report(asks: Asks, asked: Asked) -> Response:
    """Langkah yang selesai (atau dikembalikan) pada hari-hari itu, di zona waktu masing-masing kantor: tepat waktu atau terlambat.

    Every round of a step counts for itself, by the day on which it was completed or returned; cancelled ones do not. The due moment itself
    is in time. With `role` in `group_by`, or as a filter, each sign-off that stood when its round closed counts instead, late or not by its
    own time; a return is no sign-off. Without days: this year; with `period` alone: its year and the one after. All offices that you see;
    `office` is that one alone, as in other lists, and with `below=true` those under it too. `still_open` and `still_open_overdue` are of
    now, whatever the days: nothing late stays hidden because nobody has finished it. A suspended instance waits for no role.

    Percentiles are linear between neighbours (PERCENTILE.INC, R-7). One answer without pages: at most 2 000 rows (422 `too_many_groups`),
    ten years.
    """
    found = await report(asks.connection, asks.shelf, asks.actor, question=asked, now=asks.now)
    return answer(TimelinessReport.of(found))


@router.get(
    "/timeliness/export",
    response_class=Response,
    responses=problems(404) | EXPORTED,
    openapi_extra=READERS,
    summary="Unduh laporan ketepatan waktu · Download the report",
)
async def download_timeliness_report(asks: Asks, asked: Asked, format: FileFormat = "csv") -> Response:  # noqa: A002 - the parameter's name
    """Baris yang sama sebagai tabel, satu kolom untuk setiap angka. The same rows as a table; headings follow `Accept-Language`."""
    found = await report(asks.connection, asks.shelf, asks.actor, question=asked, now=asks.now)
    return await file_of(timeliness_table(TimelinessReport.of(found), language=asks.language), kind=format)
