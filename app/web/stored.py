"""What routes about documents are given of the storage, and what they leave there."""

from collections.abc import Awaitable
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from fastapi import Path as InPath
from fastapi.responses import Response

from app.domain.problems import Problem, Unavailable
from app.outside.storage import Blobs
from app.usecases.receiving import Reception, remove_unnamed
from app.usecases.resumable_uploads import UploadTerms


async def _reception(request: Request) -> Reception:
    reception: Reception = request.app.state.reception
    return reception


async def _blobs(request: Request) -> Blobs:
    blobs: Blobs = request.app.state.reception.blobs
    return blobs


async def _hold_quarantined(request: Request) -> bool:
    reception: Reception = request.app.state.reception
    return reception.hold_quarantined


async def _max_upload_bytes(request: Request) -> int:
    most: int = request.app.state.max_upload_bytes
    return most


async def _trust_roots(request: Request) -> Path | None:
    path: Path | None = request.app.state.trust_roots
    return path


async def _upload_terms(request: Request) -> UploadTerms:
    terms: UploadTerms = request.app.state.upload_terms
    return terms


Receives = Annotated[Reception, Depends(_reception)]
Stored = Annotated[Blobs, Depends(_blobs)]
HoldsQuarantined = Annotated[bool, Depends(_hold_quarantined)]
"""Whether what the malware scanner did not judge yet is not given out."""

TrustRoots = Annotated[Path | None, Depends(_trust_roots)]
"""The file of certificates by which electronic signatures are trusted."""

MaxUploadBytes = Annotated[int, Depends(_max_upload_bytes)]
UploadsOn = Annotated[UploadTerms, Depends(_upload_terms)]
VersionNumber = Annotated[int, InPath(ge=1, le=1_000_000)]


async def named_or_removed(acting: Awaitable[Response], blobs: Blobs, storage_key: str) -> Response:
    """What the act answers. Bytes that no row will ever name are removed: it was refused, or was done before. An unknown outcome keeps them."""
    try:
        response = await acting
    except Unavailable:
        raise
    except Problem:
        await remove_unnamed(blobs, storage_key)
        raise
    if "Idempotency-Replayed" in response.headers:
        await remove_unnamed(blobs, storage_key)
    return response
