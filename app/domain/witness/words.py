"""What people wrote, signed off and brought, as the events of an instance tell it.

Each act on an instance leaves one event that tells of it, so the nth of these made the nth version of the instance. A deadline that moves
under a new calendar counts as one too, though nobody did it; what the clock tells does not.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from app.domain.witness.facts import Event, Facts, Key, Told, named

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

_CHANGED_BY_THE_CLOCK = frozenset({"deadline.recomputed", "document.scanned"})
"""What nobody did and makes a version all the same, since people decide on it."""

_ASKED_OF_THE_GATEWAY = frozenset({"signing.intended", "signing.failed"})
"""Acts that change nothing else."""

_OF_THE_STORAGE = frozenset({"document.damaged", "document.restored"})
"""What nobody decides on: no new version of the instance."""

_UPLOADED = ("sha256", "size", "media_type", "filename_sha256", "note_sha256", "copy_of", "signed_from", "step", "round", "scan")
_FILED = ("classification", "security_class", "retention_rule", "number_sha256", "numbered_by_sha256", "dated")


class WordsHeard:
    """Reads the events of an instance in their order, and says what they tell of words, sign-offs and documents."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._acts = 0
        self._signed: Counter[Key] = Counter()
        self._damaged: dict[tuple[Any, Any], Any] = {}

    def hear(self, event: Event, data: Facts) -> None:
        kind = event["type"]
        if kind in {"team.formed", "team.changed"}:
            members = sorted(map(str, data.get("members") or []))
            self._told.say(("team",), event, {"members": members, "instrument": data.get("instrument")})
        if kind in _OF_THE_STORAGE:
            self._kept_or_not(event, data)
        if kind not in _TELLS and kind not in _TRANSITIONS and kind not in _CHANGED_BY_THE_CLOCK | _ASKED_OF_THE_GATEWAY:
            return
        if not (kind == "document.uploaded" and data.get("signed_from")):  # one act with its signature, and that is counted
            self._acts += 1
            self._told.say(("instance",), event, {"version": self._acts})
        if kind in _TRANSITIONS:
            self._transition(event, data)
        if kind == "document.scanned":
            self._scanned(event, data)
        if kind in _TELLS:
            key, facts = _TELLS[kind](self, event, data)
            self._told.say(key, event, facts)

    def _transition(self, event: Event, data: Facts) -> None:
        action, names = _TRANSITIONS[event["type"]]
        unsaid = {name: None for name in _SPOKEN if name not in names}
        self._told.say(("transition", self._acts), event, unsaid | named(data, *names) | {"action": action} | _by(event))

    def _scanned(self, event: Event, data: Facts) -> None:
        """All versions with these bytes: the one named, and copies of it."""
        for number in data["versions"]:
            facts = named(data, "scan", "threat") | {"scanned_at": event["at"]}
            self._told.say(("version", data["document_id"], number), event, facts)

    def _kept_or_not(self, event: Event, data: Facts) -> None:
        """As with scans, all versions with these bytes."""
        damaged_at = event["at"] if event["type"] == "document.damaged" else None
        for number in data["versions"]:
            self._damaged[data["document_id"], number] = damaged_at
            self._told.say(("version", data["document_id"], number), event, {"damaged_at": damaged_at})

    def started(self, _: Event, data: Facts) -> tuple[Key, Facts]:
        return ("instance",), named(data, "title_sha256")

    def commented(self, event: Event, data: Facts) -> tuple[Key, Facts]:
        return ("comment", self._acts), {"id": data.get("comment_id"), "body_sha256": data.get("body_sha256")} | _by(event)

    def signed_off(self, event: Event, data: Facts) -> tuple[Key, Facts]:
        part = (data.get("step"), data.get("round"), data.get("role"))
        self._signed[part] += 1
        key = ("sign_off", *part, account_of(event), self._signed[part])
        return key, named(data, "late_reason_sha256") | {"voided_at": None} | _by(event)

    def uploaded(self, event: Event, data: Facts) -> tuple[Key, Facts]:
        self._told.say(("document", data.get("document_id")), event, named(data, "slot"))
        damaged_at = self._damaged.get((data.get("document_id"), data.get("copy_of")))  # a copy has the bytes of its source
        return ("version", data.get("document_id"), data.get("version")), named(data, *_UPLOADED) | {"damaged_at": damaged_at} | _by(event)

    def marked(self, event: Event, data: Facts) -> tuple[Key, Facts]:
        mark = "initial" if event["type"] == "document.initialed" else "signature"
        key = (mark, data.get("document_id"), data.get("version"), data.get("role"), account_of(event))
        return key, named(data, "sha256", "kind", "evidence") | _by(event)

    def described(self, event: Event, data: Facts) -> tuple[Key, Facts]:
        """Whole each time: the last one stands."""
        return ("record", data.get("document_id")), named(data, *_FILED) | {"office": event["office"]} | _by(event)


_TELLS: dict[str, Callable[[WordsHeard, Event, Facts], tuple[Key, Facts]]] = {
    "instance.started": WordsHeard.started,
    "comment.added": WordsHeard.commented,
    "step.signed_off": WordsHeard.signed_off,
    "document.uploaded": WordsHeard.uploaded,
    "document.initialed": WordsHeard.marked,
    "document.signed": WordsHeard.marked,
    "document.described": WordsHeard.described,
}


def _by(event: Event) -> Facts:
    return {"actor": event["actor"], "at": event["at"]}


def account_of(event: Event) -> object:
    return event["actor"].get("account_id") if isinstance(event["actor"], dict) else None
