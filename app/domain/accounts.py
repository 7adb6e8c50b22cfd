"""Accounts: what an administrator enters, and what is wrong with an entry."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from app.domain.names import name_mistakes
from app.domain.nip import holds_nip, nip_mistakes
from app.domain.problems import FieldError

USERNAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,98}[a-z0-9])?", re.ASCII)
"""1 to 100 characters."""

NO_PASSWORD = "!"  # noqa: S105 - no hash looks like this
"""In place of a password's hash: nobody signs in with one."""

AccountKind = Literal["person", "machine"]


@dataclass(frozen=True, slots=True)
class NewAccount:
    """A person or machine that may be let in. `office` is the one in whose stream the account is recorded; it grants nothing.

    With `is_demo` it is nobody: such an account is there in demo mode alone. `issuer` and `subject` name a person of another OpenID issuer.
    """

    username: str
    name: str
    office: str
    password_hash: str = NO_PASSWORD
    is_demo: bool = False
    kind: AccountKind = "person"
    nip: str | None = None
    issuer: str | None = None
    subject: str | None = None


def account_mistakes(account: NewAccount) -> Iterator[FieldError]:
    if not USERNAME.fullmatch(account.username):
        yield FieldError(
            "/username",
            "malformed",
            "Nama pengguna terdiri atas huruf kecil, angka, titik, garis bawah, atau tanda hubung.",
            "A username consists of lower-case letters, digits, dots, underscores or hyphens.",
        )
    if holds_nip(account.username):
        yield FieldError(
            "/username",
            "looks_like_nip",
            "Nama pengguna tidak memuat NIP: nama itu tercatat dan terlihat di mana-mana; isi NIP di nip.",
            "A username holds no NIP: it is recorded, and seen everywhere; the NIP goes into nip.",
        )
    yield from name_mistakes(account.name)
    if account.nip is not None:
        yield from nip_mistakes(account.nip)
