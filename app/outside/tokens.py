"""Access tokens: signed and checked here, the only import of python-jose.

jose checks the signature and nothing else (`jose.jws`, never `jose.jwt`): it takes a token without aud or exp, with an unknown crit,
or with an unknown kid when it is handed a whole key set. So the key is picked by `kid` before jose sees the token, the algorithm is
that key's own, and every claim is judged here, against the time that is handed in.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from jose import jwk, jws
from jose.exceptions import JOSEError
from jose.utils import base64url_encode
from uuid_utils.compat import uuid7

from app.domain.problems import Unauthenticated

LIFETIME = timedelta(minutes=10)
"""The longest an access token lives; a role lost sooner is caught by the session's own statement (domain.md §3)."""

MAX_TOKEN_BYTES = 8 * 1024
MAX_LEEWAY_SECONDS = 60

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_HEADERS = {"alg", "kid", "typ"}  # an allow-list: crit, jku, x5u, x5c, jwk and whatever comes next are not in it
_TYPES = {"jwt", "at+jwt"}
_THUMBPRINT_MEMBERS = {"EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n")}
_LATEST = 253402300799  # 9999-12-31T23:59:59Z, the last second that a datetime can hold
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


@dataclass(frozen=True, slots=True)
class Claims:
    """What a valid token says. `roles` and `permissions` are `office:name`, as written in the token."""

    sub: UUID
    sid: UUID
    name: str
    roles: tuple[str, ...]
    permissions: tuple[str, ...]
    iat: datetime
    exp: datetime
    jti: str


@dataclass(frozen=True, slots=True)
class _Verified:
    """Claims whose signature and form are right, and the half-open time in which they hold, in Unix seconds, leeway included."""

    claims: Claims
    holds_from: float
    holds_until: float


class _Cache:
    """Verified tokens by SHA-256. Oldest out first, which is nearly earliest-expiring first: all of our tokens live equally long."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: dict[bytes, _Verified] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, digest: bytes, now: float) -> _Verified | None:
        entry = self._entries.get(digest)
        if entry is not None and now >= entry.holds_until:
            del self._entries[digest]
            return None
        return entry

    def put(self, digest: bytes, entry: _Verified, now: float) -> None:
        while self._entries:
            oldest = next(iter(self._entries))
            if len(self._entries) < self._size and now < self._entries[oldest].holds_until:
                break
            del self._entries[oldest]
        self._entries[digest] = entry


class Tokens:
    """Signs with one key; verifies with it and with every other key still honoured (a rotation needs two for one lifetime)."""

    def __init__(
        self,
        signing_key: SigningKey,
        verification_keys: Iterable[VerificationKey] = (),
        *,
        issuer: str,
        audience: str,
        leeway_seconds: int = 30,
        cache_size: int = 4096,
    ) -> None:
        if not 0 <= leeway_seconds <= MAX_LEEWAY_SECONDS:
            raise ValueError(f"The leeway is 0 to {MAX_LEEWAY_SECONDS} seconds, not {leeway_seconds}.")
        self._signing_key = signing_key
        self._keys = {key.kid: key for key in (signing_key.public, *verification_keys)}
        self.issuer = issuer
        self._audience = audience
        self._leeway = leeway_seconds
        self._cache = _Cache(cache_size)

    def issue(
        self, *, sub: UUID, sid: UUID, name: str, roles: Iterable[str], permissions: Iterable[str], now: datetime, lifetime: timedelta = LIFETIME
    ) -> str:
        if not timedelta(seconds=1) <= lifetime <= LIFETIME:
            raise ValueError(f"An access token lives 1 second to {LIFETIME}, not {lifetime}.")
        issued_at = int(_seconds(now))
        claims = {
            "iss": self.issuer,
            "aud": self._audience,
            "sub": str(sub),
            "sid": str(sid),
            "jti": str(uuid7()),
            "iat": issued_at,
            "exp": issued_at + int(lifetime.total_seconds()),
            "name": name,
            "roles": list(roles),
            "permissions": list(permissions),
        }
        key = self._signing_key
        token = jws.sign(claims, key.jose_key, headers={"kid": key.kid}, algorithm=key.public.algorithm)
        if len(token) > MAX_TOKEN_BYTES:
            raise ValueError(f"The token of {sub} has {len(token)} bytes; more than {MAX_TOKEN_BYTES} would be refused.")
        return token

    def verify(self, token: str, now: datetime) -> Claims:
        """Raises `Unauthenticated("token_invalid")` for everything that is wrong; which thing it was is nobody's business."""
        seconds = _seconds(now)
        if not isinstance(token, str) or len(token) > MAX_TOKEN_BYTES or not _COMPACT.fullmatch(token):
            raise Unauthenticated("token_invalid")
        digest = sha256(token.encode("ascii")).digest()
        known = self._cache.get(digest, seconds)
        try:
            verified = known or self._check(token)
        except (JOSEError, ValueError, RecursionError) as error:
            raise Unauthenticated("token_invalid") from error
        if not verified.holds_from <= seconds < verified.holds_until:
            raise Unauthenticated("token_invalid")
        if known is None:
            self._cache.put(digest, verified, seconds)
        return verified.claims

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """RFC 7517, for /.well-known/jwks.json: the signing key first."""
        return {"keys": [dict(key.jwk) for key in self._keys.values()]}

    def _check(self, token: str) -> _Verified:
        key = self._key_for(jws.get_unverified_header(token))
        payload = json.loads(jws.verify(token, key.jose_key, [key.algorithm]))
        if not isinstance(payload, dict):
            raise ValueError("the payload is no object")
        if payload.get("iss") != self.issuer or payload.get("aud") != self._audience:
            raise ValueError("issued by another, or for another")  # a list of audiences is for another too: ours names one
        claims = _claims(payload)
        not_before = _moment(payload, "nbf") if "nbf" in payload else claims.iat
        return _Verified(
            claims,
            holds_from=max(claims.iat, not_before).timestamp() - self._leeway,
            holds_until=claims.exp.timestamp() + self._leeway,
        )

    def _key_for(self, header: dict[str, Any]) -> VerificationKey:
        if not header.keys() <= _HEADERS:
            raise ValueError("a header parameter that we do not honour")
        kid, kind = header.get("kid"), header.get("typ", "JWT")
        key = self._keys.get(kid) if isinstance(kid, str) else None
        if key is None or header.get("alg") != key.algorithm:
            raise ValueError("no such key, or not with this algorithm")
        if not isinstance(kind, str) or kind.lower() not in _TYPES:
            raise ValueError("a token of another type")
        return key


def generate_key_pem() -> str:
    """A new P-256 key, for demo mode and for `alur` commands that make one."""
    private = ec.generate_private_key(ec.SECP256R1())
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


def _claims(payload: dict[str, Any]) -> Claims:
    return Claims(
        sub=_uuid(payload, "sub"),
        sid=_uuid(payload, "sid"),
        name=_text(payload, "name"),
        roles=tuple(_grants(payload, "roles")),
        permissions=tuple(_grants(payload, "permissions")),
        iat=_moment(payload, "iat"),
        exp=_moment(payload, "exp"),
        jti=_text(payload, "jti"),
    )


def _text(payload: dict[str, Any], claim: str) -> str:
    value = payload.get(claim)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{claim} is missing or no text")
    return value


def _uuid(payload: dict[str, Any], claim: str) -> UUID:
    text = _text(payload, claim)
    value = UUID(text)
    if str(value) != text:
        raise ValueError(f"{claim} is no UUID in its usual form")
    return value


def _moment(payload: dict[str, Any], claim: str) -> datetime:
    value = payload.get(claim)
    if type(value) is not int or not 0 <= value <= _LATEST:  # True is an int, 1e9 is not
        raise ValueError(f"{claim} is missing or no time")
    return datetime.fromtimestamp(value, UTC)


def _grants(payload: dict[str, Any], claim: str) -> Iterator[str]:
    values = payload.get(claim)
    if not isinstance(values, list):
        raise ValueError(f"{claim} is missing or no list")
    for value in values:
        office, _, name = value.partition(":") if isinstance(value, str) else ("", "", "")
        if not office or not name:
            raise ValueError(f"{claim} holds something other than office:name")
        yield value


def _seconds(now: datetime) -> float:
    if now.tzinfo is None:
        raise ValueError("now needs a time zone")
    return now.timestamp()


def _load(load: Callable[[bytes], object], pem: str) -> object:
    try:
        return load(pem.encode())
    except (ValueError, TypeError) as error:  # TypeError: the PEM is encrypted
        raise ValueError("A key is an unencrypted private or public key in PEM form.") from error


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
