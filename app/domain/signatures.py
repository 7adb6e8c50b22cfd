"""Electronic signatures inside a PDF (PAdES), as they were found: separate facts, never one verdict."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfSignature:
    """`trusted` is None where no trust roots are configured: then nobody can say. `signed_at` is the signer's own word unless `timestamped`."""

    field: str
    intact: bool
    trusted: bool | None
    covers_whole_document: bool
    signer: str
    issuer: str
    serial_number: str
    signed_at: datetime | None
    timestamped: bool
