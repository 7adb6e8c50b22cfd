"""`alur storage …`: whether storage still holds what the database says, and what nothing names any more."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from app.cli import edge
from app.domain.problems import Invalid, Unavailable
from app.outside.restricted_keys import RestrictedKeys
from app.outside.storage import Blobs
from app.storage import configured_blobs
from app.store.calendars import CalendarCache
from app.store.database import Database
from app.store.offices import find_office
from app.store.procedures import ProcedureCache
from app.usecases.acts import Shelf
from app.usecases.entries import unknown_office
from app.usecases.storage_check import Checked, check, note
from app.usecases.storage_sweep import remove_orphans
from app.web.session import act

storage_app = typer.Typer(no_args_is_help=True, help="Penyimpanan berkas · Where documents' bytes are kept.")


@storage_app.command("check")
def check_storage(office: Annotated[str | None, typer.Option(help="64.02.13")] = None) -> None:
    """Hitung ulang setiap berkas tersimpan dan bandingkan dengan catatannya. Exit 1 if anything differs or is missing; safe while serving.

    Damage is noted in the log, once; so is that a file is whole again, after it was brought back from a backup. That restricted records
    open is seen where ALUR_RESTRICTED_KEY or ALUR_RESTRICTED_KEY_FILE is given, as to `alur serve`.
    """
    counts: Counter[str] = Counter()

    async def go(database: Database) -> None:
        await _check(database, _blobs(), office=office, counts=counts)

    try:
        _run(go)
    except Invalid as invalid:
        edge.complain(invalid.errors)
    typer.echo(f"checked {counts['checked']}, different {counts['differs']}" + "".join(f", {name} {counts[name]}" for name in _NOTED if counts[name]))
    if counts["differs"]:
        raise typer.Exit(1)


@storage_app.command("sweep")
def sweep_storage() -> None:
    """Hapus isi yang tidak dicatat di mana pun dan lebih tua dari sehari. The worker does the same every six hours."""

    removed: list[int] = []

    async def go(database: Database) -> None:
        removed.append(await remove_orphans(database, _blobs(), edge.wall_clock()))

    _run(go)
    typer.echo(f"removed {removed[-1]}")


def _run(go: Callable[[Database], Awaitable[None]]) -> None:
    """What the storage's server said stands in the log; the database's silence is told by every command alike."""
    try:
        asyncio.run(edge.with_database(go))
    except Unavailable as error:
        if error.code != "storage_unreachable":
            raise
        typer.echo(f"alur: {error}", err=True)
        raise typer.Exit(3) from None


_NOTED = {"damaged": "noted", "restored": "whole again, noted", "digests": "digests kept"}


async def _check(database: Database, blobs: Blobs, *, office: str | None, counts: Counter[str]) -> None:
    if office is not None:
        async with database.read() as connection:
            if await find_office(connection, office, edge.wall_clock()) is None:
                raise unknown_office(office)
    shelf = Shelf(ProcedureCache(), CalendarCache())
    async for found in check(database, blobs, _keys(), office=office):
        counts["checked"] += 1
        noted = await _noted(database, shelf, found) if found.has_news else []
        counts.update(noted)
        if found.differs:
            counts["differs"] += 1
        if found.differs or "restored" in noted:
            typer.echo("\t".join([found.office, str(found.instance_id), found.place, found.storage_key, _said(found, noted)]))


def _said(found: Checked, noted: list[str]) -> str:
    return "; ".join([found.what, *(_NOTED[name] for name in noted)])


async def _noted(database: Database, shelf: Shelf, found: Checked) -> list[str]:
    async def work(connection: AsyncConnection) -> list[str]:
        return await note(connection, shelf, edge.wall_clock(), of=found)

    return await act(database, work)


def _keys() -> RestrictedKeys:
    configured = edge.settings()
    return RestrictedKeys.of(configured.restricted_key, configured.previous_restricted_keys)


def _blobs() -> Blobs:
    return configured_blobs(edge.settings())
