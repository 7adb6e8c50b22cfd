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
from app.outside.tokens.claims import LIFETIME, MAX_LEEWAY, Claims, moment_of, read_claims
from app.outside.tokens.ring import HeldKey, Keys

MAX_TOKEN_BYTES = 8 * 1024

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_HEADERS = {"alg", "kid", "typ"}  # an allow-list: crit, jku, x5u, x5c, jwk and whatever comes next are not in it
_TYPES = {"jwt", "at+jwt"}


class Tokens:
    """Signs with the key ring's one signing key; verifies with it and with every other key that the ring still honours."""

    def __init__(self, keys: Keys, *, issuer: str, audience: str, leeway_seconds: int = 30, cache_size: int = 4096) -> None:
        if not 0 <= leeway_seconds <= MAX_LEEWAY.total_seconds():
            raise ValueError(f"The leeway is 0 to {MAX_LEEWAY.total_seconds():.0f} seconds, not {leeway_seconds}.")
        self.keys = keys
        self.issuer = issuer
        self._audience = audience
        self._leeway = leeway_seconds
        self._cache = Cache(cache_size)
        self._cached_under = keys.known

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
        key = self.keys.ring().signing
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
            verified = known or self._check(token, now)
        except (JOSEError, ValueError, RecursionError) as error:
            raise Unauthenticated("token_invalid") from error
        if not verified.holds_from <= seconds < verified.holds_until:
            raise Unauthenticated("token_invalid")
        if known is None:
            self._cache.put(digest, verified, seconds)
        return verified.claims

    def jwks(self, now: datetime) -> dict[str, list[dict[str, Any]]]:
        """RFC 7517, for /.well-known/jwks.json: the signing key first."""
        return {"keys": [dict(held.public.jwk) for held in self.keys.ring().verifying(now)]}

    def _check(self, token: str, now: datetime) -> Verified:
        held = self._key_for(jws.get_unverified_header(token), now)
        payload = json.loads(jws.verify(token, held.public.jose_key, [held.public.algorithm]))
        if not isinstance(payload, dict):
            raise ValueError("the payload is no object")
        if payload.get("iss") != self.issuer or payload.get("aud") != self._audience:
            raise ValueError("issued by another, or for another")  # a list of audiences is for another too: ours names one
        claims = read_claims(payload)
        not_before = moment_of(payload, "nbf") if "nbf" in payload else claims.iat
        until = claims.exp.timestamp() + self._leeway
        return Verified(
            claims,
            holds_from=max(claims.iat, not_before).timestamp() - self._leeway,
            holds_until=until if held.until is None else min(until, held.until.timestamp()),
        )

    def _key_for(self, header: dict[str, Any], now: datetime) -> HeldKey:
        if not header.keys() <= _HEADERS:
            raise ValueError("a header parameter that we do not honour")
        kid, kind = header.get("kid"), header.get("typ", "JWT")
        held = self.keys.find(kid, now) if isinstance(kid, str) else None
        self._forget_what_other_keys_signed()
        if held is None or header.get("alg") != held.public.algorithm:
            raise ValueError("no such key, or not with this algorithm")
        if not isinstance(kind, str) or kind.lower() not in _TYPES:
            raise ValueError("a token of another type")
        return held

    def _forget_what_other_keys_signed(self) -> None:
        """A key that was taken out of the ring before its time takes its tokens with it."""
        if self.keys.known is not self._cached_under:
            self._cache.clear()
            self._cached_under = self.keys.known


def _seconds(now: datetime) -> float:
    if now.tzinfo is None:
        raise ValueError("now needs a time zone")
    return now.timestamp()
