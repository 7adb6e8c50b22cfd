"""The one log, and the answers kept for retries."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Index, Integer
from sqlmodel import Field, SQLModel

from app.store.tables.base import json_field, long_text
from app.store.types import CurrentTransaction, TransactionId


class EventRow(SQLModel, table=True):
    """The one log. (xid, position) is the reading order; (stream, sequence) the order within a stream; `hash` chains it.

    Who follows one office reads it by an index of its own: without it each pull that finds nothing new walks everybody's log.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index("uq_event_stream_sequence", "stream", "sequence", unique=True),
        Index("ix_event_xid_position", "xid", "position"),
        Index("ix_event_office_xid_position", "office_code", "xid", "position"),
        Index("uq_event_id", "id", unique=True),
    )
    position: int = Field(sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), Identity(always=True), primary_key=True))
    xid: int = Field(sa_column=Column(TransactionId(), nullable=False, server_default=CurrentTransaction()))
    id: UUID
    stream: str = Field(max_length=80)
    sequence: int = Field(sa_type=BigInteger)
    type: str = Field(max_length=60)
    instance_id: UUID | None = Field(default=None, foreign_key="instance.id")
    office_code: str = Field(foreign_key="office.code", max_length=40)
    at: datetime
    actor: Any = json_field(nullable=True)
    data: Any = json_field()
    previous_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class IdempotencyKeyRow(SQLModel, table=True):
    """The 2xx answer to one POST, kept 24 h per caller so that a retry is answered with it instead of acting twice."""

    __tablename__ = "idempotency_key"
    caller: UUID = Field(primary_key=True)
    key: str = Field(primary_key=True, max_length=255)
    fingerprint: str = Field(max_length=64)
    status: int
    headers: Any = json_field()
    body: str = long_text()
    created_at: datetime = Field(index=True)
