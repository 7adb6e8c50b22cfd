"""The wiring of the server: settings in, application out."""

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import structlog
import uvicorn
from fastapi import FastAPI

from app.domain.problems import Unavailable
from app.outside.antivirus import scanner_from_url
from app.outside.bsre import Gateway
from app.outside.issuers import Issuers
from app.outside.key_files import GivenKey, KeyFile
from app.outside.logs import configure_logs
from app.outside.pdf_signatures import check_trust_roots
from app.outside.restricted_keys import RestrictedKeys
from app.outside.sealing import Seal
from app.outside.tokens import Keys, Tokens
from app.settings import DEMO_KEY, Settings, SettingsRefused
from app.storage import configured_blobs
from app.store.database import Database
from app.store.migrations import current_is_head
from app.usecases.demo import PEOPLE
from app.usecases.receiving import Reception
from app.usecases.resumable_uploads import UploadTerms
from app.usecases.sessions import SessionTerms
from app.web import (
    account_access,
    accounts,
    assignments,
    calendar_feeds,
    calendar_lists,
    calendar_rows,
    calendars,
    deadline_checks,
    deadline_exports,
    deadlines,
    document_content,
    document_limits,
    document_marks,
    documents,
    events,
    evidence,
    filing,
    gateway_signing,
    instances,
    me,
    offices,
    procedures,
    reports,
    restricted_records,
    resumable_uploads,
    roles,
    service_accounts,
    service_tokens,
    sessions,
    tasks,
)
from app.web.actor import authenticate
from app.web.application import Lifespan, build_application
from app.web.health import Ready, database_answers
from app.web.session import Clock
from app.web.visibility import visibility
from app.worker import Work, keep_working, own_shelf

ROUTERS = (
    sessions.router,
    me.router,
    offices.router,
    accounts.router,
    account_access.router,
    assignments.router,
    roles.router,
    service_tokens.router,
    service_accounts.router,
    procedures.router,
    instances.router,
    tasks.router,
    documents.router,
    evidence.router,
    document_content.router,
    document_marks.router,
    gateway_signing.router,
    document_limits.router,
    resumable_uploads.router,
    restricted_records.router,
    filing.router,
    calendars.router,
    calendar_rows.router,
    calendar_lists.router,
    deadlines.router,
    deadline_exports.router,
    deadline_checks.router,
    calendar_feeds.router,
    reports.router,
    events.router,
)


log = structlog.get_logger("alur.server")


def wall_clock() -> datetime:
    return datetime.now(UTC)


def create_app(settings: Settings, *, clock: Clock = wall_clock) -> FastAPI:
    """The application on a database that is migrated already. Raises SettingsRefused, and ValueError for a setting that cannot work."""
    database = Database(settings.database_url)
    blobs = configured_blobs(settings)
    scanner = scanner_from_url(settings.clamd_url)
    work = Work(database=database, blobs=blobs, clock=clock, every=settings.clock_every, scanner=scanner, shelf=own_shelf())
    return build_application(
        database=database,
        clock=clock,
        authenticate=authenticate,
        routers=ROUTERS,
        version=version("alur"),
        visibility=visibility(demo=settings.demo),
        readiness={"database": database_answers(database), "migrations": _migrated(database), "storage": blobs.answers},
        state={
            "reception": Reception(blobs=blobs, scanner=scanner, hold_quarantined=settings.hold_quarantined),
            "restricted_keys": RestrictedKeys.of(settings.restricted_key, settings.previous_restricted_keys),
            "max_upload_bytes": settings.max_upload_bytes,
            "upload_terms": UploadTerms(settings.max_resumable_bytes, settings.upload_lifetime),
            "trust_roots": trusted_roots(settings),
            "gateway": signing_gateway(settings),
            "shelf": work.shelf,
            "woken": work.woken,
            "session_terms": session_terms(settings),
            "issuers": believed_issuers(settings),
            "trusted_proxies": settings.trusted_proxies,
        },
        lifespan=_lifespan(database, partial(keep_working, work) if settings.clock_inside else None),
    )


def signing_keys(settings: Settings) -> Keys:
    """Raises SettingsRefused without a signing key, ValueError for one that cannot sign."""
    previous = tuple(map(Path, settings.previous_keys))
    if settings.signing_key_file is not None:
        return Keys(KeyFile(settings.signing_key_file, previous))
    if settings.signing_key is None:
        made = "There is no signing key. Make one (openssl ecparam -name prime256v1 -genkey -noout -out key.pem) and set ALUR_SIGNING_KEY_FILE."
        of_demo = " The demo's key is here: set ALUR_DEMO=1 to work with it." if (settings.data_dir / DEMO_KEY).exists() else ""
        raise SettingsRefused(made + of_demo)
    return Keys(GivenKey(settings.signing_key, previous))


def session_terms(settings: Settings) -> SessionTerms:
    """Raises SettingsRefused without a signing key, ValueError for one that cannot sign."""
    keys = signing_keys(settings)
    return SessionTerms(
        tokens=Tokens(keys, issuer=settings.issuer, audience=settings.audience),
        seal=Seal(keys),
        access=settings.access_lifetime,
        absolute=settings.session_lifetime,
        idle=settings.idle_lifetime,
        second_factor=settings.second_factor,
        demo=settings.demo,
    )


def believed_issuers(settings: Settings) -> Issuers:
    """Raises ValueError for a file that cannot be understood. Nobody is asked for keys before a token comes."""
    return Issuers() if settings.issuers_file is None else Issuers.from_file(settings.issuers_file, own=settings.issuer)


def signing_gateway(settings: Settings) -> Gateway | None:
    given = settings.gateway
    return None if given is None else Gateway(url=given.url, api=given.api, username=given.username, password=given.password)


def trusted_roots(settings: Settings) -> Path | None:
    """Raises ValueError for a file that holds no certificates."""
    if settings.trust_roots_file is not None:
        check_trust_roots(settings.trust_roots_file)
    return settings.trust_roots_file


def _migrated(database: Database) -> Ready:
    async def check() -> bool:
        async with database.read() as connection:
            return await current_is_head(connection)

    return check


def _lifespan(database: Database, working: Callable[[], Coroutine[Any, Any, None]] | None) -> Lifespan:
    """`working` goes on while the server does."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        task = None if working is None else asyncio.create_task(working())
        yield
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
        await database.close()

    return lifespan


class DocumentsNotMade(Unavailable):
    """The child process that makes them ended without them."""

    retry_after = 5


def documents_of_a_child(_: FastAPI) -> dict[str, bytes]:
    """This process is run without docstrings, of which the documents consist; and what making them takes (10 MB) is given back.

    Raises DocumentsNotMade.
    """
    done = subprocess.run([sys.executable, "-m", "app.cli.openapi"], capture_output=True, timeout=60, check=False)
    if done.returncode != 0:
        log.error("documents not made", said=done.stderr.decode(errors="replace")[-2000:])
        raise DocumentsNotMade
    return {name: content.encode() for name, content in json.loads(done.stdout).items()}


def run() -> None:
    """Serve on a database that is migrated already: what `alur serve` becomes once all is prepared."""
    settings = Settings.load(os.environ)
    configure_logs(for_people=sys.stdout.isatty())
    app = create_app(settings)
    app.state.make_documents = documents_of_a_child
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=20,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
    )
    listening = _listening(settings)  # before the greeting: where the port is taken, another server would get the password to try
    print("\n".join(_greeting(settings)), flush=True)
    uvicorn.Server(config).run(sockets=[listening])


def _listening(settings: Settings) -> socket.socket:
    """Bound, and not open yet. Raises SettingsRefused."""
    host = settings.host.strip("[]")
    found = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, settings.port))
    except OSError as error:
        found.close()
        raise SettingsRefused(f"{settings.address} cannot be served: {error.strerror}. Choose another port (--port, ALUR_PORT).") from None
    return found


def _greeting(settings: Settings) -> list[str]:
    lines = [f"Alur: {settings.address}   OpenAPI: /openapi.json"]
    if settings.demo:
        accounts = ", ".join(person.username for person in PEOPLE)
        lines += [f"Akun demo · Demo accounts: {accounts}", f"Kata sandi · Password: {settings.demo_password}"]
    return lines
