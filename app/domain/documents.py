"""Documents of an instance: who may fill which slot when, who may initial or sign, and what that does to the step."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from app.domain.events import NewEvent, text_hash
from app.domain.instances import Document, DocumentVersion, Instance, Mark, MarkName, role_labels
from app.domain.marking import counting_marks, order_refusals, roles_for, same_content
from app.domain.people import ActorSnapshot
from app.domain.refusals import Refusal
from app.domain.scanning import marking_refusals, reading_refusals
from app.domain.signatures import Evidence, evidence_facts, signature_refusals
from app.domain.transitions.attempt import Situation, unique

CHUNK_BYTES = 1024 * 1024
"""Each so many bytes of a stored file have a digest of their own, so that a part can be checked before it is sent."""

MAX_VERSIONS = 200
"""Versions one slot holds. An act loads them all, so without an end one slot could make every act of its instance slow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """Bytes that are durable already, waiting for their row. `size` in bytes, `sha256` hex; `digests` those of the chunks, in their order."""

    storage_key: str
    sha256: str
    size: int
    media_type: str
    filename: str
    digests: tuple[str, ...] = ()
    scan: str = "unscanned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A new version for a slot: bytes just stored, or a copy of an earlier version (`copy_of`, 1-based).

    `signed_from`: the version of which these bytes are the signed form.
    """

    slot: str
    file: StoredFile | None = None
    copy_of: int | None = None
    signed_from: int | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class MarkRequest:
    """`kind`: hierarchical | coordination for an initial, wet | electronic for a signature. `hold`: what is quarantined is not given out.

    `evidence`: what was found in the version's bytes, once they are verified; an electronic signature is not put without.
    """

    document_id: UUID
    version: int
    mark: MarkName
    kind: str
    hold: bool = True
    evidence: Evidence | None = None


def open_slots(instance: Instance) -> tuple[str, ...]:
    """What performers of the active step may upload: its outputs, and those of its inputs that no earlier step puts out."""
    step = instance.active_step
    if step is None:
        return ()
    inputs = (use.slot for use in step.inputs if not instance.procedure.put_out_before(use.slot, step.number))
    outputs = (use.slot for use in step.outputs)
    return unique(slot for slot in (*inputs, *outputs) if instance.procedure.slots[slot].kind == "document")


# ── uploads ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def caller_refusals(situation: Situation) -> tuple[Refusal, ...]:
    """What can be said before a byte is received: the caller performs the active step, and the instance is running."""
    return tuple(_may_upload(situation))


def upload_refusals(situation: Situation, upload: Upload) -> tuple[Refusal, ...]:
    return (*_may_upload(situation), *_slot_takes(situation.instance, upload))


def _may_upload(situation: Situation) -> Iterator[Refusal]:
    step = situation.step
    if step is not None and not situation.parts_of(step):
        yield Refusal("not_a_performer", {"step": step.number, "performers": role_labels(situation.instance.procedure, step.performers)})
    yield from is_running(situation.instance)


def is_running(instance: Instance) -> Iterator[Refusal]:
    if not instance.is_open:
        yield Refusal("instance_closed")
    if instance.state == "suspended":
        yield Refusal("instance_suspended")


def slot_refusals(instance: Instance, upload: Upload) -> tuple[Refusal, ...]:
    return tuple(_slot_takes(instance, upload))


def _slot_takes(instance: Instance, upload: Upload) -> Iterator[Refusal]:
    slot = instance.procedure.slots.get(upload.slot)
    if slot is None:
        yield Refusal("unknown_slot", {"slot": upload.slot})
        return
    if slot.kind == "team":
        yield Refusal("slot_holds_no_document", {"slot": upload.slot})
        return
    open_now = open_slots(instance)
    if instance.is_open and upload.slot not in open_now:
        yield Refusal("slot_closed", {"slot": upload.slot, "current": instance.current_step or 0, "open": ", ".join(open_now) or "–"})
    if len(instance.history(upload.slot)) >= MAX_VERSIONS:
        yield Refusal("too_many_versions", {"slot": upload.slot, "most": MAX_VERSIONS})
    if upload.copy_of is not None:
        yield from _copy_exists(instance, upload)


def _copy_exists(instance: Instance, upload: Upload) -> Iterator[Refusal]:
    versions = [version.version for version in instance.history(upload.slot)]
    if not versions:
        yield Refusal("copy_source_missing", {"slot": upload.slot})
    elif upload.copy_of not in versions:
        yield Refusal("unknown_version", {"slot": upload.slot, "version": upload.copy_of or 0})
    else:
        yield from reading_refusals(instance.history(upload.slot)[versions.index(upload.copy_of)], hold=False)


def put(situation: Situation, upload: Upload, *, document_id: UUID, actor: ActorSnapshot) -> tuple[Instance, DocumentVersion, NewEvent]:
    """The instance with the new version: it starts without marks, and the sign-offs of this round are void, with the decision they made."""
    instance, now = situation.instance, situation.act_time
    active = instance.active
    assert active is not None
    document = instance.document(upload.slot) or Document(document_id, upload.slot)
    latest = instance.latest(upload.slot)
    source = _bytes_of(instance, upload)
    version = DocumentVersion(
        document_id=document.id,
        version=1 if latest is None else latest.version + 1,
        step=active.step,
        round=active.round,
        copy_of=upload.copy_of,
        note=upload.note,
        uploaded_by=actor.as_data(),
        uploaded_at=now,
        sha256=source.sha256,
        size=source.size,
        media_type=source.media_type,
        filename=source.filename,
        storage_key=source.storage_key,
        scan=source.scan,
        scanned_at=_scanned_at(source, now),
        damaged_at=source.damaged_at if isinstance(source, DocumentVersion) else None,
        signed_from=upload.signed_from,
    )
    voided = instance.signed(active)
    changed = replace(
        instance.with_round(replace(active, decision=None)),
        documents=instance.documents if document in instance.documents else (*instance.documents, document),
        versions=(*instance.versions, version),
        sign_offs=tuple(replace(s, voided_at=now) if s in voided else s for s in instance.sign_offs),
    )
    data = {
        "document_id": str(document.id),
        "slot": upload.slot,
        "version": version.version,
        "sha256": version.sha256,
        "size": version.size,
        "media_type": version.media_type,
        "scan": version.scan,
        "filename_sha256": text_hash(version.filename),
        "note_sha256": text_hash(upload.note),
        "copy_of": upload.copy_of,
        "signed_from": upload.signed_from,
        "step": active.step,
        "round": active.round,
        "voided_sign_offs": [{"role": s.role, "account_id": str(s.account_id)} for s in voided],
        "voided_marks": _voided_marks(instance, latest, upload),
    }
    return changed, version, NewEvent("document.uploaded", data)


def _voided_marks(instance: Instance, latest: DocumentVersion | None, upload: Upload) -> list[dict[str, str]]:
    """Marks stay on the version they were put on, and count no longer: also those on the versions of which the latest is the signed form.

    Where this is the signed form of the latest, they go on counting.
    """
    if latest is None or upload.signed_from == latest.version:
        return []
    return [{"mark": m.mark, "kind": m.kind, "role": m.role} for m in counting_marks(instance, upload.slot, latest)]


def _bytes_of(instance: Instance, upload: Upload) -> StoredFile | DocumentVersion:
    """A copy points to the bytes of the version that it copies."""
    return upload.file or next(v for v in instance.history(upload.slot) if v.version == upload.copy_of)


def _scanned_at(source: StoredFile | DocumentVersion, now: datetime) -> datetime | None:
    if isinstance(source, DocumentVersion):
        return source.scanned_at
    return now if source.scan == "clean" else None


# ── marks ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def mark_roles(instance: Instance, slot: str, mark: MarkName) -> tuple[str, ...]:
    """The roles whose mark the procedure asks for on that slot, in any step."""
    uses = (use for step in instance.procedure.steps for use in (*step.inputs, *step.outputs) if use.slot == slot)
    return unique(role for use in uses for role in roles_for(use, mark))


def marking_role(situation: Situation, slot: str, mark: MarkName) -> str | None:
    """The role in which the caller may put that mark, or None. Of several, the first that has not put it on the latest version."""
    held = [role for role in mark_roles(situation.instance, slot, mark) if situation.holds(role)]
    latest = situation.instance.latest(slot)
    given = set() if latest is None else {m.role for m in counting_marks(situation.instance, slot, latest) if m.mark == mark}
    return next((role for role in held if role not in given), next(iter(held), None))


def mark_refusals(situation: Situation, request: MarkRequest) -> tuple[Refusal, ...]:
    return tuple(_may_mark(situation, request))


def _may_mark(situation: Situation, request: MarkRequest) -> Iterator[Refusal]:
    instance, me = situation.instance, situation.actor.account_id
    slot, version = marked_version(instance, request)
    role = marking_role(situation, slot, request.mark)
    if role is None:
        roles = mark_roles(instance, slot, request.mark)
        yield Refusal("may_not_mark", {"roles": role_labels(instance.procedure, roles)}, variant="" if roles else "nobody")
    if request.mark == "signature" and instance.procedure.separation_of_duties and str(me) in _uploaders(instance, slot, version):
        yield Refusal("signer_is_uploader")
    yield from is_running(instance)
    yield from marking_refusals(version, hold=request.hold)
    latest = instance.latest(slot)
    if latest is not None and latest.version != version.version:
        yield Refusal("version_superseded", {"latest": latest.version})
    if any(m.mark == request.mark and m.role == role and m.account_id == me for m in counting_marks(instance, slot, version)):
        yield Refusal("already_marked")
    elif role is not None and version == latest:
        yield from order_refusals(instance, slot, role, mark=request.mark, kind=request.kind)
    if request.evidence is not None:
        yield from signature_refusals(request.evidence.signatures)


def _uploaders(instance: Instance, slot: str, version: DocumentVersion) -> frozenset[str]:
    """Who brought these very bytes into the slot, or those they are the signed form of: neither copy nor gateway makes them another's."""
    *_, source = same_content(instance, slot, version)
    same = [v for v in instance.history(slot) if v.sha256 == source.sha256]
    brought = frozenset(v.uploaded_by["account_id"] for v in same if v.signed_from is None)
    signed = (v for v in same if v.signed_from is not None)
    return brought.union(*(_uploaders(instance, slot, v) for v in signed))


def marked_version(instance: Instance, request: MarkRequest) -> tuple[str, DocumentVersion]:
    """The slot and version that a mark request names. The caller has made sure that it exists."""
    document = next(d for d in instance.documents if d.id == request.document_id)
    return document.slot, next(v for v in instance.history(document.slot) if v.version == request.version)


def put_mark(situation: Situation, request: MarkRequest, *, mark_id: UUID) -> tuple[Instance, Mark, ActorSnapshot, NewEvent]:
    """The instance with the mark, bound to the SHA-256 of the very version."""
    instance = situation.instance
    slot, version = marked_version(instance, request)
    role = marking_role(situation, slot, request.mark)
    assert role is not None
    actor = situation.as_role(role)
    mark = Mark(
        id=mark_id,
        document_id=request.document_id,
        version=request.version,
        mark=request.mark,
        kind=request.kind,
        role=role,
        account_id=actor.account_id,
        sha256=version.sha256,
        actor=actor.as_data(),
        at=situation.act_time,
        evidence=None if request.evidence is None else request.evidence.as_data(),
    )
    data = {
        "document_id": str(request.document_id),
        "slot": slot,
        "version": request.version,
        "sha256": version.sha256,
        "kind": request.kind,
        "role": role,
        "evidence": evidence_facts(mark.evidence),
    }
    event = NewEvent("document.initialed" if request.mark == "initial" else "document.signed", data)
    return replace(instance, marks=(*instance.marks, mark)), mark, actor, event
