"""An OpenID issuer for tests, small enough to lie in every way: it serves what a test tells it to, and counts who asks."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from app.outside.issuers import Issuers, IssuerTerms
from app.outside.tokens import SigningKey, VerificationKey
from tests.support.tokens import IAT, KEY, RSA_PEM, forged

AUDIENCE = "alur"
SUBJECT = "f6b2c1d0-5a3e-4a44-9d8f-1c2b3a495867"
DISCOVERY, JWKS = "/.well-known/openid-configuration", "/keys"
RSA = SigningKey(RSA_PEM)

Answer = tuple[int, dict[str, str], bytes]


class ForeignIssuer:
    """`answers` by path; `asked` are the paths in the order in which they were asked for."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[str] = []
        self.answers: dict[str, Answer] = {}
        self.serve(DISCOVERY, {"issuer": url, "jwks_uri": url + JWKS})
        self.publish(KEY.public, RSA.public)

    def serve(self, path: str, document: Any, *, status: int = 200, **headers: str) -> None:
        content = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.answers[path] = (status, headers, content)

    def publish(self, *keys: VerificationKey | dict[str, Any]) -> None:
        self.serve(JWKS, {"keys": [key.jwk if isinstance(key, VerificationKey) else key for key in keys]})

    def answer(self, path: str) -> Answer:
        self.asked.append(path)
        return self.answers.get(path, (404, {}, b""))

    def claims(self, **changes: Any) -> dict[str, Any]:
        """What Keycloak says of somebody. A claim that is `...` is left out."""
        claims = {
            "iss": self.url,
            "aud": [AUDIENCE, "account"],
            "sub": SUBJECT,
            "iat": IAT,
            "exp": IAT + 300,
            "typ": "Bearer",
            "azp": "aplikasi",
            "acr": "2",
            "preferred_username": "siti",
            "name": "Siti Aminah",
            "realm_access": {"roles": ["samboja-camat", "offline_access"]},
        } | changes
        return {name: value for name, value in claims.items() if value is not ...}

    def token(self, header: dict[str, Any] | None = None, sign: Any = None, **changes: Any) -> str:
        told = {"alg": "ES256", "typ": "JWT", "kid": KEY.kid} | (header or {})
        return forged({k: v for k, v in told.items() if v is not ...}, self.claims(**changes), **({} if sign is None else {"sign": sign}))

    def terms(self, **changes: Any) -> IssuerTerms:
        grants = {"samboja-camat": ["64.02.13:camat", "64.02.13:pegawai"], "pengawas": ["64.02:auditor"]}
        return IssuerTerms.model_validate({"issuer": self.url, "audience": AUDIENCE, "offices": ["64.02"], "grants": grants} | changes)

    def issuers(self, *, patience: float = 3.0, **changes: Any) -> Issuers:
        return Issuers([self.terms(**{"leeway_seconds": 0} | changes)], patience=patience)


def jwk_of(key: Any, **more: Any) -> dict[str, Any]:
    """Of an RSA public key from `cryptography`, also one that we would not load."""
    numbers = key.public_numbers()
    return {"kty": "RSA", "n": _number(numbers.n), "e": _number(numbers.e)} | more


def _number(value: int) -> str:
    return urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8, "big")).rstrip(b"=").decode()


@contextmanager
def foreign_issuer() -> Iterator[ForeignIssuer]:
    """On loopback, until the block ends."""
    served: ForeignIssuer

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, content = served.answer(self.path)
            self.send_response(status)
            for name, value in ({"Content-Type": "application/json", "Content-Length": str(len(content))} | headers).items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served = ForeignIssuer(f"http://127.0.0.1:{server.server_address[1]}")
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()
