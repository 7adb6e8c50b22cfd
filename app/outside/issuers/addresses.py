"""Which addresses an issuer may have, and reading a JSON document from one: with a limit to its size, and to our patience.

Plain http only on this machine itself. httpx is imported when something is fetched: a server without other issuers does without it.
"""

import ipaddress
import json
from typing import Any
from urllib.parse import urlsplit

MAX_BYTES = 256 * 1024
PATIENCE = 3.0
"""Seconds for a whole answer, from looking up the name to the last byte."""


class NotFetched(Exception):
    """Says why, for the log."""


def address_mistake(url: str) -> str | None:
    """What is wrong with it, to be read after "…the address"; None when it may be asked."""
    if not url.isascii() or not url.isprintable() or " " in url:
        return "holds characters that no address has"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is no address"
    if not host or parts.username is not None or parts.password is not None or "#" in url:
        return "needs a host, and no user, password or fragment"
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(host)):
        return "begins with https:// (http:// only on this machine itself)"
    return None


def is_plain(url: str) -> bool:
    return urlsplit(url).scheme == "http"


async def fetch_json(url: str) -> dict[str, Any]:
    """The object that stands there. Never follows a redirect: what is elsewhere was not allowed. Raises NotFetched.

    The caller limits the time: it may have several things to fetch. The environment may name a proxy and certificates (HTTPS_PROXY,
    SSL_CERT_FILE); what is on this machine is asked directly.
    """
    import httpx  # noqa: PLC0415

    try:
        async with (
            httpx.AsyncClient(timeout=PATIENCE, follow_redirects=False, trust_env=not is_plain(url)) as client,
            client.stream("GET", url, headers={"Accept": "application/json", "Accept-Encoding": "identity"}) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise NotFetched(f"{url} answers {answer.status_code}")
            if answer.headers.get("Content-Encoding", "identity") != "identity":
                raise NotFetched(f"{url} answers in a compressed form that nobody asked for")
            return _object(url, await _capped(answer, url))
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise NotFetched(f"{url} cannot be read: {type(error).__name__}") from error


async def _capped(answer: Any, url: str) -> bytes:
    content = bytearray()
    async for chunk in answer.aiter_raw():
        content += chunk
        if len(content) > MAX_BYTES:
            raise NotFetched(f"{url} is larger than {MAX_BYTES} bytes")
    return bytes(content)


def _object(url: str, content: bytes) -> dict[str, Any]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise NotFetched(f"{url} is no JSON") from error
    if not isinstance(value, dict):
        raise NotFetched(f"{url} is no JSON object")
    return value


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
