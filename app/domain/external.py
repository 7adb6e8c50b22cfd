"""People of other OpenID issuers: what a token of theirs changes in the positions recorded here, and what they are called."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.authority import Assignment
from app.domain.events import text_hash
from app.domain.nip import holds_nip

UNNAMED = "pengguna"
"""Who is called nothing that could be a username: "user"."""

MACHINE = "svc-"
"""How the names of service accounts begin."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An assignment of such a person that its issuer has not withdrawn. `from_issuer`: claimed by a token; else given here.

    `revoked`: taken away here, and what is taken away here no token brings back.
    """

    id: UUID
    assignment: Assignment
    from_issuer: bool
    revoked: bool

    @property
    def claim(self) -> str:
        return self.assignment.claim


@dataclass(frozen=True, slots=True)
class Changes:
    """`missing` are granted and to be recorded; `gone` were claimed before, and are no more."""

    missing: tuple[str, ...] = ()
    gone: tuple[Recorded, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.missing or self.gone)


def changes(granted: Collection[str], recorded: Sequence[Recorded], now: datetime) -> Changes:
    """`granted` are the grants that count, as `office:name`. A claimed position that was given an end here has ended for its issuer too."""
    living = [row for row in recorded if not row.revoked]
    held = {row.claim for row in living if row.assignment.valid_at(now)}
    ended_here = {row.claim for row in recorded if row.revoked or (row.from_issuer and row.assignment.is_over(now))}
    return Changes(
        missing=tuple(grant for grant in granted if grant not in held | ended_here),
        gone=tuple(row for row in living if row.from_issuer and row.claim not in granted and not row.assignment.is_over(now)),
    )


def usernames(claimed: str, *, neutral: str) -> Iterator[str]:
    """What such a person may be called here, the best first: as the issuer says, written as usernames are, then with a number.

    `neutral` in place of a name that holds a NIP (usernames stand in the log) or looks like a machine's.
    """
    plain = unicodedata.normalize("NFKD", claimed).encode("ascii", "ignore").decode("ascii").lower()
    base = re.sub(r"[^a-z0-9._-]+", "-", plain)[:90].strip("._-") or UNNAMED
    if holds_nip(plain) or base.startswith(MACHINE):
        base = neutral
    yield base
    yield from (f"{base}-{number}" for number in range(2, 100))


def display_name(claimed: str, username: str) -> str:
    """As the issuer says, without what no name holds; else the username, also where a NIP stands in it.

    Many issuers let people choose it, so it proves nothing: who somebody is, their account and positions tell.
    """
    printable = "".join(character if character.isprintable() else " " for character in claimed)
    return username if holds_nip(claimed) else " ".join(printable.split())[:200].strip() or username


def subject_hash(subject: str | None) -> str | None:
    """As the log keeps it; None of one that holds a NIP, which a hash does not hide."""
    return None if subject is None or holds_nip(subject) else text_hash(subject)
