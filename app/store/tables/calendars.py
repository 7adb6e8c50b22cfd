"""Office hours, seasons and days off, per office and inherited from the offices above."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from app.store.tables.base import json_field, one_of


class WorkScheduleRow(SQLModel, table=True):
    """Office hours from `valid_from` to `valid_to` (null: on and on).

    `week` = seven lists (Monday first) of ["HH:MM", "HH:MM"]; `season` null is the normal week.
    """

    __tablename__ = "work_schedule"
    __table_args__ = (
        Index("uq_work_schedule", "office_code", text("coalesce(season, '')"), "valid_from", unique=True),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates"),
    )
    id: UUID = Field(primary_key=True)
    office_code: str = Field(foreign_key="office.code", max_length=40)
    season: str | None = Field(default=None, max_length=40)
    valid_from: date
    valid_to: date | None = None
    week: Any = json_field()
    source: str = Field(default="", max_length=400)


class SeasonRow(SQLModel, table=True):
    __tablename__ = "season"
    __table_args__ = (CheckConstraint("ends_on >= starts_on", name="dates"),)
    id: UUID = Field(primary_key=True)
    office_code: str = Field(foreign_key="office.code", max_length=40, index=True)
    name: str = Field(max_length=40)
    starts_on: date
    ends_on: date
    provisional: bool = False
    source: str = Field(default="", max_length=400, sa_column_kwargs={"server_default": ""})


class DayOffRow(SQLModel, table=True):
    __tablename__ = "day_off"
    __table_args__ = (one_of("kind", "public", "joint_leave", "local", "working"), Index("uq_day_off", "office_code", "day", "kind", unique=True))
    id: UUID = Field(primary_key=True)
    office_code: str = Field(foreign_key="office.code", max_length=40)
    day: date
    kind: str = Field(max_length=20)
    name: str = Field(max_length=200)
    source: str = Field(default="", max_length=400)
    decree: str | None = Field(default=None, max_length=200)
    provisional: bool = False


class ReportDateRow(SQLModel, table=True):
    """Until when the LKJIP about a year is due at an office and those below it."""

    __tablename__ = "report_date"
    __table_args__ = (CheckConstraint("margin_days >= 0", name="margin_days"),)
    office_code: str = Field(primary_key=True, foreign_key="office.code", max_length=40)
    year: int = Field(primary_key=True)
    due_on: date
    margin_days: int


class CalendarFeedRow(SQLModel, table=True):
    """An iCalendar feed: whoever knows the secret (of which only the SHA-256 is kept) reads what its owner may see, until it is revoked.

    `office_code` null: what waits for the owner; else the deadlines of that office.
    """

    __tablename__ = "calendar_feed"
    id: UUID = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", index=True)
    office_code: str | None = Field(default=None, foreign_key="office.code", max_length=40)
    secret_hash: str = Field(max_length=64, unique=True)
    created_at: datetime
    revoked_at: datetime | None = None
