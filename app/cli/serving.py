"""`alur serve`: from settings to a listening server. In demo mode, and only there, secrets that are not given are made."""

import asyncio
import os
import secrets
import subprocess
import sys
from dataclasses import replace
from typing import Annotated, NoReturn

import typer

from app.cli.edge import settings as configured
from app.cli.edge import with_database
from app.outside.key_rotation import make
from app.outside.restricted_keys import new_key_text
from app.settings import DEMO_RESTRICTED_KEY, Settings
from app.store.database import Database

FRUGAL = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "1048576", "MALLOC_TRIM_THRESHOLD_": "524288"}
"""glibc else keeps the 19 MiB of each password check for later: 20 MB of the server's memory, measured. Read before main(): hence the exec.

What is smaller than a MiB is kept: an upload's network pieces would otherwise be fetched from the kernel one by one, at twice the CPU.
"""


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
    else:
        asyncio.run(with_database(_ready))
    _become_the_server(settings)


async def _ready(_: Database) -> None:
    """That it can be opened, and is migrated, is all that is asked."""


def _become_the_server(settings: Settings) -> NoReturn:
    """Replaces this process, so that the server carries neither the command line nor what preparing left behind."""
    given = {"ALUR_HOST": settings.host, "ALUR_PORT": str(settings.port)}
    if settings.demo:
        given |= {"ALUR_DEMO_PASSWORD": settings.demo_password or ""}
    os.execve(sys.executable, [sys.executable, "-OO", "-m", "app"], dict(FRUGAL) | os.environ | given)  # noqa: S606 - ourselves


def _with_demo_secrets(settings: Settings) -> Settings:
    """In demo mode, and only there, what is not given is made: the password for this start, the keys for this data directory."""
    if settings.signing_key_file is not None:
        make(settings.signing_key_file)
    if settings.restricted_key is None:
        make(settings.data_dir / DEMO_RESTRICTED_KEY, new_key_text)
    return replace(settings, demo_password=settings.demo_password or secrets.token_urlsafe(9))


def _migrate_in_a_child(settings: Settings) -> None:
    """Alembic and the holidays of five years weigh 25 MB that the server need not carry."""
    environment = os.environ | {"ALUR_DEMO_PASSWORD": settings.demo_password or ""}
    done = subprocess.run([sys.executable, "-m", "app.cli", "migrate"], env=environment, check=False)
    if done.returncode != 0:
        raise typer.Exit(done.returncode)
