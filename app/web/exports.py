"""Tables as files over HTTP: `?format=csv` or `xlsx`, always as an attachment."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from anyio import to_thread
from fastapi import Query
from fastapi.responses import Response

from app.domain.durations import Unit
from app.domain.wordings import Language
from app.render.sheets import CSV_TYPE, XLSX_TYPE, Cell, as_csv, as_xlsx
from app.web.filenames import content_disposition
from app.web.openapi import headed
from app.web.openapi.declare import BINARY

FileFormat = Annotated[Literal["csv", "xlsx"], Query(description="csv: UTF-8, RFC 4180.")]

_TEXT = {"schema": {"type": "string"}}
EXPORTED: dict[int | str, dict[str, Any]] = {
    200: headed(200, "Content-Disposition")[200]
    | {"description": "Berkasnya. The file.", "content": {CSV_TYPE.partition(";")[0]: _TEXT, XLSX_TYPE: {"schema": BINARY}}}
}
"""For `responses=`: the file, in either format."""


_UNITS: dict[Unit, tuple[str, str]] = {
    "minute": ("menit", "minute"),
    "hour": ("jam", "hour"),
    "working_day": ("hari kerja", "working day"),
    "calendar_day": ("hari kalender", "calendar day"),
}


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    columns: list[str]
    rows: list[list[Cell]]


def word_of(language: Language) -> int:
    """Which of two words stands in a table: the Indonesian or the English one."""
    return 1 if language == "en" else 0


def duration_as_text(value: int, unit: Unit, word: int) -> str:
    """Indonesian has one form for one and for many."""
    return f"{value} {_UNITS[unit][word]}{'s' if word and value != 1 else ''}"


async def file_of(table: Table, *, kind: Literal["csv", "xlsx"]) -> Response:
    """A large sheet takes its time, in which others are answered."""
    write, media_type = (as_csv, CSV_TYPE) if kind == "csv" else (as_xlsx, XLSX_TYPE)
    content = await to_thread.run_sync(write, table.title, table.columns, table.rows)
    return Response(content, headers={"Content-Disposition": content_disposition(f"{table.title}.{kind}"), "Content-Type": media_type})
