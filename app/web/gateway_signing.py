"""Signing through the BSrE gateway over HTTP. It ignores Idempotency-Key: what was asked before stands in the list of signings."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.domain.gateway_signing import GatewayRequest
from app.domain.instances import DocumentVersion, Instance
from app.domain.problems import Problem, Unavailable
from app.domain.retries import StoredAnswer
from app.outside.bsre import MAX_DOCUMENT, Gateway, Signer
from app.store.gateway_signing import signings_of
from app.usecases import gateway_signing as usecases
from app.usecases.acts import Act
from app.usecases.gateway_signing import Answered, Asked, CameToNothing, Intent
from app.usecases.receiving import remove_unnamed
from app.web.acting import Acting, ActsOnce, Asks
from app.web.answers import answer, freeze, respond
from app.web.document_marks import MARKERS
from app.web.documents import READERS, instance_of_document
from app.web.openapi import headed, problems
from app.web.paging import MAX_LIMIT, PageInfo
from app.web.schemas.document_view import show_version
from app.web.schemas.documents import DocumentVersionShown
from app.web.schemas.gateway_signing import GatewaySignatureRequest, SigningList, show_signing
from app.web.session import act, read_clock_again
from app.web.stored import Receives, TrustRoots, VersionNumber
from app.web.stored_content import reader_of

router = APIRouter(tags=["documents"])


async def _gateway(request: Request) -> Gateway | None:
    gateway: Gateway | None = request.app.state.gateway
    return gateway


Through = Annotated[Gateway | None, Depends(_gateway)]
T = TypeVar("T")


@router.post(
    "/v1/documents/{document_id}/versions/{version}/gateway-signatures",
    status_code=201,
    response_model=DocumentVersionShown,
    responses=problems(403, 404, 409, 503) | headed(201, "Location"),
    openapi_extra=MARKERS,
    summary="Tanda tangani lewat BSrE · Sign through BSrE",
)
async def sign_through_gateway(
    document_id: UUID,
    version: VersionNumber,
    body: GatewaySignatureRequest,
    acts: ActsOnce,
    gateway: Through,
    reception: Receives,
    trust_roots: TrustRoots,
) -> Response:
    """PDF dikirim ke gerbang BSrE kantor Anda; yang kembali diverifikasi dan menjadi versi baru yang sudah Anda tandatangani.

    The PDF goes to your office's BSrE gateway; what comes back is verified and becomes a new version (`signed_from`) with your electronic
    signature, initials kept. The try is written down before the gateway is asked (`GET …/signings`): when no answer comes, nobody signs twice by
    mistake. 409 `gateway_not_configured` where no gateway is set up.
    """
    request = GatewayRequest(
        document_id=document_id, version=version, most=MAX_DOCUMENT, hold=reception.hold_quarantined, despite_unknown=body.despite_unknown
    )
    intent = await _act(acts, lambda given: usecases.intend(given, request, gateway))
    assert gateway is not None  # `intend` has refused otherwise
    try:
        content = reader_of(acts, reception.blobs, intent.instance_id).whole
        at = Asked(gateway=gateway, content=content, reception=reception, trust_roots=trust_roots, now=acts.now)
        answered = await usecases.asked(at, intent, Signer(body.nik, body.passphrase))
    except CameToNothing as nothing:
        await _give_up(acts, intent, nothing)
        raise nothing.problem from None
    return await _concluded(acts, intent, answered, reception=reception)


async def _concluded(acts: Acting, intent: Intent, answered: Answered, *, reception: Receives) -> Response:
    """Judged by what the signatory holds by now: the gateway took its time."""

    def show(instance: Instance, made: DocumentVersion) -> StoredAnswer:
        return freeze(show_version(instance, made), status=201, headers={"Location": f"/v1/documents/{made.document_id}"})

    try:
        return respond(await _act(await acts.again(), lambda given: usecases.conclude(given, intent, answered, show=show)))
    except Unavailable:
        raise
    except Problem as problem:
        await remove_unnamed(reception.blobs, answered.file.storage_key)
        await _give_up(acts, intent, CameToNothing("failed", "not_kept", problem))
        raise


async def _give_up(acts: Acting, intent: Intent, nothing: CameToNothing) -> None:
    """By the one who asked, as they stood then, at the moment as it is now."""
    later = replace(acts, now=read_clock_again(acts.request))
    await _act(later, lambda given: usecases.give_up(given, intent, nothing))


async def _act(acts: Acting, work: Callable[[Act], Awaitable[T]]) -> T:
    return await act(acts.database, lambda connection: work(acts.surroundings(connection, None)))


@router.get(
    "/v1/documents/{document_id}/signings",
    response_model=SigningList,
    responses=problems(404),
    openapi_extra=READERS,
    summary="Percobaan tanda tangan · Tries to sign",
)
async def list_signings(document_id: UUID, asks: Asks) -> Response:
    """Setiap percobaan menandatangani dokumen ini lewat gerbang, dan hasilnya. What was asked of the gateway, and what came of it."""
    instance = await instance_of_document(asks, document_id)
    found = await signings_of(asks.connection, document_id)
    items = [show_signing(signing, now=asks.now, zone=instance.office.zone) for signing in found]
    return answer(SigningList(items=items, page=PageInfo(next_cursor=None, limit=MAX_LIMIT)))
