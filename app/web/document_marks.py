"""Marks on a document's version over HTTP: initial, sign."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from app.domain.documents import MarkRequest
from app.domain.instances import Instance, Mark
from app.domain.retries import StoredAnswer
from app.usecases import documents as usecases
from app.usecases.acts import Act
from app.web.acting import Acting, Acts
from app.web.answers import freeze
from app.web.openapi import problems, requires
from app.web.schemas.document_view import show_mark
from app.web.schemas.documents import InitialRequest, MarkShown, SignatureRequest
from app.web.stored import HoldsQuarantined, VersionNumber

router = APIRouter(tags=["documents"])
MARKERS = requires("role:marked_by_procedure")


@router.post(
    "/v1/documents/{document_id}/versions/{version}/initials",
    status_code=201,
    response_model=MarkShown,
    responses=problems(403, 404, 409, 412),
    openapi_extra=MARKERS,
    summary="Paraf · Initial",
)
async def initial_document(document_id: UUID, version: VersionNumber, body: InitialRequest, acts: Acts, hold: HoldsQuarantined) -> Response:
    """Bubuhkan paraf pada versi terakhir. Bound to the SHA-256 of this version; a new version starts without it."""
    return await _mark(acts, MarkRequest(document_id, version, "initial", body.kind, hold))


@router.post(
    "/v1/documents/{document_id}/versions/{version}/signatures",
    status_code=201,
    response_model=MarkShown,
    responses=problems(403, 404, 409, 412),
    openapi_extra=MARKERS,
    summary="Tanda tangan · Sign",
)
async def sign_document(document_id: UUID, version: VersionNumber, body: SignatureRequest, acts: Acts, hold: HoldsQuarantined) -> Response:
    """Tanda tangan basah: Anda menyatakan pindaian ini benar. Who uploaded the version may not sign it."""
    return await _mark(acts, MarkRequest(document_id, version, "signature", body.kind, hold))


async def _mark(acts: Acting, request: MarkRequest) -> Response:
    def show(instance: Instance, mark: Mark) -> StoredAnswer:
        return freeze(show_mark(instance, mark), status=201)

    async def work(act: Act) -> StoredAnswer:
        return await usecases.put_mark_on(act, request, show=show)

    return await acts.perform(work)
