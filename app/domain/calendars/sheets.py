"""Days off as a spreadsheet writes them: CSV in UTF-8, one line a day, the first line naming the columns.

Excel separates by `;` where the comma is for decimals, as in Indonesia, puts a byte order mark first, and writes 18/08/2025 for a date.
Mistakes point to `/<line>/<column>`, as the file numbers its lines.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.domain.calendars.changes import MOST_AT_ONCE
from app.domain.calendars.values import DayOff, DayOffKind
from app.domain.problems import FieldError, Invalid

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "date": ("date", "tanggal"),
    "kind": ("kind", "jenis"),
    "name": ("name", "nama", "keterangan"),
    "provisional": ("provisional", "perkiraan"),
    "source": ("source", "sumber"),
    "decree": ("decree", "keputusan"),
}
"""What each may be called; the first three are required."""
REQUIRED = ("date", "kind", "name")

_KINDS: Mapping[str, DayOffKind] = {
    "public": "public",
    "libur nasional": "public",
    "joint_leave": "joint_leave",
    "cuti bersama": "joint_leave",
    "local": "local",
    "lokal": "local",
    "working": "working",
    "bekerja": "working",
}
_ANSWERS: Mapping[str, bool] = {"": False, "false": False, "0": False, "tidak": False, "true": True, "1": True, "ya": True}
_DATES = ("%Y-%m-%d", "%d/%m/%Y")
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class _Line:
    """`cells` by column; `at` points to the line."""

    at: str
    cells: Mapping[str, str]

    def cell(self, column: str) -> str:
        return self.cells.get(column, "").strip()

    def mistakes(self) -> Iterator[FieldError]:
        if _date(self.cell("date")) is None:
            yield FieldError(f"{self.at}/date", "not_a_date", "Harus seperti 2025-08-18 atau 18/08/2025.", "Must be like 2025-08-18 or 18/08/2025.")
        if self.cell("kind").casefold() not in _KINDS:
            known = ", ".join(_KINDS)
            yield FieldError(f"{self.at}/kind", "not_allowed", f"Harus salah satu dari {known}.", f"Must be one of {known}.")
        if self.cell("provisional").casefold() not in _ANSWERS:
            yield FieldError(f"{self.at}/provisional", "not_a_boolean", "Harus ya atau tidak.", "Must be true or false.")

    def row(self) -> DayOff:
        """Of a line without mistakes."""
        day = _date(self.cell("date"))
        assert day is not None
        kind, provisional = _KINDS[self.cell("kind").casefold()], _ANSWERS[self.cell("provisional").casefold()]
        return DayOff(day, kind, self.cell("name"), provisional, self.cell("source"), self.cell("decree") or None)


def days_off_of(content: bytes) -> list[tuple[str, DayOff]]:
    """Each with the pointer to its line. Raises Invalid with all mistakes; what no calendar may hold is not judged here."""
    lines = _lines(_text(content))
    mistakes = [mistake for line in lines for mistake in line.mistakes()]
    if mistakes:
        raise Invalid(*mistakes[:MOST_AT_ONCE])
    return [(line.at, line.row()) for line in lines]


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8").removeprefix(_BOM)
    except UnicodeDecodeError as error:
        raise _unreadable("not_utf8", "Simpan sebagai CSV UTF-8.", "Save it as CSV UTF-8.") from error


def _lines(text: str) -> list[_Line]:
    """Empty lines are passed over."""
    rows = _rows(text)
    number, names = next(rows, (1, []))
    columns = _columns(names, number)
    found = [_line(number, cells, columns) for number, cells in rows]
    if len(found) > MOST_AT_ONCE:
        raise _unreadable("too_long", f"Paling banyak {MOST_AT_ONCE} baris.", f"At most {MOST_AT_ONCE} lines.")
    return found


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of each line that holds anything. Excel may say its separator in a line of its own (`sep=;`)."""
    lines = text.splitlines(keepends=True)
    if lines and lines[0].startswith("sep="):
        lines[0] = "\n"
    header = next((line for line in lines if line.strip()), "")
    reader = csv.reader(lines, delimiter=max(",;\t", key=header.count), strict=True)
    try:
        yield from ((reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells))
    except csv.Error as error:
        at = f"Baris {reader.line_num}", f"Line {reader.line_num}"
        raise _unreadable("malformed_csv", f"{at[0]} bukan CSV yang benar.", f"{at[1]} is not well-formed CSV.") from error


def _columns(names: Sequence[str], number: int) -> list[str]:
    """The columns as the API names them."""
    by_name = {name: column for column, known in COLUMNS.items() for name in known}
    found = [by_name.get(name.strip().casefold(), "") for name in names]
    unknown = [name for name, column in zip(names, found, strict=True) if not column]
    lacking = [column for column in REQUIRED if column not in found]
    if unknown or lacking or len(set(found)) < len(found):
        said = "; ".join(COLUMNS)
        raise Invalid(
            FieldError(
                f"/{number}",
                "wrong_columns",
                f"Baris pertama menyebut kolom, masing-masing sekali: {said}.",
                f"The first line names columns, each once: {said}.",
            )
        )
    return found


def _line(number: int, cells: Sequence[str], columns: Sequence[str]) -> _Line:
    at = f"/{number}"
    if any(cell.strip() for cell in cells[len(columns) :]):
        raise Invalid(FieldError(at, "too_many_cells", "Lebih banyak sel daripada kolom.", "More cells than columns."))
    return _Line(at, dict(zip(columns, cells, strict=False)))


def _date(text: str) -> date | None:
    for form in _DATES:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
    return None


def _unreadable(code: str, indonesian: str, english: str) -> Invalid:
    return Invalid(FieldError("", code, indonesian, english))
