"""Days off as a spreadsheet writes them: UTF-8 with or without its mark, commas or semicolons, one header line in any order.

A mistake is told with its line (`/lines/3/date`): the first line of the record where a cell holds several.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeAlias, get_args

from app.domain.calendars import DayOff, DayOffKind
from app.domain.calendars.changes import MOST_AT_ONCE, Import, import_rows
from app.domain.calendars.entries import entry_mistakes
from app.domain.problems import FieldError, Invalid

REQUIRED, OPTIONAL = ("date", "kind", "name"), ("provisional", "source", "decree")
_KINDS: tuple[DayOffKind, ...] = get_args(DayOffKind)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_SOME_DAY = date(2000, 1, 1)
_PROVISIONAL = {"": False, "false": False, "true": True}

_NOT_UTF_8 = FieldError(
    "",
    "encoding_invalid",
    "Bukan teks UTF-8: simpan dari Excel sebagai “CSV UTF-8”.",
    "Not UTF-8 text: save it from Excel as “CSV UTF-8”.",
)

Record: TypeAlias = tuple[int, list[str]]
"""The number of its line, and its cells."""


def days_off_of_csv(data: bytes) -> Import:
    """Raises Invalid with every mistake of every line."""
    records = _records(_text(data))
    if not records:
        raise Invalid(FieldError("", "missing_header", "Berkas ini kosong.", "This file is empty."))
    (line, header), rows = records[0], records[1:]
    names = _names(line, header)
    if len(rows) > MOST_AT_ONCE:
        raise Invalid(FieldError("", "rows_out_of_range", f"Paling banyak {MOST_AT_ONCE} baris.", f"At most {MOST_AT_ONCE} rows."))
    found: list[tuple[str, DayOff]] = []
    mistakes: list[FieldError] = []
    for number, cells in rows:
        row = _day_off(f"/lines/{number}", names, cells)
        if isinstance(row, DayOff):
            found.append((f"/lines/{number}", row))
        else:
            mistakes += row
    read = Import(found)
    if mistakes:
        raise Invalid(*sorted([*mistakes, *_mistakes_of(read)], key=_line))
    return read


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(_NOT_UTF_8) from error


def _records(text: str) -> list[Record]:
    """Without those that are blank."""
    first = text.lstrip("\r\n").split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",", strict=True)
    records: list[Record] = []
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                records.append((line, [cell.strip() for cell in cells]))
            line = reader.line_num + 1
    except csv.Error as error:
        raise Invalid(FieldError(f"/lines/{line}", "csv_invalid", "Baris ini bukan CSV.", "This line is no CSV.")) from error
    return records


def _names(line: int, header: Sequence[str]) -> list[str]:
    """The columns' names, in lower case; blank ones at the end are a spreadsheet's doing."""
    names = [cell.lower() for cell in header]
    while names and not names[-1]:
        names.pop()
    found = tuple(_header_mistakes(f"/lines/{line}", names))
    if found:
        raise Invalid(*found)
    return names


def _header_mistakes(at: str, names: Sequence[str]) -> Iterator[FieldError]:
    known = (*REQUIRED, *OPTIONAL)
    for name in REQUIRED:
        if name not in names:
            yield FieldError(at, "missing_column", f"Kolom {name} tidak ada.", f"The column {name} is missing.")
    for number, name in enumerate(names, start=1):
        if name not in known:
            listed = ", ".join(known)
            yield FieldError(
                at, "unknown_column", f"Kolom {number} tidak dikenal; yang ada: {listed}.", f"Column {number} is unknown; known: {listed}."
            )
        elif name in names[: number - 1]:
            yield FieldError(at, "duplicate_column", f"Kolom {name} ada dua kali.", f"The column {name} is there twice.")


def _day_off(at: str, names: Sequence[str], cells: Sequence[str]) -> DayOff | list[FieldError]:
    """The row, or what is wrong with it. Cells that are left out at its end are empty."""
    said = dict.fromkeys((*REQUIRED, *OPTIONAL), "") | dict(zip(names, cells, strict=False))
    mistakes = list(_cell_mistakes(at, said))
    if any(cells[len(names) :]):
        mistakes.append(FieldError(at, "too_many_cells", "Sel lebih banyak daripada kolom.", "There are more cells than columns."))
    texts = DayOff(_SOME_DAY, "local", said["name"], False, said["source"], said["decree"] or None)
    if mistakes:
        return [*mistakes, *entry_mistakes(texts, at)]
    kind = next(kind for kind in _KINDS if kind == said["kind"])
    return replace(texts, day=date.fromisoformat(said["date"]), kind=kind, provisional=_PROVISIONAL[said["provisional"].lower()])


def _cell_mistakes(at: str, said: dict[str, str]) -> Iterator[FieldError]:
    if not _is_day(said["date"]):
        yield FieldError(f"{at}/date", "not_a_date", "Harus berupa tanggal YYYY-MM-DD.", "Must be a date, YYYY-MM-DD.")
    if said["kind"] not in _KINDS:
        listed = ", ".join(_KINDS)
        yield FieldError(f"{at}/kind", "not_allowed", f"Harus salah satu dari {listed}.", f"Must be one of {listed}.")
    if said["provisional"].lower() not in _PROVISIONAL:
        yield FieldError(f"{at}/provisional", "not_a_boolean", "Harus true atau false.", "Must be true or false.")


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _mistakes_of(read: Import) -> tuple[FieldError, ...]:
    """What would be wrong with the rows that could be read."""
    try:
        import_rows(read)
    except Invalid as invalid:
        return invalid.errors if read.days_off else ()
    return ()


def _line(mistake: FieldError) -> int:
    _, _, place = mistake.pointer.partition("/lines/")
    return int(place.partition("/")[0] or 0)
