"""Offices, accounts, what they hold, and their sessions."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field, SQLModel

from app.store.tables.base import one_of


class OfficeRow(SQLModel, table=True):
    """An office by region code. The event_… columns are the head of its own stream; calendar_version moves with its calendar."""

    __tablename__ = "office"
    code: str = Field(primary_key=True, max_length=40)
    name: str = Field(max_length=200)
    parent_code: str | None = Field(default=None, foreign_key="office.code", max_length=40)
    time_zone: str = Field(max_length=64)
    calendar_version: int = 1
    event_sequence: int = Field(default=0, sa_type=BigInteger)
    event_hash: str = Field(default="0" * 64, max_length=64)
    event_at: datetime | None = None


class OfficeCoverRow(SQLModel, table=True):
    """Every office under every office above it, itself included: who holds something above sees what is below."""

    __tablename__ = "office_cover"
    ancestor: str = Field(primary_key=True, foreign_key="office.code", max_length=40)
    code: str = Field(primary_key=True, foreign_key="office.code", max_length=40, index=True)
    depth: int = 0


class AccountRow(SQLModel, table=True):
    """`is_demo`: made by the demo, whose password everybody knows; outside demo mode nobody signs in with it."""

    __tablename__ = "account"
    id: UUID = Field(primary_key=True)
    username: str = Field(max_length=100, unique=True)
    name: str = Field(max_length=200)
    password_hash: str = Field(max_length=400)
    active: bool = True
    is_demo: bool = False
    created_at: datetime


class AssignmentRow(SQLModel, table=True):
    """A role or a permission held at an office, from `valid_from` to `valid_to` (both days inside, in the office's zone)."""

    __tablename__ = "assignment"
    __table_args__ = (
        one_of("capacity", "definitive", "plt", "plh", "pj"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="validity"),
        Index("ix_assignment_office_role", "office_code", "role"),
    )
    id: UUID = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", index=True)
    office_code: str = Field(foreign_key="office.code", max_length=40)
    role: str = Field(max_length=63)
    capacity: str = Field(default="definitive", max_length=20)
    valid_from: date
    valid_to: date | None = None
    instrument_number: str | None = Field(default=None, max_length=100)
    instrument_date: date | None = None
    created_at: datetime
    revoked_at: datetime | None = None


class SessionRow(SQLModel, table=True):
    """One sign-in. Only hashes of refresh tokens are kept; presenting an older one ends the session."""

    __tablename__ = "session"
    id: UUID = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", index=True)
    refresh_hash: str = Field(max_length=64)
    created_at: datetime
    refreshed_at: datetime
    expires_at: datetime = Field(index=True)
    revoked_at: datetime | None = None
