"""Signatures of tokens that others issue: the same care as for ours, with keys as a JWKS shows them.

The key is built from its numbers by us, so that only what the key is decides the algorithm, never what a token or the set calls it.
"""

import json
import re
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jose import jws
from jose.exceptions import JOSEError
from jose.utils import base64url_decode

from app.outside.tokens.access import MAX_TOKEN_BYTES
from app.outside.tokens.keys import VerificationKey

MAX_RSA_BITS = 8192
"""More only makes each check slow."""

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_NUMBER = re.compile(r"[A-Za-z0-9_-]{1,1400}")
_PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


def is_compact(token: object) -> bool:
    return isinstance(token, str) and len(token) <= MAX_TOKEN_BYTES and bool(_COMPACT.fullmatch(token))


def unverified_header(token: str) -> dict[str, Any]:
    """Raises ValueError."""
    return _object(token.split(".", maxsplit=1)[0])


def unverified_payload(token: str) -> dict[str, Any]:
    """Anybody may have written it: good for finding whose keys to try, and for nothing else. Raises ValueError."""
    return _object(token.split(".")[1])


def verified_payload(token: str, key: VerificationKey) -> dict[str, Any]:
    """What stands in a token that this key signed, with the key's own algorithm. Raises ValueError."""
    try:
        payload = json.loads(jws.verify(token, key.jose_key, [key.algorithm]))
    except (JOSEError, RecursionError) as error:
        raise ValueError("the signature is not of this key") from error
    if not isinstance(payload, dict):
        raise ValueError("the payload is no object")
    return payload


def key_from_jwk(jwk: dict[str, Any]) -> VerificationKey:
    """Raises ValueError for what is no public signing key of the two kinds that we take."""
    if not _PRIVATE.isdisjoint(jwk):
        raise ValueError("its secret half is public")
    if jwk.get("use", "sig") != "sig" or "verify" not in jwk.get("key_ops", ["verify"]):
        raise ValueError("it is not for signatures")
    pem = _numbers(jwk).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    key = VerificationKey(pem.decode("ascii"))
    if jwk.get("alg", key.algorithm) != key.algorithm:
        raise ValueError("it is for another algorithm")
    return key


def _numbers(jwk: dict[str, Any]) -> ec.EllipticCurvePublicNumbers | rsa.RSAPublicNumbers:
    if jwk.get("kty") == "EC" and jwk.get("crv") == "P-256":
        return ec.EllipticCurvePublicNumbers(_integer(jwk, "x"), _integer(jwk, "y"), ec.SECP256R1())
    if jwk.get("kty") == "RSA":
        modulus, exponent = _integer(jwk, "n"), _integer(jwk, "e")
        if modulus.bit_length() > MAX_RSA_BITS or exponent.bit_length() > 64:
            raise ValueError("it is longer than anybody needs")
        return rsa.RSAPublicNumbers(exponent, modulus)
    raise ValueError("it is neither RSA nor on P-256")


def _integer(jwk: dict[str, Any], name: str) -> int:
    value = jwk.get(name)
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        raise ValueError(f"{name} is no number")
    return int.from_bytes(base64url_decode(value.encode("ascii")), "big")


def _object(part: str) -> dict[str, Any]:
    try:
        value = json.loads(base64url_decode(part.encode("ascii")))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(value, dict):
        raise ValueError("no object")
    return value
