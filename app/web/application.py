"""The application: routers inside the frame. Everything it needs is handed in; nothing is read from the environment here."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from anyio import Lock
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig

from app.domain.problems import FieldError, Invalid
from app.store.database import Database
from app.web import about, errors, health
from app.web.health import Ready
from app.web.judgement import Authenticate, Visible
from app.web.middleware import Frame
from app.web.openapi import build_document
from app.web.routes import RouteTable
from app.web.session import Clock

DESCRIPTION = (
    "Menjalankan prosedur tertulis (SOP) kantor pemerintah Indonesia. Galat: RFC 9457; bahasa: Accept-Language (id, en).\n\n"
    "Runs the written procedures (SOP) of Indonesian government offices. Errors: RFC 9457; language: Accept-Language (id, en)."
)

_SILENT: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "operation_spans": False}
"""FastAPI's own telemetry puts what callers sent, passwords too, into its records of failed validations."""


class Lifespan(Protocol):
    def __call__(self, app: FastAPI, /) -> AbstractAsyncContextManager[None]: ...


def build_application(
    *,
    database: Database,
    clock: Clock,
    authenticate: Authenticate,
    routers: Sequence[APIRouter],
    version: str,
    visibility: Mapping[str, Visible] | None = None,
    readiness: Mapping[str, Ready] | None = None,
    state: Mapping[str, Any] | None = None,
    open_id_url: str = "/.well-known/openid-configuration",
    lifespan: Lifespan | None = None,
) -> FastAPI:
    """`visibility`: path parameter → does it exist for this caller. `readiness`: name → is it in order. `state`: more of what routers reach for."""
    app = FastAPI(
        title="Alur",
        version=version,
        description=DESCRIPTION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=operation_id,
        dependencies=[Depends(_storable)],
        lifespan=lifespan,
        telemetry=_SILENT,
    )
    for name, value in (state or {}).items():
        setattr(app.state, name, value)
    app.state.database = database
    app.state.clock = clock
    app.state.authenticate = authenticate
    app.state.visibility = visibility or {}
    app.state.readiness = {"database": health.database_answers(database)} if readiness is None else readiness
    app.state.documents, app.state.documenting, app.state.make_documents = {}, Lock(), about.rendered
    app.state.routes = RouteTable(app)
    for router in (health.router, about.router, *routers):
        app.include_router(router)
    errors.install(app)
    app.add_middleware(Frame, version=version)
    app.openapi = lambda: build_document(app, open_id_url=open_id_url)  # type: ignore[method-assign]
    return app


def operation_id(route: APIRoute) -> str:
    """The client's method name: `start_instance` → `startInstance`."""
    first, *rest = route.name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


async def _storable(request: Request) -> None:
    """No text column of PostgreSQL takes NUL. Bodies are looked at while they are read; such a path is of nothing, as `judge` finds."""
    found = [name for name, value in request.query_params.multi_items() if "\0" in name + value]
    if found or "\0" in request.scope["path"]:
        words = {"id": "Karakter NUL tidak diterima.", "en": "NUL characters are not accepted."}
        raise Invalid(*(FieldError(pointer=f"?{name.replace(chr(0), '')}", code="unstorable_text", **words) for name in found))
