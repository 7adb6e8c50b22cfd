"""`alur office …`: the offices of a deployment, entered by whoever runs its server."""

import asyncio
from datetime import date, datetime
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from app.cli.edge import reading, wall_clock, writing
from app.domain.offices import ROOT, Move, NewOffice
from app.store import offices as store
from app.usecases import offices as usecases

offices_app = typer.Typer(no_args_is_help=True, help="Kantor · Offices.")

Code = Annotated[str, typer.Argument(help="64.02.13")]
Day = Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="Hari pertama di zona kantor itu · First day, in the office's own zone.")]
Letter = Annotated[str | None, typer.Option("--letter", help="Nomor surat keputusan · The decree's number.")]
LetterDate = Annotated[datetime | None, typer.Option("--letter-date", formats=["%Y-%m-%d"], help="Tanggalnya · Its date.")]


@offices_app.command("add")
def add_office(
    code: Code,
    name: Annotated[str, typer.Argument(help="Kecamatan Samboja")],
    zone: Annotated[str, typer.Option(help="Zona waktu · Time zone, such as Asia/Makassar.")],
    parent: Annotated[str, typer.Option(help="Kantor di atasnya · The office above it.")] = ROOT,
) -> None:
    """Tambah kantor di bawah kantor lain. Adding the same again changes nothing."""

    async def work(connection: AsyncConnection, now: datetime) -> None:
        await usecases.add_office(connection, now, NewOffice(code, name, parent, zone))

    writing(work)
    typer.echo(f"{code}: {name}")


@offices_app.command("list")
def list_offices(
    parent: Annotated[str | None, typer.Option(help="Hanya yang tepat di bawahnya · Only those directly below it.")] = None,
    q: Annotated[str | None, typer.Option("--q", help="Kata dalam nama atau kode · Words in the name or the code.")] = None,
) -> None:
    """Semua kantor menurut kodenya, dan kantor di atasnya sekarang · Every office by code, and the one above it now."""

    async def look(connection: AsyncConnection) -> tuple[store.OfficeLine, ...]:
        return await store.list_offices(connection, {ROOT}, wall_clock(), parent=parent, words=q, after=None, limit=None)

    for office in asyncio.run(reading(look)):
        typer.echo(f"{office.code}\t{office.name}\t{office.parent or '-'}\t{office.time_zone}")


@offices_app.command("rename")
def rename_office(code: Code, name: Annotated[str, typer.Argument(help="Kecamatan Samboja")]) -> None:
    """Ganti nama kantor; kodenya tetap · Rename an office; its code stays."""

    async def work(connection: AsyncConnection, now: datetime) -> None:
        await usecases.rename_office_at_the_server(connection, now, code, name=name)

    writing(work)
    typer.echo(f"{code}: {name}")


@offices_app.command("move")
def move_office(
    code: Code,
    parent: Annotated[str, typer.Option(help="Kantor atasan yang baru · The office that it comes under.")],
    valid_from: Day,
    letter: Letter = None,
    letter_date: LetterDate = None,
) -> None:
    """Pindahkan kantor ke bawah kantor lain, sejak suatu hari · Put an office under another, from a day on. It takes effect by itself."""
    move = Move(code, parent, _on_a_calendar(valid_from), letter, None if letter_date is None else _on_a_calendar(letter_date))

    async def work(connection: AsyncConnection, now: datetime) -> None:
        await usecases.move_office_at_the_server(connection, now, move)

    writing(work)
    typer.echo(f"{code}: {parent} ({move.valid_from}..)")


def _on_a_calendar(moment: datetime) -> date:
    """As the API takes dates: see `web.schemas.base.Day`."""
    if not 1900 <= moment.year < 9000:
        raise typer.BadParameter(f"{moment.date()}: 1900–8999")
    return moment.date()
