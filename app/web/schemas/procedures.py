"""Procedures as answers: what stands in a published version, field by field as in its YAML."""

from datetime import date, datetime
from typing import Literal, Self

from pydantic import Field

from app.domain.procedure_checks import ProcedureProblem
from app.domain.procedures import DocumentType, Symbol
from app.domain.refusals import Language
from app.store.procedures import ProcedureLine
from app.usecases.procedures import ProcedureView
from app.web.paging import Listing
from app.web.schemas.base import AnswerModel
from app.web.schemas.common import DurationShown


class PhraseShown(AnswerModel):
    """`text`: kata-kata naskah apa adanya, termasuk salah ketiknya. `label`: bentuk yang dibetulkan. The paper's words, and their corrected form."""

    text: str = Field(examples=["Laporan sudah di tandatangi"])
    label: str = Field(examples=["Laporan sudah ditandatangani"])


class RelatedProcedureShown(PhraseShown):
    """SOP terkait. `key` links it when it is published here."""

    key: str | None


class RecordKindShown(PhraseShown):
    """Jenis catatan yang disimpan. A kind of record that is kept; `key` names it where restricted records are added."""

    key: str | None
    security_class: Literal["open", "restricted"]


class ProcedureIdentityShown(AnswerModel):
    """Blok identitas lembar SOP. A date that the paper does not fully give is null; its words stand in `…_text`."""

    organization: list[PhraseShown]
    number: str | None
    created_on: date | None
    created_on_text: str | None = Field(examples=["Desember 2021"])
    revised_on: date | None
    revised_on_text: str | None
    effective_on: date | None
    effective_on_text: str | None = Field(examples=["Desember 2021"])
    approved_by: PhraseShown
    title: PhraseShown
    legal_basis: list[PhraseShown]
    performer_qualifications: list[PhraseShown]
    related_procedures: list[RelatedProcedureShown]
    equipment: list[PhraseShown]
    warnings: list[PhraseShown]
    records: list[RecordKindShown]


class RoleShown(AnswerModel):
    """Pelaksana. A `team` exists only inside an instance, which names its members. `superior`: the role told too when a deadline was missed."""

    label: str = Field(examples=["Sekretaris"])
    team: bool
    single_holder: bool
    superior: str | None = Field(examples=["camat"])


class ProcedureSlotShown(AnswerModel):
    """Tempat dokumen (atau tim) di dalam pelaksanaan. Where a document, or the team, goes.

    `accepts`: what a document may be here; empty, all that Alur takes. `max_bytes`: the procedure's own limit, beside those of office and server.
    """

    label: str = Field(examples=["Draf Tim"])
    kind: Literal["document", "team"]
    accepts: list[DocumentType] = Field(examples=[["pdf", "docx"]])
    max_bytes: int | None


class SlotUseShown(PhraseShown):
    """Slot menurut baris itu, dan paraf serta tanda tangan yang harus ada. A slot in that row's words, with the marks it must carry."""

    slot: str = Field(examples=["draf_tim"])
    initial_by: list[str]
    signature_by: list[str] = Field(examples=[["camat"]])
    signature_kind: Literal["wet", "electronic", "either"]


class QuorumShown(AnswerModel):
    quorum: int = Field(examples=[2])


class ReturnTargetShown(AnswerModel):
    """Langkah tujuan pengembalian. `outside_sop`: the paper draws no such arrow."""

    step: int = Field(examples=[4])
    outside_sop: bool


class DecisionShown(AnswerModel):
    """Langkah berikutnya menurut keputusan; null: selesai. The next step of each branch; null ends the procedure."""

    yes: int | None
    no: int | None


class DueSoonShown(AnswerModel):
    """Kapan dianggap hampir jatuh tempo. `percent` of minutes and hours left, `working_days` before the due day; or a `lead` instead of both."""

    percent: int
    working_days: int
    lead: DurationShown | None


class ProcedureStepShown(AnswerModel):
    """Satu baris tabel SOP. One row of the SOP's table."""

    number: int = Field(examples=[1])
    activity: PhraseShown
    symbol: Symbol
    performers: list[str] = Field(examples=[["camat"]])
    reported_by: str | None
    completion: Literal["all", "any"] | QuorumShown
    duration: DurationShown
    duration_text: str = Field(examples=["30 menit"])
    inputs: list[SlotUseShown]
    outputs: list[SlotUseShown]
    remarks: str | None
    returns_to: list[ReturnTargetShown]
    decision: DecisionShown | None
    due_soon: DueSoonShown | None


class ProcedureSummary(AnswerModel):
    """Versi terakhir suatu prosedur. The latest version of a procedure."""

    key: str = Field(examples=["pengumpulan-data-kinerja"])
    version: int = Field(examples=[1])
    title: str = Field(examples=["Pengumpulan Data Kinerja"])
    published_at: datetime

    @classmethod
    def of(cls, line: ProcedureLine) -> Self:
        return cls(key=line.key, version=line.version, title=line.title, published_at=line.published_at)


class ProcedureList(Listing[ProcedureSummary]):
    """Prosedur menurut kuncinya. Procedures by key."""


class ProcedureShown(ProcedureSummary):
    """Satu versi, yang tidak pernah berubah. `sha256`: of the canonical JSON (RFC 8785) of the definition as it was published.

    `lkjip`: laporan kinerja menunggu hasilnya. The accountability report waits for its result.
    """

    sha256: str
    identity: ProcedureIdentityShown
    roles: dict[str, RoleShown]
    controls: list[str] = Field(examples=[["camat", "sekretaris"]])
    separation_of_duties: bool
    lkjip: bool
    due_soon: DueSoonShown
    slots: dict[str, ProcedureSlotShown]
    steps: list[ProcedureStepShown]

    @classmethod
    def showing(cls, view: ProcedureView) -> Self:
        found = view.published
        data = found.procedure.model_dump()
        for related in data["identity"]["related_procedures"]:
            related["key"] = related["key"] if related["key"] in view.linked else None
        return cls.model_validate(data | {"version": found.version, "published_at": found.published_at, "sha256": found.sha256})


class ProcedureProblemShown(AnswerModel):
    """Satu masalah dan tempatnya. `pointer`: a JSON pointer into the draft; `code`: stable."""

    pointer: str = Field(examples=["/steps/3/inputs/0/slot"])
    code: str = Field(examples=["unknown_slot"])
    message: str

    @classmethod
    def of(cls, problem: ProcedureProblem, language: Language) -> Self:
        return cls(pointer=problem.pointer, code=problem.code, message=problem.en if language == "en" else problem.id)


class ProcedureVerdict(AnswerModel):
    """`ok`: dapat diterbitkan. It could be published."""

    ok: bool
    problems: list[ProcedureProblemShown]
