"""`alur keys …`: the keys that sign access tokens, and that seal small secrets in the database. Those of restricted records: `restricted_keys`.

Several hosts that share the directory of ALUR_SIGNING_KEY_FILE need one rotation. Where each has its own copy, a key must be known before it
signs: make one (openssl ecparam -name prime256v1 -genkey -noout -out new.pem), put its public half (openssl ec -in new.pem -pubout) on every
host into a file that ALUR_PREVIOUS_KEY_FILES names and restart them in turn; then run `alur keys rotate --to new.pem` on each, and take the
name out of ALUR_PREVIOUS_KEY_FILES again: what is named there verifies without end.
"""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from app.cli import restricted_keys
from app.cli.edge import settings, wall_clock, with_database
from app.outside.key_files import text_of
from app.outside.key_rotation import forget
from app.outside.key_rotation import rotate as rotate_files
from app.outside.tokens import HeldKey, Keys
from app.settings import Settings, SettingsRefused
from app.store.database import Database
from app.usecases import keys as usecases
from app.usecases.keys import Resealed
from app.web.session import act

keys_app = typer.Typer(no_args_is_help=True, help="Kunci penanda tangan token · The keys that sign access tokens.")

_INLINE = (
    "ALUR_SIGNING_KEY holds the key itself, so there is no file to rotate. Put it into a file, name that by ALUR_SIGNING_KEY_FILE instead, and"
    " restart; or put it into a file that ALUR_PREVIOUS_KEY_FILES names, give ALUR_SIGNING_KEY a new key, restart, and run: alur keys reseal"
)


@keys_app.command("list")
def list_keys() -> None:
    """Semua kunci: nama (kid), algoritme, dan keadaannya · Every key: its name, its algorithm, and whether it signs or verifies."""
    ring, now = _keys(settings()).ring(), wall_clock()
    typer.echo(f"{ring.signing.kid}\t{ring.signing.public.algorithm}\tsigns")
    shown = {ring.signing.kid}
    for held in (*ring.verifying(now), *ring.others):
        if held.kid not in shown:
            shown.add(held.kid)
            opens = "" if held.private else ", public"
            state = "verifies" if held.until is None else f"verifies until {held.until.isoformat()}"
            typer.echo(f"{held.kid}\t{held.public.algorithm}\t{state if held.verifies_at(now) else _over(held)}{opens}")


@keys_app.command()
def rotate(
    to: Annotated[Path | None, typer.Option(help="Kunci baru dari berkas ini · The new key, from this PEM file; else one is made.")] = None,
) -> None:
    """Ganti kunci: yang baru menandatangani, yang lama memeriksa sampai token terakhirnya habis. Servers notice by themselves.

    The key that ALUR_SIGNING_KEY_FILE names is kept beside the new one. What it sealed in the database is sealed anew, and
    keys that were retired earlier and verify no more are deleted then. Hosts with a directory each: let ALUR_PREVIOUS_KEY_FILES
    name the new public key on all of them first, then give --to on each.
    """
    configured, now = settings(), wall_clock()
    keys, path = _keys(configured), configured.signing_key_file
    if path is None:
        raise SettingsRefused(_INLINE)
    rotated = rotate_files(path, now, to=None if to is None else text_of(to))
    typer.echo(f"{rotated.kid}\tsigns")
    typer.echo(f"{rotated.previous_kid}\tverifies until {rotated.until.isoformat()}")
    try:
        done = asyncio.run(with_database(lambda database: _reseal(database, keys)))
    except Exception as error:  # the files are rotated, whatever is wrong with the database
        typer.echo(f"alur: The keys are rotated; the database did not take part ({type(error).__name__}). Run: alur keys reseal", err=True)
        return
    if _told(done):
        for file in forget(path, now):
            typer.echo(f"{file.name}\tdeleted")


keys_app.command("rotate-restricted")(restricted_keys.rotate)


@keys_app.command()
def reseal() -> None:
    """Segel ulang rahasia di basis data dengan kunci yang sekarang · Seal the secrets in the database with the key of now. Safe to repeat."""
    keys = _keys(settings())
    if not _told(asyncio.run(with_database(lambda database: _reseal(database, keys)))):
        raise typer.Exit(1)


async def _reseal(database: Database, keys: Keys) -> Resealed:
    async def work(connection: AsyncConnection) -> Resealed:
        return await usecases.reseal(connection, wall_clock(), keys)

    return await act(database, work)


def _told(done: Resealed) -> bool:
    """Says what was done. Whether it was everything."""
    typer.echo(f"sealed anew: {done.secrets}")
    if done.unopened:
        typer.echo(f"alur: No key here opens the second factor of {', '.join(done.unopened)}; they enrol again once it is removed.", err=True)
    return not done.unopened


def _over(held: HeldKey) -> str:
    return f"over since {held.until.isoformat()}" if held.until else "over"


def _keys(configured: Settings) -> Keys:
    """Raises SettingsRefused, and ValueError for a key that cannot sign."""
    from app.main import signing_keys  # noqa: PLC0415 - the whole server comes with it

    return signing_keys(configured)
