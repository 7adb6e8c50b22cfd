"""Many rows of an office's calendar at once: a year's decree, an import, a sheet from Excel."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from app.domain.calendars.changes import import_rows, put_year_list
from app.domain.calendars.entries import FIRST_YEAR, LAST_YEAR
from app.domain.problems import NotVisible, UnsupportedMediaType
from app.outside.calendar_csv import days_off_of_csv
from app.web.acting import Acts, Amends
from app.web.bodies import MAX_BODY
from app.web.calendar_acts import ADMINS, DryRun, amended, carry_out, created
from app.web.offices import OfficeInPath
from app.web.schemas.calendar_changes import CalendarChanged
from app.web.schemas.calendar_entries import CalendarImport, CalendarYearEntry

router = APIRouter(prefix="/v1/calendars/{office_code}", tags=["calendars"])

CSV = "text/csv"
CSV_BODY: dict[str, Any] = {
    "required": True,
    "description": "CSV UTF-8, dengan atau tanpa BOM, dipisah `;` atau `,`. With or without a byte order mark, separated by either.",
    "content": {
        CSV: {
            "schema": {"type": "string", "maxLength": MAX_BODY},
            "example": "date;kind;name;decree\n2025-08-18;joint_leave;Cuti bersama Hari Kemerdekaan;SKB 933/2025\n",
        }
    },
}

CalendarYear = Annotated[int, Path(ge=FIRST_YEAR, le=LAST_YEAR, description="Tahunnya. The year.", examples=[2026])]


@router.put(
    "/years/{year}",
    response_model=CalendarChanged,
    responses=amended(),
    openapi_extra=ADMINS,
    summary="Tetapkan daftar setahun · Enter a year's list",
)
async def put_calendar_year(
    office_code: OfficeInPath, year: CalendarYear, body: CalendarYearEntry, amends: Amends, dry_run: DryRun = False
) -> Response:
    """Daftar libur nasional dan cuti bersama (SKB) setahun dalam satu panggilan; menggantikan daftar kantor ini untuk tahun itu.

    A year's decree in one call. It replaces this office's `public` and `joint_leave` days of that year; closures and `working` days stay.
    What an office above has off stays off though this list does not name it: a `working` day lifts that. Days that stay what they were keep
    their id. What is wrong is named by its place (`/days/3/date`).
    """
    return await carry_out(amends, office_code, lambda: put_year_list(year, body.asked()), reason="year_list", dry_run=dry_run)


@router.post(
    "/import",
    status_code=201,
    response_model=CalendarChanged,
    responses=created(),
    openapi_extra=ADMINS,
    summary="Impor kalender · Import a calendar",
)
async def import_calendar(office_code: OfficeInPath, body: CalendarImport, acts: Acts, dry_run: DryRun = False) -> Response:
    """Semua baris dalam satu perubahan, atau tidak satu pun. All rows in one change, or none.

    A row that is there already becomes as it is given: a date and kind, a season's name and first day, a schedule's season and first day,
    the year of a report. What is not named stays. At most 1 000 rows. What is wrong is named by its place (`/days_off/3/date`).
    """
    return await carry_out(acts, office_code, lambda: import_rows(body.asked()), reason="imported", dry_run=dry_run, status=201)


@router.post(
    "/import-csv",
    status_code=201,
    response_model=CalendarChanged,
    responses=created(413, 415),
    openapi_extra=ADMINS | {"requestBody": CSV_BODY},
    summary="Impor hari libur dari CSV · Import days off from CSV",
)
async def import_calendar_csv(office_code: OfficeInPath, request: Request, acts: Acts, dry_run: DryRun = False) -> Response:
    """Sebagaimana disimpan Excel sebagai CSV UTF-8: satu baris satu hari, baris pertama menyebut kolom `date`, `kind`, `name`, dan bila perlu
    `provisional`, `source`, `decree`, dalam urutan apa pun.

    As Excel saves it as CSV UTF-8: a line a day, the first line names the columns. Dates are YYYY-MM-DD; kinds `public`, `joint_leave`, `local`,
    `working`; `provisional` true, false or nothing. At most 1 MiB and 1 000 lines. Every mistake is named by line and column
    (`/lines/3/date`). A date and kind that is there already becomes as it is given; the rest stays.
    """
    if not acts.actor.sees(office_code):
        raise NotVisible
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != CSV:
        raise UnsupportedMediaType(CSV)
    content = await request.body()
    return await carry_out(acts, office_code, lambda: import_rows(days_off_of_csv(content)), reason="imported", dry_run=dry_run, status=201)
