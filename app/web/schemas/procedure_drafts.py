"""Procedures as bodies. The document shows a draft's fields and limits; what is wrong with one is said by `domain/procedure_checks.py`, all at once.

So the body is read as a plain object, while its schema is that of `ProcedureDraft`.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from app.domain import procedures as domain
from app.domain.durations import Duration


class PhraseDraft(domain.Phrase):
    """`text`: kata-kata naskah apa adanya. `label`: bentuk yang dibetulkan. The paper's words, and their corrected form."""


class RelatedProcedureDraft(domain.RelatedProcedure):
    """SOP terkait. A related procedure."""


class RecordKindDraft(domain.Record):
    """Jenis catatan yang disimpan. A kind of record that is kept."""


class ProcedureIdentityDraft(domain.Identity):
    """Blok identitas lembar SOP. The identity block of the SOP sheet."""

    organization: tuple[PhraseDraft, ...]
    approved_by: PhraseDraft
    title: PhraseDraft
    legal_basis: tuple[PhraseDraft, ...] = ()
    performer_qualifications: tuple[PhraseDraft, ...] = ()
    related_procedures: tuple[RelatedProcedureDraft, ...] = ()
    equipment: tuple[PhraseDraft, ...] = ()
    warnings: tuple[PhraseDraft, ...] = ()
    records: tuple[RecordKindDraft, ...] = ()


class RoleDraft(domain.Role):
    """Pelaksana. Who performs."""


class ProcedureSlotDraft(domain.Slot):
    """Tempat dokumen (atau tim). Where a document, or the team, goes."""


class SlotUseDraft(domain.SlotUse):
    """Slot yang diperlukan atau dihasilkan suatu langkah. A slot as a step needs or yields it."""


class QuorumDraft(domain.Quorum):
    """Sekian anggota tim harus menandai selesai. So many members of the team sign off."""


class ReturnTargetDraft(domain.ReturnTarget):
    """Langkah tujuan pengembalian. A declared way back."""


class DecisionDraft(domain.Decision):
    """Langkah berikutnya menurut keputusan; null: selesai. The next step of each branch."""


class ProcedureDurationDraft(Duration):
    """Waktu menurut SOP. The time that the SOP allows."""


class DueSoonDraft(domain.DueSoon):
    """Kapan dianggap hampir jatuh tempo. When a step counts as due soon."""

    lead: ProcedureDurationDraft | None = None


class ProcedureStepDraft(domain.Step):
    """Satu baris tabel SOP. One row of the SOP's table."""

    activity: PhraseDraft
    completion: Literal["all", "any"] | QuorumDraft = "all"
    duration: ProcedureDurationDraft
    inputs: tuple[SlotUseDraft, ...] = ()
    outputs: tuple[SlotUseDraft, ...] = ()
    returns_to: tuple[ReturnTargetDraft, ...] = ()
    decision: DecisionDraft | None = None
    due_soon: DueSoonDraft | None = None


class ProcedureDraft(domain.Procedure):
    """Rancangan prosedur, sebagaimana dalam berkas YAML. A draft of a procedure, as in a YAML file."""

    identity: ProcedureIdentityDraft
    roles: dict[str, RoleDraft]  # type: ignore[assignment]
    due_soon: DueSoonDraft = DueSoonDraft()
    slots: dict[str, ProcedureSlotDraft]  # type: ignore[assignment]
    steps: tuple[ProcedureStepDraft, ...] = Field(min_length=1, max_length=200)


class _ShownAsDraft:
    def __get_pydantic_json_schema__(self, _: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(ProcedureDraft.__pydantic_core_schema__)


DraftBody = Annotated[dict[str, Any], _ShownAsDraft()]
"""Any object; the document says that it should be a ProcedureDraft."""
