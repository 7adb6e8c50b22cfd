"""Rotation of key files: the new key is in place at one stroke, the old one lies beside it before that, and nobody rotates at the same time."""

import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.outside.key_files import retired_files, retired_path, signing_key, text_of
from app.outside.tokens import SigningKey, generate_key_pem
from app.outside.tokens.ring import HONOURED

_NEEDED = "It takes a directory that may be written (mounted as a whole, not the file alone), and the owner of the key file."


@dataclass(frozen=True, slots=True)
class Rotated:
    """The names (`kid`) of the key that signs now and of the one before, which verifies until then."""

    kid: str
    previous_kid: str
    until: datetime


def rotate(path: Path, now: datetime, *, to: str | None = None) -> Rotated:
    """`to`: the PEM of the new key; else one is made. Raises ValueError with a sentence; then the key that signed still does."""
    with _alone_in(path.parent):
        before, pem, like = signing_key(path), to or generate_key_pem(), path.stat()
        after, retired_at = SigningKey(pem), now.replace(microsecond=0)
        kept = retired_path(path, retired_at)
        if after.kid == before.kid:
            raise ValueError(f"{path} holds this key already.")
        if kept.exists():
            raise ValueError(f"{path} was rotated this very second. Nothing was changed.")
        _put(kept, text_of(path), like=like)
        try:
            _put(path, pem, like=like)
        except OSError:
            kept.unlink()
            raise
    return Rotated(after.kid, before.kid, retired_at + HONOURED)


def make(path: Path, text: Callable[[], str] = generate_key_pem) -> None:
    """A first key, where there is none. `text` makes it, as it stands in the file."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with _alone_in(path.parent):
        _put(path, text(), like=None)


def forget(path: Path, now: datetime) -> list[Path]:
    """Deletes the retired keys that verify no more. Only after all that they sealed was sealed anew: without them it is lost."""
    with _alone_in(path.parent):
        over = [file for retired_at, file in retired_files(path) if retired_at + HONOURED <= now]
        for file in over:
            file.unlink(missing_ok=True)
    return over


@contextmanager
def _alone_in(directory: Path) -> Iterator[None]:
    """A lock that ends with its holder, and afterwards the directory is on disk. Raises ValueError with a sentence."""
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except BlockingIOError as error:
        raise ValueError(f"Somebody else is changing the keys in {directory} at this moment. Nothing was changed.") from error
    except OSError as error:
        raise ValueError(f"The keys in {directory} cannot be changed: {error.strerror}. {_NEEDED}") from error


def _put(path: Path, pem: str, *, like: os.stat_result | None) -> None:
    """Whole or not at all. Whoever could read the key before, by owner or group, can read the new one: the server is one of them."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(pem)
            file.flush()
            if like is not None:
                _belong_to_the_same(descriptor, like)
            os.fsync(descriptor)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def _belong_to_the_same(descriptor: int, like: os.stat_result) -> None:
    made = os.fstat(descriptor)
    if (made.st_uid, made.st_gid) != (like.st_uid, like.st_gid):
        os.fchown(descriptor, like.st_uid, like.st_gid)
    os.fchmod(descriptor, 0o600 | (like.st_mode & 0o040))
