"""What a token of another issuer says: every claim judged, and translated into positions here by the issuer's terms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.domain.assignments import MAX_POSITIONS
from app.domain.permissions import PERMISSIONS
from app.outside.issuers.terms import IssuerTerms
from app.outside.tokens.claims import moment_of

MAX_LIFETIME = timedelta(days=1)

_HEADERS_REFUSED = {"crit", "b64", "zip", "jku", "jwk", "x5u", "x5c"}
"""They would bring keys of their own, or change what the signature covers. Others, of another issuer's making, say nothing to us."""
_TYPES = {"jwt", "at+jwt", "application/at+jwt", "bearer"}
_OTHER_KINDS = {"refresh", "offline", "logout"}
"""Keycloak's `typ` of tokens that are for itself, or no sign of anybody's presence."""

_OF_ID_TOKENS = {"at_hash", "c_hash"}
"""Claims that only ID tokens have. `nonce` is one too, but Keycloak has long put it into access tokens, whose `typ` it says is Bearer."""


class ClaimRefused(ValueError):
    """Says why, for the log of whoever connects the issuer."""


@dataclass(frozen=True, slots=True)
class ExternalClaims:
    """A token that holds: who (issuer and subject together), and what the issuer's terms make of its claims, as `office:name`.

    `offices`: the issuer speaks for these and those below, whatever else is granted. `grants` in the order of the terms.
    `second_factor`: whether one stands behind the token, as far as the terms say.
    """

    issuer: str
    subject: str
    username: str
    name: str
    grants: tuple[str, ...]
    offices: tuple[str, ...]
    iat: datetime
    exp: datetime
    second_factor: bool

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(grant for grant in self.grants if _name(grant) not in PERMISSIONS)

    @property
    def permissions(self) -> frozenset[str]:
        return frozenset(grant for grant in self.grants if _name(grant) in PERMISSIONS)


@dataclass(frozen=True, slots=True)
class Verified:
    """Claims whose signature and form are right, and the half-open time in which they hold, in Unix seconds, leeway included."""

    claims: ExternalClaims
    holds_from: float
    holds_until: float


def check_header(header: dict[str, Any]) -> None:
    """Raises ClaimRefused. The algorithm is not judged here: it is the key's."""
    kind = header.get("typ", "JWT")
    if not _HEADERS_REFUSED.isdisjoint(header):
        raise ClaimRefused("a header parameter that would bring its own key or meaning")
    if not isinstance(kind, str) or kind.lower() not in _TYPES:
        raise ClaimRefused("a token of another type")


def read_claims(payload: dict[str, Any], terms: IssuerTerms) -> Verified:
    """Raises ClaimRefused."""
    if payload.get("iss") != terms.issuer:
        raise ClaimRefused("iss is another issuer")
    if terms.audience not in _audiences(payload):
        raise ClaimRefused(f"aud does not hold {terms.audience}")
    _check_kind(payload)
    if not terms.accept_id_tokens:
        _check_access(payload)
    for path, wanted in terms.require.items():
        if _texts(_at(payload, path.split("."))).isdisjoint(wanted):
            raise ClaimRefused(f"{path} is none of {', '.join(wanted)}")
    iat, exp = _moment(payload, "iat"), _moment(payload, "exp")
    not_before = _moment(payload, "nbf") if "nbf" in payload else iat
    if exp - iat > MAX_LIFETIME:
        raise ClaimRefused("it lives longer than a day")
    return Verified(
        _claims(payload, terms, iat=iat, exp=exp),
        holds_from=max(iat, not_before).timestamp() - terms.leeway_seconds,
        holds_until=exp.timestamp() + terms.leeway_seconds,
    )


def _claims(payload: dict[str, Any], terms: IssuerTerms, *, iat: datetime, exp: datetime) -> ExternalClaims:
    subject = payload.get("sub")
    if not isinstance(subject, str) or not 1 <= len(subject) <= 255 or not (subject.isascii() and subject.isprintable()):
        raise ClaimRefused("sub is missing or no text of 1 to 255 characters (ASCII)")
    held = _texts(_at(payload, terms.claims.grants))
    granted = dict.fromkeys(grant for value, grants in terms.grants.items() if value in held for grant in grants)
    return ExternalClaims(
        issuer=terms.issuer,
        subject=subject,
        username=_text(payload, terms.claims.username),
        name=_text(payload, terms.claims.name),
        grants=tuple(granted)[:MAX_POSITIONS],
        offices=terms.offices,
        iat=iat,
        exp=exp,
        second_factor=terms.vouches,
    )


def _check_kind(payload: dict[str, Any]) -> None:
    kind = payload.get("typ")
    if "cnf" in payload:
        raise ClaimRefused("it is bound to a key (cnf), and a bearer proves none")
    if "events" in payload or (isinstance(kind, str) and kind.lower() in _OTHER_KINDS):
        raise ClaimRefused("it is no access token")


def _check_access(payload: dict[str, Any]) -> None:
    """An ID token tells an application who signed in to it, and is shown around accordingly; it is no key to anything (RFC 9068)."""
    kind = str(payload.get("typ", "")).lower()
    if kind == "id" or not _OF_ID_TOKENS.isdisjoint(payload) or ("nonce" in payload and kind != "bearer"):
        raise ClaimRefused("it is an ID token, and an access token is wanted (accept_id_tokens)")


def _audiences(payload: dict[str, Any]) -> list[Any]:
    value = payload.get("aud")
    return value if isinstance(value, list) else [value]


def _moment(payload: dict[str, Any], claim: str) -> datetime:
    try:
        return moment_of(payload, claim)
    except ValueError as error:
        raise ClaimRefused(str(error)) from error


def _at(payload: Any, path: Sequence[str]) -> Any:
    for step in path:
        payload = payload.get(step) if isinstance(payload, dict) else None
    return payload


def _text(payload: dict[str, Any], path: tuple[str, ...]) -> str:
    value = _at(payload, path)
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> set[str]:
    """One value or a list of them. Only text, and true or false as they are written in JSON: 2 is not "2" to everybody."""
    values = value if isinstance(value, list) else [value]
    return {item if isinstance(item, str) else str(item).lower() for item in values if isinstance(item, str | bool)}


def _name(grant: str) -> str:
    return grant.partition(":")[2]
