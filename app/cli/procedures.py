"""`alur procedure …`: look over a procedure's file, and publish it."""

import asyncio
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from app.cli.edge import reading, wall_clock, with_database
from app.domain.procedure_checks import ProcedureRejected, parse
from app.domain.procedures import Procedure
from app.outside import catalog
from app.store.database import Database
from app.store.procedures import list_latest
from app.usecases import procedures as usecases
from app.web.session import act

procedures_app = typer.Typer(no_args_is_help=True, help="Prosedur (SOP) sebagai data · Procedures as data.")

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Berkas YAML prosedur.")]


@procedures_app.command("check")
def check(file: File) -> None:
    """Periksa berkas; semua masalah disebut sekaligus dengan tempatnya. Saves nothing."""
    procedure = _read(file)
    typer.echo(f"{file}: {procedure.key}, {len(procedure.steps)} steps, sound")


@procedures_app.command("publish")
def publish(file: File) -> None:
    """Terbitkan sebagai versi berikutnya; teks yang sama tidak menambah apa pun."""
    procedure = _read(file)

    async def go(database: Database) -> usecases.Published:
        return await act(database, lambda connection: usecases.publish(connection, procedure, wall_clock()))

    published = asyncio.run(with_database(go))
    typer.echo(f"{published.key} version {published.version}{'' if published.created else ' (unchanged)'}")


@procedures_app.command("list")
def list_procedures() -> None:
    """Prosedur yang sudah terbit dan versi terakhirnya."""
    for line in asyncio.run(reading(lambda connection: list_latest(connection, None, 1000))):
        typer.echo(f"{line.key}\t{line.version}\t{line.title}")


def _read(file: Path) -> Procedure:
    """The sound procedure in the file; else every problem is printed with line and column, and the command ends."""
    try:
        draft = catalog.read(file.read_bytes())
    except ProcedureRejected as rejected:
        _complain(file, rejected, None)
    try:
        return parse(draft.value)
    except ProcedureRejected as rejected:
        _complain(file, rejected, draft)


def _complain(file: Path, rejected: ProcedureRejected, draft: catalog.Draft | None) -> NoReturn:
    for problem in rejected.problems:
        line, column = (1, 1) if draft is None else draft.place(problem.pointer)
        typer.echo(f"{file}:{line}:{column}: {problem.code} {problem.pointer or '/'}: {problem.id} · {problem.en}", err=True)
    raise typer.Exit(1)
