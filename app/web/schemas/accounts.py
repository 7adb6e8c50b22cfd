"""Bodies and answers about accounts."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field

from app.domain.accounts import USERNAME
from app.domain.advice import Advice
from app.domain.nip import masked
from app.domain.people import CAPACITY_PREFIX, Capacity
from app.domain.permissions import PERMISSIONS
from app.domain.refusals import Language
from app.store.directory import Line
from app.usecases.accounts import AccountChange
from app.usecases.credentials import OneTimeSecret
from app.usecases.directory import PersonView, Roles
from app.web.paging import Listing
from app.web.schemas.base import AnswerModel, RequestModel
from app.web.schemas.common import OfficeRef

NAME = "Ratna Dewi"
_SAID: dict[str, Any] = {"name": {"minLength": 1, "pattern": r"\S"}, "nip": {"pattern": "^[0-9]{18}$"}}
"""What the document says of these; the domain judges it, and names the rule in a sentence of its own."""
_USERNAME: dict[str, Any] = {"pattern": f"^{USERNAME.pattern}$"}
NIP_WORDS = "18 angka. 18 digits: birth date, year and month of appointment, sex, serial."


WITHOUT_PASSWORD = Advice(
    "password_missing",
    "Akun ini belum memiliki kata sandi: minta rahasia sekali pakai (POST /v1/accounts/{account_id}/password-reset) dan serahkan kepada orangnya.",
    "This account has no password yet: ask for a one-time secret (POST /v1/accounts/{account_id}/password-reset) and hand it to its person.",
)


Nip = Annotated[str, Field(max_length=40, json_schema_extra=_SAID["nip"], examples=["198001172005011004"])]


class NewAccountRequest(RequestModel):
    """Akun baru, belum memiliki kata sandi. A new account, still without a password."""

    username: str = Field(min_length=1, max_length=100, examples=["ratna.dewi"], json_schema_extra=_USERNAME)
    name: str = Field(max_length=200, examples=[NAME], json_schema_extra=_SAID["name"])
    office: str = Field(max_length=40, description="Tempat akun dikelola; tidak memberi wewenang. Where it is administered; it grants nothing.")
    nip: Nip | None = Field(default=None, repr=False, description=NIP_WORDS)


class AccountAmendment(RequestModel):
    """Hanya yang disebut yang berubah. Only what is named changes; `nip: null` takes it away."""

    name: str = Field(default_factory=str, max_length=200, examples=[NAME], json_schema_extra=_SAID["name"])
    nip: Nip | None = Field(default=None, repr=False, description=NIP_WORDS)
    office: str = Field(default_factory=str, max_length=40, examples=["64.02.13"])

    def as_change(self) -> AccountChange:
        return AccountChange(frozenset(self.model_fields_set), self.name, self.nip, self.office)


class Closing(RequestModel):
    """Alasan, bila perlu; yang tercatat hanya sidik SHA-256-nya. A reason, of which only the SHA-256 is recorded."""

    reason: str | None = Field(default=None, max_length=1000, examples=["Pensiun"])


class WarningShown(AnswerModel):
    """Yang tidak lazim, tetapi diterima. What is odd, and taken all the same."""

    code: str = Field(examples=["instrument_missing"])
    message: str

    @classmethod
    def of(cls, advice: Advice, language: Language) -> Self:
        return cls(code=advice.code, message=advice.en if language == "en" else advice.id)


class HeldPositionShown(AnswerModel):
    """Jabatan atau izin, kini atau nanti. A position or permission, held now (`current`) or later; both days are inside."""

    id: UUID = Field(description="Penugasannya. The assignment.")
    role: str = Field(examples=["camat"])
    label: str = Field(examples=["Plh. Camat"])
    capacity: Capacity
    office: OfficeRef
    valid_from: date
    valid_to: date | None
    current: bool


class AccountShown(AnswerModel):
    """Satu orang dan jabatannya yang terlihat oleh pemanggil.

    `nip` (masked) and what follows it are null except for the person, and for `admin` and `auditor` over its home office. For these null means
    none: no NIP, no one-time secret that could still be used, never changed, not closed.
    """

    id: UUID
    username: str = Field(examples=["ratna.dewi"])
    name: str = Field(examples=[NAME])
    office: OfficeRef
    active: bool
    positions: list[HeldPositionShown]
    nip: str | None = Field(examples=["***************001"])
    external: bool | None = Field(description="Masuk lewat penerbit lain (mis. Keycloak). Signs in with another issuer.")
    second_factor: bool | None = Field(description="Faktor kedua terpasang. A second factor is enrolled.")
    password_set: bool | None = Field(description="Sudah memiliki kata sandi di sini. It has a password here.")
    one_time_secret_until: datetime | None = Field(
        description="Ada rahasia sekali pakai, berlaku paling lama sampai saat itu. A one-time secret is out, and good until then at most."
    )
    password_changed_at: datetime | None
    created_at: datetime | None
    closed_at: datetime | None

    @classmethod
    def of(cls, view: PersonView) -> Self:
        person = view.person
        return cls(
            id=person.id,
            username=person.username,
            name=person.name,
            office=OfficeRef(code=person.office, name=person.office_name),
            active=person.active,
            positions=[_position(line, view) for line in view.positions],
            nip=masked(person.nip) if view.details and person.nip is not None else None,
            external=person.issuer is not None if view.details else None,
            second_factor=person.enrolled if view.details else None,
            password_set=person.has_password if view.details else None,
            one_time_secret_until=_good_until(view) if view.details else None,
            password_changed_at=person.password_changed_at if view.details else None,
            created_at=person.created_at if view.details else None,
            closed_at=person.closed_at if view.details else None,
        )


class AccountEntered(AccountShown):
    """Akun sesudah perubahan, dan yang tidak lazim padanya. The account afterwards, and what is odd about it."""

    warnings: list[WarningShown]

    @classmethod
    def with_warnings(cls, view: PersonView, warnings: Iterable[Advice], language: Language) -> Self:
        shown = dict(AccountShown.of(view))
        return cls(**shown, warnings=[WarningShown.of(advice, language) for advice in warnings])


class AccountList(Listing[AccountShown]):
    """Orang menurut nama penggunanya. People by username."""


class NipShown(AnswerModel):
    """NIP lengkap. The whole number."""

    nip: str | None = Field(repr=False)


class OneTimeSecretShown(AnswerModel):
    """Rahasia sekali pakai, hanya ditunjukkan sekali. Hand it over in person: with it and the username a new password is set."""

    one_time_secret: str = Field(repr=False)
    expires_at: datetime

    @classmethod
    def of(cls, issued: OneTimeSecret) -> Self:
        return cls(one_time_secret=issued.secret, expires_at=issued.expires_at)


def label_of(role: str, capacity: Capacity, roles: Roles) -> str:
    """As it is written under a letter; a permission is held, not written."""
    known = roles.get(role)
    if role in PERMISSIONS or known is None:
        return CAPACITY_PREFIX[capacity] + role.replace("_", " ").title()
    return CAPACITY_PREFIX[capacity] + known.label


def _good_until(view: PersonView) -> datetime | None:
    until = view.person.reset_expires_at
    return until if until is not None and until > view.now else None


def _position(line: Line, view: PersonView) -> HeldPositionShown:
    return HeldPositionShown(
        id=line.id,
        role=line.role,
        label=label_of(line.role, line.capacity, view.roles),
        capacity=line.capacity,
        office=OfficeRef(code=line.office, name=line.office_name),
        valid_from=line.valid_from,
        valid_to=line.valid_to,
        current=line.is_current(view.now),
    )
