"""Key files: the ring as it lies on disk. `key.pem` signs; beside it lie the keys that it replaced, `key.retired-<UTC time>.pem`."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from app.outside.tokens import HeldKey, KeyRing, SigningKey
from app.outside.tokens.ring import HONOURED

_TIME = "%Y%m%dT%H%M%SZ"

log = structlog.get_logger("alur.keys")


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A source of keys that `alur keys rotate` changes. `previous` are files with further keys that verify, private or public."""

    path: Path
    previous: tuple[Path, ...] = ()

    def mark(self) -> object:
        """The directory counts too: a retired key that somebody takes away, because it leaked, must be noticed."""
        return tuple(map(_mark, (self.path, self.path.parent, *self.previous)))

    def read(self) -> KeyRing:
        """Raises ValueError that names the file."""
        return KeyRing(signing_key(self.path), (*_retired(self.path), *_previous(self.previous)))


@dataclass(frozen=True, slots=True)
class GivenKey:
    """A source of keys whose signing key is text from the environment: it changes with a restart only."""

    pem: str
    previous: tuple[Path, ...] = ()

    def mark(self) -> object:
        return tuple(map(_mark, self.previous))

    def read(self) -> KeyRing:
        """Raises ValueError."""
        return KeyRing(SigningKey(self.pem), _previous(self.previous))


def signing_key(path: Path) -> SigningKey:
    """Raises ValueError that names the file."""
    pem = text_of(path)
    try:
        return SigningKey(pem)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def text_of(path: Path) -> str:
    """Raises ValueError that names the file."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} holds no text: a key is written as PEM, base64 or hex.") from error


def retired_path(path: Path, at: datetime) -> Path:
    return path.with_name(f"{path.stem}.retired-{at.astimezone(UTC).strftime(_TIME)}.pem")


def retired_files(path: Path) -> list[tuple[datetime, Path]]:
    """When each was retired, and where it lies: the latest first."""
    return sorted(_found(path), reverse=True)


def _found(path: Path) -> Iterator[tuple[datetime, Path]]:
    pattern = re.compile(re.escape(path.stem) + r"\.retired-([0-9]{8}T[0-9]{6}Z)\.pem")
    for file in path.parent.iterdir():
        named = pattern.fullmatch(file.name)
        retired_at = _time(named[1]) if named else None
        if retired_at is not None:
            yield retired_at, file


def _time(written: str) -> datetime | None:
    try:
        return datetime.strptime(written, _TIME).replace(tzinfo=UTC)
    except ValueError:  # a thirteenth month
        return None


def _previous(files: tuple[Path, ...]) -> tuple[HeldKey, ...]:
    return tuple(_held(file) for file in files)


def _retired(path: Path) -> Iterator[HeldKey]:
    """One that cannot be read verifies nothing, and keeps nobody from signing with the new key."""
    for retired_at, file in retired_files(path):
        try:
            yield _held(file, retired_at + HONOURED)
        except ValueError as error:
            log.warning("a retired key is passed over", reason=str(error))


def _held(path: Path, until: datetime | None = None) -> HeldKey:
    pem = text_of(path)
    try:
        return HeldKey.from_pem(pem, until)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _mark(path: Path) -> object:
    """`ctime` tells of changed rights as well; the inode, of a file put in the place of another."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
