"""Bytes before the malware scanner: at the way in, and afterwards where it was away then."""

from datetime import datetime
from pathlib import Path

import structlog
from anyio import to_thread
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.problems import Refused
from app.domain.refusals import Refusal
from app.domain.scanning import UNSCANNED, Finding, scanned
from app.outside.antivirus import Scanner
from app.store import instances as store
from app.store.events import EVENT
from app.store.guarded import Change
from app.store.instances import moved_by_clock
from app.store.scanning import Waiting
from app.usecases.acts import Shelf

log = structlog.get_logger("alur.scanning")


async def scan_upload(scanner: Scanner | None, path: Path, *, sha256: str) -> Finding:
    """Before anything of it is stored. Raises Refused for what is infected; the log says what and which bytes, not what its sender called it.

    Who sent it stands in the line of the same request.
    """
    if scanner is None:
        return UNSCANNED
    with await to_thread.run_sync(path.open, "rb") as file:
        finding = await scanner.scan(file)
    if finding.scan == "infected":
        log.warning("infected upload refused", threat=finding.threat, sha256=sha256)
        raise Refused([Refusal("infected", {"threat": finding.threat or "?"})])
    if finding.scan == "quarantined":
        log.warning("upload not scanned", reason=finding.reason, sha256=sha256)
    return finding


async def record(connection: AsyncConnection, shelf: Shelf, now: datetime, *, of: Waiting, finding: Finding) -> bool:
    """What the scanner said of a stored version, clean or infected. False when nothing waits for it any more. Raises Collision.

    An act by the clock: people decide on it, so the instance gets a new version.
    """
    found = await store.load_many(connection, [of.instance_id])
    if not found:
        return False
    before = (await shelf.with_procedure(connection, found[0])).instance
    at = before.head.next_at(now)
    decided = scanned(before, of.storage_key, finding, at)
    if decided is None:
        return False
    after, event = decided
    move = moved_by_clock(before, after, events=[event], now=at, is_new_version=True)
    await store.save(connection, move.before, move.after, beside=[Change("insert", EVENT, move.events)])
    return True
