"""The command line: `alur serve | worker | migrate | openapi | account | office | procedure | audit`."""

import asyncio
import os
import secrets
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from app.cli_procedures import procedures_app
from app.outside.logs import configure_logs
from app.settings import Settings, SettingsRefused
from app.store.database import Database

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Menjalankan SOP kantor pemerintah Indonesia.")
audit_app = typer.Typer(no_args_is_help=True, help="Catatan kejadian · The log of events.")
app.add_typer(procedures_app, name="procedure")
app.add_typer(audit_app, name="audit")

DEMO_ACCOUNTS = "camat, sekretaris, tim1, tim2, tim3, staf, admin, auditor, camat.muarajawa"


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Default: ALUR_HOST, 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(help="Default: ALUR_PORT, 8000.")] = None,
) -> None:
    """Layani API. On SQLite or in demo mode it migrates and seeds by itself; on PostgreSQL it waits for `alur migrate`."""
    settings = _settings()
    settings = replace(settings, host=host or settings.host, port=settings.port if port is None else port)
    settings.refuse_demo_beyond_this_machine()
    if settings.demo:
        settings = _with_demo_secrets(settings)
    if settings.is_sqlite or settings.demo:
        _migrate_in_a_child(settings)
    elif not asyncio.run(_is_migrated(settings)):
        raise SettingsRefused("The database is not at this version's schema. Run: alur migrate")
    _serve(settings)


def _serve(settings: Settings) -> None:
    import uvicorn  # noqa: PLC0415 - only the server pays for it

    from app.main import create_app  # noqa: PLC0415

    configure_logs(for_people=sys.stdout.isatty())
    application = create_app(settings)
    _announce(settings)
    uvicorn.run(
        application, host=settings.host, port=settings.port, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=20
    )


def _announce(settings: Settings) -> None:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    lines = [f"Alur: http://{host}:{settings.port}   OpenAPI: /openapi.json"]
    if settings.demo:
        lines += [f"Akun demo · Demo accounts: {DEMO_ACCOUNTS}", f"Kata sandi · Password: {settings.demo_password}"]
    typer.echo("\n".join(lines), err=False)
    sys.stdout.flush()


def _with_demo_secrets(settings: Settings) -> Settings:
    """In demo mode, and only there, what is not given is made: the password for this start, the key for this data directory."""
    return replace(
        settings,
        demo_password=settings.demo_password or secrets.token_urlsafe(9),
        signing_key=settings.signing_key or _demo_key(settings.data_dir / "demo-signing-key.pem"),
    )


def _demo_key(path: Path) -> str:
    from app.outside.tokens import generate_key_pem  # noqa: PLC0415

    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(generate_key_pem())
    return path.read_text(encoding="utf-8")


def _migrate_in_a_child(settings: Settings) -> None:
    """Alembic and the holidays of five years weigh 25 MB that the server need not carry."""
    environment = os.environ | {"ALUR_DEMO_PASSWORD": settings.demo_password or ""}
    done = subprocess.run([sys.executable, "-m", "app.cli", "migrate"], env=environment, check=False)
    if done.returncode != 0:
        raise typer.Exit(done.returncode)


async def _is_migrated(settings: Settings) -> bool:
    from app.store.migrations import current_is_head  # noqa: PLC0415

    async def look(database: Database) -> bool:
        async with database.read() as connection:
            return await current_is_head(connection)

    return await _with_database(settings, look)


@app.command()
def migrate() -> None:
    """Perbarui skema, lalu isi kalender nasional dan prosedur bawaan. Safe to repeat."""
    from app import seeding  # noqa: PLC0415 - alembic and holidays are heavy
    from app.main import wall_clock  # noqa: PLC0415

    settings = _settings()
    seeding.migrate(settings)
    asyncio.run(seeding.seed(settings, wall_clock()))


@app.command()
def worker(once: Annotated[bool, typer.Option(help="Sapu sekali lalu selesai. Sweep once and stop.")] = False) -> None:
    """Bersihkan yang kedaluwarsa: kunci idempotensi, sesi, unggahan yang ditinggalkan."""
    from app import worker as work  # noqa: PLC0415
    from app.main import wall_clock  # noqa: PLC0415
    from app.outside.blobs import blobs_from_url  # noqa: PLC0415

    settings = _settings()
    configure_logs(for_people=sys.stdout.isatty())
    blobs = blobs_from_url(settings.storage_url)

    async def go(database: Database) -> None:
        if once:
            typer.echo(await work.sweep(database, blobs, wall_clock()))
        else:
            await work.run(database, blobs, wall_clock)

    asyncio.run(_with_database(settings, go))


@app.command()
def openapi(
    check: Annotated[bool, typer.Option(help="Hanya bandingkan. Only compare, exit 1 when a file is stale.")] = False,
    directory: Annotated[Path, typer.Option()] = Path("openapi"),
) -> None:
    """Tulis openapi/openapi.json (3.1) dan openapi/openapi-3.0.json."""
    from app.documents_of import documents  # noqa: PLC0415

    stale = [name for name, content in documents().items() if not _same(directory / name, content)]
    for name in stale if check else ():
        typer.echo(f"{name} is stale: run alur openapi", err=True)
    if check and stale:
        raise typer.Exit(1)
    directory.mkdir(exist_ok=True)
    for name in stale:
        (directory / name).write_text(documents()[name], encoding="utf-8")
        typer.echo(f"wrote {directory / name}")


def _same(path: Path, content: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == content


@audit_app.command("verify")
def audit_verify() -> None:
    """Hitung ulang seluruh rantai hash. Exit 1 and the places when anything is not as written."""
    from app.usecases.audit import Verdict, verify  # noqa: PLC0415

    async def look(database: Database) -> Verdict:
        async with database.read() as connection:
            return await verify(connection, None)

    verdict = asyncio.run(_with_database(_settings(), look))
    typer.echo(f"instances {verdict.instances}, events {verdict.events}: {'intact' if verdict.intact else 'BROKEN'}")
    for broken in verdict.broken:
        typer.echo(f"{broken.stream} at {broken.sequence}: {broken.code}")
    if not verdict.intact:
        raise typer.Exit(1)


async def _with_database(settings: Settings, work: Callable[[Database], Awaitable[T]]) -> T:
    database = Database(settings.database_url)
    try:
        return await work(database)
    finally:
        await database.close()


def _settings() -> Settings:
    return Settings.load(os.environ)


def main(*arguments: Any) -> None:
    """What a person can mend is one sentence, not a traceback."""
    try:
        app(*arguments)
    except (SettingsRefused, ValueError) as refused:
        typer.echo(f"alur: {refused}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
