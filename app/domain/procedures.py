"""A procedure (SOP) as data: the form of PermenPANRB 35/2012, frozen once published.

`text` is what the signed paper says, word for word; `label` is the corrected form that a person reads.
`domain/procedure_checks.py` says what is wrong with a draft; what stands here is only what a sound procedure is.
"""

from datetime import date
from functools import cached_property
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.domain.durations import Duration


def _iso_day(text: str) -> str:
    """`date.fromisoformat` alone would also take 20211201 and 2021-W48-3."""
    try:
        if len(text) == 10 and date.fromisoformat(text).isoformat() == text:
            return text
    except ValueError:
        pass
    raise PydanticCustomError("iso_date", "not a date written YYYY-MM-DD")


Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
ProcedureKey = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=80)]
IsoDay = Annotated[str, AfterValidator(_iso_day), WithJsonSchema({"type": "string", "format": "date"})]
T = TypeVar("T")
Few = Annotated[tuple[T, ...], Field(max_length=20)]
"""As many as one row of a sheet can name. Without an end, a small file could ask for seconds of checking."""

Listed = Annotated[tuple[T, ...], Field(max_length=200)]
Words = Annotated[str, Field(min_length=1, max_length=4000, pattern=r"\S")]
Symbol = Literal["terminator", "process", "decision"]


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Phrase(Frozen):
    """Words of the paper (`text`, typing errors included) and their corrected form (`label`)."""

    text: Words
    label: Words


class RelatedProcedure(Phrase):
    """A related SOP; `key` links it when the catalog holds that procedure."""

    key: ProcedureKey | None = None


class Record(Phrase):
    """A kind of record the procedure keeps ("pencatatan"); `restricted` ones need their own permission, and a `key` to be kept here."""

    key: Key | None = None
    security_class: Literal["open", "restricted"] = "open"


class Identity(Frozen):
    """The identity block of the SOP sheet. A date the paper does not fully give is null, with its words in `…_text`."""

    organization: Listed[Phrase]
    number: Words | None = None
    created_on: IsoDay | None = None
    created_on_text: Words | None = None
    revised_on: IsoDay | None = None
    revised_on_text: Words | None = None
    effective_on: IsoDay | None = None
    effective_on_text: Words | None = None
    approved_by: Phrase
    title: Phrase
    legal_basis: Listed[Phrase] = ()
    performer_qualifications: Listed[Phrase] = ()
    related_procedures: Listed[RelatedProcedure] = ()
    equipment: Listed[Phrase] = ()
    warnings: Listed[Phrase] = ()
    records: Listed[Record] = ()


class Role(Frozen):
    """Who performs. A `team` role exists only inside an instance: its members are instance data, not token claims.

    `single_holder`: an office has one (a Camat); two who hold it definitively at once are a mistake.
    `superior`: the role that is told too when this one has missed a deadline.
    """

    label: str = Field(min_length=1, max_length=200)
    team: bool = False
    single_holder: bool = False
    superior: Key | None = None


DocumentType = Literal["pdf", "docx", "xlsx", "png", "jpeg", "csv"]
SignatureKind = Literal["wet", "electronic", "either"]


class Slot(Frozen):
    """A place of the instance that a document (or the team) fills. It belongs to the instance, not to one step.

    `accepts`: what its documents may be (empty: all that we know); `max_bytes`: how large, where the office allows so much.
    """

    label: str = Field(min_length=1, max_length=300)
    kind: Literal["document", "team"] = "document"
    accepts: Few[DocumentType] = ()
    max_bytes: int | None = Field(default=None, ge=1, le=2**40)


class SlotUse(Frozen):
    """A slot as one step needs or yields it, in that row's words, with the marks it must carry before the step may complete.

    `initial_by` in the order in which hierarchical initials are put; a signature comes after them. `signature_kind`: by which hand.
    """

    slot: Key
    text: str = Field(min_length=1, max_length=1000)
    label: str = Field(min_length=1, max_length=1000)
    initial_by: Few[Key] = ()
    signature_by: Few[Key] = ()
    signature_kind: SignatureKind = "either"


class Quorum(Frozen):
    """So many different members of the team must sign off."""

    quorum: int = Field(ge=1, le=100)


class ReturnTarget(Frozen):
    """A declared way back. `outside_sop` says that the paper draws no such arrow."""

    step: int = Field(ge=1)
    outside_sop: bool = False


class Decision(Frozen):
    """Where a decision step leads; null ends the procedure."""

    yes: int | None
    no: int | None


class DueSoon(Frozen):
    """When a step counts as due soon: `percent` of the allowance left (minutes, hours), `working_days` before the due day (days).

    `lead` instead of both: so much office time before it is due, or so many working days.
    """

    percent: int = Field(default=25, ge=1, le=99)
    working_days: int = Field(default=1, ge=0, le=30)
    lead: Duration | None = None


class Step(Frozen):
    """One row of the SOP table."""

    number: int = Field(ge=1, le=200)
    activity: Phrase
    symbol: Symbol = "process"
    performers: Few[Key] = Field(min_length=1)
    reported_by: Key | None = None
    completion: Literal["all", "any"] | Quorum = "all"
    duration: Duration
    duration_text: str = Field(min_length=1, max_length=100)
    inputs: Few[SlotUse] = ()
    outputs: Few[SlotUse] = ()
    remarks: Words | None = None
    returns_to: Few[ReturnTarget] = ()
    decision: Decision | None = None
    due_soon: DueSoon | None = None


class Procedure(Frozen):
    """A whole procedure. A published version never changes; a running instance pins the version it started with.

    `lkjip`: the office's accountability report waits for its result.
    """

    key: ProcedureKey
    title: str = Field(min_length=1, max_length=280)
    identity: Identity
    roles: dict[Key, Role] = Field(max_length=50)
    controls: Few[Key] = ()
    separation_of_duties: bool = True
    due_soon: DueSoon = DueSoon()
    lkjip: bool = False
    slots: dict[Key, Slot] = Field(max_length=300)
    steps: tuple[Step, ...] = Field(min_length=1, max_length=200)

    @cached_property
    def numbered(self) -> dict[int, Step]:
        return {step.number: step for step in self.steps}

    @cached_property
    def team_role(self) -> str | None:
        """The one role whose members an instance forms itself, or None."""
        return next((key for key, role in self.roles.items() if role.team), None)

    @cached_property
    def team_step(self) -> Step | None:
        """The step whose output is the team."""
        return next((step for step in self.steps if any(self.slots[use.slot].kind == "team" for use in step.outputs)), None)

    def same_text(self, other: "Procedure") -> bool:
        """Equal to the letter: also in the order of roles and slots, which `==` does not see."""
        return self.model_dump_json() == other.model_dump_json()

    def step(self, number: int) -> Step:
        return self.numbered[number]

    def successor(self, step: Step, decision: Literal["yes", "no"] | None = None) -> int | None:
        """The number of the step that follows, or None at the end. `decision` is used at decision steps only; a plan follows `yes`."""
        if step.decision is not None:
            return step.decision.no if decision == "no" else step.decision.yes
        following = sorted(number for number in self.numbered if number > step.number)
        return following[0] if following else None

    def put_out_before(self, slot: str, number: int) -> bool:
        """Whether a step before `number` puts the slot out: then it is that step's work and not an upload of this one."""
        return any(use.slot == slot for step in self.steps if step.number < number for use in step.outputs)
