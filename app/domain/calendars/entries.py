"""What an administrator enters into a calendar, and what is wrong with it whatever the calendar holds already.

Pointers are those of the API, where a day off's `day` is its `date`, and a week names its days.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import TypeAlias

from app.domain.calendars.values import DayOff, ReportDate, Schedule, Season, week_from_text
from app.domain.problems import FieldError

FIRST_YEAR, LAST_YEAR = 2000, 2100
MOST_INTERVALS = 8
"""Of office hours in one day."""
MOST_MARGIN_DAYS = 60
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

WeekText: TypeAlias = Sequence[Sequence[Sequence[str]]]
"""Seven lists, Monday first, of ["HH:MM", "HH:MM"]."""


@dataclass(frozen=True, slots=True)
class SeasonEntry:
    name: str
    starts_on: date
    ends_on: date
    provisional: bool = False
    source: str = ""

    def row(self) -> Season:
        """Where it has no mistakes."""
        return Season(self.name, self.starts_on, self.ends_on, self.provisional, self.source)


@dataclass(frozen=True, slots=True)
class ScheduleEntry:
    valid_from: date
    season: str | None
    week: WeekText
    source: str = ""
    valid_to: date | None = None

    def row(self) -> Schedule:
        """Where it has no mistakes."""
        return Schedule(self.valid_from, self.season, week_from_text(self.week), self.source, self.valid_to)


Entry: TypeAlias = DayOff | SeasonEntry | ScheduleEntry | ReportDate
"""Days off and report dates have nothing that could not be written down: they are their own entries."""


def entry_mistakes(entry: Entry, at: str = "") -> Iterator[FieldError]:
    """`at` points to the entry."""
    if isinstance(entry, DayOff):
        yield from _of_day_off(entry, at)
    elif isinstance(entry, SeasonEntry):
        yield from _of_season(entry, at)
    elif isinstance(entry, ScheduleEntry):
        yield from _of_schedule(entry, at)
    else:
        yield from _of_report_date(entry, at)


def _of_day_off(row: DayOff, at: str) -> Iterator[FieldError]:
    yield from _of_year(row.day.year, f"{at}/date")
    yield from _of_text(row.name, f"{at}/name", most=200)
    yield from _of_text(row.source, f"{at}/source", most=400, least=0)
    if row.decree is not None:
        yield from _of_text(row.decree, f"{at}/decree", most=200)


def _of_season(row: SeasonEntry, at: str) -> Iterator[FieldError]:
    yield from _of_text(row.name, f"{at}/name", most=40)
    yield from _of_year(row.starts_on.year, f"{at}/starts_on")
    yield from _of_year(row.ends_on.year, f"{at}/ends_on")
    yield from _of_order(row.starts_on, row.ends_on, f"{at}/ends_on")
    yield from _of_text(row.source, f"{at}/source", most=400, least=0)


def _of_schedule(row: ScheduleEntry, at: str) -> Iterator[FieldError]:
    yield from _of_year(row.valid_from.year, f"{at}/valid_from")
    if row.valid_to is not None:
        yield from _of_year(row.valid_to.year, f"{at}/valid_to")
        yield from _of_order(row.valid_from, row.valid_to, f"{at}/valid_to")
    if row.season is not None:
        yield from _of_text(row.season, f"{at}/season", most=40)
    yield from _of_week(row.week, f"{at}/week")
    yield from _of_text(row.source, f"{at}/source", most=400, least=0)


def _of_report_date(row: ReportDate, at: str) -> Iterator[FieldError]:
    yield from _of_year(row.year, f"{at}/year")
    if row.due_on.year != row.year + 1:
        indonesian, english = "Laporan atas suatu tahun jatuh pada tahun sesudahnya.", "A report about a year is due in the year after."
        yield FieldError(f"{at}/due_on", "not_in_the_year_after", indonesian, english)
    if not 0 <= row.margin_days <= MOST_MARGIN_DAYS:
        between = f"0–{MOST_MARGIN_DAYS}"
        yield FieldError(f"{at}/margin_days", "out_of_range", f"Antara {between} hari kerja.", f"Between {between} working days.")


def _of_week(week: WeekText, at: str) -> Iterator[FieldError]:
    if len(week) != 7:
        yield FieldError(at, "not_seven_days", "Seminggu memiliki tujuh hari, mulai Senin.", "A week has seven days, Monday first.")
        return
    for weekday, hours in zip(WEEKDAYS, week, strict=True):
        yield from _of_hours(hours, f"{at}/{weekday}")


def _of_hours(hours: Sequence[Sequence[str]], at: str) -> Iterator[FieldError]:
    """A day may open where it closed: 08:00–12:00, 12:00–16:00."""
    if len(hours) > MOST_INTERVALS:
        yield FieldError(at, "too_long", f"Paling banyak {MOST_INTERVALS} butir.", f"At most {MOST_INTERVALS} items.")
        return
    closed = ""
    for number, interval in enumerate(hours):
        place = f"{at}/{number}"
        if len(interval) != 2 or not all(map(_is_clock, interval)):
            yield FieldError(place, "not_office_hours", 'Dua waktu seperti "07:30" dan "12:00".', 'Two times, like "07:30" and "12:00".')
        elif interval[0] >= interval[1]:
            yield FieldError(place, "closes_before_it_opens", "Jam tutup harus sesudah jam buka.", "It must close after it opens.")
        elif interval[0] < closed:
            yield FieldError(place, "hours_overlap", "Harus sesudah jam kerja sebelumnya.", "It must follow the office hours before it.")
        else:
            closed = interval[1]


def _is_clock(text: str) -> bool:
    """HH:MM, so that times are in order as texts too."""
    try:
        return f"{time.fromisoformat(text):%H:%M}" == text
    except ValueError:
        return False


def _of_order(first: date, last: date, pointer: str) -> Iterator[FieldError]:
    if last < first:
        yield FieldError(pointer, "before_its_start", "Berakhir sebelum mulai.", "It ends before it begins.")


def _of_year(year: int, pointer: str) -> Iterator[FieldError]:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        between = f"{FIRST_YEAR}–{LAST_YEAR}"
        yield FieldError(pointer, "year_out_of_range", f"Tahun antara {between}.", f"A year between {between}.")


def _of_text(text: str, pointer: str, *, most: int, least: int = 1) -> Iterator[FieldError]:
    """What is printable holds nothing that a database could not store, and is one line."""
    if len(text) > most or len(text.strip()) < least or not text.isprintable():
        yield FieldError(pointer, "malformed", f"{least} sampai {most} karakter dalam satu baris.", f"{least} to {most} characters in one line.")
