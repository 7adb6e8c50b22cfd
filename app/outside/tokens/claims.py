"""The claims of an access token: every one judged, whatever jose lets through."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

LIFETIME = timedelta(minutes=10)
"""The longest an access token lives; a role lost sooner is caught by the session's own statement (domain.md §3)."""

MAX_LEEWAY = timedelta(seconds=60)
"""The most that two clocks may differ; the one that is configured is usually shorter."""

_LATEST = 253402300799  # 9999-12-31T23:59:59Z, the last second that a datetime can hold


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


def read_claims(payload: dict[str, Any]) -> Claims:
    return Claims(
        sub=_uuid(payload, "sub"),
        sid=_uuid(payload, "sid"),
        name=_text(payload, "name"),
        roles=tuple(_grants(payload, "roles")),
        permissions=tuple(_grants(payload, "permissions")),
        iat=moment_of(payload, "iat"),
        exp=moment_of(payload, "exp"),
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


def moment_of(payload: dict[str, Any], claim: str) -> datetime:
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
