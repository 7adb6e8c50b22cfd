"""How large documents may be at an office, over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from app.domain.problems import NotVisible
from app.domain.retries import StoredAnswer
from app.store.document_limits import OfficeLimits, OwnLimits, office_limits
from app.usecases import document_limits as usecases
from app.usecases.acts import Act
from app.web.acting import Amends, Asks, readers
from app.web.answers import answer, freeze
from app.web.openapi import problems, requires, tagged
from app.web.schemas.uploads import DocumentLimitsRequest, DocumentLimitsShown
from app.web.stored import MaxUploadBytes, UploadsOn

router = APIRouter(prefix="/v1/offices/{office_code}/document-limits", tags=["documents"])

OfficeInPath = Annotated[str, Path(max_length=40, description="Kode kantor. The office's region code.", examples=["64.02.13"])]


@router.get(
    "",
    response_model=DocumentLimitsShown,
    responses=problems(404) | tagged(),
    openapi_extra=readers("documents:read"),
    summary="Batas ukuran dokumen · Limits of documents",
)
async def get_document_limits(office_code: OfficeInPath, asks: Asks, terms: UploadsOn, multipart: MaxUploadBytes) -> Response:
    """Yang tidak ditetapkan kantor ini berlaku dari kantor di atasnya. Inherited: the nearest office above that says something."""
    if not asks.actor.sees(office_code):
        raise NotVisible
    found = await office_limits(asks.connection, office_code, asks.now)
    return answer(DocumentLimitsShown.of(found, terms, multipart=multipart), version=found.own.version)


@router.put(
    "",
    response_model=DocumentLimitsShown,
    responses=problems(403, 404, 409) | tagged(),
    openapi_extra=requires("admin"),
    summary="Tetapkan batas ukuran dokumen · Set the limits of documents",
)
async def put_document_limits(
    office_code: OfficeInPath, body: DocumentLimitsRequest, amends: Amends, terms: UploadsOn, multipart: MaxUploadBytes
) -> Response:
    """Berlaku juga bagi kantor di bawahnya yang tidak menetapkan sendiri. Who may: `admin` of the office, or of an office above it.

    `max_file_bytes`: one file. `max_open_bytes`: all unfinished uploads at one office together. Never more than the server takes. What has
    begun already may end.
    """
    new = OwnLimits(max_file_bytes=body.max_file_bytes, max_open_bytes=body.max_open_bytes)

    def show(found: OfficeLimits) -> StoredAnswer:
        return freeze(DocumentLimitsShown.of(found, terms, multipart=multipart), version=found.own.version)

    async def work(act: Act) -> StoredAnswer:
        return await usecases.put_limits(act, office_code, new, show=show)

    return await amends.perform(work)
