"""What pyHanko finds in a PDF. Imported by the child process and by tests alone."""

import asyncio
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from pyhanko.keys import load_certs_from_pemder
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESIndeterminate
from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, DiffResult, ModificationLevel
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from app.domain.signatures import PdfSignature
from app.outside.pdf_signatures import PdfUnreadable

MAX_SIGNATURES = 50
MAX_LETTERS = 200
"""Of a name: it comes out of the file."""

_TOO_WEAK = {AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE, AdESIndeterminate.CRYPTO_CONSTRAINTS_FAILURE_NO_POE}


def examine(file: BinaryIO, *, roots: Path | None, at: datetime) -> tuple[PdfSignature, ...]:
    """All signatures, those that cover the least first. Raises PdfUnreadable, and MemoryError; what fails with the roots is no fault of the file."""
    trust = _Trust(roots, at)
    try:
        return asyncio.run(_examine(file, trust))
    except (PdfUnreadable, MemoryError):
        raise
    except Exception as error:  # what a hostile file can make the reader raise has no end
        raise PdfUnreadable("damaged") from error


class _Trust:
    """The trust roots and the moment at which certificates are judged. Without a network: no revocation lists but those in the file."""

    def __init__(self, roots: Path | None, at: datetime) -> None:
        self.configured = roots is not None
        self.at = at
        self._roots = [] if roots is None else list(load_certs_from_pemder([str(roots)]))  # type: ignore[no-untyped-call]

    def context(self, moment: datetime | None = None) -> ValidationContext:
        return ValidationContext(trust_roots=self._roots, moment=moment or self.at, allow_fetching=False, revocation_mode="soft-fail")


async def _examine(file: BinaryIO, trust: _Trust) -> tuple[PdfSignature, ...]:
    reader, is_strict = _opened(file)
    if reader.encrypted:
        raise PdfUnreadable("encrypted")
    if "/AcroForm" in reader.root and "/XFA" in reader.root["/AcroForm"]:
        raise PdfUnreadable("forms")
    found = [await _one(reader, field, name, trust=trust, is_strict=is_strict) for name, field in _fields(reader)]
    return tuple(signature for _, signature in sorted(found, key=lambda pair: pair[0]))


def _opened(file: BinaryIO) -> tuple[PdfFileReader, bool]:
    """Word writes two tables of contents into one file ("hybrid"), and other programs are careless: such a file is read too, but then
    a signature must cover it to the last byte, since nobody can say what an update would change."""
    try:
        reader = PdfFileReader(file, strict=True)
        if not reader.xrefs.hybrid_xrefs_present:
            reader.root  # noqa: B018 (reads it)
            return reader, True
    except PdfError:
        pass
    return PdfFileReader(file, strict=False), False


def _fields(reader: PdfFileReader) -> Iterator[tuple[str, Any]]:
    """Those that people signed: a time stamp of the whole document is nobody's signature."""
    for count, (name, value, field) in enumerate(enumerate_sig_fields(reader, filled_status=True)):
        if count >= MAX_SIGNATURES:
            raise PdfUnreadable("costly")
        if value.get_object().get("/Type", "/Sig") == "/Sig":
            yield name, field


async def _one(reader: PdfFileReader, field: Any, name: str, *, trust: _Trust, is_strict: bool) -> tuple[int, PdfSignature]:
    """The signature, and up to where it covers. What cannot be judged is not intact."""
    unknown = PdfSignature(
        field=_legible(name),
        intact=False,
        trusted=False if trust.configured else None,
        covers_whole_document=False,
        signer="",
        issuer="",
        serial_number="",
        signed_at=None,
        timestamped=False,
    )
    try:
        embedded = EmbeddedPdfSignature(reader, field, name)
        end = sum(int(number) for number in list(embedded.byte_range)[2:])
        unknown = replace(unknown, **_names(embedded))
        status = await _status(embedded, trust)
        return end, replace(unknown, **_facts(embedded, status, trust=trust, is_strict=is_strict))
    except MemoryError:
        raise
    except Exception:  # as above: what pyHanko raises over one broken signature says nothing of the others
        return -1, unknown


async def _status(embedded: EmbeddedPdfSignature, trust: _Trust) -> PdfSignatureStatus:
    """Judged at `at`; where a trusted time stamp says an earlier moment, at that one."""
    status = await async_validate_pdf_signature(embedded, trust.context(), trust.context(), skip_diff=True)
    stamped = _time_stamp(status)
    if stamped is None:
        return status
    return await async_validate_pdf_signature(embedded, trust.context(stamped), trust.context(), skip_diff=True)


def _time_stamp(status: PdfSignatureStatus) -> datetime | None:
    stamp = status.timestamp_validity
    return stamp.timestamp if stamp is not None and stamp.valid and stamp.intact and stamp.trusted else None


def _facts(embedded: EmbeddedPdfSignature, status: PdfSignatureStatus, *, trust: _Trust, is_strict: bool) -> dict[str, Any]:
    stamped = _time_stamp(status)
    return {
        "intact": bool(status.intact and status.valid) and status.trust_problem_indic not in _TOO_WEAK,
        "trusted": bool(status.trusted) if trust.configured else None,
        "covers_whole_document": _covers_all(embedded, is_strict=is_strict),
        "signed_at": _in_utc(stamped or embedded.self_reported_timestamp),
        "timestamped": stamped is not None,
    }


def _covers_all(embedded: EmbeddedPdfSignature, *, is_strict: bool) -> bool:
    """Every byte but the signature's own; or all that was appended later is what keeps a signature verifiable (certificates, time stamps)."""
    if not _leaves_out_itself_alone(embedded):
        return False
    if embedded.coverage == SignatureCoverageLevel.ENTIRE_FILE:
        return True
    if not is_strict or embedded.coverage != SignatureCoverageLevel.ENTIRE_REVISION or not _ends_with_an_update(embedded):
        return False
    changed = embedded.evaluate_modifications(DEFAULT_DIFF_POLICY)
    return isinstance(changed, DiffResult) and changed.modification_level.value <= ModificationLevel.LTA_UPDATES.value


def _ends_with_an_update(embedded: EmbeddedPdfSignature) -> bool:
    """What was appended is an update that a reader of PDF sees, to its end; other bytes might be one to another reader."""
    stream = embedded.reader.stream
    stream.seek(-min(64, stream.seek(0, os.SEEK_END)), os.SEEK_END)
    end: bytes = stream.read()
    return embedded.reader.xrefs.total_revisions > embedded.signed_revision + 1 and end.rstrip().endswith(b"%%EOF")


def _leaves_out_itself_alone(embedded: EmbeddedPdfSignature) -> bool:
    """Between the two ranges stands the signature in hexadecimal and nothing else: pyHanko compares lengths only, and a signature written
    shorter, as a literal string, would leave room for what nobody signed."""
    first, length, second, _ = (int(number) for number in embedded.byte_range)
    if first != 0 or length < 0 or second - length > 2 * len(embedded.pkcs7_content) + 2:
        return False
    stream = embedded.reader.stream
    stream.seek(length)
    between: bytes = stream.read(max(0, second - length))
    return between.lower() == b"<" + embedded.pkcs7_content.hex().encode() + b">"


def _names(embedded: EmbeddedPdfSignature) -> dict[str, Any]:
    certificate = embedded.signer_cert
    return {
        "signer": _called(certificate.subject),
        "issuer": _called(certificate.issuer),
        "serial_number": format(certificate.serial_number, "x")[:64],
    }


def _called(name: Any) -> str:
    """The common name, else all of it."""
    return _legible(str(name.native.get("common_name") or name.human_friendly))


def _legible(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())[:MAX_LETTERS]


def _in_utc(moment: datetime | None) -> datetime | None:
    """A time without a zone is taken for UTC."""
    if moment is None:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
