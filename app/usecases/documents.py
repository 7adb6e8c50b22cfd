"""What people do with documents: put a version into a slot, initial it, sign it."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.documents import (
    MarkRequest,
    Upload,
    caller_refusals,
    mark_refusals,
    put,
    put_mark,
    upload_refusals,
)
from app.domain.instances import DocumentVersion, Instance, Mark
from app.domain.preconditions import ANY_VERSION
from app.domain.problems import KeyReused, NotVisible, Refused
from app.domain.refusals import Refusal
from app.domain.retries import StoredAnswer
from app.domain.transitions import Situation
from app.store.blobs import blob_rows
from app.store.documents import instance_of
from app.store.guarded import Change
from app.usecases.acts import Act, Done, View, finish, loaded, refuse


async def may_upload(act: Act, instance_id: UUID) -> Instance:
    """The short look before the first byte: who, and may they at all; and the instance, whose slots and office say what they take.

    Where an answer is kept under the caller's key, only the bytes will tell whether it is this upload's: then it is too early to refuse.
    Raises NotVisible, Refused.
    """
    try:
        view = await loaded(act, instance_id)
    except KeyReused:
        return (await loaded(replace(act, retry=None, expected=ANY_VERSION), instance_id)).instance
    refuse(caller_refusals(view.situation))
    return view.instance


async def upload(act: Act, instance_id: UUID, new: Upload, *, show: Callable[[Instance, DocumentVersion], StoredAnswer]) -> StoredAnswer:
    """Put a version into a slot. Its bytes are durable already; all rules are judged again, for the state as it is now."""
    view = await loaded(act, instance_id)
    situation = view.situation
    refuse(upload_refusals(situation, new))
    assert situation.step is not None
    actor = situation.as_role(situation.parts_of(situation.step)[0])
    changed, version, event = put(situation, new, document_id=uuid7(), actor=actor)

    def answer(after: View) -> tuple[StoredAnswer, list[Change]]:
        return show(after.instance, version), blob_rows(new, now=act.now)

    return await finish(act, view, Done(instance=changed, events=(event,), actor=actor), answer=answer)


async def put_mark_on(act: Act, request: MarkRequest, *, show: Callable[[Instance, Mark], StoredAnswer]) -> StoredAnswer:
    """Initial or sign one version. Raises NotVisible when there is no such document or version for this caller, else Refused."""
    view = await view_of_version(act, request)
    refuse(mark_refusals(view.situation, request))
    if request.kind == "electronic" and request.evidence is None:
        raise Refused([Refusal("concurrent_change")])  # the answer kept under the caller's key ended between the look and the act
    changed, mark, actor, event = put_mark(view.situation, request, mark_id=uuid7())

    def answer(after: View) -> tuple[StoredAnswer, list[Change]]:
        return show(after.instance, mark), []

    return await finish(act, view, Done(instance=changed, events=(event,), actor=actor), answer=answer)


async def view_of_version(act: Act, request: MarkRequest) -> View:
    """The instance of the version to be marked. Raises NotVisible, KeyReused, AlreadyAnswered, Stale."""
    instance_id = await instance_of(act.connection, request.document_id)
    if instance_id is None:
        raise NotVisible
    view = await loaded(act, instance_id)
    if not _has_version(view.situation, request):
        raise NotVisible
    return view


def _has_version(situation: Situation, request: MarkRequest) -> bool:
    return any((v.document_id, v.version) == (request.document_id, request.version) for v in situation.instance.versions)
