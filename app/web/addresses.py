"""Where a request came from: the peer, or what a trusted proxy says of it (ALUR_TRUSTED_PROXIES; uvicorn has judged that by now)."""

from functools import cache
from typing import Annotated

import structlog
from fastapi import Depends, Request

CLIENT_NAME_LENGTH = 200

log = structlog.get_logger("alur.addresses")


async def _address(request: Request) -> str:
    """Empty behind a socket in the file system: then all callers count as one."""
    if "x-forwarded-for" in request.headers and getattr(request.app.state, "trusted_proxies", None) == ():
        _say_once()
    return request.client.host if request.client else ""


async def _client_name(request: Request) -> str | None:
    """What the caller's program calls itself, for the owner's list of sessions; its word proves nothing."""
    said = request.headers.get("user-agent", "")
    return "".join(character for character in said if character.isprintable())[:CLIENT_NAME_LENGTH].strip() or None


@cache
def _say_once() -> None:
    """Anybody can send that header, so once is enough."""
    log.warning("X-Forwarded-For came, and ALUR_TRUSTED_PROXIES names nobody: behind a proxy, all its callers count as one address")


Address = Annotated[str, Depends(_address)]
ClientName = Annotated[str | None, Depends(_client_name)]
