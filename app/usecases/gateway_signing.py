"""Signing through the gateway, in two acts with the call between them: the intent is committed first, then what came of it.

No transaction is open while the gateway is asked.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from anyio import to_thread
from uuid_utils.compat import uuid7

from app.domain.documents import MarkRequest, StoredFile, Upload, marked_version, marking_role, put_mark
from app.domain.gateway_signing import GatewayRequest, Signing, ended, intended, intent_refusals, keeping_refusals, put_signed
from app.domain.instances import DocumentVersion, Instance
from app.domain.problems import Problem, Refused
from app.domain.procedures import Slot
from app.domain.refusals import Refusal
from app.domain.retries import StoredAnswer
from app.domain.signatures import Evidence, PdfSignature, signature_refusals
from app.outside.bsre import Gateway, GatewayFailed, OutcomeUnknown, SignedPdf, Signer
from app.outside.pdf_signatures import PdfUnreadable, verify
from app.outside.storage import TemporaryBlob
from app.store.blobs import blob_rows
from app.store.gateway_signing import end_change, intent_change, signings_of
from app.store.guarded import Change
from app.usecases.acts import Act, Done, View, finish, loaded, refuse
from app.usecases.documents import view_of_version
from app.usecases.electronic_signing import Content, copied
from app.usecases.receiving import Reception, take_in

UNWRITTEN = StoredAnswer(200, {}, "")
"""Of the acts between which the gateway is asked: nobody is answered yet."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What is to be signed: asked for, written down, and not sent yet."""

    instance_id: UUID
    signing: Signing
    slot: Slot
    version: DocumentVersion
    mark: MarkRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What the gateway gave back: durable, and its signatures verified."""

    file: StoredFile
    evidence: Evidence
    gateway_document: str | None


class CameToNothing(Exception):
    """Nothing is put into the slot. `state`: failed | unknown; `problem` is what the signatory is told."""

    def __init__(self, state: str, code: str, problem: Problem) -> None:
        self.state = state
        self.code = code
        self.problem = problem
        super().__init__(code)


async def intend(act: Act, request: GatewayRequest, gateway: Gateway | None) -> Intent:
    """Raises NotVisible, Refused, Stale, Collision. Once this is committed, the gateway may be asked."""
    view = await view_of_version(act, request.mark)
    situation = view.situation
    unset = () if gateway is not None else (Refusal("gateway_not_configured"),)
    refuse((*unset, *intent_refusals(situation, request, await signings_of(act.connection, request.document_id))))
    slot, version = marked_version(situation.instance, request.mark)
    role = marking_role(situation, slot, "signature")
    assert role is not None
    assert gateway is not None
    signing, event = intended(situation, request, role=role, signing_id=uuid7(), gateway=gateway.api)
    done = Done(instance=view.instance, events=(event,), actor=situation.as_role(role))
    await finish(act, view, done, answer=lambda _: (UNWRITTEN, [intent_change(view.instance.id, signing)]))
    return Intent(view.instance.id, signing, view.instance.procedure.slots[slot], version, request.mark)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What it takes to ask, and to judge what comes back. `content`: what reads the version to be signed."""

    gateway: Gateway
    content: Content
    reception: Reception
    trust_roots: Path | None
    now: datetime


async def asked(at: Asked, intent: Intent, signer: Signer) -> Answered:
    """The gateway's answer, verified and stored. Raises CameToNothing."""
    try:
        async with copied(at.reception.blobs, intent.version, at.content) as document:
            signed = await at.gateway.sign(document.path, signer)
    except GatewayFailed as error:
        raise CameToNothing("failed", error.code, Refused([Refusal(error.code)])) from None
    except OutcomeUnknown:
        raise CameToNothing("unknown", "no_answer", Refused([Refusal("signing_outcome_unknown")])) from None
    except Problem as error:  # our own copy could not be read: nothing was sent
        raise CameToNothing("failed", error.code, error) from error
    try:
        return await _kept(at, signed, intent)
    except Problem as error:
        raise CameToNothing("failed", error.refusals[0].code if isinstance(error, Refused) else error.code, error) from error


async def _kept(at: Asked, signed: SignedPdf, intent: Intent) -> Answered:
    _unsound(await to_thread.run_sync(lambda: list(_altered(signed.content, intent.version))))
    async with at.reception.blobs.receive(len(signed.content)) as temporary:
        await temporary.write(signed.content)
        await temporary.finish()
        evidence = await _evidence(temporary, trust_roots=at.trust_roots, now=at.now)
        file = await take_in(at.reception, temporary, intent.slot, filename=intent.version.filename)
    return Answered(file=file, evidence=evidence, gateway_document=signed.document)


def _altered(signed: bytes, sent: DocumentVersion) -> Iterator[str]:
    """A signature is put behind a PDF and leaves its bytes as they are. Anything else is another document, which nobody has initialed."""
    if len(signed) <= sent.size or sha256(memoryview(signed)[: sent.size]).hexdigest() != sent.sha256:
        yield "another_document"


def _unsound(reasons: Sequence[str]) -> None:
    """Raises Refused."""
    if reasons:
        raise Refused([Refusal("gateway_answer_unsound", {"reason": ", ".join(reasons)})])


async def _evidence(temporary: TemporaryBlob, *, trust_roots: Path | None, now: datetime) -> Evidence:
    """What the gateway says that it signed must hold as if a person had uploaded it. Raises Refused."""
    found: Sequence[PdfSignature]
    try:
        found = await verify(temporary.path, trust_roots=trust_roots, at=now)
    except PdfUnreadable as error:
        raise Refused([Refusal("gateway_answer_unsound", {"reason": error.reason})]) from error
    _unsound([refusal.code for refusal in signature_refusals(found)])
    return Evidence(signatures=tuple(found), verified_at=now, roots=trust_roots is not None)


async def give_up(act: Act, intent: Intent, nothing: CameToNothing) -> None:
    """What came of it is written down, whatever has happened to the instance since. Raises Collision."""
    view = await loaded(act, intent.instance_id)
    signing, event = ended(intent.signing, nothing.state, at=view.situation.act_time, code=nothing.code)
    done = Done(instance=view.instance, events=(event,), actor=view.situation.as_role(signing.role))
    await finish(act, view, done, answer=lambda _: (UNWRITTEN, [end_change(signing)]))


async def conclude(act: Act, intent: Intent, answered: Answered, *, show: Callable[[Instance, DocumentVersion], StoredAnswer]) -> StoredAnswer:
    """The signed PDF becomes the next version with the signature on it, in one act. Raises Refused (the state has changed), Collision."""
    view = await loaded(act, intent.instance_id)
    situation, signing = view.situation, intent.signing
    refuse(keeping_refusals(situation, intent.mark))
    actor = situation.as_role(signing.role)
    with_version, version, uploaded = put_signed(situation, signing, answered.file, actor=actor)
    on_it = MarkRequest(signing.document_id, version.version, "signature", "electronic", evidence=answered.evidence)
    changed, _, _, signed = put_mark(replace(situation, instance=with_version), on_it, mark_id=uuid7())
    done = replace(signing, state="signed", made_version=version.version, gateway_document=answered.gateway_document, ended_at=situation.act_time)

    def answer(after: View) -> tuple[StoredAnswer, list[Change]]:
        named = Upload(slot=marked_version(after.instance, on_it)[0], file=answered.file)
        return show(after.instance, version), [*blob_rows(named, now=act.now), end_change(done)]

    return await finish(act, view, Done(instance=changed, events=(uploaded, signed), actor=actor), answer=answer)
