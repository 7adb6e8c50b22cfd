"""Bodies and answers about assignments."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from app.domain.advice import Advice
from app.domain.assignments import Position
from app.domain.people import Capacity
from app.domain.refusals import Language
from app.usecases.assignments import AssignmentChange
from app.usecases.directory import AssignmentView
from app.web.paging import Listing
from app.web.schemas.accounts import WarningShown, label_of
from app.web.schemas.base import AnswerModel, Day, RequestModel, mistake
from app.web.schemas.common import LetterRequest, LetterShown, OfficeRef

LAST_DAY = "Hari terakhir, di zona waktu kantor; berakhir dengan sendirinya. The last day, in the office's zone; it ends by itself."


class NewAssignment(RequestModel):
    """Siapa (`account_id` atau `username`), di mana, sebagai apa, dari kapan sampai kapan. Who, where, as what, from when to when."""

    account_id: UUID | None = None
    username: str | None = Field(default=None, min_length=1, max_length=100, examples=["sekretaris"])
    office: str = Field(max_length=40, examples=["64.02.13"])
    role: str = Field(max_length=63, description="Peran prosedur, pegawai, atau izin. See GET /v1/roles.", examples=["camat"])
    capacity: Capacity = Field(default="definitive", examples=["plh"])
    valid_from: Day
    valid_to: Day | None = Field(default=None, description=LAST_DAY)
    instrument: LetterRequest | None = None

    @model_validator(mode="after")
    def _names_one_person(self) -> Self:
        if (self.account_id is None) == (self.username is None):
            raise mistake(
                "account_ambiguous", indonesian="Sebutkan account_id atau username, salah satu.", english="Name account_id or username, one of them."
            )
        return self

    @property
    def whom(self) -> UUID | str:
        return self.account_id or self.username or ""

    def position(self) -> Position:
        letter = self.instrument or LetterRequest()
        return Position(self.office, self.role, self.valid_from, self.valid_to, self.capacity, letter.number, letter.date)


class AssignmentAmendment(RequestModel):
    """Hanya yang disebut yang berubah. Only what is named changes; null takes the last day, or the letter, away."""

    valid_to: Day | None = Field(default=None, description=LAST_DAY)
    instrument: LetterRequest | None = None

    def as_change(self) -> AssignmentChange:
        letter = self.instrument or LetterRequest()
        return AssignmentChange(frozenset(self.model_fields_set), self.valid_to, letter.number, letter.date)


class Revocation(RequestModel):
    """Alasan, bila perlu; yang tercatat hanya sidik SHA-256-nya. A reason, of which only the SHA-256 is recorded."""

    reason: str | None = Field(default=None, max_length=1000, examples=["Kembali dari cuti"])


class HolderRef(AnswerModel):
    id: UUID
    username: str = Field(examples=["sekretaris"])
    name: str


class AssignmentShown(AnswerModel):
    """Satu penugasan: siapa memegang apa, di mana, dari kapan sampai kapan (kedua hari termasuk). `current`: it gives authority today.

    `source` issuer: claimed by tokens of another issuer; `withdrawn`: by none any more.
    """

    id: UUID
    account: HolderRef
    office: OfficeRef
    role: str = Field(examples=["camat"])
    label: str = Field(examples=["Plh. Camat"])
    capacity: Capacity
    valid_from: date
    valid_to: date | None
    current: bool
    instrument: LetterShown | None
    source: Literal["local", "issuer"]
    withdrawn: bool
    created_at: datetime
    revoked_at: datetime | None

    @classmethod
    def of(cls, view: AssignmentView) -> Self:
        line = view.line
        return cls(
            id=line.id,
            account=HolderRef(id=line.account_id, username=line.username, name=line.name),
            office=OfficeRef(code=line.office, name=line.office_name),
            role=line.role,
            label=label_of(line.role, line.capacity, view.roles),
            capacity=line.capacity,
            valid_from=line.valid_from,
            valid_to=line.valid_to,
            current=line.is_current(view.now),
            instrument=LetterShown.of(line.instrument_number, line.instrument_date),
            source="issuer" if line.source == "issuer" else "local",
            withdrawn=line.withdrawn,
            created_at=line.created_at,
            revoked_at=line.revoked_at,
        )


class AssignmentEntered(AssignmentShown):
    """Penugasan sesudah perubahan, dan yang tidak lazim padanya. The assignment afterwards, and what is odd about it."""

    warnings: list[WarningShown]

    @classmethod
    def with_warnings(cls, view: AssignmentView, warnings: Iterable[Advice], language: Language) -> Self:
        shown = dict(AssignmentShown.of(view))
        return cls(**shown, warnings=[WarningShown.of(advice, language) for advice in warnings])


class AssignmentList(Listing[AssignmentShown]):
    """Penugasan, yang terakhir diberikan dahulu. Assignments, the latest given first."""
