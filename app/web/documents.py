"""Documents over HTTP: fill a slot, list, download, initial, sign."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends, Header, Path, Request
from fastapi.responses import Response, StreamingResponse

from app.domain.documents import MarkRequest, Upload
from app.domain.instances import DocumentVersion, Instance, Mark
from app.domain.problems import NotVisible, Problem, Unavailable
from app.domain.retries import StoredAnswer
from app.outside.blobs import BlobMissing, DiskBlobs
from app.store.documents import instance_of
from app.usecases import documents as usecases
from app.usecases.acts import Act
from app.web.acting import Acting, Acts, Asking, Asks, readers
from app.web.answers import answer, freeze
from app.web.bodies import streams_body
from app.web.filenames import content_disposition
from app.web.multipart import read_form
from app.web.openapi import BINARY, headed, problems, requires, tagged
from app.web.paging import MAX_LIMIT, PageInfo
from app.web.ranges import asked_range
from app.web.schemas.document_view import show_document, show_mark, show_version
from app.web.schemas.documents import (
    UPLOAD_BODY,
    DocumentList,
    DocumentShown,
    DocumentVersionShown,
    InitialRequest,
    MarkShown,
    SignatureRequest,
)
from app.web.uploads import fingerprint_parts, upload_of

log = structlog.get_logger("alur.documents")
router = APIRouter(tags=["documents"])
READERS = readers("documents:read")

VersionNumber = Annotated[int, Path(ge=1, le=1_000_000)]
MARKERS = requires("role:marked_by_procedure")


async def _blobs(request: Request) -> DiskBlobs:
    blobs: DiskBlobs = request.app.state.blobs
    return blobs


async def _max_upload_bytes(request: Request) -> int:
    most: int = request.app.state.max_upload_bytes
    return most


Blobs = Annotated[DiskBlobs, Depends(_blobs)]
MaxUploadBytes = Annotated[int, Depends(_max_upload_bytes)]


def _bytes(description: str, *headers: str) -> dict[str, Any]:
    """The kind of a file is what its sender said, so the document names any."""
    named = headed(200, "ETag", "Accept-Ranges", "Content-Disposition", *headers)[200]
    return {"description": description, "content": {"*/*": {"schema": BINARY}}, **named}


@router.post(
    "/v1/instances/{instance_id}/documents",
    status_code=201,
    response_model=DocumentVersionShown,
    responses=problems(403, 404, 409, 412) | headed(201, "Location"),
    openapi_extra=requires("role:performer_of_step") | {"requestBody": UPLOAD_BODY},
    summary="Unggah dokumen · Upload a document",
)
@streams_body
async def upload_document(instance_id: UUID, request: Request, acts: Acts, blobs: Blobs, most: MaxUploadBytes) -> Response:
    """Isi satu slot dengan versi baru. Performers of the active step fill its outputs, and those of its inputs that no earlier step puts out.

    A new version voids the sign-offs of this round and starts without marks. The bytes are durable before the answer.
    """
    async with acts.database.read() as connection:
        await usecases.may_upload(acts.surroundings(connection, acts.early_retry()), instance_id)
    async with blobs.receive(most) as temporary:
        new = upload_of(await read_form(request, temporary, max_file_bytes=most))
        acts = await acts.again()
        if new.file is None:
            return await _put(acts, instance_id, new)
        key = await blobs.keep(temporary)
    return await _put_stored(acts, instance_id, replace(new, file=replace(new.file, storage_key=key)), blobs=blobs)


async def _put_stored(acts: Acting, instance_id: UUID, new: Upload, *, blobs: DiskBlobs) -> Response:
    """Bytes that no row will ever name are removed: the act was refused, or was done before. An unknown outcome keeps them."""
    assert new.file is not None
    try:
        response = await _put(acts, instance_id, new)
    except Unavailable:
        raise
    except Problem:
        await blobs.remove(new.file.storage_key)
        raise
    if "Idempotency-Replayed" in response.headers:
        await blobs.remove(new.file.storage_key)
    return response


async def _put(acts: Acting, instance_id: UUID, new: Upload) -> Response:
    def show(instance: Instance, version: DocumentVersion) -> StoredAnswer:
        headers = {"Location": f"/v1/documents/{version.document_id}"}
        return freeze(show_version(instance, version), status=201, headers=headers)

    async def work(act: Act) -> StoredAnswer:
        return await usecases.upload(act, instance_id, new, show=show)

    return await acts.perform(work, parts=fingerprint_parts(new))


@router.get(
    "/v1/instances/{instance_id}/documents",
    response_model=DocumentList,
    responses=problems(404),
    openapi_extra=READERS,
    summary="Dokumen menurut slot · Documents by slot",
)
async def list_documents(instance_id: UUID, asks: Asks) -> Response:
    """Dokumen menurut slotnya, setiap versi dengan parafnya. All of them on one page: an instance has few slots."""
    instance = (await asks.instance(instance_id)).instance
    order = list(instance.procedure.slots)
    documents = sorted(instance.documents, key=lambda document: order.index(document.slot))
    items = [show_document(instance, document) for document in documents]
    return answer(DocumentList(items=items, page=PageInfo(next_cursor=None, limit=MAX_LIMIT)))


@router.get(
    "/v1/documents/{document_id}",
    response_model=DocumentShown,
    responses=problems(404) | tagged(),
    openapi_extra=READERS,
    summary="Satu dokumen · One document",
)
async def get_document(document_id: UUID, asks: Asks) -> Response:
    """Satu dokumen dengan semua versinya dan paraf serta tanda tangannya."""
    instance = await _instance_of(asks, document_id)
    document = next(d for d in instance.documents if d.id == document_id)
    return answer(show_document(instance, document), version=instance.version)


@router.get(
    "/v1/documents/{document_id}/versions/{version}/content",
    response_class=StreamingResponse,
    responses=problems(404, 416) | {200: _bytes("Isi versi ini. The bytes."), 206: _bytes("Sebagian. The range asked for.", "Content-Range")},
    openapi_extra=READERS,
    summary="Unduh · Download",
)
async def download_document(
    document_id: UUID,
    version: VersionNumber,
    asks: Asks,
    blobs: Blobs,
    range_: Annotated[str | None, Header(alias="Range", max_length=200, examples=["bytes=0-1023"])] = None,
    if_range: Annotated[str | None, Header(alias="If-Range", max_length=200)] = None,
) -> Response:
    """Selalu sebagai lampiran. Always an attachment; one `Range` is honoured, and the ETag is that of the bytes."""
    instance = await _instance_of(asks, document_id)
    found = next((v for v in instance.versions if (v.document_id, v.version) == (document_id, version)), None)
    if found is None:
        raise NotVisible
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
    return StreamingResponse(await _pieces(blobs, found, start=start, length=length), status_code=200 if asked is None else 206, headers=headers)


async def _pieces(blobs: DiskBlobs, version: DocumentVersion, *, start: int, length: int) -> AsyncIterator[bytes]:
    """Raises BlobMissing, also for a blob that is shorter than its row says; the log names it for whoever has to bring it back."""
    try:
        if await blobs.size(version.storage_key) < version.size:
            raise BlobMissing(version.storage_key)
        return await blobs.open_range(version.storage_key, start, length)
    except BlobMissing:
        log.error("content missing", storage_key=version.storage_key, document_id=str(version.document_id), version=version.version)
        raise


@router.post(
    "/v1/documents/{document_id}/versions/{version}/initials",
    status_code=201,
    response_model=MarkShown,
    responses=problems(403, 404, 409, 412),
    openapi_extra=MARKERS,
    summary="Paraf · Initial",
)
async def initial_document(document_id: UUID, version: VersionNumber, body: InitialRequest, acts: Acts) -> Response:
    """Bubuhkan paraf pada versi terakhir. Bound to the SHA-256 of this version; a new version starts without it."""
    return await _mark(acts, MarkRequest(document_id, version, "initial", body.kind))


@router.post(
    "/v1/documents/{document_id}/versions/{version}/signatures",
    status_code=201,
    response_model=MarkShown,
    responses=problems(403, 404, 409, 412),
    openapi_extra=MARKERS,
    summary="Tanda tangan · Sign",
)
async def sign_document(document_id: UUID, version: VersionNumber, body: SignatureRequest, acts: Acts) -> Response:
    """Tanda tangan basah: Anda menyatakan pindaian ini benar. Who uploaded the version may not sign it."""
    return await _mark(acts, MarkRequest(document_id, version, "signature", body.kind))


async def _mark(acts: Acting, request: MarkRequest) -> Response:
    def show(instance: Instance, mark: Mark) -> StoredAnswer:
        return freeze(show_mark(instance, mark), status=201)

    async def work(act: Act) -> StoredAnswer:
        return await usecases.put_mark_on(act, request, show=show)

    return await acts.perform(work)


async def _instance_of(asks: Asking, document_id: UUID) -> Instance:
    """Raises NotVisible for a document that does not exist, or not for this caller."""
    instance_id = await instance_of(asks.connection, document_id)
    if instance_id is None:
        raise NotVisible
    return (await asks.instance(instance_id)).instance
