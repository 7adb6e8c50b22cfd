"""Offices, accounts, and what they hold."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, false
from sqlmodel import Field, SQLModel

from app.store.tables.base import one_of


class OfficeRow(SQLModel, table=True):
    """An office by region code. The event_… columns are the head of its own stream; calendar_version moves with its calendar.

    `calendar_changed_by` is the event that moved it last: of this office or of one above it.
    """

    __tablename__ = "office"
    code: str = Field(primary_key=True, max_length=40)
    name: str = Field(max_length=200)
    time_zone: str = Field(max_length=64)
    version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    calendar_version: int = 1
    calendar_changed_by: UUID | None = None
    event_sequence: int = Field(default=0, sa_type=BigInteger)
    event_hash: str = Field(default="0" * 64, max_length=64)
    event_at: datetime | None = None


class OfficeParentRow(SQLModel, table=True):
    """Which office stands above, from a day on (until the next row's). `from_at` is that day's first moment in the office's own zone.

    The first one has stood since `offices.FOUNDED`: when an office was really founded is nobody's question here.
    """

    __tablename__ = "office_parent"
    code: str = Field(primary_key=True, foreign_key="office.code", max_length=40)
    valid_from: date = Field(primary_key=True)
    parent_code: str = Field(foreign_key="office.code", max_length=40, index=True)
    from_at: datetime
    instrument_number: str | None = Field(default=None, max_length=100)
    instrument_date: date | None = None


class OfficeCoverRow(SQLModel, table=True):
    """Every office under every office above it, itself included, while it is so: who holds something above sees what is below.

    Computed from office_parent whenever that changes. `until_at` is outside; null where no end is known.
    """

    __tablename__ = "office_cover"
    ancestor: str = Field(primary_key=True, foreign_key="office.code", max_length=40)
    code: str = Field(primary_key=True, foreign_key="office.code", max_length=40, index=True)
    from_at: datetime = Field(primary_key=True)
    until_at: datetime | None = None
    depth: int = 0


class AccountRow(SQLModel, table=True):
    """A person, or a machine, that may be let in. `office_code` is where the account is administered; it grants nothing.

    `is_demo`: made by the demo, whose password everybody knows; outside demo mode nobody signs in with it.
    `issuer` and `subject` name a person of another OpenID issuer; `claims_at` is the issue time of the token that was last believed;
    tokens of that issuer issued at or before `tokens_not_before` are over.
    `totp_…` are sealed; `totp_step` is the last time step whose code was used. Only the hash of a one-time secret is kept.
    `reset_by`: the administrator who issued it; null where it came from the command line.
    """

    __tablename__ = "account"
    __table_args__ = (
        one_of("kind", "person", "machine"),
        UniqueConstraint("issuer", "subject", name="uq_account_issuer_subject"),
    )
    id: UUID = Field(primary_key=True)
    username: str = Field(max_length=100, unique=True)
    name: str = Field(max_length=200)
    kind: str = Field(default="person", max_length=20, sa_column_kwargs={"server_default": "person"})
    office_code: str = Field(foreign_key="office.code", max_length=40, index=True)
    nip: str | None = Field(default=None, max_length=18, unique=True)
    password_hash: str = Field(max_length=400)
    password_changed_at: datetime | None = None
    active: bool = True
    closed_at: datetime | None = None
    is_demo: bool = False
    version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    created_at: datetime
    issuer: str | None = Field(default=None, max_length=500)
    subject: str | None = Field(default=None, max_length=255)
    claims_at: datetime | None = None
    tokens_not_before: datetime | None = None
    totp_secret: str | None = Field(default=None, max_length=400)
    totp_pending: str | None = Field(default=None, max_length=400)
    totp_step: int | None = Field(default=None, sa_type=BigInteger)
    second_factor_at: datetime | None = None
    reset_hash: str | None = Field(default=None, max_length=64)
    reset_expires_at: datetime | None = None
    reset_by: UUID | None = Field(default=None, foreign_key="account.id")


class AssignmentRow(SQLModel, table=True):
    """A role or a permission held at an office, from `valid_from` to `valid_to` (both days inside, in the office's zone).

    `source` issuer: claimed by a token of another issuer; `withdrawn`: that issuer claims it no more. What was revoked here stays revoked.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        one_of("capacity", "definitive", "plt", "plh", "pj"),
        one_of("source", "local", "issuer"),
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
    source: str = Field(default="local", max_length=20, sa_column_kwargs={"server_default": "local"})
    version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    created_at: datetime
    revoked_at: datetime | None = None
    withdrawn: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
