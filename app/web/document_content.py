"""The bytes of a document's version over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header
from fastapi.responses import Response, StreamingResponse

from app.domain.problems import NotVisible
from app.domain.scanning import reading_refusals
from app.usecases.acts import refuse
from app.web.documents import READERS
from app.web.filenames import content_disposition
from app.web.openapi import BINARY, headed, problems
from app.web.ranges import asked_range
from app.web.stored import HoldsQuarantined, VersionNumber
from app.web.stored_content import ReadsStored

router = APIRouter(tags=["documents"])


def _bytes(description: str, *headers: str) -> dict[str, Any]:
    """Of whichever kind the version is, so the contract names any."""
    named = headed(200, "ETag", "Accept-Ranges", "Content-Disposition", *headers)[200]
    return {"description": description, "content": {"*/*": {"schema": BINARY}}, **named}


@router.get(
    "/v1/documents/{document_id}/versions/{version}/content",
    response_class=StreamingResponse,
    responses=problems(404, 409, 416) | {200: _bytes("Isi versi ini. The bytes."), 206: _bytes("Sebagian. The range asked for.", "Content-Range")},
    openapi_extra=READERS,
    summary="Unduh · Download",
)
async def download_document(
    document_id: UUID,
    version: VersionNumber,
    reading: ReadsStored,
    hold: HoldsQuarantined,
    range_: Annotated[str | None, Header(alias="Range", max_length=200, examples=["bytes=0-1023"])] = None,
    if_range: Annotated[str | None, Header(alias="If-Range", max_length=200)] = None,
) -> Response:
    """Selalu sebagai lampiran. Always an attachment; one `Range` is honoured, and the ETag is that of the bytes."""
    instance = await reading.instance_of(document_id)
    found = next((v for v in instance.versions if (v.document_id, v.version) == (document_id, version)), None)
    if found is None:
        raise NotVisible
    refuse(reading_refusals(found, hold=hold))
    tag = f'"{found.version}.{found.sha256[:16]}"'
    asked = asked_range(range_, found.size) if if_range in (None, tag) else None
    start, length = asked or (0, found.size)
    headers = {
        "ETag": tag,
        "Accept-Ranges": "bytes",
        "Content-Disposition": content_disposition(found.filename),
        "Content-Length": str(length),
        "Content-Type": found.media_type,  # as it is: a charset is not ours to add
    }
    if asked is not None:
        headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{found.size}"
    pieces = await reading.reader(instance.id).pieces(found, start=start, length=length)
    return StreamingResponse(pieces, status_code=200 if asked is None else 206, headers=headers)
