"""Bodies about signing through the gateway."""

from datetime import datetime
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import Field

from app.domain.gateway_signing import Signing
from app.web.paging import Listing
from app.web.patterns import NIK
from app.web.schemas.base import AnswerModel, RequestModel
from app.web.schemas.common import ActorShown, local, local_or_none


class GatewaySignatureRequest(RequestModel):
    """NIK dan frasa sandi sertifikat Anda di BSrE; diteruskan ke gerbang, tidak disimpan. Passed on to the gateway, kept nowhere.

    `despite_unknown`: you have looked at the gateway and know that an earlier, unanswered try signed nothing that counts.
    """

    nik: str = Field(pattern=NIK, repr=False, examples=["0000000000000001"])
    passphrase: str = Field(min_length=1, max_length=200, repr=False, json_schema_extra={"format": "password"}, examples=["frasa-sandi-anda"])
    despite_unknown: bool = Field(default=False, strict=True)


class SigningShown(AnswerModel):
    """Satu percobaan menandatangani lewat gerbang. `made_version`: versi bertanda tangan yang dihasilkan.

    `unknown`: the gateway was asked and never answered; it may have signed. `code` says why a try failed.
    """

    id: UUID
    document_id: UUID
    version: int
    state: Literal["intended", "signed", "failed", "unknown"]
    code: str | None = Field(examples=["passphrase_wrong"])
    gateway: Literal["v1", "v2"]
    gateway_document: str | None = Field(description="`id_dokumen` dari gerbang. The gateway's own id, where it gives one.")
    made_version: int | None
    actor: ActorShown
    intended_at: datetime
    ended_at: datetime | None


class SigningList(Listing[SigningShown]):
    """Percobaan menandatangani satu dokumen, yang terbaru dahulu. The latest first."""


def show_signing(signing: Signing, *, now: datetime, zone: ZoneInfo) -> SigningShown:
    return SigningShown(
        id=signing.id,
        document_id=signing.document_id,
        version=signing.version,
        state=signing.state_at(now),
        code=signing.code,
        gateway=signing.gateway,
        gateway_document=signing.gateway_document,
        made_version=signing.made_version,
        actor=ActorShown.of(signing.actor),
        intended_at=local(signing.intended_at, zone),
        ended_at=local_or_none(signing.ended_at, zone),
    )
