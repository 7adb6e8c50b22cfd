"""Signing through the gateway: what must hold before it is asked, and what its answer does to the instance.

An intent is written down before the call, since signing is not idempotent: whatever happens to us, what was asked stays known.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from app.domain.documents import MarkRequest, StoredFile, Upload, mark_refusals, marked_version, put
from app.domain.events import NewEvent
from app.domain.instances import DocumentVersion, Instance, Snapshot
from app.domain.people import ActorSnapshot
from app.domain.refusals import Refusal
from app.domain.transitions.attempt import Situation

PATIENCE = timedelta(minutes=10)
"""Longer than any call: an intent without an end by then was left by a server that went down, and nobody knows what became of it."""

PDF = "application/pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """One try. `state`: intended | signed | failed | unknown; `made_version`: the signed version it became."""

    id: UUID
    document_id: UUID
    version: int
    sha256: str
    account_id: UUID
    role: str
    actor: Snapshot
    gateway: str
    state: str
    intended_at: datetime
    code: str | None = None
    gateway_document: str | None = None
    made_version: int | None = None
    ended_at: datetime | None = None

    def state_at(self, now: datetime) -> str:
        return "unknown" if self.state == "intended" and now - self.intended_at > PATIENCE else self.state


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayRequest:
    """`most`: how many bytes the gateway takes. `hold`: what is quarantined is not given out, so not signed either.

    `despite_unknown`: the signatory has looked at what became of an earlier try.
    """

    document_id: UUID
    version: int
    most: int
    hold: bool = True
    despite_unknown: bool = False

    @property
    def mark(self) -> MarkRequest:
        return MarkRequest(self.document_id, self.version, "signature", "electronic", self.hold)


def intent_refusals(situation: Situation, request: GatewayRequest, earlier: Sequence[Signing]) -> tuple[Refusal, ...]:
    """All that forbids asking the gateway; `earlier` are the tries with this document."""
    return (*keeping_refusals(situation, request.mark), *_not_for_the_gateway(situation, request), *_tried(situation, request, earlier))


def keeping_refusals(situation: Situation, mark: MarkRequest) -> tuple[Refusal, ...]:
    """Why what the gateway gives back cannot be kept; judged before it is asked, and again once it has answered."""
    return (*mark_refusals(situation, mark), *_no_place_for_it(situation, mark))


def _no_place_for_it(situation: Situation, mark: MarkRequest) -> Iterator[Refusal]:
    """The signed form is a version of the active round: it must not fill an output with what an earlier round left there."""
    slot, version = marked_version(situation.instance, mark)
    step, active = situation.step, situation.round
    if step is None or active is None:
        return  # the instance is closed, which is told already
    if slot not in {use.slot for use in (*step.inputs, *step.outputs)}:
        yield Refusal("slot_not_at_work", {"slot": slot})
    elif slot in {use.slot for use in step.outputs} and (version.step, version.round) != (active.step, active.round):
        yield Refusal("version_of_earlier_round", {"version": version.version})


def _not_for_the_gateway(situation: Situation, request: GatewayRequest) -> Iterator[Refusal]:
    version = marked_version(situation.instance, request.mark)[1]
    if version.media_type != PDF or version.size > request.most:
        yield Refusal("gateway_takes_pdf", {"most": request.most, "media_type": version.media_type, "size": version.size})


def _tried(situation: Situation, request: GatewayRequest, earlier: Sequence[Signing]) -> Iterator[Refusal]:
    states = {found.state_at(situation.now) for found in earlier if found.version == request.version}
    if "intended" in states:
        yield Refusal("signing_under_way", {"document": str(request.document_id)})
    elif "unknown" in states and not request.despite_unknown:
        yield Refusal("signing_outcome_unknown")


def intended(situation: Situation, request: GatewayRequest, *, role: str, signing_id: UUID, gateway: str) -> tuple[Signing, NewEvent]:
    slot, version = marked_version(situation.instance, request.mark)
    actor = situation.as_role(role)
    signing = Signing(
        id=signing_id,
        document_id=request.document_id,
        version=request.version,
        sha256=version.sha256,
        account_id=actor.account_id,
        role=role,
        actor=actor.as_data(),
        gateway=gateway,
        state="intended",
        intended_at=situation.act_time,
    )
    return signing, NewEvent("signing.intended", _named(signing) | {"slot": slot, "sha256": version.sha256, "role": role, "gateway": gateway})


def ended(signing: Signing, state: str, *, at: datetime, code: str | None = None) -> tuple[Signing, NewEvent]:
    """Failed, or unknown: nothing was put into the slot."""
    return replace(signing, state=state, code=code, ended_at=at), NewEvent("signing.failed", _named(signing) | {"state": state, "code": code})


def _named(signing: Signing) -> dict[str, object]:
    return {"signing_id": str(signing.id), "document_id": str(signing.document_id), "version": signing.version}


def put_signed(situation: Situation, signing: Signing, file: StoredFile, *, actor: ActorSnapshot) -> tuple[Instance, DocumentVersion, NewEvent]:
    """What the gateway gave back, as a new version: it carries on the initials of the one it was made from."""
    slot = marked_version(situation.instance, MarkRequest(signing.document_id, signing.version, "signature", "electronic"))[0]
    return put(situation, Upload(slot=slot, file=file, signed_from=signing.version), document_id=signing.document_id, actor=actor)
