"""Access tokens: signed and checked.

jose checks the signature and nothing else (`jose.jws`, never `jose.jwt`): it takes a token without aud or exp, with an unknown crit,
or with an unknown kid when it is handed a whole key set. So the key is picked by `kid` before jose sees the token, the algorithm is
that key's own, and every claim is judged by us, against the time that is handed in.
"""

import json
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from jose import jws
from jose.exceptions import JOSEError
from uuid_utils.compat import uuid7

from app.domain.problems import Unauthenticated
from app.outside.tokens.cache import Cache, Verified
from app.outside.tokens.claims import Claims, moment_of, read_claims
from app.outside.tokens.keys import SigningKey, VerificationKey

LIFETIME = timedelta(minutes=10)
"""The longest an access token lives; a role lost sooner is caught by the session's own statement (domain.md §3)."""

MAX_TOKEN_BYTES = 8 * 1024
MAX_LEEWAY_SECONDS = 60

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_HEADERS = {"alg", "kid", "typ"}  # an allow-list: crit, jku, x5u, x5c, jwk and whatever comes next are not in it
_TYPES = {"jwt", "at+jwt"}


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
        self._cache = Cache(cache_size)

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

    def _check(self, token: str) -> Verified:
        key = self._key_for(jws.get_unverified_header(token))
        payload = json.loads(jws.verify(token, key.jose_key, [key.algorithm]))
        if not isinstance(payload, dict):
            raise ValueError("the payload is no object")
        if payload.get("iss") != self.issuer or payload.get("aud") != self._audience:
            raise ValueError("issued by another, or for another")  # a list of audiences is for another too: ours names one
        claims = read_claims(payload)
        not_before = moment_of(payload, "nbf") if "nbf" in payload else claims.iat
        return Verified(
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


def _seconds(now: datetime) -> float:
    if now.tzinfo is None:
        raise ValueError("now needs a time zone")
    return now.timestamp()
