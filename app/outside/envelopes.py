"""What is sealed for itself: bytes as they come in, so that nobody finds them on the disk, and the few words beside them.

Bytes: a random prefix (7 bytes), then chunks of 256 KiB, each AES-256-GCM under a key of its own with the nonce `prefix | number | last`
(STREAM: Hoang, Reyhanitabar, Rogaway, Vizár 2015). So a chunk that was changed, left out, moved, or is another record's does not open,
and neither does a file that was cut after a chunk. The last chunk is filled up with zeros: its size would tell of a payroll how many
people are on it. How much of it counts stands in the sealed words, which are filled up to whole KiB for the same reason.
"""

import base64
import hmac
import io
import os
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO

from anyio import to_thread
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.outside.restricted_keys import KEY_BYTES, DoesNotOpen
from app.outside.storage import TemporaryBlob

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

CHUNK_BYTES = 256 * 1024
TAG_BYTES = 16
SEALED_CHUNK = CHUNK_BYTES + TAG_BYTES
PREFIX_BYTES = 7
WORDS_BYTES = 1024
_NONCE_BYTES = 12


def sealed_size(size: int) -> int:
    """How large `size` bytes become."""
    return PREFIX_BYTES + _chunks(size) * SEALED_CHUNK


def _chunks(size: int) -> int:
    return max(1, -(-size // CHUNK_BYTES))


class Envelope:
    """One record's own data key. `about` names the record and is sealed in with all that it seals."""

    def __init__(self, data_key: bytes, about: str) -> None:
        self._content = AESGCM(hmac.digest(data_key, b"alur restricted content v1", "sha256"))
        self._words = AESGCM(hmac.digest(data_key, b"alur restricted words v1", "sha256"))
        self._about = about.encode()

    def seal_chunk(self, chunk: bytes, prefix: bytes, number: int, *, is_last: bool) -> bytes:
        return self._content.encrypt(_nonce(prefix, number, is_last), chunk.ljust(CHUNK_BYTES, b"\0"), self._about)

    def open_chunk(self, sealed: bytes, prefix: bytes, number: int, *, is_last: bool) -> bytes:
        """With its filling. Raises DoesNotOpen."""
        try:
            return self._content.decrypt(_nonce(prefix, number, is_last), sealed, self._about)
        except (InvalidTag, ValueError) as error:
            raise DoesNotOpen from error

    def seal_words(self, words: bytes) -> str:
        nonce = os.urandom(_NONCE_BYTES)
        filled = len(words).to_bytes(4, "big") + words
        filled += b"\0" * (-len(filled) % WORDS_BYTES)
        return base64.urlsafe_b64encode(nonce + self._words.encrypt(nonce, filled, self._about)).decode("ascii")

    def open_words(self, sealed: str) -> bytes:
        """Raises DoesNotOpen."""
        try:
            raw = base64.b64decode(sealed, altchars=b"-_", validate=True)
            filled = self._words.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], self._about)
        except (InvalidTag, ValueError) as error:
            raise DoesNotOpen from error
        return filled[4 : 4 + int.from_bytes(filled[:4], "big")]


def opened_chunks(envelope: Envelope, prefix: bytes, sealed: bytes, *, first: int, size: int) -> bytes:
    """Chunks from number `first` on, of a file that holds `size` plain bytes; without their filling. Raises DoesNotOpen."""
    last, plain = _chunks(size) - 1, bytearray()
    for number, start in enumerate(range(0, len(sealed), SEALED_CHUNK), start=first):
        plain += envelope.open_chunk(sealed[start : start + SEALED_CHUNK], prefix, number, is_last=number == last)
    return bytes(plain[: size - first * CHUNK_BYTES])


def new_data_key() -> bytes:
    return os.urandom(KEY_BYTES)


def _nonce(prefix: bytes, number: int, is_last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([is_last])


class SealingSink:
    """Stands before a TemporaryBlob: what is written is sealed before it goes there. `size` and `sha256` are those of the plain bytes."""

    def __init__(self, temporary: TemporaryBlob, envelope: Envelope) -> None:
        self.size = 0
        self._digest = sha256()
        self._temporary = temporary
        self._envelope = envelope
        self._prefix = os.urandom(PREFIX_BYTES)
        self._number = 0
        self._pending = bytearray()

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    async def write(self, chunk: bytes) -> None:
        self.size += len(chunk)
        self._pending += chunk
        while len(self._pending) > CHUNK_BYTES:  # what may be the last is kept back: it is sealed as such
            await self._seal(CHUNK_BYTES, is_last=False)

    async def finish(self) -> None:
        await self._seal(len(self._pending), is_last=True)
        await self._temporary.finish()

    async def _seal(self, size: int, *, is_last: bool) -> None:
        chunk = bytes(self._pending[:size])
        del self._pending[:size]
        sealed = await to_thread.run_sync(self._sealed, chunk, is_last)
        await self._temporary.write(sealed)

    def _sealed(self, chunk: bytes, is_last: bool) -> bytes:
        self._digest.update(chunk)
        sealed = self._envelope.seal_chunk(chunk, self._prefix, self._number, is_last=is_last)
        self._number += 1
        return sealed if self._number > 1 else self._prefix + sealed


class PlainReader(io.RawIOBase):
    """The plain bytes of a sealed file on this machine, read and sought in as in any file: each chunk is opened when it is asked for.

    Raises DoesNotOpen. Closing it closes the file.
    """

    def __init__(self, file: BinaryIO, envelope: Envelope, size: int) -> None:
        self._file = file
        self._envelope = envelope
        self._size = size
        self._position = 0
        self._prefix = file.read(PREFIX_BYTES)
        self._number = -1
        self._chunk = b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError("Nothing lies before the start.")
        self._position = start + offset
        return self._position

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        length = min(len(view), self._size - self._position)
        if length <= 0:
            return 0
        number, within = divmod(self._position, CHUNK_BYTES)
        piece = self._opened(number)[within : within + length]
        view[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def close(self) -> None:
        self._file.close()
        super().close()

    def _opened(self, number: int) -> bytes:
        if number != self._number:
            self._file.seek(PREFIX_BYTES + number * SEALED_CHUNK)
            is_last = number == _chunks(self._size) - 1
            self._chunk = self._envelope.open_chunk(self._file.read(SEALED_CHUNK), self._prefix, number, is_last=is_last)
            self._number = number
        return self._chunk
