"""The bytes of restricted records: looked at while they are sealed, and opened piece by piece for whoever was noted as their reader."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

import structlog
from anyio import to_thread

from app.domain.problems import Refused, Unavailable
from app.domain.refusals import Refusal
from app.domain.restricted_records import RecordWords, RestrictedRecord
from app.outside.content import Examined, examine
from app.outside.envelopes import PREFIX_BYTES, SEALED_CHUNK, Envelope, PlainReader, opened_chunks, sealed_size
from app.outside.restricted_keys import DoesNotOpen, RestrictedKeyMissing, RestrictedKeys
from app.outside.storage import BlobMissing, Blobs, TemporaryBlob
from app.usecases.receiving import TWO_AT_A_TIME, Reception
from app.usecases.restricted_records import Draft, RecordDamaged, SealedFile, opened

READ_CHUNKS = 4
"""Opened in one hop to a thread: 1 MiB."""

log = structlog.get_logger("alur.restricted_records")


class ScannerAway(Unavailable):
    """Nobody could say whether it carries malware. Come again."""

    code = "scanner_unavailable"
    retry_after = 60


@dataclass(frozen=True, slots=True)
class Claimed:
    """What its sender calls a file. `size`: of the plain bytes, and no claim."""

    filename: str
    size: int


async def take_in(reception: Reception, temporary: TemporaryBlob, draft: Draft, claimed: Claimed) -> SealedFile:
    """The finished upload, durable under a key of its own, called what its content is. Raises Refused, ScannerAway."""
    try:
        with await to_thread.run_sync(plain_file, temporary.path, draft.envelope(), claimed.size) as file:
            found = await _look_through(file, claimed.filename)
            await _scan(reception, file)
    except DoesNotOpen as error:  # what was just written reads otherwise: a disk that fails
        raise RecordDamaged(draft.id, "content") from error
    key = await reception.blobs.keep(temporary)
    return SealedFile(storage_key=key, size=temporary.size, sha256=temporary.sha256, filename=found.filename, media_type=found.media_type)


async def _look_through(file: BinaryIO, filename: str) -> Examined:
    found = await to_thread.run_sync(partial(examine, file, filename=filename), limiter=TWO_AT_A_TIME)
    if isinstance(found, Refusal):
        log.info("restricted record refused", code=found.code, variant=found.variant)
        raise Refused([found])
    return found


async def _scan(reception: Reception, file: BinaryIO) -> None:
    """A record that was not scanned is not kept, where documents would be held back until they are: nothing scans a record later."""
    if reception.scanner is None:
        return
    finding = await reception.scanner.scan(file)
    if finding.scan == "infected":
        log.warning("infected restricted record refused", threat=finding.threat)
        raise Refused([Refusal("infected", {"threat": finding.threat or "?"})])
    if finding.scan == "quarantined" and reception.hold_quarantined:
        log.warning("restricted record not scanned", reason=finding.reason)
        raise Refused([Refusal("too_large_to_scan")]) if finding.reason == "too_large" else ScannerAway


def plain_file(path: Path, envelope: Envelope, size: int) -> BinaryIO:
    """The upload as its sender sent it, for those who have to look into it. `size`: of the plain bytes."""
    return BufferedReader(PlainReader(path.open("rb"), envelope, size))


async def pieces(blobs: Blobs, record: RestrictedRecord, envelope: Envelope, words: RecordWords) -> AsyncIterator[bytes]:
    """The plain bytes. Raises BlobMissing, or RecordDamaged, before the first piece where that is wrong; what is wrong later breaks off."""
    opening = _opened(blobs, record, envelope, words.size)
    first = await anext(opening, b"")

    async def rest() -> AsyncIterator[bytes]:
        yield first
        async for piece in opening:
            yield piece

    return rest()


async def opens(blobs: Blobs, record: RestrictedRecord, keys: RestrictedKeys) -> bool | None:
    """Whether its words can be read, and all its bytes where damage was noted. None where nobody can say: its key is not here, or its bytes."""
    try:
        envelope, words = opened(record, keys)
        if record.damaged_at is not None:
            async for _ in _opened(blobs, record, envelope, words.size):
                pass
    except (RestrictedKeyMissing, BlobMissing):
        return None
    except RecordDamaged:
        return False
    return True


async def _opened(blobs: Blobs, record: RestrictedRecord, envelope: Envelope, size: int) -> AsyncIterator[bytes]:
    try:
        if record.size != sealed_size(size):
            raise DoesNotOpen
        prefix = await blobs.read(record.storage_key, 0, PREFIX_BYTES)
        for start in range(PREFIX_BYTES, record.size, READ_CHUNKS * SEALED_CHUNK):
            length = min(READ_CHUNKS * SEALED_CHUNK, record.size - start)
            sealed = await blobs.read(record.storage_key, start, length)
            if len(sealed) != length:
                raise DoesNotOpen
            first = (start - PREFIX_BYTES) // SEALED_CHUNK
            yield await to_thread.run_sync(partial(opened_chunks, envelope, prefix, sealed, first=first, size=size))
    except BlobMissing:
        log.error("restricted record missing", record_id=str(record.id), storage_key=record.storage_key)
        raise
    except DoesNotOpen as error:
        raise RecordDamaged(record.id, "content") from error
