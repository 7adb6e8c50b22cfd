"""Electronic signatures inside a PDF (PAdES), as they were found: separate facts, never one verdict; and when they are enough to sign with."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from app.domain.events import text_hash
from app.domain.refusals import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfSignature:
    """`trusted` is None where no trust roots are configured: then nobody can say. `signed_at` is the signer's own word unless `timestamped`.

    `timestamped`: by an authority that is trusted here. Whether a certificate was revoked is not asked.
    """

    field: str
    intact: bool
    trusted: bool | None
    covers_whole_document: bool
    signer: str
    issuer: str
    serial_number: str
    signed_at: datetime | None
    timestamped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a verification found in a file, those that cover the least first. `roots`: whether there were trust roots to judge by."""

    signatures: tuple[PdfSignature, ...]
    verified_at: datetime
    roots: bool

    def as_data(self) -> dict[str, Any]:
        """What a mark keeps."""
        return {"signatures": [_shown(s) for s in self.signatures], "verified_at": _written(self.verified_at), "roots": self.roots}


def signature_refusals(signatures: Sequence[PdfSignature]) -> Iterator[Refusal]:
    """The newest, which covers the most, must be intact, cover the whole document, and be trusted where that can be judged."""
    if not signatures:
        yield Refusal("not_signed_electronically")
        return
    newest = signatures[-1]
    names: dict[str, str | int] = {"signer": newest.signer or "?", "issuer": newest.issuer or "?"}
    if not newest.intact:
        yield Refusal("signature_not_intact", names)
    if newest.intact and not newest.covers_whole_document:
        yield Refusal("signature_not_whole", names)
    if newest.intact and newest.trusted is False:
        yield Refusal("signature_not_trusted", names)


def type_refusals(media_type: str) -> Iterator[Refusal]:
    """Only a PDF carries a signature of its own."""
    if media_type != "application/pdf":
        yield Refusal("not_signed_electronically", {"media_type": media_type}, variant="no_pdf")


def evidence_facts(kept: dict[str, Any] | None) -> dict[str, Any] | None:
    """The same as an event tells it: names only as hashes, since what an event says stays for good."""
    if kept is None:
        return None
    return kept | {"signatures": [_without_names(s) for s in kept["signatures"]]}


_NAMES = ("field", "signer", "issuer", "serial_number")


def _without_names(shown: dict[str, Any]) -> dict[str, Any]:
    plain = {name: value for name, value in shown.items() if name not in _NAMES}
    return plain | {f"{name}_sha256": text_hash(shown[name]) for name in _NAMES}


def _shown(signature: PdfSignature) -> dict[str, Any]:
    return asdict(signature) | {"signed_at": None if signature.signed_at is None else _written(signature.signed_at)}


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
