"""One environment variable at a time: typed, and refused with a sentence that says what to write instead."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


class SettingsRefused(Exception):
    """Says which variable is wrong and what to write instead."""


@dataclass(frozen=True, slots=True)
class Reader:
    environment: Mapping[str, str]

    def text(self, name: str, default: str) -> str:
        return self.environment.get(f"ALUR_{name}", "").strip() or default

    def path(self, name: str) -> Path | None:
        given = self.text(name, "")
        return Path(given) if given else None

    def url(self, name: str, schemes: tuple[str, ...]) -> str | None:
        given = self.text(name, "")
        if given and _scheme(given) not in schemes:
            raise SettingsRefused(f"ALUR_{name} is {given}; write an address that begins with {' or '.join(f'{scheme}://' for scheme in schemes)}.")
        return given or None

    def paths(self, name: str) -> tuple[str, ...]:
        """Several, with colons between them."""
        return tuple(part for part in self.text(name, "").split(":") if part)

    def flag(self, name: str, *, default: str = "0") -> bool:
        value = self.text(name, default).lower()
        if value not in {"0", "1", "true", "false"}:
            raise SettingsRefused(f"ALUR_{name} is {value}; write 1 or 0.")
        return value in {"1", "true"}

    def listed(self, name: str, default: str = "") -> tuple[str, ...]:
        return tuple(part.strip() for part in self.text(name, default).split(",") if part.strip())

    def networks(self, name: str) -> tuple[str, ...]:
        for part in self.listed(name):
            if not _is_network(part):
                raise SettingsRefused(f"ALUR_{name} holds {part}; write addresses or networks such as 10.0.0.5,192.168.0.0/24.")
        return self.listed(name)

    def roles(self, name: str, default: str) -> frozenset[str]:
        """Alone, `none` stands for no role at all."""
        parts = self.listed(name, default)
        if parts == ("none",):
            return frozenset()
        for part in parts:
            if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", part, re.ASCII) or part == "none":
                raise SettingsRefused(f"ALUR_{name} holds {part}; write names of roles and permissions such as admin,signing, or none.")
        return frozenset(parts)

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        value = self.text(name, str(default))
        if not (value.isascii() and value.isdecimal() and least <= int(value) <= most):
            raise SettingsRefused(f"ALUR_{name} is {value}; write a whole number from {least} to {most}.")
        return int(value)

    def secret(self, name: str, *, otherwise: Path | None = None) -> str | None:
        """From the variable itself, or from the file that ALUR_…_FILE names; where neither is given, from `otherwise`, if it is there."""
        given, file = self.text(name, ""), self.text(f"{name}_FILE", "")
        if not given and not file and otherwise is not None and otherwise.exists():
            file = str(otherwise)
        if not file:
            return given or None
        try:
            return Path(file).read_text(encoding="utf-8")
        except OSError as error:
            raise SettingsRefused(f"ALUR_{name}_FILE names {file}, which cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise SettingsRefused(f"ALUR_{name}_FILE names {file}, which holds no text.") from error

    def signing_key_file(self, otherwise: Path | None) -> Path | None:
        given = self.text("SIGNING_KEY_FILE", "")
        if given:
            return Path(given).absolute()
        return None if self.text("SIGNING_KEY", "") else otherwise


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _scheme(url: str) -> str:
    try:
        return urlsplit(url).scheme
    except ValueError:  # half an IPv6 address
        return ""
