"""From an instance's documents to their answers."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.domain.document_actions import document_actions
from app.domain.instances import Document, DocumentVersion, Instance, Mark
from app.domain.refusals import Language
from app.domain.transitions import Situation
from app.web.schemas.common import ActorShown, local
from app.web.schemas.documents import (
    DocumentActionShown,
    DocumentFacts,
    DocumentShown,
    DocumentVersionShown,
    EvidenceShown,
    MarkShown,
    PdfSignatureShown,
)


def show_document_to(situation: Situation, document: Document, language: Language, *, hold: bool) -> DocumentShown:
    """With what this caller may do. `hold`: what is quarantined is not given out."""
    actions = [DocumentActionShown.of(found, language) for found in document_actions(situation, document, hold=hold)]
    return DocumentShown(**dict(show_document(situation.instance, document)), actions=actions)


def show_document(instance: Instance, document: Document) -> DocumentFacts:
    versions = [show_version(instance, version) for version in instance.history(document.slot)]
    label = instance.procedure.slots[document.slot].label
    return DocumentFacts(id=document.id, instance_id=instance.id, slot=document.slot, label=label, versions=versions)


def show_version(instance: Instance, version: DocumentVersion) -> DocumentVersionShown:
    document = next(d for d in instance.documents if d.id == version.document_id)
    return DocumentVersionShown(
        id=version.document_id,
        instance_id=instance.id,
        slot=document.slot,
        version=version.version,
        step=version.step,
        round=version.round,
        sha256=version.sha256,
        size=version.size,
        media_type=version.media_type,
        filename=version.filename,
        copy_of=version.copy_of,
        signed_from=version.signed_from,
        note=version.note,
        scan=version.scan,
        scanned_at=None if version.scanned_at is None else local(version.scanned_at, instance.office.zone),
        threat=version.threat,
        damaged_at=None if version.damaged_at is None else local(version.damaged_at, instance.office.zone),
        uploaded_by=ActorShown.of(version.uploaded_by),
        uploaded_at=local(version.uploaded_at, instance.office.zone),
        marks=[show_mark(instance, mark) for mark in instance.marks_on(version)],
    )


def show_mark(instance: Instance, mark: Mark) -> MarkShown:
    return MarkShown(
        id=mark.id,
        mark=mark.mark,
        kind=mark.kind,
        role=mark.role,
        sha256=mark.sha256,
        actor=ActorShown.of(mark.actor),
        at=local(mark.at, instance.office.zone),
        evidence=None if mark.evidence is None else _show_evidence(mark.evidence, instance.office.zone),
    )


def _show_evidence(kept: dict[str, Any], zone: ZoneInfo) -> EvidenceShown:
    found = [PdfSignatureShown(**s | {"signed_at": _local(s["signed_at"], zone)}) for s in kept["signatures"]]
    return EvidenceShown(signatures=found, verified_at=local(datetime.fromisoformat(kept["verified_at"]), zone), roots=kept["roots"])


def _local(moment: str | None, zone: ZoneInfo) -> datetime | None:
    return None if moment is None else local(datetime.fromisoformat(moment), zone)
