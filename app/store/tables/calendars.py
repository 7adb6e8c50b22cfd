"""Office hours, seasons and days off, per office and inherited from the offices above."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from app.store.tables.base import json_field, one_of


class WorkScheduleRow(SQLModel, table=True):
    """Office hours from a date on. `week` = seven lists (Monday first) of ["HH:MM", "HH:MM"]; `season` null is the normal week."""

    __tablename__ = "work_schedule"
    __table_args__ = (Index("uq_work_schedule", "office_code", text("coalesce(season, '')"), "valid_from", unique=True),)
    id: UUID = Field(primary_key=True)
    office_code: str = Field(foreign_key="office.code", max_length=40)
    season: str | None = Field(default=None, max_length=40)
    valid_from: date
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


class DayOffRow(SQLModel, table=True):
    __tablename__ = "day_off"
    __table_args__ = (one_of("kind", "public", "joint_leave", "local"), Index("uq_day_off", "office_code", "day", "kind", unique=True))
    id: UUID = Field(primary_key=True)
    office_code: str = Field(foreign_key="office.code", max_length=40)
    day: date
    kind: str = Field(max_length=20)
    name: str = Field(max_length=200)
    source: str = Field(default="", max_length=400)
    decree: str | None = Field(default=None, max_length=200)
    provisional: bool = False
