"""An OpenID provider that nobody here wrote, as a process of its own on loopback: oidc-provider-mock (on Authlib), from PyPI.

Its ID tokens are RS256, name no key (it has one), and carry whatever claims its people have. Started anew it has another key.
"""

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.support.server import free_port

CLIENT = ("aplikasi-kantor", "rahasia-aplikasi")
BACK = "http://127.0.0.1/kembali"


class Provider:
    def __init__(self, directory: Path) -> None:
        self._port = free_port()
        self._log = directory / "provider.log"
        self.url = f"http://127.0.0.1:{self._port}"
        self._process = self._started()

    def restart(self) -> None:
        """It forgets its key and its people."""
        self.stop()
        self._process = self._started()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=30)

    def _started(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(self._port), "--token-max-age", "14400"]
        with self._log.open("ab") as output:
            process = subprocess.Popen(command, stdout=output, stderr=output)
        _wait(self.url, process, self._log)
        return process

    def token_of(self, subject: str, scope: str = "openid profile") -> str:
        """As a browser and an application get one: signed in at the provider, sent back with a code, which the application changes for tokens."""
        asked = {"client_id": CLIENT[0], "redirect_uri": BACK, "response_type": "code", "scope": scope, "state": "di-sini"}
        with httpx.Client(base_url=self.url, trust_env=False) as browser:
            sent_back = browser.post("/oauth2/authorize", params=asked, data={"sub": subject})
            given = parse_qs(urlsplit(sent_back.headers["location"]).query)
            assert given["state"] == ["di-sini"]
            exchange = {"grant_type": "authorization_code", "code": given["code"][0], "redirect_uri": BACK}
            answer = browser.post("/oauth2/token", data=exchange, auth=CLIENT)
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["id_token"]
        return token

    def says_of(self, subject: str, **claims: Any) -> None:
        """What tokens of this person say from now on."""
        httpx.put(f"{self.url}/users/{subject}", json=claims, trust_env=False).raise_for_status()


@contextmanager
def provider(directory: Path) -> Iterator[Provider]:
    """Ready; ended with the block."""
    started = Provider(directory)
    try:
        yield started
    finally:
        started.stop()


def issued_at(token: str) -> int:
    """In Unix seconds, as the token says."""
    body = token.split(".")[1]
    found: int = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["iat"]
    return found


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Until it answers; one that ended says why in its log."""
    for _ in range(1200):
        try:
            httpx.get(url + "/.well-known/openid-configuration", trust_env=False).raise_for_status()
        except httpx.HTTPError:
            assert process.poll() is None, log.read_text()
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.05)
        else:
            return
    raise AssertionError(f"the provider does not answer:\n{log.read_text()}")
