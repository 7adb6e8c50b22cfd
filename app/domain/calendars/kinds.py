"""The four lists of a layer: what tells two rows of one apart, and what may not stand beside what."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias
from uuid import UUID

from app.domain.calendars.entries import FIRST_YEAR, LAST_YEAR, Entry, ScheduleEntry, SeasonEntry
from app.domain.calendars.layers import Layer
from app.domain.calendars.values import DayOff, ReportDate, Schedule, Season, week_as_text
from app.domain.problems import FieldError

RowField = Literal["schedules", "seasons", "days_off", "report_dates"]
Row: TypeAlias = DayOff | Season | Schedule | ReportDate
Placed: TypeAlias = tuple[str, Row]
"""A row, and the pointer to what it was entered as (`/days_off/3`)."""


def key_of(row: Row) -> UUID | int | None:
    """What tells it apart for good."""
    return row.year if isinstance(row, ReportDate) else row.id


@dataclass(frozen=True, slots=True)
class Kind:
    """A list of a layer: how many rows it may hold, what tells two of them apart, and what no two of a `group` may do."""

    field: RowField
    most: int
    same: Callable[[Any], Hashable]
    group: Callable[[Any], Hashable]
    clash: Callable[[Any, Any], bool]
    mistake: FieldError

    def rows(self, layer: Layer) -> Sequence[Row]:
        rows: Sequence[Row] = getattr(layer, self.field)
        return rows


DAYS_OFF = Kind(
    "days_off",
    most=4000,
    same=lambda row: (row.day, row.kind),
    group=lambda row: (row.day, row.kind),
    clash=lambda _one, _other: True,
    mistake=FieldError(
        "/date",
        "day_off_exists",
        "Tanggal ini dengan jenis ini sudah ada di kantor ini.",
        "This office has that date with that kind already.",
    ),
)
SEASONS = Kind(
    "seasons",
    most=400,
    same=lambda row: (row.name, row.starts_on),
    group=lambda row: row.name,
    clash=lambda one, other: bool(one.starts_on <= other.ends_on and other.starts_on <= one.ends_on),
    mistake=FieldError(
        "/starts_on",
        "season_overlaps",
        "Bertumpang tindih dengan musim bernama sama di kantor ini.",
        "It overlaps a season of the same name at this office.",
    ),
)
SCHEDULES = Kind(
    "schedules",
    most=400,
    same=lambda row: (row.season, row.valid_from),
    group=lambda row: (row.season, row.valid_from),
    clash=lambda _one, _other: True,
    mistake=FieldError(
        "/valid_from",
        "schedule_exists",
        "Jadwal untuk musim ini sejak tanggal ini sudah ada di kantor ini.",
        "This office has a schedule for that season from that day already.",
    ),
)
REPORT_DATES = Kind(
    "report_dates",
    most=LAST_YEAR - FIRST_YEAR + 1,
    same=lambda row: row.year,
    group=lambda row: row.year,
    clash=lambda _one, _other: True,
    mistake=FieldError("/year", "report_date_exists", "Tahun ini disebut dua kali.", "This year is named twice."),
)
KINDS = (DAYS_OFF, SEASONS, SCHEDULES, REPORT_DATES)


def kind_of(row: Row) -> Kind:
    if isinstance(row, DayOff):
        return DAYS_OFF
    if isinstance(row, ReportDate):
        return REPORT_DATES
    return SEASONS if isinstance(row, Season) else SCHEDULES


def row_of(entry: Entry) -> Row:
    return entry.row() if isinstance(entry, SeasonEntry | ScheduleEntry) else entry


def entry_of(row: Any) -> Any:
    if isinstance(row, Season):
        return SeasonEntry(row.name, row.starts_on, row.ends_on, row.provisional, row.source)
    if isinstance(row, Schedule):
        return ScheduleEntry(row.valid_from, row.season, week_as_text(row.week), row.source, row.valid_to)
    return row


def clashes(kind: Kind, stay: Sequence[Row], new: Sequence[Placed]) -> Iterator[FieldError]:
    beside: dict[Hashable, list[Row]] = {}
    for row in stay:
        beside.setdefault(kind.group(row), []).append(row)
    for at, row in new:
        group = beside.setdefault(kind.group(row), [])
        if any(kind.clash(row, other) for other in group):
            yield replace(kind.mistake, pointer=at + kind.mistake.pointer)
        group.append(row)
    if new and len(stay) + len(new) > kind.most:
        yield FieldError("", "calendar_full", f"Satu kantor paling banyak {kind.most} baris.", f"At most {kind.most} rows at one office.")


def known(kind: Kind, layer: Layer, new: Sequence[Placed]) -> list[Placed]:
    """Those of them that are there already, as the rows that they are."""
    there = {kind.same(row): row for row in kind.rows(layer)}
    return [(at, _instead_of(there.get(kind.same(row)), row)) for at, row in new]


def _instead_of(old: Row | None, row: Row) -> Row:
    if old is None or isinstance(row, ReportDate) or isinstance(old, ReportDate):
        return row
    return replace(row, id=old.id, office=old.office)


def others(kind: Kind, layer: Layer, new: Sequence[Placed]) -> list[Row]:
    given = {kind.same(row) for _, row in new}
    return [row for row in kind.rows(layer) if kind.same(row) not in given]
