"""The keys of one issuer: fetched from where its discovery points, kept, and fetched again when they are old or one is unknown.

Whoever makes up names of keys must not make us ask for each: after an attempt, good or not, the next one waits a minute.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import structlog

from app.outside.issuers.addresses import PATIENCE, NotFetched, address_mistake, fetch_json, is_plain
from app.outside.issuers.terms import IssuerTerms
from app.outside.tokens.foreign import key_from_jwk
from app.outside.tokens.keys import VerificationKey

MAX_KEYS = 50
BETWEEN_ATTEMPTS = timedelta(minutes=1)
RENEWED_AFTER = timedelta(hours=1)
"""So a key that an issuer withdrew is good for no longer than this, while the issuer can be asked."""

log = structlog.get_logger("alur.issuers")

Fetch = Callable[[str], Awaitable[dict[str, Any]]]
KeySet = dict[str | None, VerificationKey]
"""By `kid`; None for a key without one."""


class IssuerKeys:
    """`changed` is called when a fetch has replaced the keys."""

    def __init__(self, terms: IssuerTerms, *, changed: Callable[[], None], fetch: Fetch = fetch_json, patience: float = PATIENCE) -> None:
        self._terms = terms
        self._changed = changed
        self._fetch = fetch
        self._patience = patience
        self._keys: KeySet = {}
        self._tried_at: datetime | None = None
        self._fetched_at: datetime | None = None
        self._fetching = asyncio.Lock()

    async def find(self, kid: str | None, now: datetime) -> VerificationKey | None:
        """The key of this name. A token may leave the name out where the issuer has one key only (OpenID Connect Core 10.1).

        While somebody fetches, only who needs a key that is not there waits for it.
        """
        key = self._named(kid)
        if key is not None and (self._is_fresh(now) or self._fetching.locked()):
            return key
        async with self._fetching:
            if (self._named(kid) is None or not self._is_fresh(now)) and self._may_try(now):
                self._tried_at = now
                await self._renew(now)
        return self._named(kid)

    def _named(self, kid: str | None) -> VerificationKey | None:
        if kid is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(kid)

    def _is_fresh(self, now: datetime) -> bool:
        return self._fetched_at is not None and abs(now - self._fetched_at) < RENEWED_AFTER  # abs: a clock may be set back

    def _may_try(self, now: datetime) -> bool:
        return self._tried_at is None or abs(now - self._tried_at) >= BETWEEN_ATTEMPTS

    async def _renew(self, now: datetime) -> None:
        """What cannot be fetched leaves the keys as they were, and is logged."""
        try:
            async with asyncio.timeout(self._patience):
                keys = await self._fetched()
        except (NotFetched, TimeoutError) as error:
            reason = str(error) or f"no whole answer within {self._patience} s"
            log.warning("the keys of an issuer could not be fetched", issuer=self._terms.issuer, reason=reason)
            return
        self._keys, self._fetched_at = keys, now
        self._changed()

    async def _fetched(self) -> KeySet:
        discovery = self._terms.discovery_address
        metadata = await self._fetch(discovery)
        if metadata.get("issuer") != self._terms.issuer:
            raise NotFetched(f"{discovery} is about another issuer")
        address = metadata.get("jwks_uri")
        if not isinstance(address, str) or address_mistake(address) or (is_plain(address) and not is_plain(discovery)):
            raise NotFetched(f"the jwks_uri of {discovery} is no address to be asked")
        found = (await self._fetch(address)).get("keys")
        if not isinstance(found, list) or len(found) > MAX_KEYS:
            raise NotFetched(f"{address} holds no list of at most {MAX_KEYS} keys")
        return self._usable(found)

    def _usable(self, found: list[Any]) -> KeySet:
        """Of two keys with one name the first one. What is no signing key of ours to take is passed over: issuers list keys for encryption too."""
        keys: KeySet = {}
        for jwk in found:
            kid = jwk.get("kid") if isinstance(jwk, dict) else None
            key = _key(jwk)
            if key is not None and key.algorithm in self._terms.algorithms and (kid is None or isinstance(kid, str)):
                keys.setdefault(kid, key)
        if not keys:
            log.warning("an issuer lists no key that signs", issuer=self._terms.issuer)
        return keys


def _key(jwk: Any) -> VerificationKey | None:
    try:
        return key_from_jwk(jwk) if isinstance(jwk, dict) else None
    except (ValueError, TypeError):
        return None
