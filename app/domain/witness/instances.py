"""One instance: what its events say beside what its tables keep, under the same keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.domain.alarms import alarmed
from app.domain.events import text_hash
from app.domain.instances import Document, DocumentVersion, Mark, Member, SignOff, StepRound, Suspension
from app.domain.records import CommentRecord, TransitionRecord
from app.domain.signatures import evidence_facts
from app.domain.witness.facts import Difference, Event, Facts, Key, Told, moment
from app.domain.witness.states import StatesHeard
from app.domain.witness.words import WordsHeard


@dataclass(frozen=True, slots=True)
class OwnRow:
    """The columns of the instance's own row that events tell of."""

    office_code: str
    procedure_key: str
    procedure_version: int
    period_key: str
    title: str
    state: str
    version: int
    current_step: int | None
    started_by: UUID
    started_at: datetime
    planned_end_at: datetime
    completed_at: datetime | None
    team_instrument: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """How a document is filed."""

    document_id: UUID
    office_code: str
    classification: str | None
    security_class: str
    retention_rule: str | None
    number: str | None
    numbered_by: str | None
    dated: date | None
    described_by: dict[str, Any]
    described_at: datetime


@dataclass(frozen=True, slots=True)
class KeptInstance:
    """What the tables keep of one instance, as of one moment."""

    own: OwnRow
    members: Sequence[Member]
    transitions: Sequence[TransitionRecord]
    comments: Sequence[CommentRecord]
    rounds: Sequence[StepRound]
    suspensions: Sequence[Suspension]
    sign_offs: Sequence[SignOff]
    documents: Sequence[Document]
    versions: Sequence[DocumentVersion]
    marks: Sequence[Mark]
    records: Sequence[RecordFacts]


class InstanceTestimony:
    """Reads the events of an instance in their order."""

    def __init__(self) -> None:
        self._told = Told()
        self._words, self._states = WordsHeard(self._told), StatesHeard(self._told)

    def hear(self, event: Event) -> None:
        data = event["data"]
        self._words.hear(event, data)
        self._states.hear(event, data)

    def first_difference(self, kept: KeptInstance, *, end: int) -> tuple[int, str] | None:
        """The sequence of the first event that the tables contradict, and the code of what they do."""
        found = [(difference.sequence, _code(difference)) for difference in self._told.differences(_held(kept), end=end)]
        if any(alarmed(row) != row for row in kept.rounds):  # no event tells when the clock rings, it follows: wrongly, the clock would be silent
            found.append((end + 1, "deadline_differs"))
        return min(found, default=None)


def _code(found: Difference) -> str:
    """words_differ | document_differs | state_differs | deadline_differs."""
    kind = found.key[0]
    if kind in {"document", "version", "initial", "signature", "record"}:
        return "document_differs"
    if found.what in {"due_at", "due_soon_at", "planned_end_at"}:
        return "deadline_differs"
    is_state = kind in {"round", "suspension"} or found.what == "voided_at" or (kind == "instance" and found.what != "title_sha256")
    return "state_differs" if is_state else "words_differ"


# ── what the tables hold ────────────────────────────────────────────────────────────────────────────────────────────


def _held(kept: KeptInstance) -> dict[Key, Facts]:
    rows: list[tuple[Key, Facts]] = [_of_itself(kept.own)]
    rows += _of_team(kept.members, kept.own.team_instrument)
    rows += [_of_transition(row) for row in kept.transitions]
    rows += [(("comment", c.sequence), {"id": str(c.id), "body_sha256": text_hash(c.body)} | _who(c.actor, c.at)) for c in kept.comments]
    rows += [_of_round(row) for row in kept.rounds]
    rows += [(("suspension", s.number), {"suspended_at": moment(s.suspended_at), "resumed_at": moment(s.resumed_at)}) for s in kept.suspensions]
    rows += [_of_sign_off(row) for row in kept.sign_offs]
    rows += [(("document", str(row.id)), {"slot": row.slot}) for row in kept.documents]
    rows += [_of_version(row) for row in kept.versions]
    rows += [_of_mark(row) for row in kept.marks]
    rows += [_of_record(row) for row in kept.records]
    return dict(rows)


def _of_itself(own: OwnRow) -> tuple[Key, Facts]:
    facts = {name: getattr(own, name) for name in ("procedure_version", "state", "version", "current_step")}
    times = {name: moment(getattr(own, name)) for name in ("started_at", "planned_end_at", "completed_at")}
    names = {"office": own.office_code, "procedure": own.procedure_key, "period": own.period_key, "started_by": str(own.started_by)}
    return ("instance",), {"title_sha256": text_hash(own.title)} | facts | times | names


def _of_team(members: Sequence[Member], instrument: Facts | None) -> list[tuple[Key, Facts]]:
    if not members and instrument is None:
        return []
    decree = None if instrument is None else {"number_sha256": text_hash(instrument.get("number")), "date": instrument.get("date")}
    return [(("team",), {"members": sorted(str(member.account_id) for member in members), "instrument": decree})]


def _of_transition(row: TransitionRecord) -> tuple[Key, Facts]:
    words = {"reason_sha256": text_hash(row.reason), "late_reason_sha256": text_hash(row.late_reason), "comment_sha256": text_hash(row.comment)}
    beside: dict[str, Facts] = {"complete": {"decision": row.decision}, "return": {"to_step": row.to_step}}
    return ("transition", row.sequence), words | beside.get(row.action, {}) | {"action": row.action} | _who(row.actor, row.at)


def _of_round(row: StepRound) -> tuple[Key, Facts]:
    names = ("started_at", "due_at", "due_soon_at", "paused_at", "completed_at", "due_soon_told_at", "missed_told_at")
    times = {name: moment(getattr(row, name)) for name in names}
    return ("round", row.step, row.round), {"state": row.state, "is_current": row.is_current, "decision": row.decision} | times


def _of_sign_off(row: SignOff) -> tuple[Key, Facts]:
    key = ("sign_off", row.step, row.round, row.role, str(row.account_id), row.number)
    return key, {"late_reason_sha256": text_hash(row.late_reason), "voided_at": moment(row.voided_at)} | _who(row.actor, row.at)


def _of_version(row: DocumentVersion) -> tuple[Key, Facts]:
    facts = {name: getattr(row, name) for name in ("sha256", "size", "media_type", "copy_of", "signed_from", "step", "round", "scan", "threat")}
    facts |= {"scanned_at": moment(row.scanned_at), "damaged_at": moment(row.damaged_at)}
    words = {"filename_sha256": text_hash(row.filename), "note_sha256": text_hash(row.note)}
    return ("version", str(row.document_id), row.version), facts | words | _who(row.uploaded_by, row.uploaded_at)


def _of_mark(row: Mark) -> tuple[Key, Facts]:
    key = (row.mark, str(row.document_id), row.version, row.role, str(row.account_id))
    return key, {"sha256": row.sha256, "kind": row.kind, "evidence": evidence_facts(row.evidence)} | _who(row.actor, row.at)


def _of_record(row: RecordFacts) -> tuple[Key, Facts]:
    facts = {name: getattr(row, name) for name in ("classification", "security_class", "retention_rule")}
    words = {"number_sha256": text_hash(row.number), "numbered_by_sha256": text_hash(row.numbered_by)}
    beside = {"office": row.office_code, "dated": None if row.dated is None else row.dated.isoformat()}
    return ("record", str(row.document_id)), facts | words | beside | _who(row.described_by, row.described_at)


def _who(actor: Facts, at: datetime) -> Facts:
    return {"actor": actor, "at": moment(at)}
