"""`alur serve`: from settings to a listening server. In demo mode, and only there, secrets that are not given are made."""

import asyncio
import os
import secrets
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from app.cli.edge import reading
from app.cli.edge import settings as configured
from app.outside.logs import configure_logs
from app.outside.tokens import generate_key_pem
from app.settings import Settings, SettingsRefused
from app.store.migrations import current_is_head

DEMO_ACCOUNTS = "camat, sekretaris, tim1, tim2, tim3, staf, admin, auditor, camat.muarajawa"


def serve(
    host: Annotated[str | None, typer.Option(help="Default: ALUR_HOST, 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(help="Default: ALUR_PORT, 8000.")] = None,
) -> None:
    """Layani API. On SQLite or in demo mode it migrates and seeds by itself; on PostgreSQL it waits for `alur migrate`."""
    settings = configured()
    settings = replace(settings, host=host or settings.host, port=settings.port if port is None else port)
    settings.refuse_demo_beyond_this_machine()
    if settings.demo:
        settings = _with_demo_secrets(settings)
    if settings.is_sqlite or settings.demo:
        _migrate_in_a_child(settings)
    elif not asyncio.run(reading(current_is_head)):
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
