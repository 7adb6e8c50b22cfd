"""What routes about documents are given of the storage."""

from typing import Annotated

from fastapi import Depends, Path, Request

from app.outside.storage import Blobs
from app.usecases.receiving import Reception


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


Receives = Annotated[Reception, Depends(_reception)]
Stored = Annotated[Blobs, Depends(_blobs)]
HoldsQuarantined = Annotated[bool, Depends(_hold_quarantined)]
"""Whether what the malware scanner did not judge yet is not given out."""

MaxUploadBytes = Annotated[int, Depends(_max_upload_bytes)]
VersionNumber = Annotated[int, Path(ge=1, le=1_000_000)]
