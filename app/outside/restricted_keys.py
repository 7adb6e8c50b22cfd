"""The keys under which the data keys of restricted records are wrapped. They lie apart from the database and from the key that signs.

One seals; those before it, from files, still open what they wrapped, until `alur keys rotate-restricted` has wrapped that anew.
"""

import base64
import binascii
import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.domain.problems import Unavailable
from app.outside.key_files import text_of

KEY_BYTES = 32
_NONCE_BYTES = 12
_ID_LENGTH = 16  # characters, 64 bits
_MAKE_ONE = "it takes 32 random bytes, as base64 or hex. Make them with: openssl rand -base64 32"


class RestrictedKeyMissing(Unavailable):
    """The key that wrapped a record's data key is not here. Somebody has to bring it back, so a client need not hurry."""

    code = "restricted_key_missing"
    retry_after = 60


class DoesNotOpen(Exception):
    """Changed since it was sealed, or sealed for something else."""


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A data key under the key that `key_id` names."""

    key_id: str
    text: str


@dataclass(frozen=True, slots=True)
class RestrictedKey:
    """AES-256. `id` follows from the key and tells nothing of it."""

    secret: bytes = field(repr=False)

    @classmethod
    def of(cls, text: str, *, name: str) -> "RestrictedKey":
        """Raises ValueError that names where it came from, never what stands there."""
        secret = _decoded("".join(text.split()))
        if secret is None or len(secret) != KEY_BYTES or len(set(secret)) < 8:
            raise ValueError(f"{name} holds no key for restricted records: {_MAKE_ONE}")
        return cls(secret)

    @property
    def id(self) -> str:
        return sha256(b"alur restricted key v1:" + self.secret).hexdigest()[:_ID_LENGTH]


@dataclass(frozen=True, slots=True)
class RestrictedKeys:
    """`current` None: nothing can be added."""

    current: RestrictedKey | None = None
    previous: tuple[RestrictedKey, ...] = ()

    @classmethod
    def of(cls, text: str | None, files: Sequence[str] = ()) -> "RestrictedKeys":
        """Raises ValueError that names the setting or the file."""
        previous = tuple(RestrictedKey.of(text_of(Path(file)), name=file) for file in files)
        return cls(None if text is None else RestrictedKey.of(text, name="ALUR_RESTRICTED_KEY"), previous)

    def wrap(self, data_key: bytes, *, about: str) -> Wrapped:
        """`about` is sealed in: the wrapped key of one record is none for another. Only with a current key."""
        if self.current is None:
            raise ValueError("There is no key to wrap with.")
        nonce = os.urandom(_NONCE_BYTES)
        wrapped = nonce + AESGCM(self.current.secret).encrypt(nonce, data_key, _bound(about))
        return Wrapped(self.current.id, base64.urlsafe_b64encode(wrapped).decode("ascii"))

    def unwrap(self, wrapped: Wrapped, *, about: str) -> bytes:
        """Raises RestrictedKeyMissing, DoesNotOpen."""
        key = next((key for key in self._all() if key.id == wrapped.key_id), None)
        if key is None:
            raise RestrictedKeyMissing
        try:
            sealed = base64.b64decode(wrapped.text, altchars=b"-_", validate=True)
            return AESGCM(key.secret).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound(about))
        except (ValueError, InvalidTag) as error:
            raise DoesNotOpen from error

    def fingerprint(self, parts: Sequence[str]) -> str:
        """Recognises the same parts again, as long as the key is the same; who has no key cannot try guesses on it."""
        data = b"".join(len(part.encode()).to_bytes(8, "big") + part.encode() for part in parts)
        secret = b"" if self.current is None else self.current.secret
        return hmac.digest(secret, b"alur restricted fingerprint v1:" + data, "sha256").hex()

    def _all(self) -> tuple[RestrictedKey, ...]:
        return self.previous if self.current is None else (self.current, *self.previous)


def new_key_text() -> str:
    """A key as `openssl rand -base64 32` writes one."""
    return base64.b64encode(os.urandom(KEY_BYTES)).decode("ascii") + "\n"


def _decoded(text: str) -> bytes | None:
    try:
        return bytes.fromhex(text) if len(text) == 2 * KEY_BYTES else base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return None


def _bound(about: str) -> bytes:
    return f"alur restricted data key v1: {about}".encode()
