"""What tus 1.0.0 says in headers: its version, metadata, offsets and checksums."""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from app.domain.problems import FieldError, Invalid, Problem, UnsupportedMediaType
from app.domain.resumable_uploads import UploadRequest
from app.web.filenames import clean_filename
from app.web.patterns import SAID, SHA256
from app.web.upload_forms import MAX_NOTE

VERSION = "1.0.0"
EXTENSIONS = ("creation", "expiration", "termination", "checksum")
ALGORITHMS = ("sha1", "sha256", "md5")
OFFSET_STREAM = "application/offset+octet-stream"
MAX_METADATA = 16 * 1024
MAX_LENGTH_DIGITS = 15

_KEY = re.compile(r"[!-+\--~]+")  # ASCII without space and comma
_READ_BYTES = 1024 * 1024


class TusVersionUnsupported(Problem):
    code = "tus_version_unsupported"


class ChecksumUnsupported(Problem):
    code = "checksum_unsupported"
    known = ", ".join(ALGORITHMS)


class ChecksumMismatch(Problem):
    """What came is not what was sent; it is thrown away."""

    code = "checksum_mismatch"


class UploadSilent(Problem):
    """Nothing came for too long; what came before is kept."""

    code = "upload_silent"


def require_version(said: str | None, *, optional: bool = False) -> None:
    """Raises TusVersionUnsupported."""
    if said != VERSION and not (optional and said is None):
        raise TusVersionUnsupported


def terms_headers(max_bytes: int) -> dict[str, str]:
    return {
        "Tus-Version": VERSION,
        "Tus-Extension": ",".join(EXTENSIONS),
        "Tus-Max-Size": str(max_bytes),
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
    }


def expires(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)


# ── creation ────────────────────────────────────────────────────────────────────────────────────────────────────────


def asked_upload(metadata_header: str | None, length_header: str | None, *, deferred: bool = False) -> UploadRequest:
    """`deferred`: Upload-Defer-Length was sent. Raises Invalid with every mistake at once."""
    metadata, mistakes = parse_metadata(metadata_header or "")
    length = _length(length_header or "", mistakes, deferred=deferred)
    slot, filename, note, digest = (metadata.get(name, "") for name in ("slot", "filename", "note", "sha256"))
    legible = not any(mistake.pointer == "Upload-Metadata" for mistake in mistakes)
    if legible and not slot:
        mistakes.append(_mistake("slot", "missing", "Sebutkan slot yang diisi.", "Name the slot to fill."))
    if legible and not filename:
        mistakes.append(_mistake("filename", "missing", "Sebutkan nama berkasnya.", "Name the file."))
    if len(note) > MAX_NOTE:
        mistakes.append(_mistake("note", "too_long", f"Catatan paling panjang {MAX_NOTE} huruf.", f"A note has at most {MAX_NOTE} characters."))
    if digest and not re.fullmatch(SHA256, digest):
        mistakes.append(_mistake("sha256", "not_a_digest", SAID[SHA256].id, SAID[SHA256].en))
    if mistakes:
        raise Invalid(*mistakes)
    return UploadRequest(
        slot=slot,
        filename=clean_filename(filename),
        length=length,
        said=metadata_header or "",
        note=note or None,
        sha256=digest.lower() or None,
    )


def parse_metadata(header: str) -> tuple[dict[str, str], list[FieldError]]:
    """`key base64,key base64`; a value may be left out. Keys that mean nothing here are for other servers."""
    found: dict[str, str] = {}
    if not header.strip():
        return found, []
    if len(header) > MAX_METADATA:
        return found, [_mistake("", "too_long", f"Paling banyak {MAX_METADATA} byte.", f"At most {MAX_METADATA} bytes.")]
    for pair in header.split(","):
        key, _, value = pair.strip(" \t").partition(" ")
        text = _decoded(value.strip(" \t"))
        if not _KEY.fullmatch(key) or key in found or text is None:
            words = (
                "Tulis: kunci base64(teks UTF-8), dipisah koma, setiap kunci sekali.",
                "Write: key base64(UTF-8 text), by commas, each key once.",
            )
            return found, [_mistake("", "malformed_metadata", *words)]
        found[key] = text
    return found, []


def _decoded(value: str) -> str | None:
    try:
        text = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    return None if "\0" in text else text


def _length(said: str, mistakes: list[FieldError], *, deferred: bool) -> int:
    if deferred:
        words = ("Sebutkan Upload-Length sekarang; tidak dapat menyusul.", "Give Upload-Length now; it cannot follow later.")
        mistakes.append(FieldError("Upload-Defer-Length", "not_supported", *words))
        return 0
    if not is_number(said):
        mistakes.append(
            FieldError("Upload-Length", "malformed" if said else "missing", "Sebutkan panjang berkas dalam byte.", "Give the file's length in bytes.")
        )
        return 0
    if int(said) == 0:
        mistakes.append(FieldError("Upload-Length", "empty_file", "Berkas ini kosong.", "This file is empty."))
    return int(said)


def is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= MAX_LENGTH_DIGITS


def _mistake(key: str, code: str, indonesian: str, english: str) -> FieldError:
    return FieldError(f"Upload-Metadata/{key}" if key else "Upload-Metadata", code, indonesian, english)


# ── bytes ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Checksum:
    algorithm: str
    digest: bytes

    def fits(self, path: Path) -> bool:
        """Reads the whole file: for a thread."""
        digest: Any = hashlib.new(self.algorithm, usedforsecurity=False)
        with path.open("rb") as file:
            while piece := file.read(_READ_BYTES):
                digest.update(piece)
        return bool(digest.digest() == self.digest)


def asked_offset(content_type: str, said: str | None) -> int:
    """Raises UnsupportedMediaType, Invalid."""
    if content_type.partition(";")[0].strip(" \t").lower() != OFFSET_STREAM:
        raise UnsupportedMediaType(OFFSET_STREAM)
    if said is None or not is_number(said):
        raise Invalid(
            FieldError(
                "Upload-Offset", "malformed" if said else "missing", "Sebutkan byte pertama yang dikirim.", "Name the first byte that is sent."
            )
        )
    return int(said)


def asked_checksum(said: str | None) -> Checksum | None:
    """Raises ChecksumUnsupported, Invalid."""
    if said is None:
        return None
    algorithm, _, value = said.strip(" \t").partition(" ")
    if algorithm not in ALGORITHMS:
        raise ChecksumUnsupported
    try:
        return Checksum(algorithm, base64.b64decode(value.strip(" \t"), validate=True))
    except (binascii.Error, ValueError) as error:
        raise Invalid(FieldError("Upload-Checksum", "malformed_checksum", "Tulis: algoritma base64.", "Write: algorithm base64.")) from error
