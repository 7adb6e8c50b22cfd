"""What an office says and keeps of records: how long they are kept, how large documents may be, and the restricted ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.events import text_hash
from app.domain.witness.facts import Event, Facts, Key, Told, named


@dataclass(frozen=True, slots=True)
class RestrictedRecordFacts:
    """`sha256` and `size` of the sealed bytes: nobody who verifies has a key."""

    id: UUID
    instance_id: UUID
    sha256: str
    size: int
    damaged_at: datetime | None


@dataclass(frozen=True, slots=True)
class RetentionFacts:
    """`rules` as they are kept: nobody says that they are rules."""

    version: int
    source: str
    rules: list[Any]


@dataclass(frozen=True, slots=True)
class DocumentLimitFacts:
    version: int
    max_file_bytes: int | None
    max_open_bytes: int | None


RETENTION: Key = ("retention",)
LIMITS: Key = ("document_limits",)


def hear_restricted(told: Told, event: Event) -> None:
    told.say(("restricted_record", event["data"]["record_id"]), event, named(event["data"], "instance_id", "sha256", "size") | {"is_damaged": False})


def hear_damage(told: Told, event: Event) -> None:
    is_damaged = event["type"] == "restricted_record.damaged"
    told.say(("restricted_record", event["data"]["record_id"]), event, named(event["data"], "instance_id") | {"is_damaged": is_damaged})


def hear_retention(told: Told, event: Event) -> None:
    _say_anew(told, RETENTION, event, named(event["data"], "source_sha256", "rules"))


def hear_limits(told: Told, event: Event) -> None:
    _say_anew(told, LIMITS, event, named(event["data"]["to"], "max_file_bytes", "max_open_bytes"))


def _say_anew(told: Told, key: Key, event: Event, facts: Facts) -> None:
    """Each event makes one version."""
    told.say(key, event, facts | {"version": (told.fact(key, "version") or 0) + 1})


HEARD_OF_RECORDS = {
    "restricted_record.added": hear_restricted,
    "restricted_record.damaged": hear_damage,
    "restricted_record.restored": hear_damage,
    "office.retention_changed": hear_retention,
    "office.documents_changed": hear_limits,
}


def of_restricted(row: RestrictedRecordFacts) -> tuple[Key, Facts]:
    facts = {"instance_id": str(row.instance_id), "sha256": row.sha256, "size": row.size, "is_damaged": row.damaged_at is not None}
    return ("restricted_record", str(row.id)), facts


def said_by_office(schedules: Sequence[RetentionFacts], limits: Sequence[DocumentLimitFacts]) -> Iterator[tuple[Key, Facts]]:
    """At most one row of each."""
    for row in schedules:
        yield RETENTION, {"version": row.version, "source_sha256": text_hash(row.source), "rules": [_rule(rule) for rule in row.rules]}
    for limit in limits:
        yield LIMITS, {name: getattr(limit, name) for name in ("version", "max_file_bytes", "max_open_bytes")}


def _rule(kept: Any) -> Any:
    """As `retention_told`: its title by its hash."""
    if not isinstance(kept, dict):
        return kept
    title = kept.get("title")
    return {name: value for name, value in kept.items() if name != "title"} | {"title_sha256": text_hash(title if title is None else str(title))}
