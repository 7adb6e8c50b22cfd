"""Bodies about documents: their versions, and the marks put on them."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from app.web.openapi import BINARY
from app.web.paging import Listing
from app.web.schemas.base import AnswerModel, RequestModel
from app.web.schemas.common import ActorShown

UPLOAD_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["slot"],
                "properties": {
                    "slot": {"type": "string", "description": "Slot yang diisi. The slot to fill.", "examples": ["draf_tim"]},
                    "file": BINARY | {"description": "Berkas. The file; give this or `copy_of`."},
                    "copy_of": {
                        "type": "integer",
                        "minimum": 1,
                        "description": "Nomor versi yang disalin tanpa mengirim ulang. A version of the slot to put again without sending it.",
                    },
                    "note": {"type": "string", "maxLength": 4000, "description": "Catatan. A note kept with the version."},
                },
            }
        }
    },
}


class PdfSignatureShown(AnswerModel):
    """Satu tanda tangan elektronik di dalam PDF, fakta demi fakta. Whether its certificate was revoked is not asked: nothing is fetched."""

    field: str
    intact: bool = Field(description="Isi yang ditandatangani tidak berubah. What was signed is unchanged.")
    trusted: bool | None = Field(
        description="Menurut sertifikat akar server ini; null bila tidak ada. By this server's trust roots; null without any."
    )
    covers_whole_document: bool = Field(description="Tidak ada yang berubah setelahnya. Nothing was changed after it.")
    signer: str = Field(examples=["Wiraja Tanumaheswara"])
    issuer: str
    serial_number: str
    signed_at: datetime | None = Field(description="Kata penanda tangan sendiri, kecuali timestamped. The signer's own word unless timestamped.")
    timestamped: bool


class EvidenceShown(AnswerModel):
    """Hasil verifikasi PDF, tanda tangan terbaru terakhir. What was found in the bytes when the mark was put; the newest signature last."""

    signatures: list[PdfSignatureShown]
    verified_at: datetime
    roots: bool = Field(description="Ada sertifikat akar saat itu. Whether trust roots were configured then.")


class MarkShown(AnswerModel):
    """Paraf (`initial`) atau tanda tangan (`signature`), terikat pada SHA-256 versi ini."""

    id: UUID
    mark: Literal["initial", "signature"]
    kind: Literal["hierarchical", "coordination", "wet", "electronic"]
    role: str = Field(examples=["sekretaris"])
    sha256: str
    actor: ActorShown
    at: datetime
    evidence: EvidenceShown | None


class DocumentVersionShown(AnswerModel):
    """Satu versi dokumen. `id` names the document; a new version starts without marks."""

    id: UUID
    instance_id: UUID
    slot: str = Field(examples=["draf_tim"])
    version: int
    step: int
    round: int
    sha256: str
    size: int = Field(description="Byte.")
    media_type: str = Field(examples=["application/pdf"])
    filename: str = Field(examples=["draf-tim.pdf"])
    copy_of: int | None
    signed_from: int | None = Field(description="Versi yang ditandatangani lewat gerbang. The version of which the gateway made this one.")
    note: str | None
    scan: Literal["unscanned", "quarantined", "clean", "infected"] = Field(
        description="Pemindaian malware. `unscanned`: nobody scans here. `quarantined`: not scanned yet, and held back unless the server is "
        "set otherwise. `infected`: found later; never given out, and fills no slot."
    )
    scanned_at: datetime | None = Field(description="Bila `quarantined`: terakhir dicoba. When it was scanned, or last tried.")
    threat: str | None = Field(description="Malware yang ditemukan. What the scanner calls it.", examples=[None])
    damaged_at: datetime | None = Field(description="Isi tersimpan terlihat rusak. When its bytes were seen to differ; null once whole again.")
    uploaded_by: ActorShown
    uploaded_at: datetime
    marks: list[MarkShown]


class DocumentShown(AnswerModel):
    """Dokumen di satu slot, dengan semua versinya; yang terakhir berlaku."""

    id: UUID
    instance_id: UUID
    slot: str
    label: str
    versions: list[DocumentVersionShown]


class DocumentList(Listing[DocumentShown]):
    """Dokumen satu pelaksanaan menurut slotnya."""


class InitialRequest(RequestModel):
    """Paraf hierarki atau koordinasi."""

    kind: Literal["hierarchical", "coordination"] = Field(examples=["hierarchical"])


class SignatureRequest(RequestModel):
    """`wet`: penanda tangan menyatakan pindaian ini benar. `electronic`: PDF ini memuat tanda tangan elektronik (PAdES), yang diverifikasi."""

    kind: Literal["wet", "electronic"] = Field(examples=["wet"])
