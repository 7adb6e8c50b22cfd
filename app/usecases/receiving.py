"""From bytes on this machine's disk to a file that a row may name. No transaction is open meanwhile."""

from contextlib import suppress
from dataclasses import dataclass

import structlog
from anyio import CapacityLimiter, to_thread

from app.domain.documents import StoredFile
from app.domain.problems import Refused, Unavailable
from app.domain.procedures import Slot
from app.domain.refusals import Refusal
from app.outside.antivirus import Scanner
from app.outside.content import Examined, examine
from app.outside.storage import Blobs, TemporaryBlob
from app.usecases.scanning import scan_upload

TWO_AT_A_TIME = CapacityLimiter(2)
"""A large Office file takes a second of a core and some megabytes to look through: without a limit, forty at once."""

log = structlog.get_logger("alur.receiving")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """What stands between an upload and its place. `scanner` None: nobody scans. `hold_quarantined`: what it did not judge yet is not given out."""

    blobs: Blobs
    scanner: Scanner | None = None
    hold_quarantined: bool = True


async def take_in(reception: Reception, temporary: TemporaryBlob, slot: Slot, *, filename: str) -> StoredFile:
    """The finished upload, durable under a key of its own; its content says what it is, whatever its sender's name for it says. Raises Refused."""
    examined = await examine_upload(temporary, slot, filename=filename)
    finding = await scan_upload(reception.scanner, temporary.path, sha256=temporary.sha256)
    key = await reception.blobs.keep(temporary)
    return StoredFile(
        storage_key=key,
        sha256=temporary.sha256,
        size=temporary.size,
        media_type=examined.media_type,
        filename=examined.filename,
        digests=temporary.digests,
        scan=finding.scan,
    )


def check_sha256(claimed: str | None, found: str) -> None:
    """What the sender says of the whole file, in lower-case hex; None where nothing is said. Raises Refused."""
    if claimed is not None and claimed != found:
        raise Refused([Refusal("sha256_differs")])


async def examine_upload(temporary: TemporaryBlob, slot: Slot, *, filename: str) -> Examined:
    """What its bytes are. Raises Refused for what the slot does not take, or for what carries more than it should."""

    def look() -> Examined | Refusal:
        with temporary.path.open("rb") as file:
            return examine(file, filename=filename, accepts=slot.accepts)

    found = await to_thread.run_sync(look, limiter=TWO_AT_A_TIME)
    if isinstance(found, Refusal):
        log.info("upload refused", code=found.code, variant=found.variant, sha256=temporary.sha256)
        raise Refused([found])
    return found


async def remove_unnamed(blobs: Blobs, storage_key: str) -> None:
    """Bytes that no row will ever name. Where that fails, they are swept as orphans later."""
    with suppress(OSError, Unavailable):
        await blobs.remove(storage_key)
