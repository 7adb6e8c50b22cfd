"""A ZIP archive made while it is sent: nothing of it is kept longer than it takes to hand it on.

Texts are deflated; documents, most of them compressed already, only framed as deflate frames what does not shrink: an entry that is merely
stored must tell its size in front, or Java's readers refuse it. Every entry is timed, so that the same content is the same archive.
"""

import io
from datetime import datetime
from typing import IO

_FIRST_YEAR = 1980  # a ZIP knows no earlier one
_READABLE = 0o644 << 16


class _Outbox(io.RawIOBase):
    """Where the archive is written to, and taken from. Without a position: the archive then says sizes and checks behind each entry."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        given = bytes(data)  # type: ignore[call-overload]
        self._pending += given
        return len(given)

    def take(self) -> bytes:
        taken, self._pending = bytes(self._pending), bytearray()
        return taken


class ZipStream:
    """One entry after the other: `begin`, `write` as often as there is something, `end`; `close` once. Each gives what is to be sent on."""

    def __init__(self) -> None:
        from zipfile import ZipFile  # noqa: PLC0415 - only who asks for an archive pays for it

        self._outbox = _Outbox()
        self._zip = ZipFile(self._outbox, "w")
        self._entry: IO[bytes] | None = None

    def begin(self, name: str, *, at: datetime, size: int | None = None) -> bytes:
        """`at` in the zone in which people are to read it. `size` in bytes for a document: it decides on the 64-bit form. Texts have none."""
        from zipfile import ZIP_DEFLATED, ZipInfo  # noqa: PLC0415

        entry = ZipInfo(name, date_time=(max(at.year, _FIRST_YEAR), at.month, at.day, at.hour, at.minute, at.second))
        entry.compress_type = ZIP_DEFLATED
        entry._compresslevel = 6 if size is None else 0  # type: ignore[attr-defined]  # until 3.13 it has no other name
        entry.file_size = size or 0
        entry.external_attr = _READABLE
        self._entry = self._zip.open(entry, "w")
        return self._outbox.take()

    def write(self, piece: bytes) -> bytes:
        assert self._entry is not None
        self._entry.write(piece)
        return self._outbox.take()

    def end(self) -> bytes:
        assert self._entry is not None
        self._entry.close()
        return self._outbox.take()

    def close(self) -> bytes:
        self._zip.close()
        return self._outbox.take()
