"""One round of the scanner: what was stored while it was away is shown to it, one after the other, outside any transaction.

Any number may look at once: whoever is later finds nothing waiting.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import structlog
from anyio import to_thread

from app.domain.problems import Refused, Unavailable
from app.domain.scanning import Finding
from app.domain.stored_content import Damage
from app.outside.antivirus import NOBODY_WAITS, PIECE_BYTES, Scanner
from app.outside.storage import BlobMissing, Blobs
from app.store.database import Database
from app.store.scanning import Waiting, note_tried, waiting
from app.usecases.acts import Shelf
from app.usecases.scanning import record
from app.usecases.stored_content import note_damage
from app.web.session import act

PAGE = 50
TRY_AGAIN_AFTER = timedelta(hours=1)
"""For what the scanner could not take though it was there: too large for it, say."""

log = structlog.get_logger("alur.scanning")


@dataclass(frozen=True, slots=True)
class ScanLook:
    """`go_on` is asked before each version; what is left is for the next round."""

    database: Database
    blobs: Blobs
    scanner: Scanner
    shelf: Shelf
    now: datetime
    go_on: Callable[[], bool] = lambda: True


@dataclass(slots=True)
class Scanned:
    clean: int = 0
    infected: int = 0
    not_taken: int = 0


async def scan_waiting(at: ScanLook) -> Scanned:
    """Ends early where the scanner is away: then the others cannot be scanned either, and it is no version's fault."""
    done, seen = Scanned(), set[str]()
    async for one in _waiting(at):
        if one.storage_key in seen:
            continue  # a copy, which changed with it
        seen.add(one.storage_key)
        finding = await _finding(at, one)
        if finding.scan == "quarantined" and not await at.scanner.answers():
            break
        await _keep(at, one, finding, done)
    return done


async def _waiting(at: ScanLook) -> AsyncIterator[Waiting]:
    """Each comes once, whether or not it could be scanned: so a round has an end."""
    after = None
    while True:
        async with at.database.read() as connection:
            page = await waiting(connection, tried_before=at.now - TRY_AGAIN_AFTER, limit=PAGE, after=after)
        for one in page:
            if not at.go_on():
                return
            yield one
        if len(page) < PAGE:
            return
        after = page[-1]


async def _finding(at: ScanLook, one: Waiting) -> Finding:
    """Of the very bytes that the version names: what storage lost or changed is not judged, and what it changed is noted."""
    digest = sha256()

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, one.size, PIECE_BYTES):
            length = min(PIECE_BYTES, one.size - start)
            piece = await at.blobs.read(one.storage_key, start, length)
            if len(piece) < length:
                raise BlobMissing(one.storage_key)
            await to_thread.run_sync(digest.update, piece)
            yield piece

    try:
        finding = await at.scanner.scan_pieces(pieces(), patience=NOBODY_WAITS)
    except BlobMissing:
        return Finding("quarantined", reason="missing")
    if finding.scan != "quarantined" and digest.hexdigest() != one.sha256:
        await _note_damage(at, one, found=digest.hexdigest())
        return Finding("quarantined", reason="damaged")
    return finding


async def _note_damage(at: ScanLook, one: Waiting, *, found: str) -> None:
    """As for a reader who meets it; what fails here stops no other."""
    damage = Damage(one.storage_key, None, one.sha256, found)
    try:
        await act(at.database, lambda connection: note_damage(connection, at.shelf, at.now, instance_id=one.instance_id, damage=damage))
    except Unavailable:
        raise
    except Exception:
        log.exception("damage not noted", storage_key=one.storage_key)


async def _keep(at: ScanLook, one: Waiting, finding: Finding, done: Scanned) -> None:
    told = {"instance_id": str(one.instance_id), "sha256": one.sha256}
    if finding.scan == "quarantined":
        log.warning("version not scanned", reason=finding.reason, **told)
        await act(at.database, lambda connection: note_tried(connection, one.storage_key, at.now))
        done.not_taken += 1
        return
    try:
        changed = await act(at.database, lambda connection: record(connection, at.shelf, at.now, of=one, finding=finding))
    except Unavailable:
        raise
    except Refused:
        return  # others were quicker, each time: the next round scans it again
    except Exception:
        log.exception("scan not kept", **told)  # one that cannot be kept stops no other
        return
    if changed and finding.scan == "infected":
        log.warning("infected version", threat=finding.threat, **told)
    done.clean += changed and finding.scan == "clean"
    done.infected += changed and finding.scan == "infected"
