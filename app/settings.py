"""Settings: environment variables prefixed `ALUR_`, read once, typed, unsafe values refused with a sentence."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Self

MEBIBYTE = 1024 * 1024

DEMO_KEY = "demo-signing-key.pem"
"""In the data directory. Made in demo mode, and only there, where no key is given."""


class SettingsRefused(Exception):
    """Says which variable is wrong and what to write instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`data_dir` holds what has no better place: the SQLite file and the documents.

    `signing_key` is PEM text from the variable or the file; `signing_key_file` is where it lies when it is a file, in demo mode also before that
    is made. `previous_keys` are files with further keys that verify.
    `clock_every`: how often the clock looks what is due; `clock_inside`: the server does so itself, beside serving.
    `issuer` is the public address: tokens name it, and discovery sends those who verify them there. `issuers_file` names others that are believed.
    """

    data_dir: Path
    database_url: str
    storage_url: str
    host: str
    port: int
    demo: bool
    demo_password: str | None
    signing_key: str | None
    signing_key_file: Path | None
    previous_keys: tuple[str, ...]
    issuer: str
    audience: str
    issuers_file: Path | None
    max_upload_bytes: int
    access_lifetime: timedelta
    session_lifetime: timedelta
    idle_lifetime: timedelta
    trusted_proxies: tuple[str, ...]
    second_factor: frozenset[str]
    clock_every: timedelta
    clock_inside: bool

    @classmethod
    def load(cls, environment: Mapping[str, str]) -> Self:
        """Raises SettingsRefused."""
        read = _Reader(environment)
        data_dir = Path(read.text("DATA_DIR", "./var")).absolute()
        demo = read.flag("DEMO")
        host, port = read.text("HOST", "127.0.0.1"), read.number("PORT", 8000, least=0, most=65535)
        database_url = read.text("DATABASE_URL", f"sqlite:///{data_dir}/alur.db")
        return cls(
            data_dir=data_dir,
            database_url=database_url,
            storage_url=read.text("STORAGE_URL", f"{data_dir.as_uri()}/documents"),
            host=host,
            port=port,
            demo=demo,
            demo_password=read.text("DEMO_PASSWORD", "") or None,
            signing_key=read.secret("SIGNING_KEY"),
            signing_key_file=read.signing_key_file(data_dir / DEMO_KEY if demo else None),
            previous_keys=tuple(part for part in read.text("PREVIOUS_KEY_FILES", "").split(":") if part),
            issuer=read.text("ISSUER", _address(host, port)),
            audience=read.text("AUDIENCE", "alur"),
            issuers_file=read.path("ISSUERS_FILE"),
            max_upload_bytes=read.number("MAX_UPLOAD_BYTES", 25 * MEBIBYTE, least=1, most=2**40),
            access_lifetime=timedelta(seconds=read.number("ACCESS_SECONDS", 600, least=1, most=600)),
            session_lifetime=timedelta(hours=read.number("SESSION_HOURS", 12, least=1, most=24 * 30)),
            idle_lifetime=timedelta(minutes=read.number("IDLE_MINUTES", 120, least=15, most=24 * 60 * 30)),
            trusted_proxies=read.networks("TRUSTED_PROXIES"),
            second_factor=frozenset() if demo else read.roles("SECOND_FACTOR_ROLES", "admin,signing"),
            clock_every=timedelta(seconds=read.number("CLOCK_SECONDS", 15, least=1, most=3600)),
            clock_inside=read.flag("CLOCK_INSIDE", default="1" if _is_sqlite(database_url) else "0"),
        )

    @property
    def address(self) -> str:
        """Where this process listens; clients may reach it by another one (`issuer`)."""
        return _address(self.host, self.port)

    @property
    def is_sqlite(self) -> bool:
        return _is_sqlite(self.database_url)

    def refuse_demo_beyond_this_machine(self) -> None:
        """Demo accounts share one password and have no second factor: they are for this machine only."""
        if self.demo and not _is_loopback(self.host):
            raise SettingsRefused(f"ALUR_DEMO=1 serves only on this machine; ALUR_HOST is {self.host}. Use 127.0.0.1, or unset ALUR_DEMO.")


def _address(host: str, port: int) -> str:
    return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{port}"


def _is_sqlite(database_url: str) -> bool:
    return database_url.startswith("sqlite")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Reader:
    environment: Mapping[str, str]

    def text(self, name: str, default: str) -> str:
        return self.environment.get(f"ALUR_{name}", "").strip() or default

    def path(self, name: str) -> Path | None:
        given = self.text(name, "")
        return Path(given) if given else None

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

    def secret(self, name: str) -> str | None:
        """From the variable itself, or from the file that ALUR_…_FILE names."""
        file = self.text(f"{name}_FILE", "")
        if not file:
            return self.text(name, "") or None
        try:
            return Path(file).read_text(encoding="utf-8")
        except OSError as error:
            raise SettingsRefused(f"ALUR_{name}_FILE names {file}, which cannot be read: {error.strerror}.") from error

    def signing_key_file(self, otherwise: Path | None) -> Path | None:
        given = self.text("SIGNING_KEY_FILE", "")
        if given:
            return Path(given).absolute()
        return None if self.text("SIGNING_KEY", "") else otherwise
