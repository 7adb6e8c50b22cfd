"""Bodies of worklists and deadline pages."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from app.domain.durations import Duration, Unit
from app.web.paging import Listing
from app.web.schemas.base import AnswerModel, Moment, RequestModel, Whole, mistake
from app.web.schemas.common import DurationShown, OfficeRef, PeriodShown, ProcedureRef
from app.web.schemas.instances import DeadlineState, StepState


class InstanceRef(AnswerModel):
    id: UUID
    title: str
    procedure: ProcedureRef
    office: OfficeRef
    period: PeriodShown


class TaskShown(AnswerModel):
    """Satu hal yang menunggu Anda. `ready` is false while there is nothing to mark yet."""

    kind: Literal["step", "initial", "signature"]
    instance: InstanceRef
    step: int
    round: int
    activity: str
    role: str
    slot: str | None
    document_id: UUID | None
    ready: bool
    since: datetime
    due_at: datetime
    deadline_state: DeadlineState | None
    claimed_by: str | None
    claimed_by_me: bool


class TaskList(Listing[TaskShown]):
    """Yang menunggu Anda sekarang, yang paling mendesak dahulu."""


class DeadlineShown(AnswerModel):
    """Tenggat satu langkah yang sedang berjalan."""

    instance: InstanceRef
    step: int
    round: int
    activity: str
    performers: list[str]
    started_at: datetime
    due_soon_at: datetime
    due_at: datetime
    deadline_state: DeadlineState | None


class DeadlineList(Listing[DeadlineShown]):
    """Tenggat langkah yang sedang berjalan, yang paling dekat dahulu."""


class StepDeadline(AnswerModel):
    """Satu putaran langkah: kapan dimulai, kapan tenggatnya, kapan selesai."""

    step: int
    round: int
    activity: str
    state: StepState
    duration: DurationShown
    started_at: datetime | None
    due_soon_at: datetime | None
    due_at: datetime | None
    completed_at: datetime | None
    deadline_state: DeadlineState | None
    late_reasons: list[str]


class InstanceDeadlines(AnswerModel):
    """Semua tenggat satu pelaksanaan, termasuk putaran yang sudah lewat."""

    instance_id: UUID
    planned_end_at: datetime
    forecast_end_at: datetime | None
    items: list[StepDeadline]


class DurationRequest(RequestModel):
    """Waktu menurut SOP; "hari" berarti working_day."""

    value: Whole = Field(gt=0, le=1000, examples=[30])
    unit: Unit = Field(examples=["minute"])

    def as_duration(self) -> Duration:
        return Duration(value=self.value, unit=self.unit)


def _within_reach(moment: datetime) -> datetime:
    if not 2000 <= moment.year <= 2100:
        raise mistake("year_out_of_reach", indonesian="Tahun 2000 sampai 2100.", english="The year must be 2000 to 2100.")
    return moment


StartsAt = Annotated[Moment, AfterValidator(_within_reach), Field(description="RFC 3339 dengan selisih zona. With its offset.")]


class CalculationRequest(RequestModel):
    office: str = Field(max_length=40, examples=["64.02.13"])
    starts_at: StartsAt = Field(examples=["2027-03-01T08:00:00+08:00"])
    duration: DurationRequest


class UsedInterval(AnswerModel):
    from_: datetime = Field(serialization_alias="from")
    to: datetime


class SkippedDay(AnswerModel):
    date: str = Field(examples=["2026-12-24"])
    reason: str = Field(examples=["Cuti bersama Natal"])


class ExplanationShown(AnswerModel):
    """Waktu kantor yang dipakai, dan hari yang dilewati beserta sebabnya."""

    used: list[UsedInterval]
    skipped: list[SkippedDay]
    warnings: list[str]


class Calculation(AnswerModel):
    due_at: datetime
    explanation: ExplanationShown


class PlanRequest(RequestModel):
    office: str = Field(max_length=40, examples=["64.02.13"])
    starts_at: StartsAt = Field(examples=["2027-01-04T07:30:00+08:00"])


class PlannedStepShown(AnswerModel):
    number: int
    activity: str
    starts_at: datetime
    due_at: datetime


class Plan(AnswerModel):
    """Rencana bertanggal: setiap langkah memakai seluruh waktunya. Every step takes its whole allowance."""

    procedure: ProcedureRef
    office: OfficeRef
    steps: list[PlannedStepShown]
    ends_at: datetime
