"""Bodies and answers about oneself."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import Field

from app.domain.authority import Assignment
from app.domain.people import CAPACITY_PREFIX, Capacity, WaitingFor, WaitingPosition
from app.domain.permissions import PERMISSIONS
from app.domain.roles import RoleInForce
from app.store.sessions import LivingSession
from app.usecases.me import Me
from app.usecases.second_factor import Enrolment
from app.web.paging import Listing
from app.web.schemas.base import AnswerModel, RequestModel
from app.web.schemas.common import OfficeRef
from app.web.schemas.sessions import code_field, new_password_field, password_field


class PositionShown(AnswerModel):
    """Jabatan yang dipangku sekarang. A position held now; both days are inside."""

    office: OfficeRef
    role: str = Field(examples=["camat"])
    label: str = Field(examples=["Plh. Camat"])
    capacity: Capacity
    valid_from: date = Field(examples=["2024-01-01"])
    valid_to: date | None


class PermissionShown(AnswerModel):
    """Izin yang dipegang sekarang; berlaku pula di kantor-kantor di bawahnya. A permission held now, at this office and all below it."""

    office: OfficeRef
    permission: str = Field(examples=["auditor"])
    label: str = Field(examples=["Auditor"])
    valid_from: date = Field(examples=["2024-01-01"])
    valid_to: date | None


class WaitingShown(AnswerModel):
    """Jabatan atau izin yang sudah ditugaskan dan berlaku, tetapi belum ada di dalam token, sehingga belum memberi apa-apa.

    A position or permission that is assigned and valid, and not in the token yet: it gives nothing until then.
    """

    office: OfficeRef
    role: str = Field(description="Peran, atau nama izin. The role, or the permission.", examples=["camat"])
    label: str = Field(examples=["Plh. Camat"])
    reason: WaitingFor = Field(
        description="`second_factor`: pasang faktor kedua dahulu, lalu segarkan token; `refresh`: segarkan token; "
        "`issuer_second_factor`: penerbit token harus "
        "menyatakan faktor kedua. "
        "`second_factor`: enrol one first, then refresh the token; `refresh`: refresh the token; "
        "`issuer_second_factor`: its issuer must "
        "assert a second factor."
    )


class SecondFactorShown(AnswerModel):
    """Faktor kedua akun ini. `needed_for` are positions that need one; until this session has passed it they stay out of the token."""

    enrolled: bool
    passed: bool = Field(description="Oleh sesi ini. By this session.")
    needed_for: list[str] = Field(examples=[["64.02.13:camat"]])


class MeShown(AnswerModel):
    """Siapa saya menurut token ini, sekarang. Who the token says I am, as it stands now."""

    account_id: UUID
    username: str = Field(examples=["camat"])
    name: str
    office: OfficeRef = Field(description="Tempat akun dikelola; tidak memberi wewenang. Where the account is administered; it grants nothing.")
    positions: list[PositionShown]
    permissions: list[PermissionShown]
    offices: list[OfficeRef] = Field(description="Kantor yang terlihat. The offices that this caller sees.")
    second_factor: SecondFactorShown
    waiting: list[WaitingShown] = Field(
        description="Yang sudah ditugaskan tetapi belum ada di dalam token. What is assigned and not in the token yet."
    )

    @classmethod
    def of(cls, me: Me) -> Self:
        return cls(
            account_id=me.actor.account_id,
            username=me.actor.username,
            name=me.actor.name,
            office=OfficeRef(code=me.home[0], name=me.home[1]),
            positions=[_position(a, me.offices, me.roles) for a in me.held if a.role not in PERMISSIONS],
            permissions=[_permission(a, me.offices) for a in me.held if a.role in PERMISSIONS],
            offices=[OfficeRef(code=code, name=name) for code, name in me.offices.items()],
            second_factor=SecondFactorShown(enrolled=me.enrolled, passed=me.passed, needed_for=me.needed_for),
            waiting=[_waiting(position, me) for position in me.waiting],
        )


class PasswordChange(RequestModel):
    """Kata sandi sekarang, dan yang baru. The present password, and the new one: 12 characters or more, and not a common one."""

    current_password: str = password_field()
    new_password: str = new_password_field()


class PasswordProof(RequestModel):
    """Kata sandi, sekali lagi. The password once more: an open session alone does not change how its account is secured."""

    password: str = password_field()


class CodeProof(RequestModel):
    """Kode dari aplikasi autentikator, atau kode pemulihan. A code of the authenticator, or a recovery code."""

    code: str = code_field()


class EnrolmentShown(AnswerModel):
    """Rahasia untuk aplikasi autentikator, hanya ditunjukkan sekali. For an authenticator, shown once; `uri` is what a QR code would say."""

    secret: str = Field(repr=False)
    uri: str = Field(repr=False, examples=["otpauth://totp/Alur:camat?secret=…&issuer=Alur"])

    @classmethod
    def of(cls, enrolment: Enrolment) -> Self:
        return cls(secret=enrolment.secret, uri=enrolment.uri)


class RecoveryCodes(AnswerModel):
    """Kode pemulihan, hanya ditunjukkan sekali; simpanlah. Each serves once, in place of a code."""

    recovery_codes: list[str] = Field(repr=False)


class SessionShown(AnswerModel):
    """Satu sesi yang masih terbuka. `client` is what its program calls itself."""

    id: UUID
    client: str | None
    current: bool = Field(description="Sesi permintaan ini. The session of this request.")
    second_factor: bool
    created_at: datetime
    refreshed_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, session: LivingSession, *, current: UUID | None) -> Self:
        return cls(
            id=session.id,
            client=session.client,
            current=session.id == current,
            second_factor=session.second_factor,
            created_at=session.created_at,
            refreshed_at=session.refreshed_at,
            expires_at=session.expires_at,
        )


class SessionList(Listing[SessionShown]):
    """Sesi yang masih terbuka, yang terbaru dahulu. Open sessions, the latest sign-in first."""


def _waiting(position: WaitingPosition, me: Me) -> WaitingShown:
    office = OfficeRef(code=position.office, name=me.offices_waiting[position.office])
    return WaitingShown(office=office, role=position.role, label=_label(position, me.roles), reason=position.reason)


def _position(held: Assignment, offices: dict[str, str], roles: Mapping[str, RoleInForce]) -> PositionShown:
    return PositionShown(
        office=OfficeRef(code=held.office, name=offices[held.office]),
        role=held.role,
        label=_label(held, roles),
        capacity=held.capacity,
        valid_from=held.valid_from,
        valid_to=held.valid_to,
    )


def _label(held: Assignment | WaitingPosition, roles: Mapping[str, RoleInForce]) -> str:
    """By the name that procedures give the role, where any does."""
    known = roles.get(held.role)
    return held.label if known is None else CAPACITY_PREFIX[held.capacity] + known.label


def _permission(held: Assignment, offices: dict[str, str]) -> PermissionShown:
    office = OfficeRef(code=held.office, name=offices[held.office])
    return PermissionShown(office=office, permission=held.role, label=held.label, valid_from=held.valid_from, valid_to=held.valid_to)
