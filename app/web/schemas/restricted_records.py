"""Bodies about restricted records."""

from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import Field

from app.domain.restricted_records import RecordWords, RestrictedRecord
from app.web.openapi import BINARY
from app.web.paging import Listing
from app.web.schemas.base import AnswerModel
from app.web.schemas.common import ActorShown, local
from app.web.schemas.documents import SHA256_PART

RECORD_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["record", "file"],
                "properties": {
                    "record": {
                        "type": "string",
                        "description": "Kunci pencatatan terbatas prosedurnya. The key of a restricted record of the procedure (`identity.records`).",
                        "examples": ["daftar_gaji"],
                    },
                    "file": BINARY | {"description": "Berkas. The file."},
                    "note": {"type": "string", "maxLength": 4000, "description": "Catatan, disegel bersama berkasnya. A note, sealed with the file."},
                    "sha256": SHA256_PART,
                },
            }
        }
    },
}


Unreadable = Literal["content_damaged", "restricted_key_missing"]


class RestrictedRecordAdded(AnswerModel):
    """Hanya pengenalnya. Only what it is called by: this answer is kept for retries, and what the file is must not be kept with it."""

    id: UUID
    instance_id: UUID
    added_at: datetime

    @classmethod
    def of(cls, record: RestrictedRecord) -> Self:
        return cls(id=record.id, instance_id=record.instance_id, added_at=local(record.added_at, record.zone))


class RestrictedRecordShown(AnswerModel):
    """Satu arsip terbatas. `size` and `sha256` are those of the file."""

    id: UUID
    instance_id: UUID
    record: str = Field(examples=["daftar_gaji"])
    filename: str = Field(examples=["daftar-gaji-desember.xlsx"])
    media_type: str = Field(examples=["application/pdf"])
    size: int = Field(description="Byte.")
    sha256: str
    note: str | None
    added_by: ActorShown
    added_at: datetime

    @classmethod
    def of(cls, record: RestrictedRecord, words: RecordWords) -> Self:
        return cls(
            id=record.id,
            instance_id=record.instance_id,
            record=words.record,
            filename=words.filename,
            media_type=words.media_type,
            size=words.size,
            sha256=words.sha256,
            note=words.note,
            added_by=ActorShown.of(words.added_by),
            added_at=local(record.added_at, record.zone),
        )


class RestrictedRecordListed(AnswerModel):
    """Satu baris. `unreadable`: why it does not open, its words then being null: damaged, or sealed with a key that is not here."""

    id: UUID
    instance_id: UUID
    unreadable: Unreadable | None
    record: str | None
    filename: str | None
    media_type: str | None
    size: int | None = Field(description="Byte.")
    sha256: str | None
    note: str | None
    added_by: ActorShown | None
    added_at: datetime

    @classmethod
    def of(cls, record: RestrictedRecord, words: RecordWords) -> Self:
        return cls(unreadable=None, **dict(RestrictedRecordShown.of(record, words)))

    @classmethod
    def closed(cls, record: RestrictedRecord, why: Unreadable) -> Self:
        """One among others that do open."""
        words = dict.fromkeys(cls.model_fields)
        return cls(**words | {"id": record.id, "instance_id": record.instance_id, "added_at": local(record.added_at, record.zone), "unreadable": why})


class RestrictedRecordList(Listing[RestrictedRecordListed]):
    """Arsip terbatas satu pelaksanaan, yang lama dahulu. The oldest first."""
