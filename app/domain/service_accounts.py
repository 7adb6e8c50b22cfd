"""Service accounts: what an administrator enters for a machine, and what is wrong with an entry."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.names import name_mistakes
from app.domain.permissions import SCOPES
from app.domain.problems import FieldError

SECRET_PREFIX = "alur_"  # noqa: S105 - what all secrets begin with, so that scanners of source code recognise one
LONGEST = timedelta(days=366)
"""A machine that is still needed after a year is looked at again by a person."""

MOST_OFFICES = 20
_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class NewServiceAccount:
    """A machine that may read what `scopes` say at `offices` and below them, until `expires_at`."""

    name: str
    offices: tuple[str, ...]
    scopes: tuple[str, ...]
    expires_at: datetime

    @property
    def home(self) -> str:
        """In whose stream the account is recorded; the others follow in this order, so that two such acts never wait for each other."""
        return min(self.offices)


def client_id(name: str, suffix: str) -> str:
    """`svc-sistem-kinerja-3f9a1c`: a machine's username, told from people's at a glance."""
    slug = _NOT_IN_A_SLUG.sub("-", name.lower())[:40].strip("-")
    return "-".join(part for part in ("svc", slug, suffix) if part)


def service_account_mistakes(new: NewServiceAccount, now: datetime) -> Iterator[FieldError]:
    yield from name_mistakes(new.name)
    if not 1 <= len(new.offices) <= MOST_OFFICES:
        yield FieldError("/offices", "length", f"Sebutkan 1 sampai {MOST_OFFICES} kantor.", f"Name 1 to {MOST_OFFICES} offices.")
    unknown = sorted(set(new.scopes) - SCOPES.keys())
    if unknown or not new.scopes:
        known = ", ".join(SCOPES)
        yield FieldError("/scopes", "unknown_scope", f"Cakupan yang ada: {known}.", f"The scopes are: {known}.")
    if not now < new.expires_at <= now + LONGEST:
        yield FieldError(
            "/expires_at", "out_of_range", "Berakhir setelah sekarang, paling lama setahun.", "It ends after now, within a year at most."
        )
