"""Other OpenID issuers, as ALUR_ISSUERS_FILE names them: whose tokens are believed, by which keys, and what their claims mean here.

Whose keys are tried is chosen from that list before anything of the token is believed; a key of one issuer never verifies a token of another.
"""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

import structlog

from app.domain.permissions import ADMIN
from app.domain.problems import Unauthenticated
from app.outside.issuers.claims import ClaimRefused, ExternalClaims, Verified, check_header, read_claims
from app.outside.issuers.keys import IssuerKeys
from app.outside.issuers.terms import IssuersRefused, IssuerTerms, read_issuers
from app.outside.tokens.foreign import is_compact, unverified_header, unverified_payload, verified_payload

__all__ = ["ExternalClaims", "Issuer", "IssuerTerms", "Issuers", "IssuersRefused"]

CACHE_SIZE = 4096

log = structlog.get_logger("alur.issuers")


class Issuer:
    """One issuer with its keys, and its tokens whose signature was found right, by SHA-256; these are forgotten whenever keys are fetched."""

    def __init__(self, terms: IssuerTerms, **fetching: Any) -> None:
        self.terms = terms
        self._verified: dict[bytes, Verified] = {}
        self._keys = IssuerKeys(terms, changed=self._verified.clear, **fetching)

    async def verify(self, token: str, now: datetime) -> ExternalClaims:
        """Raises ValueError for everything that is wrong."""
        digest = sha256(token.encode("ascii")).digest()
        header = unverified_header(token)
        kid = header.get("kid")
        if kid is not None and not isinstance(kid, str):
            raise ClaimRefused("kid is no text")
        key = await self._keys.find(kid, now)
        known = self._verified.get(digest)
        if known is None:
            check_header(header)
            if key is None or header.get("alg") != key.algorithm:
                raise ValueError("no such key, or not with this algorithm")
            known = self._read(verified_payload(token, key))
        if not known.holds_from <= now.timestamp() < known.holds_until:
            self._verified.pop(digest, None)
            raise ClaimRefused("its time is over, or has not come")
        self._keep(digest, known)
        return known.claims

    def _read(self, payload: dict[str, Any]) -> Verified:
        """From here on it is the issuer's own token: why it is refused helps who connects the issuer, and nobody can flood the log with it."""
        try:
            return read_claims(payload, self.terms)
        except ClaimRefused as refused:
            log.warning("a token of an issuer is refused", issuer=self.terms.issuer, reason=str(refused))
            raise

    def _keep(self, digest: bytes, verified: Verified) -> None:
        if digest not in self._verified and len(self._verified) >= CACHE_SIZE:
            del self._verified[next(iter(self._verified))]
        self._verified[digest] = verified


class Issuers:
    """The issuers that are believed beside our own."""

    def __init__(self, believed: Iterable[IssuerTerms] = (), **fetching: Any) -> None:
        self._issuers = {terms.issuer: Issuer(terms, **fetching) for terms in believed}

    @classmethod
    def from_file(cls, file: Path, *, own: str) -> Self:
        """Raises IssuersRefused, a ValueError. Nothing is fetched yet: an issuer that is away keeps no server from starting."""
        believed = read_issuers(file, own=own)
        for terms in believed:
            _warn_of_unguarded_admins(terms)
        return cls(believed)

    def of(self, token: str) -> Issuer | None:
        """Whose token this claims to be, from the list; None for ours, for anybody else's, and for what is no token."""
        if not self._issuers or not is_compact(token):
            return None
        try:
            named = unverified_payload(token).get("iss")
        except ValueError:
            return None
        return self._issuers.get(named) if isinstance(named, str) else None

    async def verify(self, token: str, now: datetime) -> ExternalClaims:
        """Raises `Unauthenticated("token_invalid")` for everything that is wrong; which thing it was is nobody's business."""
        if now.tzinfo is None:
            raise ValueError("now needs a time zone")
        issuer = self.of(token)
        try:
            if issuer is None:
                raise ValueError("of no issuer that is believed")
            return await issuer.verify(token, now)
        except ValueError as error:
            raise Unauthenticated("token_invalid") from error


def _warn_of_unguarded_admins(terms: IssuerTerms) -> None:
    """Our own administrators need a second factor; whether that issuer's have one, only its tokens can say."""
    grants_admin = any(grant.endswith(f":{ADMIN}") for grants in terms.grants.values() for grant in grants)
    if grants_admin and not terms.vouches:
        log.warning("an issuer grants admin and need not tell of a second factor (require, second_factor); it is withheld", issuer=terms.issuer)
