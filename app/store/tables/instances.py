"""Published procedures, and instances with all that an act decides on.

Rows of one instance mirror the frozen values of `domain/instances.py` field by field: the store writes the difference of two such values.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, text
from sqlmodel import Field, SQLModel

from app.store.tables.base import json_field, long_text, one_of
from app.store.types import OrderedJsonColumn


class ProcedureRow(SQLModel, table=True):
    """One published version; never updated. `sha256` is of the canonical JSON, so publishing the same text twice adds nothing."""

    __tablename__ = "procedure"
    key: str = Field(primary_key=True, max_length=80)
    version: int = Field(primary_key=True)
    title: str = Field(max_length=300)
    definition: Any = Field(sa_type=OrderedJsonColumn, nullable=False)
    sha256: str = Field(max_length=64)
    published_at: datetime


class InstanceRow(SQLModel, table=True):
    """`version` guards every act; the event_… columns are the head of this instance's stream."""

    __tablename__ = "instance"
    __table_args__ = (
        ForeignKeyConstraint(["procedure_key", "procedure_version"], ["procedure.key", "procedure.version"]),
        one_of("state", "running", "suspended", "completed", "cancelled"),
        Index(
            "uq_instance_open",
            "procedure_key",
            "office_code",
            "period_key",
            unique=True,
            postgresql_where=text("state IN ('running', 'suspended')"),
            sqlite_where=text("state IN ('running', 'suspended')"),
        ),
        Index("ix_instance_office_id", "office_code", "id"),
        Index("ix_instance_state_id", "state", "id"),
        Index("ix_instance_period_id", "period_key", "id"),
    )
    id: UUID = Field(primary_key=True)
    procedure_key: str = Field(max_length=80)
    procedure_version: int
    office_code: str = Field(foreign_key="office.code", max_length=40)
    period_key: str = Field(max_length=7)
    title: str = Field(max_length=300)
    state: str = Field(max_length=20)
    version: int
    current_step: int | None = None
    started_by: UUID = Field(foreign_key="account.id")
    started_at: datetime
    planned_end_at: datetime
    completed_at: datetime | None = None
    team_instrument: Any = json_field(nullable=True)
    event_sequence: int = Field(sa_type=BigInteger)
    event_hash: str = Field(max_length=64)
    event_at: datetime


class StepRoundRow(SQLModel, table=True):
    """A step taken once; a return opens the next round. `is_current` marks the round that the instance shows for that step."""

    __tablename__ = "step_round"
    __table_args__ = (
        one_of("state", "active", "completed", "returned", "skipped", "cancelled"),
        Index(
            "ix_step_round_due",
            "due_at",
            "instance_id",
            postgresql_where=text("state = 'active'"),
            sqlite_where=text("state = 'active'"),
        ),
        Index(
            "ix_step_round_office_due",
            "office_code",
            "due_at",
            "instance_id",
            postgresql_where=text("state = 'active'"),
            sqlite_where=text("state = 'active'"),
        ),
        Index(
            "ix_step_round_alarm",
            "alarm_at",
            "instance_id",
            postgresql_where=text("state = 'active' AND alarm_at IS NOT NULL"),
            sqlite_where=text("state = 'active' AND alarm_at IS NOT NULL"),
        ),
        Index(
            "ix_step_round_calendar",
            "office_code",
            "calendar_version",
            "instance_id",
            postgresql_where=text("state = 'active'"),
            sqlite_where=text("state = 'active'"),
        ),
        Index(
            "ix_step_round_closed", "office_code", "completed_at", postgresql_where=text("state <> 'active'"), sqlite_where=text("state <> 'active'")
        ),
    )
    instance_id: UUID = Field(primary_key=True, foreign_key="instance.id")
    step: int = Field(primary_key=True)
    round: int = Field(primary_key=True)
    office_code: str = Field(foreign_key="office.code", max_length=40)
    state: str = Field(max_length=20)
    is_current: bool = True
    started_at: datetime | None = None
    due_at: datetime | None = None
    due_soon_at: datetime | None = None
    paused_at: datetime | None = None
    completed_at: datetime | None = None
    calendar_version: int = 0
    decision: str | None = Field(default=None, max_length=3)
    alarm_at: datetime | None = None
    due_soon_told_at: datetime | None = None
    missed_told_at: datetime | None = None
    used_minutes: int | None = None
    used_days: int | None = None
    late_minutes: int | None = None
    late_days: int | None = None


class SignOffRow(SQLModel, table=True):
    __tablename__ = "sign_off"
    instance_id: UUID = Field(primary_key=True, foreign_key="instance.id")
    step: int = Field(primary_key=True)
    round: int = Field(primary_key=True)
    role: str = Field(primary_key=True, max_length=63)
    account_id: UUID = Field(primary_key=True, foreign_key="account.id")
    number: int = Field(primary_key=True)
    actor: Any = json_field()
    at: datetime
    late_reason: str | None = long_text(nullable=True)
    voided_at: datetime | None = None
    used_minutes: int | None = None
    used_days: int | None = None
    late_minutes: int | None = None
    late_days: int | None = None


class ClaimRow(SQLModel, table=True):
    __tablename__ = "claim"
    instance_id: UUID = Field(primary_key=True, foreign_key="instance.id")
    step: int = Field(primary_key=True)
    role: str = Field(primary_key=True, max_length=63)
    account_id: UUID = Field(foreign_key="account.id")
    name: str = Field(max_length=200)
    at: datetime


class MemberRow(SQLModel, table=True):
    __tablename__ = "team_member"
    instance_id: UUID = Field(primary_key=True, foreign_key="instance.id")
    account_id: UUID = Field(primary_key=True, foreign_key="account.id", index=True)
    username: str = Field(max_length=100)
    name: str = Field(max_length=200)
    added_at: datetime


class SuspensionRow(SQLModel, table=True):
    __tablename__ = "suspension"
    instance_id: UUID = Field(primary_key=True, foreign_key="instance.id")
    number: int = Field(primary_key=True)
    suspended_at: datetime
    resumed_at: datetime | None = None


class TaskRow(SQLModel, table=True):
    """What waits for whom now: derived from the instance and rewritten in the same act, so that a worklist is one indexed read."""

    __tablename__ = "task"
    __table_args__ = (
        one_of("kind", "step", "initial", "signature"),
        Index("ix_task_office_role", "office_code", "role", "due_at", "instance_id"),
        Index("ix_task_account", "account_id", "due_at", "instance_id"),
    )
    instance_id: UUID = Field(primary_key=True, foreign_key="instance.id")
    kind: str = Field(primary_key=True, max_length=20)
    role: str = Field(primary_key=True, max_length=63)
    slot: str = Field(primary_key=True, max_length=63)
    member: str = Field(primary_key=True, max_length=36)
    account_id: UUID | None = Field(default=None, foreign_key="account.id")
    office_code: str = Field(foreign_key="office.code", max_length=40)
    step: int
    round: int
    since: datetime
    due_at: datetime
    due_soon_at: datetime
    document_id: UUID | None = None
    claimed_by: UUID | None = None
    claimed_by_name: str | None = Field(default=None, max_length=200)


class TransitionRow(SQLModel, table=True):
    """One transition taken, with the words that people wrote: the event log holds only their hashes."""

    __tablename__ = "transition"
    __table_args__ = (Index("uq_transition_sequence", "instance_id", "sequence", unique=True),)
    id: UUID = Field(primary_key=True)
    instance_id: UUID = Field(foreign_key="instance.id")
    sequence: int = Field(sa_type=BigInteger)
    action: str = Field(max_length=20)
    step: int | None = None
    to_step: int | None = None
    decision: str | None = Field(default=None, max_length=3)
    actor: Any = json_field()
    at: datetime
    reason: str | None = long_text(nullable=True)
    late_reason: str | None = long_text(nullable=True)
    comment: str | None = long_text(nullable=True)


class CommentRow(SQLModel, table=True):
    __tablename__ = "comment"
    __table_args__ = (Index("uq_comment_sequence", "instance_id", "sequence", unique=True),)
    id: UUID = Field(primary_key=True)
    instance_id: UUID = Field(foreign_key="instance.id")
    sequence: int = Field(sa_type=BigInteger)
    body: str = long_text()
    actor: Any = json_field()
    at: datetime
