"""Every table, one file per family. SQLModel describes and migrates them; rows are written only from validated domain values.

No `Relationship`, no enum types: states are text under a CHECK. Only Alembic creates tables.
"""

from app.store.tables.base import metadata, table
from app.store.tables.calendars import CalendarFeedRow, DayOffRow, ReportDateRow, SeasonRow, WorkScheduleRow
from app.store.tables.documents import (
    BlobRow,
    DocumentRecordRow,
    DocumentRow,
    DocumentVersionRow,
    MarkRow,
    OfficeDocumentsRow,
    RestrictedRecordRow,
    RetentionScheduleRow,
    SigningRow,
    UploadRow,
)
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
from app.store.tables.people import AccountRow, AssignmentRow, OfficeCoverRow, OfficeParentRow, OfficeRow
from app.store.tables.sessions import FamiliarAddressRow, RecoveryCodeRow, RefreshTokenRow, ServiceAccountRow, SessionRow, SignInFailureRow

__all__ = [
    "AccountRow",
    "AssignmentRow",
    "BlobRow",
    "CalendarFeedRow",
    "ClaimRow",
    "CommentRow",
    "DayOffRow",
    "DocumentRecordRow",
    "DocumentRow",
    "DocumentVersionRow",
    "EventRow",
    "FamiliarAddressRow",
    "IdempotencyKeyRow",
    "InstanceRow",
    "MarkRow",
    "MemberRow",
    "OfficeCoverRow",
    "OfficeDocumentsRow",
    "OfficeParentRow",
    "OfficeRow",
    "ProcedureRow",
    "RecoveryCodeRow",
    "RefreshTokenRow",
    "ReportDateRow",
    "RestrictedRecordRow",
    "RetentionScheduleRow",
    "SeasonRow",
    "ServiceAccountRow",
    "SessionRow",
    "SignInFailureRow",
    "SignOffRow",
    "SigningRow",
    "StepRoundRow",
    "SuspensionRow",
    "TaskRow",
    "TransitionRow",
    "UploadRow",
    "WorkScheduleRow",
    "metadata",
    "table",
]
