"""JWT access tokens (RFC 9068) of a certified OpenID provider: panva's oidc-provider in Node, which nobody here wrote."""

import base64
import hashlib
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.contract.tools import HERE, MISSING, install
from tests.support.external_people import GRANTS, configured, held, vacate
from tests.support.foreign_issuer import ForeignIssuer
from tests.support.office import open_office
from tests.support.openid_provider import BACK, CLIENT, issued_at
from tests.support.server import free_port

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"needs node and npm, and there is no {' and no '.join(MISSING)} on this machine")

PROOF = "a-proof-that-whoever-asked-first-comes-back-with-the-code"


@pytest.fixture(scope="module", autouse=True)
def _tools() -> None:
    install()


@contextmanager
def node_provider(port: int, directory: Path) -> Iterator[str]:
    """Its URL, once it answers. With another key each time."""
    url, log = f"http://127.0.0.1:{port}", directory / "provider.log"
    with log.open("ab") as output:
        process = subprocess.Popen(["node", "provider.mjs", str(port)], cwd=HERE, stdout=output, stderr=output)
    try:
        while process.poll() is None:
            with suppress(httpx.HTTPError):
                httpx.get(url + "/jwks", trust_env=False).raise_for_status()
                break
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.05)
        assert process.poll() is None, log.read_text()
        yield url
    finally:
        process.terminate()
        process.wait(timeout=30)


def access_token(url: str, login: str) -> str:
    """Authorization code with PKCE: its pages are filled in as a browser would."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(PROOF.encode()).digest()).rstrip(b"=").decode()
    asked = {"client_id": CLIENT[0], "redirect_uri": BACK, "response_type": "code", "scope": "openid", "state": "di-sini"}
    with httpx.Client(base_url=url, trust_env=False) as browser:
        at = browser.get("/auth", params=asked | {"code_challenge": challenge, "code_challenge_method": "S256"})
        for form in ({"prompt": "login", "login": login, "password": "apa saja"}, {"prompt": "consent"}):
            page = at.headers["location"]
            assert "/interaction/" in page, at.text
            at = browser.get(browser.post(page, data=form).headers["location"])
        given = parse_qs(urlsplit(at.headers["location"]).query)
        exchange = {"grant_type": "authorization_code", "code": given["code"][0], "redirect_uri": BACK, "code_verifier": PROOF}
        answer = browser.post("/token", data=exchange, auth=CLIENT)
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["access_token"]
    return token


async def test_access_tokens_of_a_certified_provider_are_believed_as_configured_and_its_next_key_is_found(
    sqlite_office_url: str, tmp_path: Path
) -> None:
    port = free_port()
    with node_provider(port, tmp_path) as url:
        old = access_token(url, "siti samboja-camat pengawas")
        elsewhere = access_token(url, "siti")
    file = configured(tmp_path, ForeignIssuer(url), algorithms=["ES256"], claims={"grants": "groups"}, grants=GRANTS)
    now = datetime.fromtimestamp(issued_at(old), UTC)
    async with open_office(sqlite_office_url, tmp_path, now=now, ALUR_ISSUERS_FILE=str(file)) as office:
        await vacate(office)

        async def me(token: str) -> httpx.Response:
            async with office.client(Authorization=f"Bearer {token}") as client:
                return await client.get("/v1/me")

        assert (await me(old)).status_code == 401  # its provider is not there, and has never been asked
        with node_provider(port, tmp_path):
            fresh = access_token(url, "siti samboja-camat pengawas")
            office.clock.now = max(datetime.fromtimestamp(issued_at(fresh), UTC), now + timedelta(minutes=1))
            answer = (await me(fresh)).json()
            assert (answer["username"], held(answer)) == ("siti", ["64.02.13:camat", "64.02.13:pegawai", "64.02:auditor"])
            assert (await me(old)).status_code == (await me(elsewhere)).status_code == 401  # of the key before
        with node_provider(port, tmp_path):
            rotated = access_token(url, "siti samboja-staf")
            assert (await me(rotated)).status_code == 401  # asked less than a minute ago
            office.clock.now += timedelta(minutes=1)
            assert (await me(rotated)).status_code == 200
            assert (await me(fresh)).status_code == 401
