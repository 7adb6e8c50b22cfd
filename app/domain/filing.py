"""Records keeping: what is said of a document beside its versions, how long its office keeps it, and when that is over.

How long is data, not law written here: each office's schedule (JRA) names its source. Nothing is ever deleted by what is decided here.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any, Literal, get_args
from uuid import UUID

from app.domain.events import NewEvent, text_hash
from app.domain.instances import Instance, role_labels
from app.domain.refusals import Refusal
from app.domain.transitions.attempt import Situation, unique

SecurityClass = Literal["ordinary", "limited", "confidential", "secret"]
"""Biasa, terbatas, rahasia, sangat rahasia."""

FinalAction = Literal["destroy", "keep_permanently", "review"]
FINAL_ACTIONS: tuple[FinalAction, ...] = get_args(FinalAction)

CLOSED = ("completed", "cancelled")
"""States of an instance in which the retention of its documents runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """What people say of a document. `retention_rule` None: by its classification; `numbered_by` None: its own office gave the number."""

    classification: str | None = None
    security_class: SecurityClass = "ordinary"
    retention_rule: str | None = None
    number: str | None = None
    numbered_by: str | None = None
    dated: date | None = None


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """`described_at` None: nothing was said yet."""

    filing: Filing = Filing()
    described_by: dict[str, Any] | None = None
    described_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """`classification`: the code under which it applies, with all below it; None: only to documents that name the rule. Years are whole."""

    key: str
    title: str
    classification: str | None
    active_years: int
    inactive_years: int
    final_action: FinalAction

    @property
    def years(self) -> int:
        return self.active_years + self.inactive_years


@dataclass(frozen=True, slots=True)
class Schedule:
    """What an office says for itself and those below it."""

    office: str
    source: str
    rules: tuple[RetentionRule, ...]


def rule_for(rules: Iterable[RetentionRule], filing: Filing) -> RetentionRule | None:
    """The rule that the document names, else that of the longest classification above its own.

    A named rule that the schedule no longer has is None: a document must not fall under another rule unseen.
    """
    if filing.retention_rule is not None:
        return next((rule for rule in rules if rule.key == filing.retention_rule), None)
    if filing.classification is None:
        return None
    above = [rule for rule in rules if rule.classification is not None and lies_under(filing.classification, rule.classification)]
    return max(above, key=lambda rule: len(rule.classification or ""), default=None)


def lies_under(code: str, above: str) -> bool:
    """000.8.6 lies under 000.8, and 000.80 does not."""
    return code == above or code.startswith(f"{above}.")


def reach(rules: Sequence[RetentionRule], codes: Iterable[str]) -> dict[str, RetentionRule]:
    """The rule that each thing a document can say of itself leads to: the name of a rule, or one of these codes.

    Names begin with a letter and codes with a digit, so that both stand in one dict; what leads to no rule is left out.
    """
    by_code = ((code, rule_for(rules, Filing(classification=code))) for code in codes)
    return {code: rule for code, rule in by_code if rule is not None} | {rule.key: rule for rule in rules}


def over_on(closed_at: datetime, zone: tzinfo, years: int) -> date:
    """The first day on which a document need not be kept longer.

    Its retention begins on the day after the end of the calendar year, at its office, in which its instance was completed or cancelled
    [ours: schedules count from the end of the year, and seldom say of what], and lasts active and inactive years together.
    """
    return date(closed_at.astimezone(zone).year + 1 + years, 1, 1)


def closed_at(instance: Instance) -> datetime | None:
    """When it was completed or cancelled; None while it is open."""
    if instance.state not in CLOSED:
        return None
    ends = [found.completed_at for found in instance.rounds if found.completed_at is not None]
    return instance.completed_at or max(ends, default=None)


# ── describing a document ───────────────────────────────────────────────────────────────────────────────────────────


def filing_roles(instance: Instance) -> tuple[str, ...]:
    """Who says how documents are filed: all who perform a step, and those in control."""
    performing = (role for step in instance.procedure.steps for role in step.performers)
    return unique((*performing, *instance.procedure.controls))


def held_role(situation: Situation) -> str | None:
    return next((role for role in filing_roles(situation.instance) if situation.holds(role)), None)


def describe_refusals(situation: Situation, new: Filing, rules: Sequence[RetentionRule], *, number_taken: bool) -> Iterator[Refusal]:
    if held_role(situation) is None:
        yield Refusal("may_not_file", {"roles": role_labels(situation.instance.procedure, filing_roles(situation.instance))})
        return
    if number_taken:
        yield Refusal("number_taken")
    if new.retention_rule is not None and all(rule.key != new.retention_rule for rule in rules):
        yield Refusal("unknown_retention_rule", {"keys": ", ".join(rule.key for rule in rules) or "-"})
    if new.numbered_by is not None and new.number is None:
        yield Refusal("number_missing")


def described(document_id: UUID, slot: str, new: Filing) -> NewEvent:
    """Codes and dates as they are; what people wrote only as its SHA-256."""
    return NewEvent(
        "document.described",
        {
            "document_id": str(document_id),
            "slot": slot,
            "classification": new.classification,
            "security_class": new.security_class,
            "retention_rule": new.retention_rule,
            "number_sha256": text_hash(new.number),
            "numbered_by_sha256": text_hash(new.numbered_by),
            "dated": None if new.dated is None else new.dated.isoformat(),
        },
    )


def retention_told(schedule: Schedule) -> dict[str, Any]:
    """A schedule as an event tells it."""
    rules = [
        {
            "key": rule.key,
            "title_sha256": text_hash(rule.title),
            "classification": rule.classification,
            "active_years": rule.active_years,
            "inactive_years": rule.inactive_years,
            "final_action": rule.final_action,
        }
        for rule in schedule.rules
    ]
    return {"code": schedule.office, "source_sha256": text_hash(schedule.source), "rules": rules}


# ── what is due for disposal ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Kept:
    """A document of a closed instance, as it is filed."""

    document_id: UUID
    slot: str
    instance_id: UUID
    instance_title: str
    office: str
    zone: tzinfo
    closed_at: datetime
    filing: Filing


@dataclass(frozen=True, slots=True)
class Due:
    """A document whose retention is over since `since`, by the rule of the schedule in force at its office."""

    kept: Kept
    rule: RetentionRule
    since: date

    @property
    def key(self) -> tuple[date, UUID]:
        return self.since, self.kept.document_id


@dataclass(frozen=True, slots=True, kw_only=True)
class DueQuestion:
    """`on` None: today at each office. `after`: the key of the last one seen."""

    now: datetime
    on: date | None = None
    action: FinalAction | None = None
    after: tuple[date, UUID] | None = None

    def today(self, zone: tzinfo) -> date:
        return self.on or self.now.astimezone(zone).date()


def due_for_disposal(kept: Iterable[Kept], rules: dict[str, tuple[RetentionRule, ...]], question: DueQuestion) -> list[Due]:
    """By day, then id. `rules` by office; an office without any keeps everything."""
    found = (_due(document, rules.get(document.office, ()), question) for document in kept)
    return sorted((due for due in found if due is not None), key=lambda due: due.key)


def _due(kept: Kept, rules: Sequence[RetentionRule], question: DueQuestion) -> Due | None:
    rule = rule_for(rules, kept.filing)
    if rule is None or question.action not in (None, rule.final_action):
        return None
    due = Due(kept, rule, over_on(kept.closed_at, kept.zone, rule.years))
    is_next = question.after is None or due.key > question.after
    return due if due.since <= question.today(kept.zone) and is_next else None
