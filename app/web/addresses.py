"""Where a request came from: the peer, or what a trusted proxy says of it (ALUR_TRUSTED_PROXIES; uvicorn has judged that by now)."""

from typing import Annotated

from fastapi import Depends, Request

CLIENT_NAME_LENGTH = 200


async def _address(request: Request) -> str:
    """Empty behind a socket in the file system: then all callers count as one."""
    return request.client.host if request.client else ""


async def _client_name(request: Request) -> str | None:
    """What the caller's program calls itself, for the owner's list of sessions; its word proves nothing."""
    said = request.headers.get("user-agent", "")
    return "".join(character for character in said if character.isprintable())[:CLIENT_NAME_LENGTH].strip() or None


Address = Annotated[str, Depends(_address)]
ClientName = Annotated[str | None, Depends(_client_name)]
