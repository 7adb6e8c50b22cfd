"""What we are told of services beside us."""

from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

from app.settings.reader import Reader, SettingsRefused, is_loopback


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Settings:
    """Used where `storage_url` begins with s3://. Without an `endpoint`, Amazon's own in that region."""

    endpoint: str | None
    region: str
    access_key_id: str | None
    secret_access_key: str | None = field(repr=False)

    @classmethod
    def read(cls, reader: Reader) -> Self:
        secret = reader.secret("S3_SECRET_ACCESS_KEY")
        return cls(
            endpoint=reader.url("S3_ENDPOINT", ("https", "http")),
            region=reader.text("S3_REGION", "us-east-1"),
            access_key_id=reader.text("S3_ACCESS_KEY_ID", "") or None,
            secret_access_key=None if secret is None else secret.strip(),
        )


def clamd_url(reader: Reader) -> str | None:
    """Where clamd listens: a socket's whole path, or a host and its port."""
    url = reader.url("CLAMD_URL", ("unix", "tcp"))
    if url is not None and not _names_a_listener(url):
        raise SettingsRefused(f"ALUR_CLAMD_URL is {url}; write the socket's path, unix:///run/clamav/clamd.ctl, or host and port, tcp://host:3310.")
    return url


def _names_a_listener(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # no number, none so large, half an address
        return False
    if parts.query or parts.fragment or "@" in parts.netloc:
        return False
    if parts.scheme == "unix":
        return not parts.netloc and len(parts.path) > 1
    return bool(parts.hostname and port) and parts.path in {"", "/"}


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySettings:
    """The office's BSrE gateway, reached with HTTP Basic. `api`: v1 or v2."""

    url: str
    api: str
    username: str
    password: str = field(repr=False)

    @classmethod
    def read(cls, reader: Reader) -> Self | None:
        """None without an address: nobody signs through a gateway then."""
        url = reader.url("BSRE_URL", ("https", "http"))
        if url is None:
            return None
        _refuse_open_gateway(url, in_clear=reader.flag("BSRE_CLEAR_TEXT"))
        api, username, password = reader.text("BSRE_API", "v2"), reader.text("BSRE_USERNAME", ""), reader.secret("BSRE_PASSWORD")
        if api not in {"v1", "v2"}:
            raise SettingsRefused(f"ALUR_BSRE_API is {api}; write v1 or v2.")
        if not username or not password:
            raise SettingsRefused("ALUR_BSRE_URL is set; set ALUR_BSRE_USERNAME and ALUR_BSRE_PASSWORD (or ALUR_BSRE_PASSWORD_FILE) too.")
        return cls(url=url.rstrip("/"), api=api, username=username, password=password.strip())


def _refuse_open_gateway(url: str, *, in_clear: bool) -> None:
    """Passphrases of signatories, and our own password, go to the gateway: readable on a network only where the office says so itself."""
    parts = urlsplit(url)
    if not parts.hostname:
        raise SettingsRefused(f"ALUR_BSRE_URL is {url}; it names no host.")
    if parts.scheme == "http" and not (in_clear or is_loopback(parts.hostname)):
        raise SettingsRefused(
            f"ALUR_BSRE_URL is {url}; passphrases go there, readable on the way: write https://, or let a proxy on this machine speak https to it. "
            "Where the gateway speaks only http and the network between is trusted, set ALUR_BSRE_CLEAR_TEXT=1."
        )
