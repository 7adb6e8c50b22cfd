"""Bodies about resumable uploads, and how large documents may be."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import Field

from app.domain.resumable_uploads import ResumableUpload
from app.store.document_limits import OfficeLimits, Said
from app.usecases.resumable_uploads import UploadTerms
from app.web.schemas.base import AnswerModel, RequestModel, Whole

_MOST = 2**40


class ResumableUploadShown(AnswerModel):
    """Unggahan yang dapat dilanjutkan. `offset` bytes are durable; it equals `length` exactly when the version exists."""

    id: UUID
    instance_id: UUID
    slot: str = Field(examples=["draf_tim"])
    filename: str = Field(examples=["draf-tim.pdf"])
    note: str | None
    length: int = Field(description="Byte.")
    offset: int = Field(description="Byte yang sudah diterima. Bytes received so far: go on from here.")
    sha256: str | None = Field(description="Digest yang disebut pengirim. The digest that the sender gave.")
    expires_at: datetime
    document_id: UUID | None = Field(description="Bila selesai. The document, once it is finished.")
    version: int | None

    @classmethod
    def of(cls, upload: ResumableUpload) -> Self:
        return cls(
            id=upload.id,
            instance_id=upload.instance_id,
            slot=upload.slot,
            filename=upload.filename,
            note=upload.note,
            length=upload.length,
            offset=upload.received,
            sha256=upload.sha256,
            expires_at=upload.expires_at,
            document_id=upload.document_id,
            version=upload.version,
        )


class DocumentLimitsRequest(RequestModel):
    """Batas kantor ini. null: as the office above says; both are replaced."""

    max_file_bytes: Whole | None = Field(ge=1, le=_MOST, examples=[104857600])
    max_open_bytes: Whole | None = Field(ge=1, le=_MOST, examples=[1073741824])


class LimitStanding(AnswerModel):
    """Batas yang berlaku. `office`: whose limit it is; null where it is the server's."""

    bytes: int
    office: str | None = Field(examples=["64.02"])


class DocumentLimitsShown(AnswerModel):
    """Batas yang ditetapkan kantor ini sendiri, dan yang berlaku. What the office itself says, and what holds there."""

    max_file_bytes: int | None
    max_open_bytes: int | None
    file: LimitStanding = Field(description="Satu berkas paling besar, dikirim bagian demi bagian. One file at most, sent in parts.")
    open: LimitStanding | None = Field(description="Jumlah unggahan yang belum selesai. All unfinished uploads together; null: no limit.")
    multipart_bytes: int = Field(description="Satu berkas paling besar, dikirim sekaligus. One file at most, sent whole.")
    version: int

    @classmethod
    def of(cls, limits: OfficeLimits, terms: UploadTerms, *, multipart: int) -> Self:
        servers, opened = LimitStanding(bytes=terms.max_bytes, office=None), _standing(limits.open)
        file = _least(_standing(limits.file), servers)
        return cls(
            max_file_bytes=limits.own.max_file_bytes,
            max_open_bytes=limits.own.max_open_bytes,
            file=_least(opened, file),
            open=opened,
            multipart_bytes=min(multipart, file.bytes),
            version=limits.own.version,
        )


def _standing(said: Said | None) -> LimitStanding | None:
    return None if said is None else LimitStanding(bytes=said.most, office=said.office)


def _least(offices: LimitStanding | None, other: LimitStanding) -> LimitStanding:
    return other if offices is None or offices.bytes > other.bytes else offices
