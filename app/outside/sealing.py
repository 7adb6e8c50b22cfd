"""Small secrets at rest, such as those of authenticators: AES-256-GCM under a key that only the holder of the signing key can make.

So a copy of the database alone opens nothing. The text names the key, `v1.<kid>.<base64url>`: after a rotation the old key still opens
what it sealed, until `alur keys rotate` has sealed it anew.
"""

import base64
import hmac
import os
from collections.abc import Iterator
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.outside.tokens import Keys, SigningKey

_VERSION = "v1"
_KID_LENGTH = 8  # characters, 48 bits: enough to tell a handful of keys apart
_NONCE_BYTES, _TAG_BYTES = 12, 16
_SEALING, _DERIVING = "alur sealing v1", "alur deriving v1: "


def totp_of(account_id: UUID) -> str:
    """What the sealed secret of an authenticator is about."""
    return f"totp:{account_id}"


class Seal:
    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def seal(self, plain: bytes, *, about: str) -> str:
        """`about` says whose it is (`totp_of`, …) and is sealed in: moved to another row, it does not open."""
        key, nonce = self._keys.ring().signing, os.urandom(_NONCE_BYTES)
        sealed = nonce + AESGCM(key.derive(_SEALING)).encrypt(nonce, plain, about.encode())
        return _prefix(key) + base64.urlsafe_b64encode(sealed).rstrip(b"=").decode("ascii")

    def open(self, sealed: str, *, about: str) -> bytes:
        """Raises ValueError for what was changed, is about something else, or was sealed by a key that we do not hold."""
        for key in self._keys.ring().private_keys():
            if sealed.startswith(_prefix(key)):
                return _opened(key, sealed.removeprefix(_prefix(key)), about)
        raise ValueError("Sealed with a key that is not here.")

    def is_current(self, sealed: str) -> bool:
        """Whether the key that signs now has sealed it."""
        return sealed.startswith(_prefix(self._keys.ring().signing))

    def derive(self, label: str, data: bytes) -> bytes:
        """32 bytes that follow from `data` and that nobody can make without the signing key: HMAC-SHA256, a key for each label."""
        return _derived(self._keys.ring().signing, label, data)

    def derived_before(self, label: str, data: bytes) -> Iterator[bytes]:
        """What `derive` answers now, then what it answered under the keys before that are still here."""
        return (_derived(key, label, data) for key in self._keys.ring().private_keys())


def _prefix(key: SigningKey) -> str:
    return f"{_VERSION}.{key.kid[:_KID_LENGTH]}."


def _opened(key: SigningKey, body: str, about: str) -> bytes:
    try:
        sealed = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
        if len(sealed) < _NONCE_BYTES + _TAG_BYTES:
            raise ValueError("too short")
        return AESGCM(key.derive(_SEALING)).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], about.encode())
    except (ValueError, InvalidTag) as error:
        raise ValueError("Not what we sealed, or not about this.") from error


def _derived(key: SigningKey, label: str, data: bytes) -> bytes:
    return hmac.digest(key.derive(_DERIVING + label), data, "sha256")
