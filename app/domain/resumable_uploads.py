"""Resumable uploads: bytes that come in several requests, and become a version of a document with the last of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from app.domain.documents import CHUNK_BYTES
from app.domain.problems import PayloadTooLarge, Problem
from app.domain.refusals import Refusal

MAX_UNFINISHED = 20
"""How many uploads one person may have begun and not finished."""

Parts = tuple[tuple[str, int], ...]
"""Storage keys, and how many bytes of each count, in the order of the file. What lies under a key may be longer."""


class OffsetMismatch(Problem):
    """The bytes do not begin where the upload stands now; somebody else's may have come first."""

    code = "offset_mismatch"


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRequest:
    """What somebody means to send. `length` in bytes; `sha256` (hex) of the whole file, where its sender knows it.

    `said`: Upload-Metadata as it came, which tus gives back unchanged.
    """

    slot: str
    filename: str
    length: int
    said: str
    note: str | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumableUpload:
    """`received` bytes are durable: in `parts`, or in the version that the upload became."""

    id: UUID
    instance_id: UUID
    office_code: str
    account_id: UUID
    slot: str
    filename: str
    note: str | None
    said: str
    length: int
    received: int
    sha256: str | None
    parts: Parts
    created_at: datetime
    expires_at: datetime
    document_id: UUID | None = None
    version: int | None = None

    @property
    def rest(self) -> int:
        return self.length - self.received

    @property
    def finished(self) -> bool:
        return self.document_id is not None


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What is under way: how many uploads of the caller, and how many bytes in all are promised to the office."""

    of_caller: int
    bytes_of_office: int


def creation_refusals(unfinished: Unfinished, length: int, *, max_open_bytes: int | None) -> Iterator[Refusal]:
    if unfinished.of_caller >= MAX_UNFINISHED:
        yield Refusal("too_many_uploads", {"most": MAX_UNFINISHED})
    if max_open_bytes is not None and unfinished.bytes_of_office + length > max_open_bytes:
        yield Refusal("too_many_open_bytes", {"most": max_open_bytes, "open": unfinished.bytes_of_office})


def resumed_from(length: int) -> int:
    """How much is kept of a file that came whole and could not become a version: all but its last chunk, which has to come again."""
    return (length - 1) // CHUNK_BYTES * CHUNK_BYTES


# ── how large ───────────────────────────────────────────────────────────────────────────────────────────────────────

Whose = Literal["multipart", "server", "office", "open", "slot"]
"""`open`: what an office lets be unfinished at once; a file larger than that could never begin, however long one waits."""


@dataclass(frozen=True, slots=True)
class FileLimit:
    """So many bytes at most, and who says so."""

    most: int
    whose: Whose


class FileTooLarge(PayloadTooLarge):
    """Carries the smallest limit; `variant`: whose it is."""

    def __init__(self, limit: FileLimit) -> None:
        super().__init__(limit.most)
        self.variant = limit.whose


def smallest(*limits: FileLimit | None) -> FileLimit:
    return min((limit for limit in limits if limit is not None), key=lambda limit: limit.most)


def check_size(size: int, limit: FileLimit) -> None:
    """Raises FileTooLarge."""
    if size > limit.most:
        raise FileTooLarge(limit)
