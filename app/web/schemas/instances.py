"""Bodies about instances: what starting one asks for, and what an instance looks like to its caller."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from app.domain.lkjip import LkjipRisk
from app.domain.procedures import Symbol
from app.domain.transitions import Action
from app.web.paging import Listing
from app.web.patterns import NOT_BLANK
from app.web.schemas.base import AnswerModel, RequestModel
from app.web.schemas.common import ActorShown, DurationShown, OfficeRef, PeriodRequest, PeriodShown, ProcedureRef, RefusalShown

DeadlineState = Literal["on_time", "due_soon", "overdue", "met", "missed", "paused"]
InstanceState = Literal["running", "suspended", "completed", "cancelled"]
StepState = Literal["pending", "active", "completed", "returned", "skipped", "cancelled"]


class InstanceStart(RequestModel):
    """Mulai satu pelaksanaan prosedur. Start a procedure at an office for a period."""

    procedure: str = Field(max_length=80, examples=["pengumpulan-data-kinerja"])
    office: str = Field(max_length=40, examples=["64.02.13"])
    period: PeriodRequest
    title: str | None = Field(default=None, min_length=1, max_length=300, pattern=NOT_BLANK, examples=["Pengumpulan Data Kinerja Triwulan IV 2026"])


class SignOffShown(AnswerModel):
    name: str
    label: str = Field(examples=["Sekretaris"])
    at: datetime
    late_reason: str | None


class PerformerShown(AnswerModel):
    """Satu bagian pelaksana. `required` of its sign-offs complete the part; `claimed_by` holds it for now."""

    role: str = Field(examples=["sekretaris"])
    label: str = Field(examples=["Sekretaris"])
    signed_off_by: str | None
    signed_off_at: datetime | None
    required: int
    sign_offs: list[SignOffShown]
    claimed_by: str | None


class SlotShown(AnswerModel):
    """Kelengkapan atau keluaran satu langkah. `initial_by` and `signature_by` are marks it must carry."""

    slot: str = Field(examples=["draf_tim"])
    label: str = Field(examples=["Draf Tim"])
    kind: Literal["document", "team"]
    filled: bool
    document_id: UUID | None
    initial_by: list[str]
    signature_by: list[str]
    signature_kind: Literal["wet", "electronic", "either"]


class StepShown(AnswerModel):
    """Satu langkah. A pending step has no due time yet; `round` 0 means never opened."""

    number: int
    activity: str
    symbol: Symbol
    performers: list[PerformerShown]
    state: StepState
    round: int
    started_at: datetime | None
    due_at: datetime | None
    completed_at: datetime | None
    deadline_state: DeadlineState | None
    late_reason: str | None
    decision: Literal["yes", "no"] | None
    duration: DurationShown
    inputs: list[SlotShown]
    outputs: list[SlotShown]


class WaitingForShown(AnswerModel):
    kind: Literal["step", "initial", "signature"]
    role: str = Field(examples=["camat"])
    people: list[str]
    since: datetime


class MemberShown(AnswerModel):
    username: str = Field(examples=["tim1"])
    name: str


class InstrumentShown(AnswerModel):
    """Surat keputusan tim. The decree that names the team."""

    number: str | None = Field(examples=["188.45/12/2026"])
    date: str | None = Field(examples=["2026-11-23"])


class ActionShown(AnswerModel):
    """Satu tindakan dan boleh tidaknya bagi Anda. Judged by the rules that guard the POST; `needs` is what the body must bring."""

    action: Action
    step: int | None
    allowed: bool
    refusals: list[RefusalShown]
    needs: list[Literal["reason", "late_reason", "team", "decision"]]
    to_steps: list[int]


class InstanceHead(AnswerModel):
    """What a row of the list and the instance itself have in common."""

    id: UUID
    procedure: ProcedureRef
    office: OfficeRef
    period: PeriodShown
    title: str
    state: InstanceState
    current_step: int | None
    version: int
    started_at: datetime
    completed_at: datetime | None
    planned_end_at: datetime


class InstanceSummary(InstanceHead):
    """Satu baris daftar pelaksanaan. `due_at` is that of the active step."""

    due_at: datetime | None
    deadline_state: DeadlineState | None


class InstanceList(Listing[InstanceSummary]):
    """Daftar pelaksanaan."""


class InstanceShown(InstanceHead):
    """Satu pelaksanaan prosedur, sebagaimana Anda boleh melihat dan menindaknya. An instance as its caller sees it.

    `lkjip_risk`: apakah LKJIP tahun itu masih terkejar. Whether the yearly report, due on `lkjip_due_on`, is still met; null when cancelled, or
    where no LKJIP waits for the procedure. `recomputing`: the calendar changed, and the due time is about to be computed anew.
    """

    forecast_end_at: datetime | None
    lkjip_due_on: date | None
    lkjip_risk: LkjipRisk | None
    recomputing: bool
    waiting_for: list[WaitingForShown]
    steps: list[StepShown]
    team: list[MemberShown]
    team_instrument: InstrumentShown | None
    actions: list[ActionShown]


class CommentRequest(RequestModel):
    body: str = Field(min_length=1, max_length=10_000, pattern=NOT_BLANK, examples=["Data triwulan IV dari seksi pelayanan menyusul besok."])


class CommentShown(AnswerModel):
    id: UUID
    body: str
    actor: ActorShown
    at: datetime


class CommentList(Listing[CommentShown]):
    """Komentar, yang lama dahulu."""
