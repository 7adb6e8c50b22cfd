"""What the log says of what the tables keep: the same facts under the same keys on both sides, so that they can be compared.

Each act on an instance leaves one event that tells of it, so the nth of these made the nth version of the instance.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.domain.events import text_hash
from app.domain.instances import DocumentVersion, Mark, Member, SignOff
from app.domain.records import CommentRecord, TransitionRecord

Key = tuple[object, ...]
Facts = dict[str, Any]
Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """What the tables keep of one instance, as of one moment."""

    title: str
    team_instrument: Facts | None
    members: Sequence[Member]
    transitions: Sequence[TransitionRecord]
    comments: Sequence[CommentRecord]
    sign_offs: Sequence[SignOff]
    versions: Sequence[DocumentVersion]
    marks: Sequence[Mark]


def first_difference(told: "Testimony", kept: Kept, *, end: int) -> tuple[int, str] | None:
    """The sequence of the first event that the tables contradict, and `words_differ` or `document_differs`.

    A row that no event tells of stands one past the `end` of the stream.
    """
    said, held = told.facts, _held(kept)
    keys = [key for key in said.keys() | held.keys() if key not in said or said[key][1] != held.get(key)]
    found = [(said[key][0] if key in said else end + 1, "document_differs" if key[0] in _OF_DOCUMENTS else "words_differ") for key in keys]
    return min(found, default=None)


_OF_DOCUMENTS = ("version", "initial", "signature")


# ── what the log says ───────────────────────────────────────────────────────────────────────────────────────────────

_SPOKEN = ("reason_sha256", "late_reason_sha256", "comment_sha256")
_TRANSITIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "step.signed_off": ("complete", ("late_reason_sha256", "comment_sha256", "decision")),
    "step.returned": ("return", ("reason_sha256", "comment_sha256", "to_step")),
    "step.claimed": ("claim", ("comment_sha256",)),
    "step.released": ("release", ("comment_sha256",)),
    "instance.suspended": ("suspend", ("reason_sha256", "comment_sha256")),
    "instance.resumed": ("resume", ("comment_sha256",)),
    "instance.cancelled": ("cancel", ("reason_sha256", "comment_sha256")),
    "team.changed": ("change_team", ("reason_sha256", "comment_sha256")),
}
"""The event that tells of each transition, and which of its data the transition keeps."""

_UPLOADED = ("sha256", "size", "media_type", "filename_sha256", "note_sha256", "copy_of", "step", "round")


class Testimony:
    """Reads the events of a stream in their order; `facts` are what they say, each with the sequence of the event that says it."""

    def __init__(self) -> None:
        self.facts: dict[Key, tuple[int, Facts]] = {}
        self._acts = 0
        self._signed: Counter[Key] = Counter()

    def hear(self, event: Event) -> None:
        data = event["data"] if isinstance(event["data"], dict) else {}
        if event["type"] in {"team.formed", "team.changed"}:
            self.facts["team",] = (event["sequence"], {"members": _sorted(data.get("members")), "instrument": data.get("instrument")})
        if event["type"] not in _TELLS and event["type"] not in _TRANSITIONS:
            return
        self._acts += 1
        if event["type"] in _TRANSITIONS:
            self._transition(event, data)
        if event["type"] in _TELLS:
            key, facts = _TELLS[event["type"]](self, event, data)
            self.facts[key] = (event["sequence"], facts)

    def _transition(self, event: Event, data: Facts) -> None:
        action, names = _TRANSITIONS[event["type"]]
        facts = dict.fromkeys(_SPOKEN) | {name: data.get(name) for name in names} | {"action": action} | _by(event)
        self.facts["transition", self._acts] = (event["sequence"], facts)

    def started(self, _: Event, data: Facts) -> tuple[Key, Facts]:
        return ("instance",), {"title_sha256": data.get("title_sha256")}

    def commented(self, event: Event, data: Facts) -> tuple[Key, Facts]:
        return ("comment", self._acts), {"id": data.get("comment_id"), "body_sha256": data.get("body_sha256")} | _by(event)

    def signed_off(self, event: Event, data: Facts) -> tuple[Key, Facts]:
        part = (data.get("step"), data.get("round"), data.get("role"))
        self._signed[part] += 1
        return ("sign_off", *part, _account(event), self._signed[part]), {"late_reason_sha256": data.get("late_reason_sha256")} | _by(event)

    def uploaded(self, event: Event, data: Facts) -> tuple[Key, Facts]:
        return ("version", data.get("document_id"), data.get("version")), {name: data.get(name) for name in _UPLOADED} | _by(event)

    def marked(self, event: Event, data: Facts) -> tuple[Key, Facts]:
        mark = "initial" if event["type"] == "document.initialed" else "signature"
        key = (mark, data.get("document_id"), data.get("version"), data.get("role"), _account(event))
        return key, {"sha256": data.get("sha256"), "kind": data.get("kind")} | _by(event)


_TELLS: dict[str, Callable[[Testimony, Event, Facts], tuple[Key, Facts]]] = {
    "instance.started": Testimony.started,
    "comment.added": Testimony.commented,
    "step.signed_off": Testimony.signed_off,
    "document.uploaded": Testimony.uploaded,
    "document.initialed": Testimony.marked,
    "document.signed": Testimony.marked,
}


def _sorted(members: object) -> list[str]:
    return sorted(map(str, members)) if isinstance(members, list) else []


def _by(event: Event) -> Facts:
    return {"actor": event["actor"], "at": event["at"]}


def _account(event: Event) -> object:
    return event["actor"].get("account_id") if isinstance(event["actor"], dict) else None


# ── what the tables hold ────────────────────────────────────────────────────────────────────────────────────────────


def _held(kept: Kept) -> dict[Key, Facts]:
    rows: list[tuple[Key, Facts]] = [(("instance",), {"title_sha256": text_hash(kept.title)})]
    rows += _of_team(kept.members, kept.team_instrument)
    rows += [_of_transition(row) for row in kept.transitions]
    rows += [(("comment", c.sequence), {"id": str(c.id), "body_sha256": text_hash(c.body)} | _who(c.actor, c.at)) for c in kept.comments]
    rows += [_of_sign_off(row) for row in kept.sign_offs]
    rows += [_of_version(row) for row in kept.versions]
    rows += [_of_mark(row) for row in kept.marks]
    return dict(rows)


def _of_team(members: Sequence[Member], instrument: Facts | None) -> list[tuple[Key, Facts]]:
    if not members and instrument is None:
        return []
    decree = None if instrument is None else {"number_sha256": text_hash(instrument.get("number")), "date": instrument.get("date")}
    return [(("team",), {"members": sorted(str(member.account_id) for member in members), "instrument": decree})]


def _of_transition(row: TransitionRecord) -> tuple[Key, Facts]:
    words = {"reason_sha256": text_hash(row.reason), "late_reason_sha256": text_hash(row.late_reason), "comment_sha256": text_hash(row.comment)}
    beside: dict[str, Facts] = {"complete": {"decision": row.decision}, "return": {"to_step": row.to_step}}
    return ("transition", row.sequence), words | beside.get(row.action, {}) | {"action": row.action} | _who(row.actor, row.at)


def _of_sign_off(row: SignOff) -> tuple[Key, Facts]:
    key = ("sign_off", row.step, row.round, row.role, str(row.account_id), row.number)
    return key, {"late_reason_sha256": text_hash(row.late_reason)} | _who(row.actor, row.at)


def _of_version(row: DocumentVersion) -> tuple[Key, Facts]:
    facts = {name: getattr(row, name) for name in ("sha256", "size", "media_type", "copy_of", "step", "round")}
    words = {"filename_sha256": text_hash(row.filename), "note_sha256": text_hash(row.note)}
    return ("version", str(row.document_id), row.version), facts | words | _who(row.uploaded_by, row.uploaded_at)


def _of_mark(row: Mark) -> tuple[Key, Facts]:
    key = (row.mark, str(row.document_id), row.version, row.role, str(row.account_id))
    return key, {"sha256": row.sha256, "kind": row.kind} | _who(row.actor, row.at)


def _who(actor: Facts, at: datetime) -> Facts:
    return {"actor": actor, "at": at.astimezone(UTC).isoformat()}
