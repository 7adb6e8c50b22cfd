"""Resumable upload over HTTP: tus 1.0.0 (core, creation, expiration, termination, checksum) into a slot of an instance."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import Response

from app.domain.preconditions import ANY_VERSION
from app.domain.resumable_uploads import OffsetMismatch, ResumableUpload
from app.domain.retries import StoredAnswer
from app.usecases import resumable_uploads as usecases
from app.usecases.acts import Act
from app.web.acting import Acting, ActsAnew, Asks, Shelved
from app.web.actor import CurrentActor
from app.web.answers import answer, freeze
from app.web.bodies import streams_body
from app.web.languages import Lang
from app.web.openapi import BINARY, headed, problems, requires
from app.web.schemas.uploads import ResumableUploadShown
from app.web.session import Db, Now
from app.web.stored import Receives, UploadsOn
from app.web.tus import OFFSET_STREAM, VERSION, asked_checksum, asked_offset, asked_upload, expires, require_version, terms_headers
from app.web.upload_bodies import Receiving

router = APIRouter(tags=["uploads"])
OWN = requires("signed_in")
STANDS = ("Upload-Offset", "Upload-Length", "Upload-Expires", "Tus-Resumable")
BYTES = {"requestBody": {"required": True, "content": {OFFSET_STREAM: {"schema": BINARY}}}}

TusResumable = Annotated[str | None, Header(alias="Tus-Resumable", description=f"Selalu {VERSION}. Always {VERSION}.", examples=[VERSION])]
UploadLength = Annotated[
    str | None, Header(alias="Upload-Length", description="Panjang berkas, byte. The file's length in bytes.", examples=["81920"])
]
UploadOffset = Annotated[str | None, Header(alias="Upload-Offset", description="Byte pertama yang dikirim. The first byte sent.", examples=["0"])]
UploadChecksum = Annotated[
    str | None, Header(alias="Upload-Checksum", description="sha1, sha256, atau md5, lalu base64. The algorithm, and base64 of the digest.")
]
UploadMetadata = Annotated[
    str | None,
    Header(
        alias="Upload-Metadata",
        description="slot, filename; boleh note, sha256 (heksadesimal, seluruh berkas). slot and filename; also note, and the whole file's sha256.",
        examples=["slot ZHJhZl90aW0=,filename ZHJhZi10aW0ucGRm"],
    ),
]


async def _sending(request: Request, actor: CurrentActor, database: Db, now: Now, language: Lang, shelf: Shelved) -> Acting:
    """The offset guards what is sent: it takes no Idempotency-Key and no If-Match."""
    return Acting(request, actor, database, now, language, shelf, None, ANY_VERSION)


Sends = Annotated[Acting, Depends(_sending, scope="function")]


@router.options(
    "/v1/instances/{instance_id}/uploads",
    status_code=204,
    response_class=Response,
    responses=headed(204, "Tus-Resumable", "Tus-Version", "Tus-Extension", "Tus-Max-Size", "Tus-Checksum-Algorithm"),
    summary="Kemampuan tus server ini · What tus this server speaks",
)
async def get_upload_terms(instance_id: UUID, terms: UploadsOn) -> Response:  # noqa: ARG001 - the same for every instance
    """Versi, ekstensi, dan ukuran terbesar. The same for everyone and every instance; offices and slots may take less."""
    return Response(status_code=204, headers={"Tus-Resumable": VERSION, **terms_headers(terms.max_bytes)})


@router.post(
    "/v1/instances/{instance_id}/uploads",
    status_code=201,
    response_model=ResumableUploadShown,
    responses=problems(403, 404, 409, 412, 413) | headed(201, "Location", "Upload-Expires", "Tus-Resumable"),
    openapi_extra=requires("role:performer_of_step"),
    summary="Mulai unggahan yang dapat dilanjutkan · Begin a resumable upload",
)
async def create_upload(
    instance_id: UUID,
    request: Request,
    acts: ActsAnew,
    terms: UploadsOn,
    tus_resumable: TusResumable = None,
    upload_length: UploadLength = None,
    upload_metadata: UploadMetadata = None,
) -> Response:
    """Untuk berkas besar atau jaringan yang sering putus (tus 1.0.0, ekstensi creation). For large files and bad lines: nothing is sent yet.

    Whoever may upload into the slot may begin; the bytes follow by PATCH at `Location`, from whichever `Upload-Offset` is reached. With the
    last byte they become a version, under the rules that hold then. 412 without `Tus-Resumable: 1.0.0`; 413 names the smallest limit: the
    server's, the office's, or the slot's; 409 when too much is unfinished.
    """
    async with acts.database.read() as connection:
        await usecases.check_visible(connection, acts.actor, instance_id)
    require_version(tus_resumable)
    asked = asked_upload(upload_metadata, upload_length, deferred="upload-defer-length" in request.headers)

    def show(upload: ResumableUpload) -> StoredAnswer:
        headers = {"Location": f"/v1/uploads/{upload.id}", "Upload-Expires": expires(upload.expires_at), "Tus-Resumable": VERSION}
        return freeze(ResumableUploadShown.of(upload), status=201, headers=headers)

    async def work(act: Act) -> StoredAnswer:
        return await usecases.create_upload(act, instance_id, asked, terms=terms, show=show)

    return await acts.perform(work, parts=(upload_length or "", upload_metadata or ""))


@router.get(
    "/v1/uploads/{upload_id}",
    response_model=ResumableUploadShown,
    responses=problems(404, 412) | headed(200, *STANDS, "Upload-Metadata"),
    openapi_extra=OWN,
    summary="Sampai di mana unggahan ini · How far an upload is",
)
async def get_upload(upload_id: UUID, asks: Asks, tus_resumable: TusResumable = None) -> Response:
    """Hanya untuk yang memulainya; HEAD menjawab dengan header saja. Only for whoever began it; by HEAD, headers alone.

    After `Upload-Expires` it is 404, as if it had never been. `Upload-Offset` equals `Upload-Length` exactly when the version exists. A file
    that came whole but was refused for the moment (409, 403) stands short of its last bytes: send them again when it may become a version.
    """
    upload = await usecases.view_upload(asks.connection, asks.actor, upload_id, asks.now)
    require_version(tus_resumable, optional=True)
    return answer(ResumableUploadShown.of(upload), headers=_stands(upload) | {"Upload-Metadata": upload.said, "Cache-Control": "no-store"})


@router.patch(
    "/v1/uploads/{upload_id}",
    status_code=204,
    response_class=Response,
    responses=problems(403, 404, 408, 409, 412, 413, 400, 460) | headed(204, *STANDS, "Content-Location"),
    openapi_extra=OWN | BYTES,
    summary="Kirim byte berikutnya · Send the next bytes",
)
@streams_body
async def add_upload_bytes(
    upload_id: UUID,
    request: Request,
    acts: Sends,
    terms: UploadsOn,
    reception: Receives,
    tus_resumable: TusResumable = None,
    upload_offset: UploadOffset = None,
    upload_checksum: UploadChecksum = None,
) -> Response:
    """Mulai tepat dari `Upload-Offset` yang tercatat (409 bila tidak). Yang sudah tiba tetap tersimpan bila jaringan putus.

    What came before the line broke is kept, and so is what came before 20 silent seconds (408). With `Upload-Checksum` it is all or nothing:
    460 when the bytes differ. With the last byte the file is examined and becomes a version (`Content-Location` names the document); what
    is refused for its content (422) ends the upload. 409 or 403 instead: what came is kept but for its last bytes, which may be sent again.
    413 for bytes beyond the end. Where a proxy lets no PATCH or DELETE through: POST with `X-HTTP-Method-Override`.
    """
    async with acts.database.read() as connection:
        upload = await usecases.view_upload(connection, acts.actor, upload_id, acts.now)
    require_version(tus_resumable)
    offset, checksum = asked_offset(request.headers.get("content-type", ""), upload_offset), asked_checksum(upload_checksum)
    if offset != upload.received:
        raise OffsetMismatch
    upload = await Receiving(acts, reception, terms, upload, checksum).all_of(request)
    return Response(status_code=204, headers=_stands(upload))


@router.delete(
    "/v1/uploads/{upload_id}",
    status_code=204,
    response_class=Response,
    responses=problems(403, 404, 412) | headed(204, "Tus-Resumable"),
    openapi_extra=OWN,
    summary="Batalkan unggahan · Terminate an upload",
)
async def remove_upload(upload_id: UUID, acts: Sends, terms: UploadsOn, reception: Receives, tus_resumable: TusResumable = None) -> Response:
    """Byte yang sudah tiba dihapus; versi yang sudah jadi tetap ada. What came is removed; a version that it became stays."""
    async with acts.database.read() as connection:
        upload = await usecases.view_upload(connection, acts.actor, upload_id, acts.now)
    require_version(tus_resumable)
    await Receiving(acts, reception, terms, upload).end()
    return Response(status_code=204, headers={"Tus-Resumable": VERSION})


def _stands(upload: ResumableUpload) -> dict[str, str]:
    made = {"Content-Location": f"/v1/documents/{upload.document_id}"} if upload.finished else {}
    return made | {
        "Upload-Offset": str(upload.received),
        "Upload-Length": str(upload.length),
        "Upload-Expires": expires(upload.expires_at),
        "Tus-Resumable": VERSION,
    }
