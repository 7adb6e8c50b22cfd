"""Every table, one file per family. SQLModel describes and migrates them; rows are written only from validated domain values.

No `Relationship`, no enum types: states are text under a CHECK. Only Alembic creates tables.
"""

from app.store.tables.base import metadata, table
from app.store.tables.calendars import DayOffRow, SeasonRow, WorkScheduleRow
from app.store.tables.documents import DocumentRow, DocumentVersionRow, MarkRow
from app.store.tables.instances import (
    ClaimRow,
    CommentRow,
    InstanceRow,
    MemberRow,
    ProcedureRow,
    SignOffRow,
    StepRoundRow,
    SuspensionRow,
    TaskRow,
    TransitionRow,
)
from app.store.tables.log import EventRow, IdempotencyKeyRow
from app.store.tables.people import AccountRow, AssignmentRow, OfficeCoverRow, OfficeRow, SessionRow

__all__ = [
    "AccountRow",
    "AssignmentRow",
    "ClaimRow",
    "CommentRow",
    "DayOffRow",
    "DocumentRow",
    "DocumentVersionRow",
    "EventRow",
    "IdempotencyKeyRow",
    "InstanceRow",
    "MarkRow",
    "MemberRow",
    "OfficeCoverRow",
    "OfficeRow",
    "ProcedureRow",
    "SeasonRow",
    "SessionRow",
    "SignOffRow",
    "StepRoundRow",
    "SuspensionRow",
    "TaskRow",
    "TransitionRow",
    "WorkScheduleRow",
    "metadata",
    "table",
]
