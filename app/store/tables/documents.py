"""Documents, their versions, and the marks put on a version."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index
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
    __table_args__ = (Index("ix_document_version_storage_key", "storage_key"),)
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
