"""Single rows of an office's own calendar over HTTP: days off, seasons, schedules, and when reports are due."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from fastapi.responses import Response

from app.domain.calendars.changes import add_row, change_row, remove_row, set_report_date, unset_report_date
from app.domain.calendars.entries import FIRST_YEAR, LAST_YEAR
from app.web.acting import Acts, Amends
from app.web.calendar_acts import ADMINS, DryRun, amended, carry_out, created
from app.web.offices import OfficeInPath
from app.web.schemas.calendar_changes import CalendarChanged
from app.web.schemas.calendar_entries import (
    DayOffAmendment,
    DayOffCreation,
    ReportDateEntry,
    ScheduleAmendment,
    ScheduleCreation,
    SeasonAmendment,
    SeasonCreation,
    given,
)

router = APIRouter(prefix="/v1/calendars/{office_code}", tags=["calendars"])

ReportYear = Annotated[int, Path(ge=FIRST_YEAR, le=LAST_YEAR, description="Tahun yang dilaporkan. The year reported about.", examples=[2026])]


# ── days off ────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.post(
    "/days-off",
    status_code=201,
    response_model=CalendarChanged,
    responses=created(),
    openapi_extra=ADMINS,
    summary="Tambah hari libur · Add a day off",
)
async def create_day_off(office_code: OfficeInPath, body: DayOffCreation, acts: Acts, dry_run: DryRun = False) -> Response:
    """Berlaku di kantor ini dan semua kantor di bawahnya. It holds here and at every office below; open deadlines follow by themselves.

    `local`: a closure of this office. `working`: the office works although offices above have the day off. On a date the nearest office
    that has any row decides. Who may: `admin` of the office, or of one above it.
    """
    return await carry_out(acts, office_code, lambda: add_row(body.asked()), dry_run=dry_run, status=201)


@router.patch(
    "/days-off/{day_off_id}",
    response_model=CalendarChanged,
    responses=amended(),
    openapi_extra=ADMINS,
    summary="Ubah hari libur · Change a day off",
)
async def change_day_off(office_code: OfficeInPath, day_off_id: UUID, body: DayOffAmendment, amends: Amends, dry_run: DryRun = False) -> Response:
    """Yang tidak disebut tetap. What is not named stays. 409 `inherited_row` for one that an office above says: change it there."""
    return await carry_out(amends, office_code, lambda: change_row("days_off", day_off_id, given(body)), dry_run=dry_run)


@router.delete(
    "/days-off/{day_off_id}",
    response_model=CalendarChanged,
    responses=amended(),
    openapi_extra=ADMINS,
    summary="Hapus hari libur · Remove a day off",
)
async def remove_day_off(office_code: OfficeInPath, day_off_id: UUID, amends: Amends, dry_run: DryRun = False) -> Response:
    """Hari itu kembali seperti menurut kantor di atasnya. To work on a day that an office above has off, add a row of kind `working`."""
    return await carry_out(amends, office_code, lambda: remove_row("days_off", day_off_id), dry_run=dry_run)


# ── seasons ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.post(
    "/seasons",
    status_code=201,
    response_model=CalendarChanged,
    responses=created(),
    openapi_extra=ADMINS,
    summary="Tambah musim · Add a season",
)
async def create_season(office_code: OfficeInPath, body: SeasonCreation, acts: Acts, dry_run: DryRun = False) -> Response:
    """Selama musim ini berlaku jadwal dengan `season` yang sama namanya (misalnya ramadan). Within it hold the schedules of that name.

    A season of the same name at an office above gives way where the two overlap.
    """
    return await carry_out(acts, office_code, lambda: add_row(body.asked()), dry_run=dry_run, status=201)


@router.patch(
    "/seasons/{season_id}",
    response_model=CalendarChanged,
    responses=amended(),
    openapi_extra=ADMINS,
    summary="Ubah musim · Change a season",
)
async def change_season(office_code: OfficeInPath, season_id: UUID, body: SeasonAmendment, amends: Amends, dry_run: DryRun = False) -> Response:
    """Misalnya setelah awal Ramadan ditetapkan. As when the start of Ramadan has been decreed; what is not named stays."""
    return await carry_out(amends, office_code, lambda: change_row("seasons", season_id, given(body)), dry_run=dry_run)


@router.delete(
    "/seasons/{season_id}",
    response_model=CalendarChanged,
    responses=amended(),
    openapi_extra=ADMINS,
    summary="Hapus musim · Remove a season",
)
async def remove_season(office_code: OfficeInPath, season_id: UUID, amends: Amends, dry_run: DryRun = False) -> Response:
    """Jadwalnya tetap ada untuk musim lain yang sama namanya. Its schedules stay for other seasons of that name."""
    return await carry_out(amends, office_code, lambda: remove_row("seasons", season_id), dry_run=dry_run)


# ── schedules ───────────────────────────────────────────────────────────────────────────────────────────────────────


@router.post(
    "/schedules",
    status_code=201,
    response_model=CalendarChanged,
    responses=created(),
    openapi_extra=ADMINS,
    summary="Tambah jadwal kerja · Add a work schedule",
)
async def create_schedule(office_code: OfficeInPath, body: ScheduleCreation, acts: Acts, dry_run: DryRun = False) -> Response:
    """Jam kerja minggu biasa, atau satu musim, sejak satu tanggal. The hours of the normal week, or of a season, from a day on.

    The nearest office's schedule holds; of these the newest. Each day has up to eight intervals, in order: what lies between them is a break.
    """
    return await carry_out(acts, office_code, lambda: add_row(body.asked()), dry_run=dry_run, status=201)


@router.patch(
    "/schedules/{schedule_id}",
    response_model=CalendarChanged,
    responses=amended(),
    openapi_extra=ADMINS,
    summary="Ubah jadwal kerja · Change a work schedule",
)
async def change_schedule(office_code: OfficeInPath, schedule_id: UUID, body: ScheduleAmendment, amends: Amends, dry_run: DryRun = False) -> Response:
    """Yang tidak disebut tetap; `week` diganti seluruhnya. What is not named stays; `week` is replaced as a whole."""
    return await carry_out(amends, office_code, lambda: change_row("schedules", schedule_id, given(body)), dry_run=dry_run)


@router.delete(
    "/schedules/{schedule_id}",
    response_model=CalendarChanged,
    responses=amended(),
    openapi_extra=ADMINS,
    summary="Hapus jadwal kerja · Remove a work schedule",
)
async def remove_schedule(office_code: OfficeInPath, schedule_id: UUID, amends: Amends, dry_run: DryRun = False) -> Response:
    """Berlaku lagi jadwal sebelumnya, atau dari atas. What held before it holds again, or what an office above says."""
    return await carry_out(amends, office_code, lambda: remove_row("schedules", schedule_id), dry_run=dry_run)


# ── when reports are due ────────────────────────────────────────────────────────────────────────────────────────────


@router.put(
    "/report-dates/{year}",
    response_model=CalendarChanged,
    responses=amended(),
    openapi_extra=ADMINS,
    summary="Tetapkan batas LKJIP · Say when the LKJIP is due",
)
async def put_report_date(office_code: OfficeInPath, year: ReportYear, body: ReportDateEntry, amends: Amends, dry_run: DryRun = False) -> Response:
    """Batas LKJIP tahun itu untuk kantor ini dan semua di bawahnya; tanpa ini, hari terakhir Februari sesudahnya.

    For this office and all below; the nearest says. Without any, the last day of February of the year after. A forecast that leaves fewer
    than `margin_days` working days is at risk. `If-Match: *` where nothing was read before.
    """
    return await carry_out(amends, office_code, lambda: set_report_date(body.asked(year)), reason="report_date", dry_run=dry_run)


@router.delete(
    "/report-dates/{year}",
    response_model=CalendarChanged,
    responses=amended(),
    openapi_extra=ADMINS,
    summary="Hapus batas LKJIP · Unsay when the LKJIP is due",
)
async def remove_report_date(office_code: OfficeInPath, year: ReportYear, amends: Amends, dry_run: DryRun = False) -> Response:
    """Kembali seperti menurut kantor di atas, atau akhir Februari. It is again as an office above says, or the end of February."""
    return await carry_out(amends, office_code, lambda: unset_report_date(year), reason="report_date", dry_run=dry_run)
