"""Bodies about documents: their versions, and the marks put on them."""

from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import Field

from app.domain.document_actions import AvailableDocumentAction, DocumentAction
from app.domain.refusals import Language
from app.web.openapi import BINARY
from app.web.paging import Listing
from app.web.patterns import SHA256
from app.web.schemas.base import AnswerModel, RequestModel
from app.web.schemas.common import ActorShown, RefusalShown

SHA256_PART: dict[str, Any] = {
    "type": "string",
    "pattern": SHA256,
    "description": "SHA-256 seluruh berkas; bila berbeda, ditolak. Of the whole file, which is refused if it differs.",
}
"""A part of every form that brings a file."""

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
                    "sha256": SHA256_PART,
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


class DocumentFacts(AnswerModel):
    """What a document is, whoever asks: also what an evidence bundle says of it."""

    id: UUID
    instance_id: UUID
    slot: str
    label: str
    versions: list[DocumentVersionShown]


class DocumentActionShown(AnswerModel):
    """Satu tindakan dan boleh tidaknya bagi Anda, pada versi terakhir. Judged by the rules that guard its POST.

    `upload`: a new version. `electronic`: what the PDF itself carries is verified when it is posted.
    """

    action: DocumentAction
    kind: Literal["hierarchical", "coordination", "wet", "electronic"] | None = Field(
        description="`kind` yang dikirim; null untuk `upload`. What to send as `kind`.", examples=["hierarchical"]
    )
    allowed: bool
    refusals: list[RefusalShown]

    @classmethod
    def of(cls, found: AvailableDocumentAction, language: Language) -> Self:
        refusals = [RefusalShown.of(refusal, language) for refusal in found.refusals]
        return cls.model_validate({"action": found.action, "kind": found.kind, "allowed": found.allowed, "refusals": refusals})


class DocumentShown(DocumentFacts):
    """Dokumen di satu slot, dengan semua versinya; yang terakhir berlaku. `actions`: what you may do with it now."""

    actions: list[DocumentActionShown]


class DocumentList(Listing[DocumentShown]):
    """Dokumen satu pelaksanaan menurut slotnya."""


class InitialRequest(RequestModel):
    """Paraf hierarki atau koordinasi."""

    kind: Literal["hierarchical", "coordination"] = Field(examples=["hierarchical"])


class SignatureRequest(RequestModel):
    """`wet`: penanda tangan menyatakan pindaian ini benar. `electronic`: PDF ini memuat tanda tangan elektronik (PAdES), yang diverifikasi."""

    kind: Literal["wet", "electronic"] = Field(examples=["wet"])
