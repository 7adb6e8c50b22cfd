"""How a document is filed, over HTTP."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from app.domain.filing import Filing
from app.domain.retries import StoredAnswer
from app.usecases import filing as usecases
from app.usecases.acts import Act
from app.usecases.filing import FiledDocument
from app.web.acting import Amends, Asks, readers
from app.web.answers import answer, freeze
from app.web.documents import instance_of_document
from app.web.openapi import problems, requires, tagged
from app.web.schemas.filing import DocumentRecordRequest, DocumentRecordShown

router = APIRouter(prefix="/v1/documents/{document_id}/record", tags=["documents"])


@router.get(
    "",
    response_model=DocumentRecordShown,
    responses=problems(404) | tagged(),
    openapi_extra=readers("documents:read"),
    summary="Metadata arsip dokumen · How a document is filed",
)
async def get_document_record(document_id: UUID, asks: Asks) -> Response:
    """Klasifikasi, keamanan, nomor, retensi. The ETag is the instance's; nothing said yet: `ordinary`, and nulls."""
    instance = await instance_of_document(asks, document_id)
    found = await usecases.filed(asks.connection, document_id, instance, now=asks.now)
    return answer(DocumentRecordShown.of(found), version=instance.version)


@router.put(
    "",
    response_model=DocumentRecordShown,
    responses=problems(403, 404, 409) | tagged(),
    openapi_extra=requires("role:performer_of_any_step", "role:controller"),
    summary="Tetapkan metadata arsip · File a document",
)
async def put_document_record(document_id: UUID, body: DocumentRecordRequest, amends: Amends) -> Response:
    """Diganti seluruhnya, juga setelah pelaksanaan selesai atau dibatalkan. Who may: who performs any step, or controls, at that office.

    A number that this office gives (`numbered_by: null`) is given once (409 `number_taken`); one from outside may repeat.
    """
    new = Filing(
        classification=body.classification,
        security_class=body.security_class,
        retention_rule=body.retention_rule,
        number=body.number,
        numbered_by=body.numbered_by,
        dated=body.dated,
    )

    def show(found: FiledDocument) -> StoredAnswer:
        return freeze(DocumentRecordShown.of(found), version=found.instance.version)

    async def work(act: Act) -> StoredAnswer:
        return await usecases.describe(act, document_id, new, show=show)

    return await amends.perform(work)
