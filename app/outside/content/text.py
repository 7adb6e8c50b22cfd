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

MOST_LINES = 1_048_576
"""As many as Excel shows, and LibreOffice."""

MOST_LINE = 1024 * 1024
"""Characters, also of a record over several lines: it is held in memory whole."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_MARKUP = ("<", "#!", "{\\rtf")
_DELIMITERS = (",", ";", "\t")
_CALLS = re.compile(r"[|(]")
_END_OF_CELL = "\x00"
_RUNS = re.compile(
    r"""(?:\A|\x00)\s*(?:
        [=＝](?=[^\x00]*[|(])(?=[^\x00]*[^\W\d_])
        |[+\-@＋－＠](?:
            (?=[^\x00|]*\|[^\x00]*!)
            |(?=[^\x00]*?(?:[^\W\d_]\(|[\w'\"]\||(?:HYPERLINK|WEBSERVICE|FILTERXML|IMPORT(?:XML|DATA|HTML|FEED|RANGE)|DDE|RTD)\s*\())))""",
    re.VERBOSE | re.IGNORECASE,
)
"""A cell, of several with `_END_OF_CELL` between, that calls a function or another program.

What begins with `=` and has a bracket is no prose. What begins with `-`, `+` or `@` often is: `- Kurang staf (2 orang)`, `+62 812 345 (WA)`;
there a call is a name with its bracket behind it, or one of those that fetch from elsewhere. `program|topic!item` starts a program.
"""

_MAY_BEGIN = re.compile(r"(?:^|[,;\t\"])[^\S\t]*[=+\-@＝＋－＠]")
_OPENS = re.compile(r"[,;\t]\s*\"\s*[=+\-@＝＋－＠](?:[^\"]|\"\")*+\Z")
"""A quoted cell that is not closed in its line: to whom it is one at all, the record goes on."""

_MAY_CALL = re.compile(r"[=＝|]|\((?<=[^\W\d_]\()")
_MAY_FETCH = re.compile(r"(?:hyperlink|webservice|filterxml|import[xdhfr]|dde|rtd)[a-z]*\s*\(")
"""Cheap, and never too few: only records in which they find something are taken apart."""


def check_csv(file: BinaryIO) -> None:
    if file.seek(0, SEEK_END) > MOST_BYTES:
        raise NotTakenError("csv_too_large", most=MOST_BYTES // 1024**2)
    tried: set[str] = set()
    while (other := _check_text(file, tried)) is not None:
        tried.add(other)


def _check_text(file: BinaryIO, tried: set[str]) -> str | None:
    """The sign that it was split at in vain, where another may do: a title above the table has commas of its own."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        lines = _Lines(text)
        delimiter = max((sign for sign in _DELIMITERS if sign not in tried), key=lines.first.count)
        try:
            _check_lines(lines, delimiter)
        except csv.Error as error:
            if not any(sign in line for line in lines.record for sign in _DELIMITERS if sign not in tried | {delimiter}):
                raise NotTakenError("csv_invalid", line=lines.number) from error
            return delimiter
    except UnicodeDecodeError as error:
        raise NotTakenError("csv_encoding") from error
    finally:
        text.detach()  # else it closes the file, which is not ours
    return None


class _Lines:
    """Line by line, as a csv.reader takes. `number` of the last one, `goes_on`: whether its record might; `record`: those since `begin_record`."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.number = 0
        self.record: list[str] = []
        self._calls = False
        self.goes_on = False
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
        if not self._calls or not any(map(_MAY_BEGIN.search, self.record)):
            return False
        text = "".join(self.record)
        return bool(_MAY_CALL.search(text) or _MAY_FETCH.search(text.lower()))

    def __iter__(self) -> Iterator[str]:
        line = self.first
        while line:
            self.record.append(line)
            self._calls = self._calls or bool(_CALLS.search(line))
            self.goes_on = '"' in line and _OPENS.search(line) is not None
            yield line
            line = self._next()

    def _next(self) -> str:
        line = self._text.readline(MOST_LINE + 1)
        self.number += 1
        self._length += len(line)
        if self.number > MOST_LINES and line:
            raise NotTakenError("csv_too_large", variant="lines", most=MOST_LINES)
        if self._length > MOST_LINE:
            raise NotTakenError("csv_invalid", line=self.number)
        if _CONTROL.search(line):
            raise NotTakenError("csv_not_text", line=self.number)
        if self._blank and line.lstrip().startswith(_MARKUP):
            raise NotTakenError("csv_not_text", line=self.number)
        self._blank = self._blank and not line.strip()
        return line


def _check_lines(lines: _Lines, delimiter: str) -> None:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    for cells in reader:
        if lines.goes_on:
            raise csv.Error("split at another sign, this record has more lines")
        if lines.suspicious:
            _refuse_formulas(cells, lines, delimiter)
        lines.begin_record()


def _refuse_formulas(cells: list[str], lines: _Lines, delimiter: str) -> None:
    """A spreadsheet may split the lines at another sign than we do: its country's."""
    if _runs(cells) or any(map(_runs, _split_otherwise(lines.record, delimiter))):
        raise NotTakenError("csv_formula", line=lines.number)


def _runs(cells: list[str]) -> bool:
    return _RUNS.search(_END_OF_CELL.join(cells)) is not None


def _split_otherwise(record: list[str], done: str) -> Iterator[list[str]]:
    text = "".join(record)
    for delimiter in _DELIMITERS:
        if delimiter != done and delimiter in text:
            with suppress(csv.Error):
                yield from csv.reader(record, delimiter=delimiter)
