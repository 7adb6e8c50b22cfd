"""From bytes on this machine's disk to a file that a row may name. No transaction is open meanwhile."""

from dataclasses import dataclass

from app.domain.documents import StoredFile
from app.domain.procedures import Slot
from app.outside.antivirus import Scanner
from app.outside.storage import Blobs, TemporaryBlob
from app.usecases.scanning import scan_upload


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """What stands between an upload and its place. `scanner` None: nobody scans. `hold_quarantined`: what it did not judge yet is not given out."""

    blobs: Blobs
    scanner: Scanner | None = None
    hold_quarantined: bool = True


async def take_in(reception: Reception, temporary: TemporaryBlob, slot: Slot, *, filename: str, media_type: str) -> StoredFile:
    """The finished upload, durable under a key of its own; its sender's name and kind are only claims."""
    finding = await scan_upload(reception.scanner, temporary.path, sha256=temporary.sha256)
    key = await reception.blobs.keep(temporary)
    return StoredFile(
        storage_key=key,
        sha256=temporary.sha256,
        size=temporary.size,
        media_type=media_type,
        filename=filename,
        digests=temporary.digests,
        scan=finding.scan,
    )
