"""Documents, their versions, and the marks put on a version."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from app.store.tables.base import json_field, long_text, one_of


class DocumentRow(SQLModel, table=True):
    """What fills one slot of one instance, over all its versions."""

    __tablename__ = "document"
    __table_args__ = (Index("uq_document_slot", "instance_id", "slot", unique=True),)
    id: UUID = Field(primary_key=True)
    instance_id: UUID = Field(foreign_key="instance.id")
    slot: str = Field(max_length=63)


class DocumentVersionRow(SQLModel, table=True):
    __tablename__ = "document_version"
    __table_args__ = (
        one_of("scan", "unscanned", "quarantined", "clean", "infected"),
        Index("ix_document_version_storage_key", "storage_key"),
        Index(
            "ix_document_version_quarantined",
            "uploaded_at",
            "instance_id",
            postgresql_where=text("scan = 'quarantined'"),
            sqlite_where=text("scan = 'quarantined'"),
        ),
    )
    instance_id: UUID = Field(foreign_key="instance.id", index=True)
    document_id: UUID = Field(primary_key=True, foreign_key="document.id")
    version: int = Field(primary_key=True)
    step: int
    round: int
    sha256: str = Field(max_length=64)
    size: int = Field(sa_type=BigInteger)
    media_type: str = Field(max_length=150)
    filename: str = Field(max_length=255)
    storage_key: str = Field(max_length=200)
    copy_of: int | None = None
    note: str | None = long_text(nullable=True)
    uploaded_by: Any = json_field()
    uploaded_at: datetime
    scan: str = Field(default="unscanned", max_length=20, sa_column_kwargs={"server_default": "unscanned"})
    scanned_at: datetime | None = None
    threat: str | None = Field(default=None, max_length=200)
    damaged_at: datetime | None = None
    signed_from: int | None = None


class MarkRow(SQLModel, table=True):
    """A paraf (`initial`) or tanda tangan (`signature`) on one version, bound to its SHA-256."""

    __tablename__ = "mark"
    __table_args__ = (one_of("mark", "initial", "signature"), Index("uq_mark", "document_id", "version", "mark", "role", "account_id", unique=True))
    id: UUID = Field(primary_key=True)
    instance_id: UUID = Field(foreign_key="instance.id", index=True)
    document_id: UUID
    version: int
    mark: str = Field(max_length=20)
    kind: str = Field(max_length=20)
    role: str = Field(max_length=63)
    account_id: UUID = Field(foreign_key="account.id")
    sha256: str = Field(max_length=64)
    actor: Any = json_field()
    at: datetime
    evidence: Any = json_field(nullable=True)


class BlobRow(SQLModel, table=True):
    """What storage holds under a key: written in the transaction that first names it; only digests are added later, once.

    `digests`: SHA-256 (hex) of each `chunk_bytes` bytes, one after the other; null for what was stored before digests were kept.
    """

    __tablename__ = "blob"
    storage_key: str = Field(primary_key=True, max_length=200)
    sha256: str = Field(max_length=64)
    size: int = Field(sa_type=BigInteger)
    chunk_bytes: int
    digests: str | None = long_text(nullable=True)
    stored_at: datetime


class UploadRow(SQLModel, table=True):
    """A resumable upload. `received` bytes are durable, in `parts` ([storage key, size] in their order), or in the version once it is finished.

    `said`: Upload-Metadata as it came.
    """

    __tablename__ = "upload"
    __table_args__ = (
        CheckConstraint("received >= 0 AND received <= length", name="received"),
        Index("ix_upload_expires_at", "expires_at"),
        Index("ix_upload_office_code", "office_code"),
    )
    id: UUID = Field(primary_key=True)
    instance_id: UUID = Field(foreign_key="instance.id", index=True)
    office_code: str = Field(foreign_key="office.code", max_length=40)
    account_id: UUID = Field(foreign_key="account.id", index=True)
    slot: str = Field(max_length=63)
    filename: str = Field(max_length=255)
    note: str | None = long_text(nullable=True)
    said: str = long_text()
    length: int = Field(sa_type=BigInteger)
    received: int = Field(sa_type=BigInteger)
    sha256: str | None = Field(default=None, max_length=64)
    parts: Any = json_field()
    created_at: datetime
    expires_at: datetime
    document_id: UUID | None = None
    version: int | None = None


class SigningRow(SQLModel, table=True):
    """A signature asked of the BSrE gateway: the intent is committed before the call, since signing is not idempotent.

    `code`: why it failed. `gateway_document`: the gateway's own id (`id_dokumen`). `made_version`: the signed version it became.
    """

    __tablename__ = "signing"
    __table_args__ = (one_of("state", "intended", "signed", "failed", "unknown"), Index("ix_signing_document", "document_id", "version"))
    id: UUID = Field(primary_key=True)
    instance_id: UUID = Field(foreign_key="instance.id", index=True)
    document_id: UUID = Field(foreign_key="document.id")
    version: int
    sha256: str = Field(max_length=64)
    account_id: UUID = Field(foreign_key="account.id")
    role: str = Field(max_length=63)
    actor: Any = json_field()
    gateway: str = Field(max_length=20)
    state: str = Field(max_length=20)
    code: str | None = Field(default=None, max_length=80)
    gateway_document: str | None = Field(default=None, max_length=200)
    made_version: int | None = None
    intended_at: datetime
    ended_at: datetime | None = None


class RestrictedRecordRow(SQLModel, table=True):
    """A salary paper: nothing here tells more than that there is one. What it is called, says and measures is inside `sealed` and the blob.

    `wrapped_key` is its own data key under the key that `key_id` names; `sealed` its metadata, the blob its bytes, both under the data key.
    """

    __tablename__ = "restricted_record"
    id: UUID = Field(primary_key=True)
    instance_id: UUID = Field(foreign_key="instance.id", index=True)
    office_code: str = Field(foreign_key="office.code", max_length=40, index=True)
    storage_key: str = Field(max_length=200, unique=True)
    size: int = Field(sa_type=BigInteger)
    sha256: str = Field(max_length=64)
    key_id: str = Field(max_length=32, index=True)
    wrapped_key: str = Field(max_length=200)
    sealed: str = long_text()
    added_by: UUID = Field(foreign_key="account.id")
    added_at: datetime
    damaged_at: datetime | None = None


class DocumentRecordRow(SQLModel, table=True):
    """How a document is filed: what the records office says about it, beside its versions. A number that the office itself gave is given once."""

    __tablename__ = "document_record"
    __table_args__ = (
        one_of("security_class", "ordinary", "limited", "confidential", "secret"),
        Index(
            "uq_document_record_number",
            "office_code",
            "number",
            unique=True,
            postgresql_where=text("number IS NOT NULL AND numbered_by IS NULL"),
            sqlite_where=text("number IS NOT NULL AND numbered_by IS NULL"),
        ),
        Index("ix_document_record_lower_number", text("lower(number)"), "office_code"),
        Index("ix_document_record_classification", "classification", "office_code"),
    )
    document_id: UUID = Field(primary_key=True, foreign_key="document.id")
    instance_id: UUID = Field(foreign_key="instance.id", index=True)
    office_code: str = Field(foreign_key="office.code", max_length=40, index=True)
    classification: str | None = Field(default=None, max_length=50)
    security_class: str = Field(max_length=20)
    retention_rule: str | None = Field(default=None, max_length=63)
    number: str | None = Field(default=None, max_length=100)
    numbered_by: str | None = Field(default=None, max_length=100)
    dated: date | None = None
    described_by: Any = json_field()
    described_at: datetime


class OfficeDocumentsRow(SQLModel, table=True):
    """What an office says about documents for itself and those below it; null: as the office above says."""

    __tablename__ = "office_documents"
    office_code: str = Field(primary_key=True, foreign_key="office.code", max_length=40)
    version: int
    max_file_bytes: int | None = Field(default=None, sa_type=BigInteger)
    max_open_bytes: int | None = Field(default=None, sa_type=BigInteger)


class RetentionScheduleRow(SQLModel, table=True):
    """The retention schedule (JRA) of an office and those below it: `rules` as data, replaced as a whole."""

    __tablename__ = "retention_schedule"
    office_code: str = Field(primary_key=True, foreign_key="office.code", max_length=40)
    version: int
    source: str = Field(max_length=400)
    rules: Any = json_field()
