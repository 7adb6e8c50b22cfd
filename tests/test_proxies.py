"""Where a request came from, behind the real server: X-Forwarded-For is believed of the named proxies and of nobody else."""

import json
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from tests.support.server import serving


def tried(url: str, address: str) -> int:
    """The status of a sign-in with a wrong password that says it comes from that address."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=20)
    body = json.dumps({"username": "camat", "password": "salah"})
    connection.request("POST", "/v1/auth/sessions", body, {"Content-Type": "application/json", "X-Forwarded-For": address})
    status = connection.getresponse().status
    connection.close()
    return status


def test_without_a_named_proxy_the_header_is_nothing(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        assert 429 in [tried(server.url, f"198.51.100.{number}") for number in range(15)]


def test_a_named_proxy_says_where_a_request_came_from(tmp_path: Path) -> None:
    with serving(tmp_path, ALUR_TRUSTED_PROXIES="127.0.0.0/8") as server:
        assert {tried(server.url, f"198.51.100.{number}") for number in range(15)} == {401}
        assert 429 in [tried(server.url, "203.0.113.1") for _ in range(15)]
