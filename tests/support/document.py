"""Looking around in the schemas of the OpenAPI document."""

from collections.abc import Iterator
from typing import Any

from tests.support.contract import document, operations

SCHEMAS: dict[str, dict[str, Any]] = document()["components"]["schemas"]
GUARDED = [name for name, (_, _, operation) in operations().items() if operation["security"]]


def parts(part: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    """Every object inside a schema, with where it stands."""
    if isinstance(part, dict):
        yield at, part
    for name, inner in part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ():
        yield from parts(inner, f"{at}/{name}")


def reached(part: Any, known: set[str]) -> set[str]:
    """The names of the schemas to which this part of the document refers, at any depth."""
    for _, inner in parts(part):
        name = str(inner.get("$ref", "")).rpartition("/")[2]
        if name in SCHEMAS and name not in known:
            known.add(name)
            reached(SCHEMAS[name], known)
    return known


ASKED = {name for _, _, op in operations().values() for name in reached(op.get("requestBody", {}), set())}
ANSWERED = {name for _, _, op in operations().values() for name in reached(op["responses"], set())}
"""The schemas of bodies, and those of answers."""

SECRETS = {
    ("SessionTokens", "access_token"),
    ("SessionTokens", "refresh_token"),
    ("ServiceToken", "access_token"),
    ("ClientSecret", "client_secret"),
    ("OneTimeSecret", "one_time_secret"),
    ("Enrolment", "secret"),
    ("RecoveryCodes", "recovery_codes"),
}
"""Each is shown once, to who asked for it."""
