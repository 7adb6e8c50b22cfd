"""What entering offices, accounts and positions has in common."""

from collections.abc import Iterator
from typing import Any

from app.domain.problems import FieldError, Invalid

ActorData = dict[str, Any] | None
"""Who did it, as data; None at the command line and when Alur starts."""


def check(mistakes: Iterator[FieldError]) -> None:
    """Raises Invalid with all of them."""
    found = tuple(mistakes)
    if found:
        raise Invalid(*found)


def unknown_office(code: str, *, pointer: str = "/office") -> Invalid:
    indonesian = f"Tidak ada kantor {code}; buat dahulu (alur office add)."
    return Invalid(FieldError(pointer, "unknown_office", indonesian, f"There is no office {code}; add it first (alur office add)."))


def unknown_account(username: str) -> Invalid:
    return Invalid(FieldError("/username", "unknown_account", f"Tidak ada akun {username}.", f"There is no account {username}."))
