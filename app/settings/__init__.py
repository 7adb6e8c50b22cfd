"""Settings: environment variables prefixed `ALUR_`, read once, typed, unsafe values refused with a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Self

from app.settings.reader import Reader, SettingsRefused, is_loopback
from app.settings.services import GatewaySettings, S3Settings, clamd_url

__all__ = ["DEMO_KEY", "DEMO_RESTRICTED_KEY", "GatewaySettings", "S3Settings", "Settings", "SettingsRefused"]

MEBIBYTE = 1024 * 1024

DEMO_KEY = "demo-signing-key.pem"
DEMO_RESTRICTED_KEY = "demo-restricted-key.txt"
"""In the data directory. Made in demo mode, and only there, where no key is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`data_dir` holds what has no better place: the SQLite file and the documents.

    `signing_key` is PEM text from the variable or the file; `signing_key_file` is where it lies when it is a file, in demo mode also before that
    is made. `previous_keys` are files with further keys that verify.
    `max_upload_bytes`, `max_resumable_bytes`, `upload_lifetime`: how large a file may be, sent whole or in parts, and how long parts are waited for.
    `hold_quarantined`: what could not be scanned yet is not given out.
    `restricted_key` seals restricted records; `previous_restricted_keys` are files with keys that still open.
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
    max_resumable_bytes: int
    upload_lifetime: timedelta
    s3: S3Settings
    clamd_url: str | None
    hold_quarantined: bool
    trust_roots_file: Path | None
    gateway: GatewaySettings | None
    restricted_key: str | None
    previous_restricted_keys: tuple[str, ...]
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
        read = Reader(environment)
        data_dir = Path(read.text("DATA_DIR", "./var")).absolute()
        demo = read.flag("DEMO")
        host, port = read.text("HOST", "127.0.0.1"), read.number("PORT", 8000, least=0, most=65535)
        database_url = read.text("DATABASE_URL", f"sqlite:///{data_dir}/alur.db")
        settings = cls(
            data_dir=data_dir,
            database_url=database_url,
            storage_url=read.text("STORAGE_URL", f"{data_dir.as_uri()}/documents"),
            host=host,
            port=port,
            demo=demo,
            demo_password=read.text("DEMO_PASSWORD", "") or None,
            signing_key=read.secret("SIGNING_KEY"),
            signing_key_file=read.signing_key_file(data_dir / DEMO_KEY if demo else None),
            previous_keys=read.paths("PREVIOUS_KEY_FILES"),
            issuer=read.text("ISSUER", _address(host, port)),
            audience=read.text("AUDIENCE", "alur"),
            issuers_file=read.path("ISSUERS_FILE"),
            max_upload_bytes=read.number("MAX_UPLOAD_BYTES", 25 * MEBIBYTE, least=1, most=2**40),
            max_resumable_bytes=read.number("MAX_RESUMABLE_BYTES", 512 * MEBIBYTE, least=1, most=2**40),
            upload_lifetime=timedelta(hours=read.number("UPLOAD_HOURS", 72, least=1, most=24 * 30)),
            s3=S3Settings.read(read),
            clamd_url=clamd_url(read),
            hold_quarantined=read.flag("HOLD_QUARANTINED", default="1"),
            trust_roots_file=read.path("TRUST_ROOTS_FILE"),
            gateway=GatewaySettings.read(read),
            restricted_key=read.secret("RESTRICTED_KEY", otherwise=data_dir / DEMO_RESTRICTED_KEY if demo else None),
            previous_restricted_keys=read.paths("PREVIOUS_RESTRICTED_KEY_FILES"),
            access_lifetime=timedelta(seconds=read.number("ACCESS_SECONDS", 600, least=1, most=600)),
            session_lifetime=timedelta(hours=read.number("SESSION_HOURS", 12, least=1, most=24 * 30)),
            idle_lifetime=timedelta(minutes=read.number("IDLE_MINUTES", 120, least=15, most=24 * 60 * 30)),
            trusted_proxies=read.networks("TRUSTED_PROXIES"),
            second_factor=frozenset() if demo else read.roles("SECOND_FACTOR_ROLES", "admin,signing"),
            clock_every=timedelta(seconds=read.number("CLOCK_SECONDS", 15, least=1, most=3600)),
            clock_inside=read.flag("CLOCK_INSIDE", default="1" if _is_sqlite(database_url) else "0"),
        )
        settings._refuse_less_in_parts_than_whole()
        return settings

    @property
    def address(self) -> str:
        """Where this process listens; clients may reach it by another one (`issuer`)."""
        return _address(self.host, self.port)

    @property
    def is_sqlite(self) -> bool:
        return _is_sqlite(self.database_url)

    def _refuse_less_in_parts_than_whole(self) -> None:
        if self.max_resumable_bytes < self.max_upload_bytes:
            raise SettingsRefused(
                f"ALUR_MAX_RESUMABLE_BYTES is {self.max_resumable_bytes}, less than ALUR_MAX_UPLOAD_BYTES, {self.max_upload_bytes}: "
                "what is too large for a form is sent in parts. Raise the one, or lower the other."
            )

    def refuse_demo_beyond_this_machine(self) -> None:
        """Demo accounts share one password and have no second factor: they are for this machine only."""
        if self.demo and not is_loopback(self.host):
            raise SettingsRefused(f"ALUR_DEMO=1 serves only on this machine; ALUR_HOST is {self.host}. Use 127.0.0.1, or unset ALUR_DEMO.")


def _address(host: str, port: int) -> str:
    return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{port}"


def _is_sqlite(database_url: str) -> bool:
    return database_url.startswith("sqlite")
