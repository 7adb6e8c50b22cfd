"""Tables as files over HTTP: `?format=csv` or `xlsx`, always as an attachment."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from anyio import to_thread
from fastapi import Query
from fastapi.responses import Response

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


async def file_of(title: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]], *, kind: Literal["csv", "xlsx"]) -> Response:
    """A large sheet takes its time, in which others are answered."""
    write, media_type = (as_csv, CSV_TYPE) if kind == "csv" else (as_xlsx, XLSX_TYPE)
    content = await to_thread.run_sync(write, title, columns, rows)
    return Response(content, headers={"Content-Disposition": content_disposition(f"{title}.{kind}"), "Content-Type": media_type})
