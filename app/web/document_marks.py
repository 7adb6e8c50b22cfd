"""Marks on a document's version over HTTP: initial, sign."""

from dataclasses import replace
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from app.domain.documents import MarkRequest
from app.domain.instances import Instance, Mark
from app.domain.retries import StoredAnswer
from app.usecases import documents as usecases
from app.usecases import electronic_signing
from app.usecases.acts import Act
from app.web.acting import Acting, Acts
from app.web.answers import freeze
from app.web.openapi import problems, requires
from app.web.schemas.document_view import show_mark
from app.web.schemas.documents import InitialRequest, MarkShown, SignatureRequest
from app.web.stored import HoldsQuarantined, Receives, TrustRoots, VersionNumber
from app.web.stored_content import reader_of

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
async def sign_document(
    document_id: UUID, version: VersionNumber, body: SignatureRequest, acts: Acts, reception: Receives, trust_roots: TrustRoots
) -> Response:
    """Basah: Anda menyatakan pindaian ini benar. Elektronik: PDF ini memuat tanda tangan Anda; keutuhan, kepercayaan, dan cakupannya diverifikasi.

    Who uploaded the version may not sign it. A signature comes after all initials that the same step asks for on it.
    """
    request = MarkRequest(document_id, version, "signature", body.kind, reception.hold_quarantined)
    if body.kind == "wet":
        return await _mark(acts, request)
    async with acts.database.read() as connection:
        to_verify = await electronic_signing.may_sign(acts.surroundings(connection, acts.early_retry()), request)
    if to_verify is not None:
        instance_id, signed = to_verify
        content = reader_of(acts, reception.blobs, instance_id).whole
        evidence = await electronic_signing.verified(reception.blobs, signed, content, trust_roots=trust_roots, now=acts.now)
        acts, request = await acts.again(), replace(request, evidence=evidence)
    return await _mark(acts, request)


async def _mark(acts: Acting, request: MarkRequest) -> Response:
    def show(instance: Instance, mark: Mark) -> StoredAnswer:
        return freeze(show_mark(instance, mark), status=201)

    async def work(act: Act) -> StoredAnswer:
        return await usecases.put_mark_on(act, request, show=show)

    return await acts.perform(work)
