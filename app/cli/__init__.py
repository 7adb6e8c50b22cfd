"""Commands: `alur serve | worker | migrate | openapi | account | service-account | office | calendar | procedure | keys | storage | audit`."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli import accounts, calendars, keys, offices, procedures, service_accounts, serving, storage
from app.cli.edge import settings, wall_clock, with_database
from app.domain.problems import Unavailable
from app.outside.logs import configure_logs
from app.settings import SettingsRefused
from app.store.database import Database
from app.usecases.audit import verify

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Menjalankan SOP kantor pemerintah Indonesia.")
audit_app = typer.Typer(no_args_is_help=True, help="Catatan kejadian · The log of events.")
cli.command()(serving.serve)
cli.add_typer(accounts.accounts_app, name="account")
cli.add_typer(offices.offices_app, name="office")
cli.add_typer(calendars.calendars_app, name="calendar")
cli.add_typer(procedures.procedures_app, name="procedure")
cli.add_typer(service_accounts.service_accounts_app, name="service-account")
cli.add_typer(keys.keys_app, name="keys")
cli.add_typer(storage.storage_app, name="storage")
cli.add_typer(audit_app, name="audit")


@cli.command()
def migrate() -> None:
    """Perbarui skema, lalu isi kalender nasional dan prosedur bawaan. Safe to repeat."""
    from app.cli import seeding  # noqa: PLC0415 - alembic and holidays are heavy

    seeding.migrate(settings())
    asyncio.run(seeding.seed(settings(), wall_clock()))


@cli.command()
def worker(once: Annotated[bool, typer.Option("--once", help="Semua sekali, lalu selesai. Everything once, and stop.")] = False) -> None:
    """Jaga tenggat (hitung ulang, segera jatuh tempo, terlewat) dan bersihkan yang kedaluwarsa: kunci idempotensi, sesi, unggahan."""
    from app import worker as works  # noqa: PLC0415 - only the worker pays for it
    from app.outside.antivirus import scanner_from_url  # noqa: PLC0415
    from app.storage import configured_blobs  # noqa: PLC0415

    configured = settings()
    configure_logs(for_people=sys.stdout.isatty())
    blobs, scanner = configured_blobs(configured), scanner_from_url(configured.clamd_url)

    async def go(database: Database) -> None:
        work = works.Work(database=database, blobs=blobs, clock=wall_clock, every=configured.clock_every, scanner=scanner)
        await (works.round_of(work) if once else works.run(work, data_dir=configured.data_dir))

    asyncio.run(with_database(go))


@cli.command()
def openapi(
    check: Annotated[bool, typer.Option("--check", help="Hanya bandingkan; 1 bila ada yang basi. Only compare.")] = False,
    directory: Annotated[Path, typer.Option()] = Path("openapi"),
) -> None:
    """Tulis openapi/openapi.json (3.1) dan openapi/openapi-3.0.json."""
    from app.cli.openapi import documents  # noqa: PLC0415 - builds the whole server

    made = documents()
    stale = [name for name, content in made.items() if not _same(directory / name, content)]
    if check and stale:
        typer.echo(f"stale: {', '.join(stale)}; run alur openapi", err=True)
        raise typer.Exit(1)
    directory.mkdir(exist_ok=True)
    for name in stale:
        (directory / name).write_text(made[name], encoding="utf-8")
        typer.echo(f"wrote {directory / name}")


def _same(path: Path, content: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == content


@audit_app.command("verify")
def audit_verify() -> None:
    """Hitung ulang seluruh rantai hash, dan cocokkan isi tabel dengannya. Exit 1 and the places when anything is not as written."""
    verdict = asyncio.run(with_database(lambda database: verify(database, None)))
    typer.echo(f"instances {verdict.instances}, events {verdict.events}: {'intact' if verdict.intact else 'BROKEN'}")
    for broken in verdict.broken:
        typer.echo(f"{broken.stream} at {broken.sequence}: {broken.code}")
    if not verdict.intact:
        raise typer.Exit(1)


def main() -> None:
    """What a person can mend is one sentence, not a traceback."""
    try:
        cli()
    except Unavailable as unavailable:
        storage = unavailable.code.startswith("storage_")
        typer.echo(f"alur: {unavailable}" if storage else "alur: The database does not answer; see ALUR_DATABASE_URL.", err=True)
        sys.exit(3)
    except (SettingsRefused, ValueError) as refused:
        typer.echo(f"alur: {refused}", err=True)
        sys.exit(2)
