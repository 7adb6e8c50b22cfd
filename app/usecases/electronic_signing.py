"""Signing with a signature that the PDF carries already: look, verify without any transaction, then decide anew and write."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID

from app.domain.documents import MarkRequest, mark_refusals, marked_version
from app.domain.instances import DocumentVersion
from app.domain.problems import KeyReused, Refused
from app.domain.refusals import Refusal
from app.domain.signatures import Evidence, PdfSignature, type_refusals
from app.domain.stored_content import Damage
from app.outside.pdf_signatures import PdfUnreadable, verify
from app.outside.storage import Blobs, TemporaryBlob
from app.usecases.acts import Act, refuse
from app.usecases.documents import view_of_version
from app.usecases.stored_content import ContentDamaged

Content = Callable[[DocumentVersion], Awaitable[AsyncIterator[bytes]]]
"""All bytes of a version, checked; whoever reads them notes what is wrong with them. Raises BlobMissing, ContentDamaged, also while iterating."""


async def may_sign(act: Act, request: MarkRequest) -> tuple[UUID, DocumentVersion] | None:
    """The instance, and the version of it to verify. Raises NotVisible, Refused, Stale.

    None where an answer is kept under the caller's key: the act itself will give it.
    """
    try:
        view = await view_of_version(act, request)
    except KeyReused:
        return None
    version = marked_version(view.instance, request)[1]
    refuse((*mark_refusals(view.situation, request), *type_refusals(version.media_type)))
    return view.instance.id, version


async def verified(blobs: Blobs, version: DocumentVersion, content: Content, *, trust_roots: Path | None, now: datetime) -> Evidence:
    """What the version's bytes carry. Certificates are judged at the moment of its upload: our own log says that it existed then.

    Raises Refused, BlobMissing, ContentDamaged.
    """
    try:
        found = await _signatures(blobs, version, content, trust_roots=trust_roots)
    except PdfUnreadable as error:
        raise Refused([Refusal("signature_unreadable", variant="" if error.reason == "damaged" else error.reason)]) from error
    return Evidence(signatures=found, verified_at=now, roots=trust_roots is not None)


async def _signatures(blobs: Blobs, version: DocumentVersion, content: Content, *, trust_roots: Path | None) -> tuple[PdfSignature, ...]:
    async with copied(blobs, version, content) as copy:
        return await verify(copy.path, trust_roots=trust_roots, at=version.uploaded_at)


@asynccontextmanager
async def copied(blobs: Blobs, version: DocumentVersion, content: Content) -> AsyncIterator[TemporaryBlob]:
    """The version's bytes in a file on this machine, for who needs a path; gone afterwards. Raises BlobMissing, ContentDamaged."""
    async with blobs.receive(version.size) as copy:
        async for piece in await content(version):
            await copy.write(piece)
        await copy.finish()
        if copy.sha256 != version.sha256:
            raise ContentDamaged(Damage(version.storage_key, None, version.sha256, copy.sha256))
        yield copy
