"""Tables as files that people open in a spreadsheet: CSV, and XLSX of one sheet.

A moment stands as the wall clock of its own offset, so whoever makes the rows converts it to the office's zone and names the zone beside it.
What people wrote is never a formula and never a link, whichever program opens it.
"""

import csv
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from textwrap import wrap
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
_BESIDE = 3  # the indent, and the filter's button
_LINE, _MOST_LINES = 15, 20  # points; Excel ends at 409
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
        _fill(sheet, columns, list(rows), formats=_formats(book))
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
    """Texts stand a little away from the number on their left."""
    top = {"valign": "top"}
    text = top | {"text_wrap": True, "align": "left", "indent": 1}
    return {
        "heading": book.add_format(text | {"bold": True, "bottom": 1}),
        "text": book.add_format(text),
        "number": book.add_format(top),
        "moment": book.add_format(top | {"num_format": _MOMENT, "align": "left", "indent": 1}),
        "day": book.add_format(top | {"num_format": _DAY, "align": "left", "indent": 1}),
    }


def _fill(sheet: Any, columns: Sequence[str], rows: Sequence[Sequence[Cell]], *, formats: dict[str, Any]) -> None:
    """Row after row, as constant memory wants it, each as high as its longest text: not every program sees to that itself."""
    widths = _widths(columns, rows)
    for index, width in enumerate(widths):
        sheet.set_column(index, index, width + _BESIDE)
    for number, row in enumerate([columns, *rows]):
        sheet.set_row(number, _LINE * max(_lines(cell, width) for cell, width in zip(row, widths, strict=True)))
        for index, cell in enumerate(row):
            _put(sheet, number, index, cell=cell, formats=formats)
    _prepare_for_reading(sheet, len(rows), len(columns) - 1)


def _widths(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[int]:
    """In characters. A heading wraps between its words."""
    widest = [max(map(len, column.split()), default=0) for column in columns]
    for row in rows:
        widest = [max(width, _width(cell)) for width, cell in zip(widest, row, strict=True)]
    return [min(max(width, _NARROWEST), _WIDEST) for width in widest]


def _width(cell: Cell) -> int:
    return len(_DAY if type(cell) is date else _MOMENT) if isinstance(cell, date) else len(_plain(cell))


def _lines(cell: Cell, width: int) -> int:
    if not isinstance(cell, str) or (len(cell) <= width and "\n" not in cell):
        return 1
    return min(sum(max(1, len(wrap(line, width))) for line in cell.split("\n")), _MOST_LINES)


def _put(sheet: Any, row: int, column: int, *, cell: Cell, formats: dict[str, Any]) -> None:
    if cell is None:
        return
    if isinstance(cell, date) and cell.year >= _FIRST_YEAR:
        sheet.write_datetime(row, column, cell, formats["moment" if isinstance(cell, datetime) else "day"])
    elif isinstance(cell, str | date):
        sheet.write_string(row, column, _plain(cell), formats["text" if row else "heading"])
    else:
        sheet.write_number(row, column, cell, formats["number"])


def _plain(cell: Cell) -> str:
    return "" if cell is None else str(cell)[:_LONGEST_TEXT]


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
