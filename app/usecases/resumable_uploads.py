"""Resumable uploads: begun under the same rules as a whole one, moved on part by part, and finished as a version or not at all.

An upload stands at its full length exactly when the version exists. A file that came whole and may not become a version just now (the
state changed, or its sender's part in it) is held one chunk short: a client that is told "all there" would believe in a version that does
not exist, so it is told where to go on instead, and brings the last bytes again when it may.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from app.domain.documents import StoredFile, Upload, upload_refusals
from app.domain.instances import DocumentVersion, Instance
from app.domain.people import Actor
from app.domain.problems import Invalid, NotVisible, Problem, Refused
from app.domain.procedures import Slot
from app.domain.resumable_uploads import FileLimit, OffsetMismatch, ResumableUpload, UploadRequest, check_size, creation_refusals, smallest
from app.domain.retries import StoredAnswer
from app.store import resumable_uploads as store
from app.store.document_limits import office_limits
from app.store.instances import office_of_instance
from app.usecases import documents
from app.usecases.acts import Act, loaded, refuse
from app.usecases.administering import once
from app.usecases.document_limits import of_office, of_parts, of_slot

Show = Callable[[ResumableUpload], StoredAnswer]


@dataclass(frozen=True, slots=True)
class UploadTerms:
    """What the server takes in parts: how many bytes, and how long it waits for the next of them."""

    max_bytes: int
    lifetime: timedelta


class Allowed(NamedTuple):
    instance: Instance
    limit: FileLimit
    open_bytes: int | None


async def create_upload(act: Act, instance_id: UUID, asked: UploadRequest, *, terms: UploadTerms, show: Show) -> StoredAnswer:
    """Raises NotVisible, KeyReused, AlreadyAnswered, Refused, FileTooLarge: nobody sends a large file only to be refused for what is known now."""

    async def work() -> StoredAnswer:
        allowed = await _allowed(act, instance_id, asked, terms)
        check_size(asked.length, allowed.limit)
        office = allowed.instance.office.code
        whose = act.actor.account_id
        await store.take_turns(act.connection, account_id=whose, office=None if allowed.open_bytes is None else office)
        unfinished = await store.unfinished(act.connection, account_id=whose, office=office, now=act.now)
        refuse(creation_refusals(unfinished, asked.length, max_open_bytes=allowed.open_bytes))
        upload = _begun(act, allowed.instance, asked, expires_at=act.now + terms.lifetime)
        await store.add_upload(act.connection, upload)
        return show(upload)

    return await once(act, work)


async def check_visible(connection: AsyncConnection, actor: Actor, instance_id: UUID) -> None:
    """Before what is wrong with the headers is told. Raises NotVisible."""
    office = await office_of_instance(connection, instance_id)
    if office is None or not actor.sees(office):
        raise NotVisible


async def _allowed(act: Act, instance_id: UUID, asked: UploadRequest, terms: UploadTerms) -> Allowed:
    view = await loaded(replace(act, retry=None), instance_id)
    refuse(upload_refusals(view.situation, Upload(slot=asked.slot, note=asked.note)))
    limits = await office_limits(act.connection, view.instance.office.code, act.now)
    slot = view.instance.procedure.slots[asked.slot]
    limit = smallest(FileLimit(terms.max_bytes, "server"), of_office(limits), of_parts(limits), of_slot(slot))
    return Allowed(view.instance, limit, None if limits.open is None else limits.open.most)


def _begun(act: Act, instance: Instance, asked: UploadRequest, *, expires_at: datetime) -> ResumableUpload:
    return ResumableUpload(
        id=uuid7(),
        instance_id=instance.id,
        office_code=instance.office.code,
        account_id=act.actor.account_id,
        slot=asked.slot,
        filename=asked.filename,
        note=asked.note,
        said=asked.said,
        length=asked.length,
        received=0,
        sha256=asked.sha256,
        parts=(),
        created_at=act.now,
        expires_at=expires_at,
    )


async def view_upload(connection: AsyncConnection, actor: Actor, upload_id: UUID, now: datetime) -> ResumableUpload:
    """Only before whoever began it, and until it expires. Raises NotVisible."""
    found = await store.find_upload(connection, upload_id)
    if found is None or found.account_id != actor.account_id or found.expires_at <= now or not actor.sees(found.office_code):
        raise NotVisible
    return found


async def slot_of(act: Act, upload: ResumableUpload) -> Slot:
    """The short look before the bytes are examined: may their sender still put them there? Raises NotVisible, Refused."""
    view = await loaded(act, upload.instance_id)
    refuse(upload_refusals(view.situation, Upload(slot=upload.slot, note=upload.note)))
    return view.instance.procedure.slots[upload.slot]


async def complete(act: Act, upload: ResumableUpload, file: StoredFile) -> ResumableUpload:
    """The version, and the upload as finished, in one transaction. Raises OffsetMismatch when it moved meanwhile, and what `upload` raises."""
    made: list[DocumentVersion] = []

    def show(_: Instance, version: DocumentVersion) -> StoredAnswer:
        made.append(version)
        return StoredAnswer(204, {}, "")

    await documents.upload(act, upload.instance_id, Upload(slot=upload.slot, file=file, note=upload.note), show=show)
    version = made[-1]
    if not await store.finish(act.connection, upload, document_id=version.document_id, version=version.version):
        raise OffsetMismatch
    return replace(upload, received=upload.length, parts=(), document_id=version.document_id, version=version.version)


def speaks_of_content(problem: Problem) -> bool:
    """What comes again would be refused again: the upload is over."""
    if isinstance(problem, Refused):
        return all(refusal.concern == "input" for refusal in problem.refusals)
    return isinstance(problem, Invalid)
