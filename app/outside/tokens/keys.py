"""The keys of access tokens: ES256 (P-256) or RS256 (RSA from 2048 bits), loaded once: parsing costs far more than signing."""

import json
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from jose import jwk
from jose.utils import base64url_encode

_THUMBPRINT_MEMBERS = {"EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n")}
_WHICH_KEYS = "Tokens are signed with ES256 (a P-256 key) or RS256 (an RSA key of 2048 bits or more)."


class VerificationKey:
    """A public key with its name (`kid`, the RFC 7638 thumbprint) and the one algorithm that it verifies."""

    def __init__(self, pem: str) -> None:
        self.algorithm = _algorithm(_load(load_pem_public_key, pem))
        self.jose_key = jwk.construct(pem, self.algorithm)
        parameters = self.jose_key.to_dict()
        self.kid = _thumbprint(parameters)
        self.jwk = {**parameters, "use": "sig", "kid": self.kid}


class SigningKey:
    """A private key from its PEM text, constructed once: parsing costs far more than signing. ES256 (P-256) or RS256 (from 2048 bits)."""

    def __init__(self, pem: str) -> None:
        private = _load(partial(load_pem_private_key, password=None), pem)
        if not isinstance(private, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
            raise ValueError(_WHICH_KEYS)
        self.public = VerificationKey(private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii"))
        self.kid = self.public.kid
        self.jose_key = jwk.construct(pem, self.public.algorithm)
        self._material = _material(private)

    def derive(self, label: str) -> bytes:
        """32 bytes that only who holds this key can make, others for each label: HKDF-SHA256 over the private number, in whatever PEM it came."""
        return HKDF(hashes.SHA256(), 32, salt=None, info=label.encode()).derive(self._material)


def generate_key_pem() -> str:
    """A new P-256 key, for demo mode and for `alur` commands that make one."""
    private = ec.generate_private_key(ec.SECP256R1())
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


def _load(load: Callable[[bytes], object], pem: str) -> object:
    try:
        return load(pem.encode())
    except (ValueError, TypeError) as error:  # TypeError: the PEM is encrypted
        raise ValueError("A key is an unencrypted private or public key in PEM form.") from error


def _material(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    numbers = key.private_numbers()
    private = numbers.private_value if isinstance(numbers, ec.EllipticCurvePrivateNumbers) else numbers.d
    return private.to_bytes((key.key_size + 7) // 8, "big")


def _algorithm(key: object) -> str:
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return "ES256"
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= 2048:
        return "RS256"
    raise ValueError(_WHICH_KEYS)


def _thumbprint(parameters: dict[str, Any]) -> str:
    """RFC 7638: the SHA-256 of the required members alone, in order of their names, without white space."""
    required = {name: parameters[name] for name in _THUMBPRINT_MEMBERS[parameters["kty"]]}
    digest = sha256(json.dumps(required, separators=(",", ":")).encode("ascii")).digest()
    return base64url_encode(digest).decode("ascii")
