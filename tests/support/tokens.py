"""Access tokens, issued by us and forged by hand, without jose, so that nothing it does for us can hide what we forgot."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from app.domain.problems import Unauthenticated
from app.outside.tokens import Keys, SigningKey, Tokens, VerificationKey, generate_key_pem

NOW = datetime(2027, 1, 4, 7, 30, tzinfo=UTC)
IAT = int(NOW.timestamp())
SUB = UUID("019aab3c-0000-7000-8000-000000000001")
SID = UUID("019aab3c-0000-7000-8000-000000000002")
ISSUER, AUDIENCE = "https://alur.test", "alur"


def loaded(pem: str) -> Any:
    return load_pem_private_key(pem.encode(), None)


def rsa_pem(bits: int = 2048) -> str:
    return private_pem(rsa.generate_private_key(65537, bits))


def private_pem(key: Any) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


PEM, OTHER_PEM, RSA_PEM = generate_key_pem(), generate_key_pem(), rsa_pem()
KEY = SigningKey(PEM)


def tokens(pem: str = PEM, *, also: tuple[VerificationKey, ...] = (), **settings: Any) -> Tokens:
    return Tokens(Keys.of(SigningKey(pem), *also), **{"issuer": ISSUER, "audience": AUDIENCE, "leeway_seconds": 0} | settings)


def issue(by: Tokens, now: datetime = NOW, **changes: Any) -> str:
    claims: dict[str, Any] = {"sub": SUB, "sid": SID, "name": "Siti Aminah", "roles": ["64.02.13:camat"], "permissions": ["64.02.13:auditor"]}
    return by.issue(**claims | changes, now=now)


# ── forging ──

HEADER = {"alg": "ES256", "kid": KEY.kid, "typ": "JWT"}
CLAIMS = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": str(SUB),
    "sid": str(SID),
    "jti": "one",
    "iat": IAT,
    "exp": IAT + 600,
    "name": "Siti Aminah",
    "roles": ["64.02.13:camat"],
    "permissions": [],
}


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def es256(message: bytes, pem: str = PEM) -> bytes:
    der = loaded(pem).sign(message, ec.ECDSA(hashes.SHA256()))
    return b"".join(part.to_bytes(32, "big") for part in decode_dss_signature(der))


def rs256(message: bytes) -> bytes:
    return loaded(RSA_PEM).sign(message, padding.PKCS1v15(), hashes.SHA256())


def hs256(secret: bytes) -> Callable[[bytes], bytes]:
    return lambda message: hmac.new(secret, message, hashlib.sha256).digest()


def public(encoding: Encoding, pem: str = PEM) -> bytes:
    return loaded(pem).public_key().public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)


def forged(header: Any = HEADER, claims: Any = CLAIMS, sign: Callable[[bytes], bytes] = es256) -> str:
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, claims)]
    message = ".".join(encoded(part) for part in parts)
    return f"{message}.{encoded(sign(message.encode()))}"


def assert_refused(token: Any, by: Tokens | None = None, now: datetime = NOW) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        (by or tokens()).verify(token, now)
    assert refusal.value.code == "token_invalid"
