"""Documents over HTTP: fill a slot, list."""

from dataclasses import replace
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.domain.documents import Upload, slot_refusals
from app.domain.instances import DocumentVersion, Instance
from app.domain.problems import NotVisible, PayloadTooLarge, Refused
from app.domain.resumable_uploads import FileLimit, FileTooLarge, check_size, smallest
from app.domain.retries import StoredAnswer
from app.outside.storage import TemporaryBlob
from app.store.documents import instance_of
from app.usecases import documents as usecases
from app.usecases.acts import Act, View
from app.usecases.document_limits import file_limit_of, of_slot
from app.usecases.receiving import take_in
from app.web.acting import Acting, Acts, Asking, Asks, readers
from app.web.answers import answer, freeze
from app.web.bodies import streams_body
from app.web.multipart import Form, read_form
from app.web.openapi import headed, problems, requires, tagged
from app.web.paging import MAX_LIMIT, PageInfo
from app.web.schemas.document_view import show_document_to, show_version
from app.web.schemas.documents import (
    UPLOAD_BODY,
    DocumentList,
    DocumentShown,
    DocumentVersionShown,
)
from app.web.stored import HoldsQuarantined, MaxUploadBytes, Receives, named_or_removed
from app.web.upload_forms import fingerprint_parts, upload_of

router = APIRouter(tags=["documents"])
READERS = readers("documents:read")


@router.post(
    "/v1/instances/{instance_id}/documents",
    status_code=201,
    response_model=DocumentVersionShown,
    responses=problems(403, 404, 409, 412) | headed(201, "Location"),
    openapi_extra=requires("role:performer_of_step") | {"requestBody": UPLOAD_BODY},
    summary="Unggah dokumen · Upload a document",
)
@streams_body
async def upload_document(instance_id: UUID, request: Request, acts: Acts, reception: Receives, most: MaxUploadBytes) -> Response:
    """Isi satu slot dengan versi baru. Performers of the active step fill its outputs, and those of its inputs that no earlier step puts out.

    A new version voids the sign-offs of this round and starts without marks. The bytes are durable before the answer.
    """
    async with acts.database.read() as connection:
        instance = await usecases.may_upload(acts.surroundings(connection, acts.early_retry()), instance_id)
        limit = smallest(FileLimit(most, "multipart"), await file_limit_of(connection, instance.office.code, acts.now))
    async with reception.blobs.receive(limit.most) as temporary:
        new = upload_of(await _form(request, temporary, limit))
        acts = await acts.again()
        slot = instance.procedure.slots.get(new.slot)
        if new.file is None or slot is None:
            return await _put(acts, instance_id, new)
        check_size(new.file.size, smallest(limit, of_slot(slot)))
        try:
            stored = await take_in(reception, temporary, slot, filename=new.file.filename)
        except Refused as refused:  # what stands against the slot comes first, and all of it is told
            raise Refused((*slot_refusals(instance, new), *refused.refusals)) from None
    return await named_or_removed(_put(acts, instance_id, replace(new, file=stored)), reception.blobs, stored.storage_key)


async def _form(request: Request, temporary: TemporaryBlob, limit: FileLimit) -> Form:
    """Raises FileTooLarge, which says whose limit it is."""
    try:
        return await read_form(request, temporary, max_file_bytes=limit.most)
    except PayloadTooLarge as error:
        raise FileTooLarge(limit) from error


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
async def list_documents(instance_id: UUID, asks: Asks, hold: HoldsQuarantined) -> Response:
    """Dokumen menurut slotnya, setiap versi dengan parafnya. All of them on one page: an instance has few slots."""
    situation = (await asks.instance(instance_id)).situation
    order = list(situation.instance.procedure.slots)
    documents = sorted(situation.instance.documents, key=lambda document: order.index(document.slot))
    items = [show_document_to(situation, document, asks.language, hold=hold) for document in documents]
    return answer(DocumentList(items=items, page=PageInfo(next_cursor=None, limit=MAX_LIMIT)))


@router.get(
    "/v1/documents/{document_id}",
    response_model=DocumentShown,
    responses=problems(404) | tagged(),
    openapi_extra=READERS,
    summary="Satu dokumen · One document",
)
async def get_document(document_id: UUID, asks: Asks, hold: HoldsQuarantined) -> Response:
    """Satu dokumen dengan semua versinya, paraf dan tanda tangannya. `actions`: what you may do with it, or why not."""
    situation = (await view_of_document(asks, document_id)).situation
    document = next(d for d in situation.instance.documents if d.id == document_id)
    return answer(show_document_to(situation, document, asks.language, hold=hold), version=situation.instance.version)


async def instance_of_document(asks: Asking, document_id: UUID) -> Instance:
    """Raises NotVisible for a document that does not exist, or not for this caller."""
    return (await view_of_document(asks, document_id)).instance


async def view_of_document(asks: Asking, document_id: UUID) -> View:
    """Raises NotVisible."""
    instance_id = await instance_of(asks.connection, document_id)
    if instance_id is None:
        raise NotVisible
    return await asks.instance(instance_id)
