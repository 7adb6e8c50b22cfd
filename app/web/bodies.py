"""What may be read of a request: so many bytes, and only JSON whose text every database can hold.

Decided while the body is read, not before: a route that reads nothing is never too large.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, TypeVar

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

from app.domain.problems import PayloadTooLarge
from app.web.errors import BodyFault, MalformedBody

MAX_BODY = 1024 * 1024

_SUSPECT = re.compile(rb"\\u0000|\\u[dD][89a-fA-F]|NaN|Infinity|\x00")
"""In a body without any of these there is nothing to look for."""

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


def streams_body(endpoint: Endpoint) -> Endpoint:
    """Marks an endpoint that reads `request.stream()` itself, under a cap of its own."""
    endpoint.streams_body = True  # type: ignore[attr-defined]
    return endpoint


def bounded(scope: Scope, receive: Receive) -> Receive:
    """`receive`, ending in a BodyFault where the body is too large or cannot be kept."""
    headers = Headers(scope=scope)
    is_json = "json" in headers.get("content-type", "").lower()
    declared = headers.get("content-length", "")
    parts: list[bytes] = []
    size = 0

    async def receive_bounded() -> Message:
        nonlocal size
        if getattr(scope.get("endpoint"), "streams_body", False):
            return await receive()
        if declared.isdecimal() and int(declared) > MAX_BODY:
            raise BodyFault(PayloadTooLarge(MAX_BODY))
        message = await receive()
        if message["type"] == "http.request":
            size += len(message.get("body", b""))
            if size > MAX_BODY:
                raise BodyFault(PayloadTooLarge(MAX_BODY))
            if is_json:
                parts.append(message.get("body", b""))
                if not message.get("more_body", False):
                    _inspect(b"".join(parts))
        return message

    return receive_bounded


def _inspect(body: bytes) -> None:
    if not _SUSPECT.search(body):
        return
    if b"\0" in body:  # UTF-16 and UTF-32 too: JSON is exchanged in UTF-8 (RFC 8259 §8.1)
        raise BodyFault(MalformedBody())
    try:
        value = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise BodyFault(MalformedBody()) from error
    if any(_unstorable(text) for text in _texts(value)):
        raise BodyFault(MalformedBody("unstorable_text"))


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _unstorable(text: str) -> bool:
    return "\0" in text or any("\ud800" <= character <= "\udfff" for character in text)


def _texts(value: object) -> Iterator[str]:
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            pending += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            pending += item
