"""Restricted records (salary papers): which kinds a procedure keeps, who may read and add them, and what the log is told of it.

They belong to an instance and are no part of it: an instance in any state takes them (the papers of a quarter come when it is long completed),
and nothing of them moves it. The log tells ids and what was sealed, never what it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from app.domain.events import NewEvent
from app.domain.people import Actor, ActorSnapshot
from app.domain.permissions import RESTRICTED_RECORDS
from app.domain.procedures import Procedure
from app.domain.refusals import Refusal

Part = Literal["metadata", "content"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordWords:
    """What a record is called, says and measures: only ever kept sealed. `record` is its kind's key in the procedure; `sha256` of the plain bytes."""

    record: str
    filename: str
    media_type: str
    size: int
    sha256: str
    note: str | None
    added_by: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictedRecord:
    """A record as it is kept: `size` and `sha256` are those of the sealed bytes, `key_id` names the key that wrapped `wrapped_key`.

    `damaged_at`: when it was first seen not to open though its key is here.
    """

    id: UUID
    instance_id: UUID
    office_code: str
    storage_key: str
    size: int
    sha256: str
    key_id: str
    wrapped_key: str
    sealed: str
    added_by: UUID
    added_at: datetime
    damaged_at: datetime | None = None
    time_zone: str = "UTC"

    @property
    def about(self) -> str:
        return about(self.id, instance_id=self.instance_id, office=self.office_code)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


def about(record_id: UUID, *, instance_id: UUID, office: str) -> str:
    """Sealed in with all of a record: under another id, instance or office nothing of it opens."""
    return f"{record_id} {instance_id} {office}"


def restricted_kinds(procedure: Procedure) -> frozenset[str]:
    """The keys of the restricted records that the procedure keeps."""
    return frozenset(record.key for record in procedure.identity.records if record.key is not None and record.security_class == "restricted")


def may_read(actor: Actor, office: str) -> bool:
    return not actor.machine and actor.permitted(RESTRICTED_RECORDS, office)


def reader_refusals(actor: Actor, office: str) -> Iterator[Refusal]:
    if not may_read(actor, office):
        yield Refusal("permission_missing", {"permission": RESTRICTED_RECORDS, "office": office})


def adding_refusals(actor: Actor, office: str, *, has_key: bool) -> Iterator[Refusal]:
    """What can be said before a byte is received. Who may not add is not told how this server is set up."""
    missing = tuple(reader_refusals(actor, office))
    yield from missing
    if not missing and not has_key:
        yield Refusal("restricted_key_not_configured")


def kind_refusals(procedure: Procedure, record: str) -> Iterator[Refusal]:
    if record not in restricted_kinds(procedure):
        yield Refusal("unknown_restricted_record")


def as_keeper(actor: Actor, office: str) -> ActorSnapshot:
    """Who did it, by the nearest holding of the permission that reaches the office."""
    held = [holding for holding in actor.holdings if holding.role == RESTRICTED_RECORDS and office in holding.covers]
    nearest = min(held, key=lambda holding: len(holding.covers))
    return actor.snapshot(RESTRICTED_RECORDS, nearest.office, "Pengelola Arsip Terbatas", capacity=nearest.capacity)


def added(record: RestrictedRecord) -> NewEvent:
    return NewEvent("restricted_record.added", _named(record) | {"sha256": record.sha256, "size": record.size})


def read(record: RestrictedRecord, part: Part) -> NewEvent:
    return NewEvent("restricted_record.read", _named(record) | {"part": part})


def damaged(record: RestrictedRecord, part: Part) -> NewEvent:
    return NewEvent("restricted_record.damaged", _named(record) | {"part": part})


def restored(record: RestrictedRecord) -> NewEvent:
    return NewEvent("restricted_record.restored", _named(record))


def _named(record: RestrictedRecord) -> dict[str, Any]:
    return {"record_id": str(record.id), "instance_id": str(record.instance_id)}
