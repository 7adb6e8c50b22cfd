"""`alur office …`: the offices of a deployment, entered by whoever runs its server."""

from datetime import datetime
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from app.cli.edge import writing
from app.domain.offices import NewOffice
from app.usecases import offices as usecases

offices_app = typer.Typer(no_args_is_help=True, help="Kantor · Offices.")


@offices_app.command("add")
def add_office(
    code: Annotated[str, typer.Argument(help="64.02.13")],
    name: Annotated[str, typer.Argument(help="Kecamatan Samboja")],
    zone: Annotated[str, typer.Option(help="Zona waktu · Time zone, such as Asia/Makassar.")],
    parent: Annotated[str, typer.Option(help="Kantor di atasnya · The office above it.")] = "ID",
) -> None:
    """Tambah kantor di bawah kantor lain. Adding the same again changes nothing."""

    async def work(connection: AsyncConnection, now: datetime) -> None:
        await usecases.add_office(connection, now, NewOffice(code, name, parent, zone))

    writing(work)
    typer.echo(f"{code}: {name}")
