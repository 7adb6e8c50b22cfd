"""Bodies and answers of sessions."""

from datetime import date
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field

from app.domain.authority import Assignment
from app.domain.people import Actor, Capacity
from app.domain.permissions import PERMISSIONS
from app.outside.passwords import MAX_LENGTH
from app.usecases.sessions import SignedIn
from app.web.schemas.base import AnswerModel, RequestModel
from app.web.schemas.common import OfficeRef


class Credentials(RequestModel):
    """Nama pengguna dan kata sandi. A username and its password."""

    username: str = Field(min_length=1, max_length=100, examples=["camat"])
    password: str = Field(min_length=1, max_length=MAX_LENGTH, repr=False, json_schema_extra={"format": "password"}, examples=["kata-sandi-anda"])


class RefreshRequest(RequestModel):
    """Token penyegar terakhir. The latest refresh token: each serves once."""

    refresh_token: str = Field(min_length=1, max_length=200, repr=False)


class SessionTokens(AnswerModel):
    """Token sesi. `expires_in` counts the seconds of the access token."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 -- the kind of token, not a token
    expires_in: int = Field(examples=[600])
    refresh_token: str

    @classmethod
    def of(cls, signed_in: SignedIn) -> Self:
        return cls(access_token=signed_in.access_token, expires_in=signed_in.expires_in, refresh_token=signed_in.refresh_token)


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
    valid_from: date = Field(examples=["2024-01-01"])
    valid_to: date | None


class MeShown(AnswerModel):
    """Siapa saya menurut token ini, sekarang. Who the token says I am, as it stands now."""

    account_id: UUID
    username: str = Field(examples=["camat"])
    name: str
    positions: list[PositionShown]
    permissions: list[PermissionShown]
    offices: list[OfficeRef] = Field(description="Kantor yang terlihat. The offices that this caller sees.")

    @classmethod
    def of(cls, actor: Actor, held: list[Assignment], offices: dict[str, str]) -> Self:
        """`held` are the assignments behind the actor's holdings; `offices` names every office that the actor sees."""
        return cls(
            account_id=actor.account_id,
            username=actor.username,
            name=actor.name,
            positions=[_position(a, offices) for a in held if a.role not in PERMISSIONS],
            permissions=[_permission(a, offices) for a in held if a.role in PERMISSIONS],
            offices=[OfficeRef(code=code, name=name) for code, name in offices.items()],
        )


class EllipticCurveKey(AnswerModel):
    """RFC 7518 §6.2. Kunci publik ES256. A public key for ES256."""

    kty: Literal["EC"]
    use: Literal["sig"]
    alg: Literal["ES256"]
    kid: str
    crv: Literal["P-256"]
    x: str
    y: str


class RsaKey(AnswerModel):
    """RFC 7518 §6.3. Kunci publik RS256. A public key for RS256."""

    kty: Literal["RSA"]
    use: Literal["sig"]
    alg: Literal["RS256"]
    kid: str
    n: str
    e: str


class KeySet(AnswerModel):
    """RFC 7517 §5. Kunci untuk memeriksa token akses. The keys that verify access tokens."""

    keys: list[Annotated[EllipticCurveKey | RsaKey, Field(discriminator="kty")]]

    @classmethod
    def of(cls, jwks: dict[str, list[dict[str, Any]]]) -> Self:
        return cls.model_validate(jwks)


class Discovery(AnswerModel):
    """Apa yang perlu diketahui untuk memeriksa token kami (OpenID Connect Discovery 1.0, as far as it applies).

    There is no authorization endpoint: Alur signs its own people in (`POST /v1/auth/sessions`).
    """

    issuer: str
    jwks_uri: str
    id_token_signing_alg_values_supported: list[str]
    subject_types_supported: list[str]
    response_types_supported: list[str]
    claims_supported: list[str]

    @classmethod
    def of(cls, issuer: str, jwks: dict[str, list[dict[str, Any]]]) -> Self:
        """Nothing here comes from the request: whoever could choose the Host header would choose whose keys are believed."""
        return cls(
            issuer=issuer,
            jwks_uri=f"{issuer.rstrip('/')}/.well-known/jwks.json",
            id_token_signing_alg_values_supported=sorted({key["alg"] for key in jwks["keys"]}),
            subject_types_supported=["public"],
            response_types_supported=[],
            claims_supported=["iss", "aud", "sub", "iat", "exp", "jti", "sid", "name", "roles", "permissions"],
        )


def _position(held: Assignment, offices: dict[str, str]) -> PositionShown:
    return PositionShown(
        office=OfficeRef(code=held.office, name=offices[held.office]),
        role=held.role,
        label=held.label,
        capacity=held.capacity,
        valid_from=held.valid_from,
        valid_to=held.valid_to,
    )


def _permission(held: Assignment, offices: dict[str, str]) -> PermissionShown:
    office = OfficeRef(code=held.office, name=offices[held.office])
    return PermissionShown(office=office, permission=held.role, valid_from=held.valid_from, valid_to=held.valid_to)
