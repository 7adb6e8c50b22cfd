"""Bodies and answers of service accounts."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from app.domain.people import Actor
from app.domain.permissions import SCOPES
from app.domain.service_accounts import MOST_OFFICES, NewServiceAccount
from app.store.service_accounts import ServiceAccount
from app.usecases.service_accounts import IssuedSecret
from app.usecases.service_tokens import ServiceToken
from app.web.paging import Listing
from app.web.schemas.base import AnswerModel, Moment, RequestModel
from app.web.schemas.common import OfficeRef

Scope = Literal[
    "procedures:read",
    "instances:read",
    "documents:read",
    "evidence:read",
    "evidence:read",
    "records:read",
    "calendars:read",
    "deadlines:read",
    "deadlines:check",
    "reports:read",
    "events:read",
    "audit:read",
    "people:read",
]
OfficeCode = Annotated[str, StringConstraints(min_length=1, max_length=40)]


class NewServiceAccountRequest(RequestModel):
    """Mesin yang boleh membaca. A machine that may read, at these offices and below them, until then (a year at most)."""

    name: str = Field(min_length=1, max_length=200, examples=["Dasbor kabupaten"])
    offices: list[OfficeCode] = Field(min_length=1, max_length=MOST_OFFICES, examples=[["64.02.13"]])
    scopes: list[Scope] = Field(min_length=1, max_length=len(SCOPES), examples=[["instances:read", "deadlines:read"]])
    expires_at: Moment = Field(examples=["2027-11-22T00:00:00+08:00"])

    def asked(self) -> NewServiceAccount:
        return NewServiceAccount(self.name, tuple(self.offices), tuple(self.scopes), self.expires_at)


class ClientCredentials(RequestModel):
    """Pengenal dan rahasia sebuah mesin. A machine's client id and secret."""

    client_id: str = Field(min_length=1, max_length=100, examples=["svc-dasbor-kabupaten-3f9a1c"])
    client_secret: str = Field(min_length=1, max_length=200, repr=False, json_schema_extra={"format": "password"})


class ServiceAccountShown(AnswerModel):
    """Akun layanan. `offices` are those that the caller sees. `active`: neither revoked nor over. `last_used_at`: when it last got a token."""

    id: UUID
    client_id: str = Field(examples=["svc-dasbor-kabupaten-3f9a1c"])
    name: str
    offices: list[OfficeRef]
    scopes: list[Scope]
    expires_at: datetime
    active: bool
    has_secret: bool
    last_used_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, found: ServiceAccount, actor: Actor, now: datetime) -> Self:
        return cls.model_validate(
            {
                "id": found.id,
                "client_id": found.client_id,
                "name": found.name,
                "offices": [OfficeRef(code=code, name=name) for code, name in found.offices if actor.sees(code)],
                "scopes": found.scopes,
                "expires_at": found.expires_at,
                "active": found.is_open(now),
                "has_secret": found.secret_hash is not None,
                "last_used_at": found.last_used_at,
                "created_at": found.created_at,
            }
        )


class ServiceAccountList(Listing[ServiceAccountShown]):
    pass


class ClientSecretShown(AnswerModel):
    """Rahasia yang hanya ditampilkan sekali. Shown this once; the one before ended with this."""

    client_id: str
    client_secret: str
    expires_at: datetime

    @classmethod
    def of(cls, issued: IssuedSecret) -> Self:
        return cls(client_id=issued.client_id, client_secret=issued.secret, expires_at=issued.expires_at)


class ServiceTokenShown(AnswerModel):
    """Token akses sebuah mesin; tanpa token penyegar. `expires_in` counts seconds; then the machine asks anew."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 -- the kind of token, not a token
    expires_in: int = Field(examples=[600])
    scopes: list[Scope]

    @classmethod
    def of(cls, token: ServiceToken) -> Self:
        return cls.model_validate({"access_token": token.access_token, "expires_in": token.expires_in, "scopes": token.scopes})
