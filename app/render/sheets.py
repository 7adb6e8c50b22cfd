"""Tables as files that people open in a spreadsheet: CSV, and XLSX of one sheet.

A moment stands as the wall clock of its own offset, so whoever makes the rows converts it to the office's zone and names the zone beside it.
What people wrote is never a formula and never a link, whichever program opens it.
"""

import csv
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

Cell = str | int | float | Decimal | datetime | date | None
"""An aware datetime; None is an empty cell."""

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_BOM = "\ufeff"  # without it Excel reads UTF-8 as the machine's own code page
_MOMENT, _DAY = "yyyy-mm-dd hh:mm", "yyyy-mm-dd"
_FIRST_YEAR = 1900  # a spreadsheet's dates begin here
_LONGEST_TEXT = 32_767  # of a cell in XLSX; no field of ours comes near
_NARROWEST, _WIDEST = 8, 45  # characters; what is longer wraps
_NAME_LENGTH = 31
_NOT_IN_A_NAME = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


def as_csv(title: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:  # noqa: ARG001 - called as `as_xlsx` is
    """RFC 4180 in UTF-8 with a byte order mark; moments are RFC 3339 with their offset. CSV has no place for a title."""
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_harmless(column) for column in columns])
    writer.writerows([_written(cell) for cell in row] for row in rows)
    return (_BOM + text.getvalue()).encode()


def as_xlsx(title: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """One sheet with a heading that stays in sight, filters, and columns as wide as what they hold."""
    from xlsxwriter import Workbook  # noqa: PLC0415 - only who asks for a sheet pays for it

    content = BytesIO()
    with Workbook(content, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}) as book:
        sheet = book.add_worksheet(_sheet_name(title))
        book.set_properties({"title": title})
        _fill(sheet, columns, rows, formats=_formats(book))
    return content.getvalue()


def _harmless(text: str) -> str:
    """A spreadsheet takes a text that begins like this for a formula; an apostrophe makes it a text again (OWASP, CSV injection)."""
    begins = text.startswith(_BEGINS_A_FORMULA) or text.lstrip().startswith(_BEGINS_A_FORMULA)
    return "'" + text if begins else text


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return _harmless(cell)
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _formats(book: Any) -> dict[str, Any]:
    top = {"valign": "top"}
    return {
        "heading": book.add_format({"bold": True, "bottom": 1, "valign": "top", "text_wrap": True}),
        "plain": book.add_format(top | {"text_wrap": True}),
        "moment": book.add_format(top | {"num_format": _MOMENT, "align": "left"}),
        "day": book.add_format(top | {"num_format": _DAY, "align": "left"}),
    }


def _fill(sheet: Any, columns: Sequence[str], rows: Iterable[Sequence[Cell]], *, formats: dict[str, Any]) -> None:
    """Row after row, as constant memory wants it; the widths are known at the end."""
    for index, column in enumerate(columns):
        sheet.write_string(0, index, column, formats["heading"])
    widths, last = [max(map(len, column.split()), default=0) for column in columns], 0  # a heading wraps between its words
    for last, row in enumerate(rows, start=1):
        for index, cell in enumerate(row):
            shown = _put(sheet, last, index, cell=cell, formats=formats)
            widths[index] = max(widths[index], shown)
    for index, width in enumerate(widths):
        sheet.set_column(index, index, min(max(width, _NARROWEST), _WIDEST) + 2)
    _prepare_for_reading(sheet, last, len(columns) - 1)


def _put(sheet: Any, row: int, column: int, *, cell: Cell, formats: dict[str, Any]) -> int:
    """Writes the cell; how many characters wide it is."""
    if cell is None:
        return 0
    if isinstance(cell, date) and cell.year >= _FIRST_YEAR:
        kind, width = ("moment", len(_MOMENT)) if isinstance(cell, datetime) else ("day", len(_DAY))
        sheet.write_datetime(row, column, cell, formats[kind])
        return width
    write: Callable[..., Any] = sheet.write_string if isinstance(cell, str | date) else sheet.write_number
    shown = str(cell)[:_LONGEST_TEXT]
    write(row, column, shown if isinstance(cell, str | date) else cell, formats["plain"])
    return len(shown)


def _prepare_for_reading(sheet: Any, last_row: int, last_column: int) -> None:
    """On the screen the heading stays; on paper (A4, lying) it comes on each page, and all columns fit beside each other."""
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, last_row, last_column)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _sheet_name(title: str) -> str:
    """What Excel takes for a name: no brackets or slashes, no apostrophe at either end, at most 31 characters, never empty."""
    name = " ".join(title.translate(_NOT_IN_A_NAME).split())[:_NAME_LENGTH].strip("' ")
    return name or "Alur"
