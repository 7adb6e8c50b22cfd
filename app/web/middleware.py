"""The frame around every request: its id, the headers that every answer carries, one line in the log, and no error that says too much.

Pure ASGI: nothing is buffered, nothing runs in a task of its own.
"""

import re
from dataclasses import dataclass, field
from time import perf_counter

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils.compat import uuid7

from app.web.bodies import bounded
from app.web.errors import internal_error
from app.web.etags import unchanged

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_PROBES = {"/livez", "/readyz"}
_UPLOADS = "/v1/uploads/"
_OVERRIDES = {"PATCH", "DELETE"}
_CONTENT_HEADERS = ("content-type", "content-length", "content-disposition", "accept-ranges", "content-language")

log = structlog.get_logger("alur.access")


@dataclass(slots=True)
class _Exchange:
    """One request and what became of it. HEAD is answered as GET, without the body."""

    scope: Scope
    version: str
    method: str
    request_id: str
    started: float = field(default_factory=perf_counter)
    status: int = 0
    bodiless: bool = False

    def begin(self, message: Message) -> None:
        headers = MutableHeaders(scope=message)
        self.status = message["status"]
        if self._holds_it(headers):
            self.status = message["status"] = 304
            for name in _CONTENT_HEADERS:
                del headers[name]
        self.bodiless = self.method == "HEAD" or self.status == 304
        self._dress(headers)

    def _holds_it(self, headers: MutableHeaders) -> bool:
        if self.method not in {"GET", "HEAD"} or self.status not in {200, 206}:
            return False
        return unchanged(Headers(scope=self.scope).get("if-none-match"), headers.get("etag"))

    def _dress(self, headers: MutableHeaders) -> None:
        headers["X-Request-Id"] = self.request_id
        headers["API-Version"] = self.version
        headers["X-Content-Type-Options"] = "nosniff"
        headers.add_vary_header("Authorization, Accept-Language")
        headers.setdefault("Cache-Control", "private, no-cache" if "etag" in headers and self.method in {"GET", "HEAD"} else "no-store")

    def record(self) -> None:
        """By route template, never by path or query: an id is a person's business, a token nobody's."""
        facts = self.scope["app"].state.routes.facts(self.scope) if "app" in self.scope else None
        route = facts.template if facts else None
        write = log.debug if route in _PROBES else log.info
        duration = round((perf_counter() - self.started) * 1000, 1)
        write("request", method=self.method, route=route, status=self.status, duration_ms=duration, **self._who())

    def _who(self) -> dict[str, str]:
        """Who called, and the code of what was refused: without these nobody could be asked about it (ASVS 5.0, 16.2.1 and 16.3.2)."""
        actor, code = self.scope["state"].get("actor"), self.scope["state"].get("problem")
        said = {"account": getattr(actor, "account_id", None), "session": getattr(actor, "session_id", None), "problem": code}
        return {name: str(value) for name, value in said.items() if value is not None}


class Frame:
    def __init__(self, app: ASGIApp, version: str) -> None:
        self.app = app
        self.version = version

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = self._exchange(scope)
        with structlog.contextvars.bound_contextvars(request_id=exchange.request_id):
            try:
                await self._answer(exchange, receive, _dressed(exchange, send))
            finally:
                exchange.record()

    def _exchange(self, scope: Scope) -> _Exchange:
        """A scope of our own: the server's must keep the method that was really sent. HEAD has no ranges (RFC 9110 §14.2)."""
        incoming = Headers(scope=scope).get("x-request-id", "")
        request_id = incoming if _SANE_ID.fullmatch(incoming) else str(uuid7())
        method = _meant(scope)
        state = {**scope.get("state", {}), "request_id": request_id}
        ours = {**scope, "state": state, "method": method}
        if method == "HEAD":
            ours |= {"method": "GET", "headers": [header for header in scope["headers"] if header[0] != b"range"]}
        return _Exchange(scope=ours, version=self.version, method=method, request_id=request_id)

    async def _answer(self, exchange: _Exchange, receive: Receive, send: Send) -> None:
        try:
            await self.app(exchange.scope, bounded(exchange.scope, receive), send)
        except ClientDisconnect:
            exchange.status = exchange.status or 499
        except Exception:
            log.exception("unhandled")
            if exchange.status:
                raise  # half an answer is on its way: the server cuts the connection
            await internal_error(Request(exchange.scope))(exchange.scope, receive, send)


def _meant(scope: Scope) -> str:
    """tus 1.0.0 lets clients behind proxies say the method in a header. There alone: anywhere else it would only be a way around a proxy's rules."""
    method: str = scope["method"]
    if method != "POST" or not scope["path"].startswith(_UPLOADS):
        return method
    said = Headers(scope=scope).get("x-http-method-override", "").strip()
    return said if said in _OVERRIDES else method


def _dressed(exchange: _Exchange, send: Send) -> Send:
    async def send_dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            exchange.begin(message)
            await send(message)
            if exchange.bodiless:  # said at once, so that a stream without an end sees its reader leave
                await send({"type": "http.response.body", "body": b""})
        elif not exchange.bodiless:
            await send(message)

    return send_dressed
