"""Positions to be held: what an administrator enters, and what is wrong with an entry."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.people import Capacity
from app.domain.problems import FieldError

ROLE = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
"""The keys that procedures give their roles, and the names in `permissions.PERMISSIONS`."""

MAX_POSITIONS, MAX_CLAIMS_LENGTH = 60, 2600
"""An access token names all that its bearer holds, and no token is longer than 8 KiB: what would not fit beside the longest name is not given."""


@dataclass(frozen=True, slots=True)
class Position:
    """A role or permission to be held at an office, both days inside; the instrument is the decree or letter that says so."""

    office: str
    role: str
    valid_from: date
    valid_to: date | None = None
    capacity: Capacity = "definitive"
    instrument_number: str | None = None
    instrument_date: date | None = None

    @property
    def claim(self) -> str:
        return f"{self.office}:{self.role}"


def position_mistakes(position: Position) -> Iterator[FieldError]:
    if not ROLE.fullmatch(position.role):
        yield FieldError("/role", "malformed", "Peran ditulis seperti tim_penyusun.", "A role is written like tim_penyusun.")
    if position.valid_to is not None and position.valid_to < position.valid_from:
        yield FieldError("/valid_to", "before_valid_from", "Berakhir sebelum dimulai.", "It ends before it begins.")


def claims_mistakes(claims: Sequence[str]) -> Iterator[FieldError]:
    """Of all that one account holds and will hold."""
    written = sum(len(claim) + len('"",') for claim in claims)
    if len(claims) > MAX_POSITIONS or written > MAX_CLAIMS_LENGTH:
        yield FieldError(
            "/username",
            "too_many_positions",
            f"Terlalu banyak jabatan dan izin untuk satu akun: paling banyak {MAX_POSITIONS}. Izin di kantor atasan berlaku juga di bawahnya.",
            f"Too many positions and permissions for one account: at most {MAX_POSITIONS}. A permission at a higher office reaches those below it.",
        )
