"""Restricted records (salary papers) over HTTP: add, list, look at one, download. Nothing else in this API shows anything of them."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from app.domain.restricted_records import RecordWords, RestrictedRecord, as_keeper
from app.domain.retries import StoredAnswer
from app.outside.envelopes import SealingSink, sealed_size
from app.outside.restricted_keys import RestrictedKeyMissing, RestrictedKeys
from app.outside.storage import Blobs
from app.usecases import restricted_records as usecases
from app.usecases.acts import Act
from app.usecases.restricted_content import Claimed, take_in
from app.usecases.restricted_records import Draft, RecordDamaged, SealedFile
from app.web.acting import Acting, ActsAnew
from app.web.answers import answer, freeze
from app.web.bodies import streams_body
from app.web.filenames import content_disposition
from app.web.multipart import read_form
from app.web.openapi import BINARY, headed, problems, requires
from app.web.paging import Paging
from app.web.restricted_forms import NewRecord, record_in
from app.web.restricted_reading import Keys, Notes, Noting
from app.web.schemas.restricted_records import RECORD_BODY, RestrictedRecordAdded, RestrictedRecordList, RestrictedRecordListed, RestrictedRecordShown
from app.web.stored import MaxUploadBytes, Receives, Stored, named_or_removed

router = APIRouter(tags=["restricted-records"])
KEEPERS = requires("permission:restricted_records")


@router.post(
    "/v1/instances/{instance_id}/restricted-records",
    status_code=201,
    response_model=RestrictedRecordAdded,
    responses=problems(403, 404, 409) | headed(201, "Location"),
    openapi_extra=KEEPERS | {"requestBody": RECORD_BODY},
    summary="Tambah arsip terbatas · Add a restricted record",
)
@streams_body
async def create_restricted_record(
    instance_id: UUID, request: Request, acts: ActsAnew, reception: Receives, keys: Keys, most: MaxUploadBytes
) -> Response:
    """Berkas gaji disegel selagi diterima; tanpa segel tidak pernah menyentuh disk. Pelaksanaan dalam keadaan apa pun menerimanya.

    Sealed while it is received: unsealed it never touches the disk. Instances in any state take records, completed and cancelled ones
    too. The answer names the record only, since it is kept for retries (as long as the server's key stays the same). 409
    `restricted_key_not_configured` where the server has no key for them.
    """
    has_key = keys.current is not None
    async with acts.database.read() as connection:
        draft = await usecases.begin(acts.surroundings(connection, None), instance_id, has_key=has_key)
    async with reception.blobs.receive(sealed_size(most)) as temporary:
        sink = SealingSink(temporary, draft.envelope())
        new = record_in(await read_form(request, sink, max_file_bytes=most))
        acts = await acts.again()
        usecases.judge(acts.actor, draft, new.record, has_key=has_key)
        file = await take_in(reception, temporary, draft, Claimed(new.file.filename, new.file.size))
    return await _put(acts, draft, _words(acts, draft, new, file=file), file=file, keys=keys, blobs=reception.blobs)


def _words(acts: Acting, draft: Draft, new: NewRecord, *, file: SealedFile) -> RecordWords:
    return RecordWords(
        record=new.record,
        filename=file.filename,
        media_type=file.media_type,
        size=new.file.size,
        sha256=new.file.sha256,
        note=new.note,
        added_by=as_keeper(acts.actor, draft.office).as_data(),
    )


async def _put(acts: Acting, draft: Draft, words: RecordWords, *, file: SealedFile, keys: RestrictedKeys, blobs: Blobs) -> Response:
    def show(record: RestrictedRecord) -> StoredAnswer:
        return freeze(RestrictedRecordAdded.of(record), status=201, headers={"Location": f"/v1/restricted-records/{record.id}"})

    async def work(act: Act) -> StoredAnswer:
        return await usecases.add(act, draft, words, file=file, keys=keys, show=show)

    same = keys.fingerprint((words.record, words.filename, words.sha256, words.note or ""))
    return await named_or_removed(acts.perform(work, parts=(same,)), blobs, file.storage_key)


@router.get(
    "/v1/instances/{instance_id}/restricted-records",
    response_model=RestrictedRecordList,
    responses=problems(403, 404, 507),
    openapi_extra=KEEPERS,
    summary="Arsip terbatas satu pelaksanaan · Restricted records of an instance",
)
async def list_restricted_records(instance_id: UUID, notes: Notes, paging: Paging) -> Response:
    """Yang lama dahulu. Setiap baris yang dibaca tercatat pada log kantornya.

    The oldest first. Each record that is shown is noted as read in the office's log. One that does not open says why, and hides none of
    the others.
    """
    after = paging.after(UUID)

    async def work(act: Act) -> list[RestrictedRecord]:
        return await usecases.read_records(act, instance_id, after=after[0] if after else None, limit=paging.limit)

    found = await notes.perform(work)
    shown = {row.id: await _listed(row, notes) for row in found[: paging.limit]}
    return paging.answer(RestrictedRecordList, found, key=lambda row: (row.id,), show=lambda row: shown[row.id])


@router.get(
    "/v1/restricted-records/{record_id}",
    response_model=RestrictedRecordShown,
    responses=problems(404, 507),
    openapi_extra=KEEPERS,
    summary="Satu arsip terbatas · One restricted record",
)
async def get_restricted_record(record_id: UUID, notes: Notes) -> Response:
    """Pembacaan ini tercatat. That it was read is noted first. 503 `restricted_key_missing` where the key that sealed it is not here any more."""
    return answer(await _shown(await notes.perform(lambda act: usecases.read_record(act, record_id, "metadata")), notes))


@router.get(
    "/v1/restricted-records/{record_id}/content",
    response_class=StreamingResponse,
    responses=problems(404, 507)
    | {200: {"description": "Isi berkas ini. The bytes.", "content": {"*/*": {"schema": BINARY}}, **headed(200, "Content-Disposition")[200]}},
    openapi_extra=KEEPERS,
    summary="Unduh arsip terbatas · Download a restricted record",
)
async def download_restricted_record(record_id: UUID, notes: Notes, blobs: Stored) -> Response:
    """Selalu sebagai lampiran, seluruhnya. Always an attachment, and whole. That it was read is in the office's log before the first byte is sent."""
    record = await notes.perform(lambda act: usecases.read_record(act, record_id, "content"))
    envelope, words = await notes.opened(record)
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": content_disposition(words.filename),
        "Content-Length": str(words.size),
        "Content-Type": words.media_type,
    }
    return StreamingResponse(await notes.pieces(blobs, record, envelope, words), headers=headers)


async def _shown(record: RestrictedRecord, notes: Noting) -> RestrictedRecordShown:
    _, words = await notes.opened(record)
    return RestrictedRecordShown.of(record, words)


async def _listed(record: RestrictedRecord, notes: Noting) -> RestrictedRecordListed:
    try:
        _, words = await notes.opened(record)
    except RecordDamaged:
        return RestrictedRecordListed.closed(record, "content_damaged")
    except RestrictedKeyMissing:
        return RestrictedRecordListed.closed(record, "restricted_key_missing")
    return RestrictedRecordListed.of(record, words)
