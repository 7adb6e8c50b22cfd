"""What an administrator enters: offices, accounts, positions; and what is wrong with an entry."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from app.domain.people import Capacity
from app.domain.problems import FieldError

OFFICE_CODE = re.compile(r"[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*", re.ASCII)
"""A region code (64.02.13) or one formed like it. Never a colon or a blank: claims are written `office:role`."""

ROLE = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
"""The keys that procedures give their roles, and the names in `people.PERMISSIONS`."""

USERNAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,98}[a-z0-9])?", re.ASCII)

MIN_PASSWORD, MAX_PASSWORD = 12, 1024
"""Length and nothing else (NIST SP 800-63B): rules about kinds of characters make passwords worse."""

MAX_POSITIONS, MAX_CLAIMS_LENGTH = 60, 2600
"""An access token names all that its bearer holds, and no token is longer than 8 KiB: what would not fit beside the longest name is not given."""


@dataclass(frozen=True, slots=True)
class NewOffice:
    """An office by region code. `parent` is the office above it; only the national root has none."""

    code: str
    name: str
    parent: str | None
    time_zone: str


@dataclass(frozen=True, slots=True)
class NewAccount:
    """A person who may sign in. `office` is the one in whose stream the account is recorded; it grants nothing.

    With `is_demo` it is nobody: such an account is there in demo mode alone.
    """

    username: str
    name: str
    office: str
    password_hash: str
    is_demo: bool = False


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


def office_mistakes(office: NewOffice) -> Iterator[FieldError]:
    if len(office.code) > 40 or not OFFICE_CODE.fullmatch(office.code):
        yield FieldError("/code", "malformed", "Kode kantor seperti 64.02.13.", "An office code looks like 64.02.13.")
    yield from _name_mistakes(office.name)
    if not _is_zone(office.time_zone):
        yield FieldError("/time_zone", "unknown_time_zone", "Zona waktu seperti Asia/Makassar.", "A time zone looks like Asia/Makassar.")


def account_mistakes(account: NewAccount) -> Iterator[FieldError]:
    if not USERNAME.fullmatch(account.username):
        yield FieldError(
            "/username",
            "malformed",
            "Nama pengguna terdiri atas huruf kecil, angka, titik, garis bawah, atau tanda hubung.",
            "A username consists of lower-case letters, digits, dots, underscores or hyphens.",
        )
    yield from _name_mistakes(account.name)


def password_mistakes(password: str) -> Iterator[FieldError]:
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        yield FieldError(
            "/password",
            "length",
            f"Kata sandi terdiri atas {MIN_PASSWORD} sampai {MAX_PASSWORD} karakter.",
            f"A password has {MIN_PASSWORD} to {MAX_PASSWORD} characters.",
        )


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


def _name_mistakes(name: str) -> Iterator[FieldError]:
    if not name.strip() or len(name) > 200 or not name.isprintable():
        yield FieldError("/name", "malformed", "Nama terdiri atas 1 sampai 200 karakter.", "A name has 1 to 200 characters.")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # no such zone; a directory ("Asia"); a path out of the database
        return False
    return True
