"""Tables as text: UTF-8 that a spreadsheet opens without running anything."""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from os import SEEK_END
from typing import BinaryIO

from app.outside.content.found import NotTakenError

MOST_BYTES = 32 * 1024 * 1024
"""Every line is read; who has more rows than a spreadsheet shows sends them in parts."""

MOST_LINE = 1024 * 1024
"""Characters, also of a record over several lines: it is held in memory whole."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_MARKUP = ("<", "#!", "{\\rtf")
_DELIMITERS = (",", ";", "\t")
_CALLS = re.compile(r"[|(]")
_LETTER = re.compile(r"[^\W\d_]")
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]")
_MAY_BEGIN = re.compile(r"(?:^|[,;\t\"])[^\S\t]*[=+\-@＝＋－＠]")
"""Cheap, and never too few: only the cells of lines where it finds something are looked at one by one."""


def check_csv(file: BinaryIO) -> None:
    if file.seek(0, SEEK_END) > MOST_BYTES:
        raise NotTakenError("csv_too_large", most=MOST_BYTES // 1024**2)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        _check_lines(_Lines(text))
    except UnicodeDecodeError as error:
        raise NotTakenError("csv_encoding") from error
    finally:
        text.detach()  # else it closes the file, which is not ours


class _Lines:
    """Line by line, as a csv.reader takes them. `number` of the last one; `record`: those since `begin_record`."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.number = 0
        self.record: list[str] = []
        self._calls = False
        self._length = 0
        self._blank = True
        self.first = self._next() or ""

    def begin_record(self) -> None:
        self.record = []
        self._length = 0
        self._calls = False

    @property
    def suspicious(self) -> bool:
        """Whether a cell of this record might be a formula that calls something."""
        return self._calls and any(map(_MAY_BEGIN.search, self.record))

    def __iter__(self) -> Iterator[str]:
        line = self.first
        while line:
            self.record.append(line)
            self._calls = self._calls or bool(_CALLS.search(line))
            yield line
            line = self._next()

    def _next(self) -> str:
        line = self._text.readline(MOST_LINE + 1)
        self.number += 1
        self._length += len(line)
        if self._length > MOST_LINE:
            raise NotTakenError("csv_invalid", line=self.number)
        if _CONTROL.search(line):
            raise NotTakenError("csv_not_text", line=self.number)
        if self._blank and line.lstrip().startswith(_MARKUP):
            raise NotTakenError("csv_not_text", line=self.number)
        self._blank = self._blank and not line.strip()
        return line


def _check_lines(lines: _Lines) -> None:
    delimiter = max(_DELIMITERS, key=lines.first.count)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            if lines.suspicious:
                _refuse_formulas(cells, lines)
            lines.begin_record()
    except csv.Error as error:
        raise NotTakenError("csv_invalid", line=lines.number) from error


def _refuse_formulas(cells: list[str], lines: _Lines) -> None:
    """A spreadsheet may split the lines at another sign than we do: its country's."""
    if any(map(_runs, cells)) or any(map(_runs, _split_otherwise(lines.record))):
        raise NotTakenError("csv_formula", line=lines.number)


def _runs(cell: str) -> bool:
    """Calls a function or another program. A telephone number, `+62 (541) 123`, does not."""
    return bool(_FORMULA.match(cell) and _CALLS.search(cell) and _LETTER.search(cell))


def _split_otherwise(record: list[str]) -> Iterator[str]:
    for delimiter in filter("".join(record).__contains__, _DELIMITERS):
        with suppress(csv.Error):
            for cells in csv.reader(record, delimiter=delimiter):
                yield from cells
