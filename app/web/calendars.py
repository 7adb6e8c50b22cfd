"""Calendars over HTTP: what holds at an office, its own rows and those that it inherits."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response

from app.domain.calendars import Calendar, DayOff, DayOffKind, ReportDate, Schedule, Season
from app.domain.problems import FieldError, Invalid
from app.store.calendars import Inherited, is_recomputing
from app.usecases.calendars import view_calendar
from app.web.acting import Asking, Asks, readers
from app.web.answers import answer
from app.web.offices import OfficeInPath
from app.web.openapi import problems, tagged
from app.web.paging import Key, PageInfo, PageQuery, Paging
from app.web.schemas.base import Day
from app.web.schemas.calendars import (
    CalendarShown,
    DayOffList,
    DayOffShown,
    OfficeDayList,
    OfficeDayShown,
    ReportDateList,
    ReportDateShown,
    ScheduleList,
    ScheduleShown,
    SeasonList,
    SeasonShown,
    show_calendar,
)

router = APIRouter(prefix="/v1/calendars/{office_code}", tags=["calendars"])
READERS = readers("calendars:read")
MOST_DAYS = 366
USUAL_DAYS = 31

Row = TypeVar("Row", DayOff, Season, Schedule, ReportDate)

OwnFilter = Annotated[bool, Query(description="Hanya yang ditetapkan kantor ini sendiri. Only what the office itself says.")]


@router.get(
    "", response_model=CalendarShown, responses=problems(404) | tagged(), openapi_extra=READERS, summary="Kalender kantor · An office's calendar"
)
async def get_calendar(office_code: OfficeInPath, asks: Asks) -> Response:
    """Jam kerja dan musim yang berlaku, dari kantor ini dan kantor di atasnya; `version` ada di dalam ETag setiap jawaban tentang kalender ini.

    What holds, and who says it. Every change of it, here or above, raises `version`; while `recomputing`, open deadlines still follow.
    """
    found = await _inherited(asks, office_code)
    recomputing = await is_recomputing(asks.connection, office_code)
    return answer(show_calendar(found, office_code, asks.now, recomputing=recomputing), version=found.version)


@router.get("/days", response_model=OfficeDayList, responses=problems(404) | tagged(), openapi_extra=READERS, summary="Hari demi hari · Day by day")
async def list_calendar_days(
    office_code: OfficeInPath,
    asks: Asks,
    from_: Annotated[
        Day | None, Query(alias="from", description="Hari pertama; tanpa ini hari ini. The first day; without it today.", examples=["2027-03-01"])
    ] = None,
    to: Annotated[
        Day | None,
        Query(description=f"Hari terakhir, paling banyak {MOST_DAYS} hari. The last day; without it {USUAL_DAYS} days.", examples=["2027-03-31"]),
    ] = None,
) -> Response:
    """Setiap hari: jam kerjanya dengan zona waktu kantor, atau sebabnya libur, dalam satu halaman.

    Each day with its working intervals in the office's zone, or the reason why it has none; `warnings` say what is not certain about it.
    """
    calendar = (await _inherited(asks, office_code)).calendar()
    first = from_ or calendar.local_date(asks.now)
    last = to or first + timedelta(days=USUAL_DAYS - 1)
    if not 0 <= (last - first).days < MOST_DAYS:
        raise Invalid(_not_a_stretch)
    shown = [OfficeDayShown.of(day, calendar.zone_info, asks.language) for day in calendar.days_between(first, last)]
    return answer(OfficeDayList(items=shown, page=PageInfo(next_cursor=None, limit=MOST_DAYS)), version=calendar.version)


_not_a_stretch = FieldError(
    "?to",
    "not_a_stretch",
    f"Tidak sebelum from, dan paling banyak {MOST_DAYS} hari.",
    f"Not before from, and at most {MOST_DAYS} days.",
)


@router.get("/days-off", response_model=DayOffList, responses=problems(404) | tagged(), openapi_extra=READERS, summary="Hari libur · Days off")
async def list_days_off(
    office_code: OfficeInPath,
    asks: Asks,
    paging: Paging,
    year: Annotated[int | None, Query(ge=1900, le=9000, description="Tahunnya. The year.", examples=[2027])] = None,
    kind: Annotated[DayOffKind | None, Query(description="Jenisnya. The kind.")] = None,
    own: OwnFilter = False,
) -> Response:
    """Yang berlaku di kantor ini, menurut tanggal; pada satu tanggal kantor terdekat yang menentukan. On a date the nearest office decides."""
    calendar = (await _inherited(asks, office_code)).calendar()
    rows = [row for row in calendar.effective_days_off() if year in (None, row.day.year) and kind in (None, row.kind)]
    left = _left(paging, _said(rows, office_code if own else None), _by_day, date, UUID)
    return paging.answer(DayOffList, left, key=_by_day, show=lambda row: DayOffShown.of(row, office_code), version=calendar.version)


@router.get("/seasons", response_model=SeasonList, responses=problems(404) | tagged(), openapi_extra=READERS, summary="Musim · Seasons")
async def list_seasons(office_code: OfficeInPath, asks: Asks, paging: Paging, own: OwnFilter = False) -> Response:
    """Yang berlaku di kantor ini, menurut tanggal. A season of an office above gives way to one of the same name that it overlaps."""
    calendar = await _calendar_now(asks, office_code)
    left = _left(paging, _said(calendar.seasons, office_code if own else None), _by_start, date, UUID)
    return paging.answer(SeasonList, left, key=_by_start, show=lambda row: SeasonShown.of(row, office_code), version=calendar.version)


@router.get(
    "/schedules", response_model=ScheduleList, responses=problems(404) | tagged(), openapi_extra=READERS, summary="Jadwal kerja · Work schedules"
)
async def list_schedules(office_code: OfficeInPath, asks: Asks, paging: Paging, own: OwnFilter = False) -> Response:
    """Menurut pemberlakuan: kantor terdekat dahulu, lalu yang terbaru. On a day holds the first of these whose dates and season fit."""
    calendar = await _calendar_now(asks, office_code)
    left = _left(paging, _said(calendar.schedules, office_code if own else None), _by_force, int, int, UUID)
    return paging.answer(ScheduleList, left, key=_by_force, show=lambda row: ScheduleShown.of(row, office_code), version=calendar.version)


@router.get(
    "/report-dates", response_model=ReportDateList, responses=problems(404) | tagged(), openapi_extra=READERS, summary="Batas LKJIP · LKJIP due dates"
)
async def list_report_dates(office_code: OfficeInPath, asks: Asks, paging: Paging, own: OwnFilter = False) -> Response:
    """Menurut tahun. Where no office says a date, it is the last day of February of the year after, with a margin of 5 working days."""
    calendar = await _calendar_now(asks, office_code)
    left = _left(paging, _said(calendar.report_dates, office_code if own else None), _by_year, int)
    return paging.answer(ReportDateList, left, key=_by_year, show=lambda row: ReportDateShown.of(row, office_code), version=calendar.version)


async def _inherited(asks: Asking, office_code: str) -> Inherited:
    """Raises NotVisible."""
    return await view_calendar(asks.connection, asks.actor, office_code)


async def _calendar_now(asks: Asking, office_code: str) -> Calendar:
    """As it holds today, where the office stands now."""
    calendar = (await _inherited(asks, office_code)).calendar()
    return calendar.on(calendar.local_date(asks.now))


def _said(rows: Iterable[Row], by: str | None) -> Iterable[Row]:
    """Those that this office says; None: all."""
    return (row for row in rows if by in (None, row.office))


def _left(paging: PageQuery, rows: Iterable[Row], key: Callable[[Row], tuple[Key, ...]], *types: type[Key]) -> list[Row]:
    """What comes from this page on: a calendar is read whole, in one statement, so that its version is that of all rows."""
    after = paging.after(*types)
    return [row for row in sorted(rows, key=key) if after is None or key(row) > after]


def _by_day(row: DayOff) -> tuple[Key, ...]:
    return row.day, _id(row)


def _by_start(row: Season) -> tuple[Key, ...]:
    return row.starts_on, _id(row)


def _by_force(row: Schedule) -> tuple[Key, ...]:
    return row.depth, -row.valid_from.toordinal(), _id(row)


def _by_year(row: ReportDate) -> tuple[Key, ...]:
    return (row.year,)


def _id(row: DayOff | Season | Schedule) -> UUID:
    assert row.id is not None
    return row.id
