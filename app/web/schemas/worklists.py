"""Bodies of worklists and deadline pages."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from app.domain.calendars import ReasonCode
from app.domain.durations import Duration, Unit
from app.web.paging import Listing
from app.web.schemas.base import AnswerModel, Day, Moment, RequestModel, Whole, mistake
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


class UsedInterval(AnswerModel):
    from_: datetime = Field(serialization_alias="from")
    to: datetime


class SkippedDay(AnswerModel):
    date: str = Field(examples=["2026-12-24"])
    code: ReasonCode = Field(examples=["joint_leave"])
    reason: str = Field(examples=["Cuti bersama Natal"])


class ExplanationShown(AnswerModel):
    """Waktu kantor yang dipakai, dan hari yang dilewati beserta sebabnya."""

    used: list[UsedInterval]
    skipped: list[SkippedDay]
    warnings: list[str]


class Recomputed(AnswerModel):
    """Satu kali tenggat dihitung ulang. `change` is the event that made it necessary."""

    at: datetime
    from_: datetime = Field(serialization_alias="from")
    to: datetime
    reason: str = Field(examples=["calendar_changed"])
    change: UUID | None


class OfficeTime(AnswerModel):
    """Waktu kantor. `working_days` are those after the first day, up to the last."""

    office_minutes: int
    working_days: int


class StepDeadline(AnswerModel):
    """Satu putaran langkah: kapan dimulai, kapan tenggatnya, kapan selesai.

    `used` and `late`: office time, pauses aside, kept when a round is completed or returned. With `explain=true`: `explanation`
    (null with the reason in `explanation_missing` where today's calendar does not lead to `due_at`) and `history`, how `due_at` was moved.
    """

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
    used: OfficeTime | None
    late: OfficeTime | None
    explanation: ExplanationShown | None
    explanation_missing: Literal["calendar_changed"] | None
    history: list[Recomputed] | None


class ForecastStep(AnswerModel):
    """Langkah yang belum dimulai, bila semua berjalan sesuai waktunya."""

    step: int
    activity: str
    starts_at: datetime
    due_at: datetime


class StepLateness(OfficeTime):
    step: int
    activity: str


class RoleLateness(OfficeTime):
    role: str = Field(examples=["sekretaris"])
    label: str = Field(examples=["Sekretaris"])


class LatenessShown(AnswerModel):
    """Keterlambatan dalam waktu kantor, penangguhan tidak dihitung. Office time after the deadlines, until now for the active step.

    `by_role`: each role's own part, until it was signed off. `against_plan`: from the planned end to the real or foreseen one, null without one.
    """

    total: OfficeTime
    by_step: list[StepLateness]
    by_role: list[RoleLateness]
    against_plan: OfficeTime | None


class InstanceDeadlines(AnswerModel):
    """Semua tenggat satu pelaksanaan, termasuk putaran yang sudah lewat."""

    instance_id: UUID
    planned_end_at: datetime
    forecast_end_at: datetime | None
    recomputing: bool = Field(description="Kalender berubah; tenggat sedang dihitung ulang. The calendar changed, and due times follow it soon.")
    forecast: list[ForecastStep]
    lateness: LatenessShown
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


class Calculation(AnswerModel):
    due_at: datetime
    explanation: ExplanationShown


def _day_within_reach(day: date) -> date:
    if not 2000 <= day.year <= 2100:
        raise mistake("year_out_of_reach", indonesian="Tahun 2000 sampai 2100.", english="The year must be 2000 to 2100.")
    return day


class PlanRequest(RequestModel):
    """Mulai kapan (`starts_at`), atau harus selesai paling lambat hari apa (`ends_by`): salah satu. One of the two."""

    office: str = Field(max_length=40, examples=["64.02.13"])
    starts_at: StartsAt | None = Field(default=None, examples=["2027-01-04T07:30:00+08:00"])
    ends_by: Annotated[Day, AfterValidator(_day_within_reach)] | None = Field(
        default=None, description="Hari terakhir. The last day on which it may end: the plan is then the one that starts latest."
    )

    @model_validator(mode="after")
    def _wishes_one_thing(self) -> Self:
        if (self.starts_at is None) == (self.ends_by is None):
            raise mistake(
                "plan_ambiguous", indonesian="Sebutkan starts_at atau ends_by, salah satu.", english="Name starts_at or ends_by, one of them."
            )
        return self


class PlannedStepShown(AnswerModel):
    """`warnings`: `calendar_not_covered`, `provisional_day`, `provisional_season`. `explanation` only with `explain=true`."""

    number: int
    activity: str
    starts_at: datetime
    due_at: datetime
    warnings: list[str]
    explanation: ExplanationShown | None


class Plan(AnswerModel):
    """Rencana bertanggal: setiap langkah memakai seluruh waktunya. Every step takes its whole allowance."""

    procedure: ProcedureRef
    office: OfficeRef
    starts_at: datetime
    steps: list[PlannedStepShown]
    ends_at: datetime
