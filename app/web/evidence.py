"""The evidence bundle over HTTP: everything about an instance in one archive, made while it is sent."""

from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from app.domain.instances import Instance
from app.render.archives import ZipStream
from app.render.evidence import MANIFEST, manifest
from app.store.restricted_records import restricted_ids
from app.usecases.views import view_instance
from app.web.acting import Shelved, readers
from app.web.actor import CurrentActor
from app.web.evidence_files import Bundle
from app.web.filenames import content_disposition
from app.web.openapi import headed, problems
from app.web.openapi.declare import BINARY
from app.web.session import Db, Now
from app.web.stored import Receives
from app.web.stored_content import Reader

router = APIRouter(tags=["instances"])
READERS = readers("evidence:read")

_ZIP = "application/zip"
ARCHIVED: dict[int | str, dict[str, Any]] = {
    200: headed(200, "Content-Disposition")[200] | {"description": "Berkas bukti. The bundle.", "content": {_ZIP: {"schema": BINARY}}}
}


@router.get(
    "/v1/instances/{instance_id}/evidence.zip",
    response_class=StreamingResponse,
    responses=problems(404) | ARCHIVED,
    openapi_extra=READERS,
    summary="Berkas bukti · The evidence bundle",
)
async def download_evidence(instance_id: UUID, actor: CurrentActor, database: Db, shelf: Shelved, now: Now, reception: Receives) -> StreamingResponse:
    """Semua dokumen, riwayat dengan alasan yang ditulis, catatan berantai hash, dan daftar SHA-256 yang diterima `sha256sum -c`.

    All documents, the timeline with the words people wrote, the hash-chained log, and a manifest that `sha256sum -c` accepts; `verify.py` in it
    checks the rest. Restricted records come by reference only. What is quarantined, infected, damaged or missing is left out, and
    documents.json says so. The archive is as of one moment and made while it is sent: when it breaks off, a document turned out damaged.
    """
    async with database.read() as connection:
        view = await view_instance(connection, shelf, actor, now=now, instance_id=instance_id)
        restricted = await restricted_ids(connection, instance_id)
    made_at = now.astimezone(view.instance.office.zone)
    reader = Reader(database=database, blobs=reception.blobs, shelf=shelf, now=now, instance_id=instance_id)
    bundle = Bundle(database=database, reception=reception, reader=reader, view=view, restricted=restricted, made_at=made_at, made_by=actor.name)
    headers = {"Content-Disposition": content_disposition(_name(view.instance)), "Cache-Control": "no-store"}
    return StreamingResponse(archive(bundle), media_type=_ZIP, headers=headers)


def _name(instance: Instance) -> str:
    return f"bukti-{instance.procedure.key}-{instance.office.code}-{instance.period.key}.zip"


async def archive(bundle: Bundle) -> AsyncIterator[bytes]:
    """What was found missing or damaged before stands in documents.json; what turns out damaged on the way breaks the archive off."""
    made, at, digests = ZipStream(), bundle.made_at, []
    async for file in bundle.files():
        digest = sha256()

        def written(piece: bytes) -> bytes:
            digest.update(piece)  # noqa: B023 - called at once
            return made.write(piece)

        yield made.begin(file.path, at=at, size=file.size)
        async for piece in file.pieces:
            yield await to_thread.run_sync(written, piece)
        yield made.end()
        digests.append((file.path, digest.hexdigest()))
    yield made.begin(MANIFEST, at=at) + made.write(manifest(digests)) + made.end() + made.close()
