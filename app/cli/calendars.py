"""`alur calendar …`: a year's public holidays from the holidays package, rows from a file, and what holds at an office."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from app.cli import edge
from app.domain.calendars import Calendar, DayOff, Layer, Schedule, Season
from app.domain.calendars.changes import Change, Reason, import_rows, put_year_list
from app.domain.calendars.entries import FIRST_YEAR, LAST_YEAR
from app.domain.problems import FieldError, Invalid, NotVisible
from app.outside.calendar_csv import days_off_of_csv
from app.store.calendars import CalendarCache, load_calendar
from app.store.procedures import ProcedureCache
from app.usecases.acts import Shelf
from app.usecases.calendars import NATIONAL_OFFICE, Changed, seed_calendar
from app.usecases.calendars import change_calendar_at_the_server as change_at_the_server
from app.usecases.entries import unknown_office

calendars_app = typer.Typer(no_args_is_help=True, help="Kalender kerja · Working calendars.")

Year = Annotated[int, typer.Argument(min=FIRST_YEAR, max=LAST_YEAR, help="2027")]
OfYear = Annotated[int | None, typer.Option("--year", min=FIRST_YEAR, max=LAST_YEAR)]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Berkas .csv atau .json · A .csv or .json file.")]
_DAYS = ("Sen", "Sel", "Rab", "Kam", "Jum", "Sab", "Min")


@calendars_app.command("seed")
def seed(year: Year) -> None:
    """Hari libur nasional dan cuti bersama setahun, sebagaimana paket holidays. A year that was seeded or listed before stays as it is."""
    added: list[Layer] = []

    async def work(connection: AsyncConnection, now: datetime) -> None:
        with _at(NATIONAL_OFFICE):
            added.append(await seed_calendar(connection, now, years=[year]))

    edge.writing(work)
    typer.echo(f"{NATIONAL_OFFICE}: +{_rows(added[-1])}")
    for row in added[-1].days_off:
        typer.echo(f"+ {_day_off(row)}")


@calendars_app.command("import")
def import_file(
    file: File,
    office: Annotated[str, typer.Option(help="64.02.13")],
    year: Annotated[
        int | None,
        typer.Option(
            min=FIRST_YEAR,
            max=LAST_YEAR,
            help="Berkas ini daftar setahun (SKB) dan menggantikan yang lama · The file is a year's list and replaces the old one.",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Hanya katakan akibatnya · Only say what would change.")] = False,
) -> None:
    """Tambah dan ubah baris kalender satu kantor dari berkas; kolom CSV: date, kind, name, provisional, source, decree."""
    found: list[Changed] = []

    try:
        change = _change_of(file, year)
    except Invalid as invalid:
        edge.complain(invalid.errors)
    reason: Reason = "imported" if year is None else "year_list"
    shelf = Shelf(ProcedureCache(), CalendarCache())

    async def work(connection: AsyncConnection, now: datetime) -> None:
        with _at(office):
            found.append(await change_at_the_server(connection, shelf, now, office_code=office, change=change, reason=reason, dry_run=dry_run))

    edge.writing(work)
    for line in _told(found[-1]):
        typer.echo(line)


@calendars_app.command("show")
def show(office: Annotated[str, typer.Argument(help="64.02.13")], year: OfYear = None) -> None:
    """Yang berlaku di satu kantor, dan kantor yang menetapkannya · What holds at an office, and which office says so."""

    async def look(connection: AsyncConnection) -> Calendar:
        with _at(office):
            return await load_calendar(connection, office)

    try:
        calendar = asyncio.run(edge.reading(look))
    except Invalid as invalid:
        edge.complain(invalid.errors)
    typer.echo(f"{office}\t{calendar.zone}\tversion {calendar.version}")
    for line in _held(calendar.on(calendar.local_date(edge.wall_clock())), calendar.effective_days_off(), year):
        typer.echo(line)


@contextmanager
def _at(office: str) -> Iterator[None]:
    try:
        yield
    except NotVisible as error:
        raise unknown_office(office) from error


# ── reading a file ──────────────────────────────────────────────────────────────────────────────────────────────────


def _change_of(file: Path, year: int | None) -> Change:
    """Raises Invalid."""
    data = file.read_bytes()
    if file.suffix.lower() == ".csv":
        rows = days_off_of_csv(data)
        return import_rows(rows) if year is None else put_year_list(year, rows.days_off)
    if file.suffix.lower() == ".json":
        return _change_of_json(data, year)
    raise Invalid(FieldError(file.name, "file_type_unknown", "Harus .csv atau .json.", "It must be .csv or .json."))


def _change_of_json(data: bytes, year: int | None) -> Change:
    """As the API takes it: an import, or a year's list."""
    from pydantic import ValidationError  # noqa: PLC0415 - with the schemas, only an import pays for it

    from app.web.schemas.calendar_entries import CalendarImport, CalendarYearEntry  # noqa: PLC0415
    from app.web.validation import field_errors  # noqa: PLC0415

    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Invalid(FieldError("", "malformed", "Berkas ini bukan JSON.", "This file is no JSON.")) from error
    try:
        if year is not None:
            return put_year_list(year, CalendarYearEntry.model_validate(body).asked())
        return import_rows(CalendarImport.model_validate(body).asked())
    except ValidationError as error:
        found = [{**mistake, "loc": ("body", *mistake["loc"])} for mistake in error.errors(include_url=False)]
        raise Invalid(*field_errors(found, body)) from error


# ── lines ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _told(found: Changed) -> Iterator[str]:
    parts = {"+": found.difference.added, "~": found.difference.changed, "-": found.difference.removed}
    counts = " ".join(f"{sign}{_rows(layer)}" for sign, layer in parts.items())
    yield f"{found.office}: {counts}, version {found.inherited.version}{'' if found.effect is None else ' (dry run)'}"
    for sign, layer in parts.items():
        yield from (f"{sign} {line}" for line in _lines(layer))
    if found.effect is not None:
        yield f"{found.effect.moved} / {found.effect.examined}{'' if found.effect.complete else '+'} deadlines would move"
        for moved in found.effect.items:
            after = "-" if moved.after is None else moved.after.isoformat()
            yield f"{moved.office_code}\t{moved.title}\t{moved.step}\t{moved.before.isoformat()}\t{after}"


def _rows(layer: Layer) -> int:
    return len(layer.schedules) + len(layer.seasons) + len(layer.days_off) + len(layer.report_dates)


def _lines(layer: Layer) -> Iterator[str]:
    yield from map(_schedule, layer.schedules)
    yield from map(_season, layer.seasons)
    yield from map(_day_off, layer.days_off)
    yield from (f"report\t{row.year}\t{row.due_on}\t{row.margin_days}" for row in layer.report_dates)


def _held(calendar: Calendar, days_off: tuple[DayOff, ...], year: int | None) -> Iterator[str]:
    """`year`: only its seasons, days off and report date."""
    yield from (f"{row.office}\t{_schedule(row)}" for row in calendar.schedules)
    yield from (f"{row.office}\t{_season(row)}" for row in calendar.seasons if year is None or row.starts_on.year <= year <= row.ends_on.year)
    yield from (f"{row.office}\t{_day_off(row)}" for row in days_off if year in (None, row.day.year))
    dates = [row for row in calendar.report_dates if year in (None, row.year)]
    yield from (f"{row.office}\treport\t{row.year}\t{row.due_on}\t{row.margin_days}" for row in dates)


def _schedule(row: Schedule) -> str:
    week = "; ".join(
        f"{day} {' '.join(f'{start:%H:%M}-{end:%H:%M}' for start, end in hours)}" for day, hours in zip(_DAYS, row.week, strict=True) if hours
    )
    return f"schedule\t{row.season or '-'}\t{row.valid_from}..{row.valid_to or ''}\t{week}"


def _season(row: Season) -> str:
    return f"season\t{row.name}\t{row.starts_on}..{row.ends_on}{_estimated(row)}"


def _day_off(row: DayOff) -> str:
    return f"{row.day}\t{row.kind}\t{row.name}{_estimated(row)}"


def _estimated(row: DayOff | Season) -> str:
    return " (perkiraan)" if row.provisional else ""
