"""`alur keys rotate-restricted`: the data keys of all restricted records under the key of now.

The order, with one host or many: put the new key (openssl rand -base64 32) into a file; let ALUR_PREVIOUS_RESTRICTED_KEY_FILES name it beside
the others on every host, and restart them in turn: now each opens what the new key will wrap. Then let ALUR_RESTRICTED_KEY_FILE name the new
file and ALUR_PREVIOUS_RESTRICTED_KEY_FILES the old one, restart them in turn again, and run this. One host alone can leave out the first round.
"""

import asyncio
from dataclasses import dataclass, field
from uuid import UUID

import typer

from app.cli.edge import settings, with_database
from app.outside.restricted_keys import RestrictedKeys
from app.settings import SettingsRefused
from app.store.database import Database
from app.store.restricted_records import counts_by_key
from app.usecases.restricted_records import rewrap_batch
from app.web.session import act

_NO_KEY = "There is no key to rotate to. Let ALUR_RESTRICTED_KEY_FILE name the new one, and ALUR_PREVIOUS_RESTRICTED_KEY_FILES the old one."


@dataclass(slots=True)
class Rotated:
    """`left`: how many records each other key has still wrapped."""

    rewrapped: int = 0
    damaged: list[UUID] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=dict)


def rotate() -> None:
    """Bungkus ulang kunci data semua arsip terbatas dengan kunci yang sekarang. Safe to repeat, to break off, and to run while serving.

    The records' bytes stay as they are. ALUR_RESTRICTED_KEY_FILE names the new key, ALUR_PREVIOUS_RESTRICTED_KEY_FILES those before it; it
    says when the file of an old key may go.
    """
    configured = settings()
    keys = RestrictedKeys.of(configured.restricted_key, configured.previous_restricted_keys)
    if keys.current is None:
        raise SettingsRefused(_NO_KEY)
    done = asyncio.run(with_database(lambda database: rewrap_all(database, keys)))
    typer.echo(f"{keys.current.id}\tseals")
    typer.echo(f"wrapped anew: {done.rewrapped}")
    for key in keys.previous:
        if key.id != keys.current.id and key.id not in done.left:
            typer.echo(f"{key.id}\topens nothing any more; its file may go once every server seals with {keys.current.id} and this says so again")
    if not _complain(done, keys):
        raise typer.Exit(1)


async def rewrap_all(database: Database, keys: RestrictedKeys) -> Rotated:
    """A transaction for each batch: what was done before it broke off stays done."""
    rotated, after, more = Rotated(), None, True
    while more:
        batch = await act(database, lambda connection, at=after: rewrap_batch(connection, keys, after=at))  # type: ignore[misc]
        rotated.rewrapped += batch.done
        rotated.damaged += batch.damaged
        after, more = batch.after, batch.after is not None
    async with database.read() as connection:
        counts = await counts_by_key(connection)
    rotated.left = {key_id: count for key_id, count in counts.items() if keys.current is None or key_id != keys.current.id}
    return rotated


def _complain(done: Rotated, keys: RestrictedKeys) -> bool:
    """Whether there was nothing to say."""
    known = {key.id for key in keys.previous}
    for record_id in done.damaged:
        typer.echo(f"alur: The data key of record {record_id} is damaged: it does not open. Bring the row back from a backup.", err=True)
    for key_id, count in done.left.items():
        reason = "added meanwhile, or damaged; run this again" if key_id in known else "no key here opens them; bring the key's file back"
        typer.echo(f"alur: {count} still under {key_id}: {reason}.", err=True)
    return not done.left
