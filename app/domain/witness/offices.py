"""One office: who has an account there, who held what, where it stands, and what it says about its calendar; told by its stream beside
what the tables keep.

Only what an event tells is compared: those of older versions say less.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from app.domain.events import text_hash
from app.domain.external import subject_hash
from app.domain.offices import AT_FOUNDING, FOUNDED, CircleOfOffices, Cover, Parent, covers
from app.domain.witness.calendars import CalendarTestimony, KeptCalendar
from app.domain.witness.facts import MISSING, UNKNOWN, Difference, Event, Facts, Key, Told, moment, named
from app.domain.witness.records import (
    HEARD_OF_RECORDS,
    LIMITS,
    RETENTION,
    DocumentLimitFacts,
    RestrictedRecordFacts,
    RetentionFacts,
    of_restricted,
    said_by_office,
)


@dataclass(frozen=True, slots=True)
class OfficeFacts:
    code: str
    name: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class ParentFacts:
    code: str
    parent_code: str
    valid_from: date
    from_at: datetime
    instrument_number: str | None
    instrument_date: date | None


@dataclass(frozen=True, slots=True)
class AccountFacts:
    id: UUID
    username: str
    name: str
    kind: str
    active: bool
    is_demo: bool
    issuer: str | None
    subject: str | None
    totp_secret: str | None


@dataclass(frozen=True, slots=True)
class AssignmentFacts:
    id: UUID
    account_id: UUID
    role: str
    capacity: str
    valid_from: date
    valid_to: date | None
    instrument_number: str | None
    instrument_date: date | None
    source: str
    revoked_at: datetime | None
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class ServiceAccountFacts:
    account_id: UUID
    secret_hash: str | None
    scopes: list[str]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class KeptOffice:
    """What the tables keep of one office, as of one moment. `parents` are its own and those of all that stand above it."""

    own: OfficeFacts
    calendar: KeptCalendar
    parents: Sequence[ParentFacts]
    covers: Sequence[Cover]
    accounts: Sequence[AccountFacts]
    assignments: Sequence[AssignmentFacts]
    service_accounts: Sequence[ServiceAccountFacts]
    restricted_records: Sequence[RestrictedRecordFacts]
    retention: Sequence[RetentionFacts]
    document_limits: Sequence[DocumentLimitFacts]


# ── what the log says ───────────────────────────────────────────────────────────────────────────────────────────────

OFFICE: Key = ("office",)


class OfficeTestimony:
    """Reads the events of an office's stream in their order."""

    def __init__(self) -> None:
        self._told = Told()
        self._founded = False
        self._calendar = CalendarTestimony()

    def hear(self, event: Event) -> None:
        heard = _HEARD.get(event["type"])
        if heard is not None:
            heard(self, event, _normal(event["data"]))

    def founded(self, event: Event, data: Facts) -> None:
        self._founded = True
        self._told.say(OFFICE, event, data)
        if data.get("parent") is not None:
            self._stands_under(event, data["parent"], FOUNDED.isoformat(), {})

    def renamed(self, event: Event, data: Facts) -> None:
        self._told.say(OFFICE, event, {"name_sha256": text_hash(data["to"])})

    def moved(self, event: Event, data: Facts) -> None:
        """What was to come after that day is gone; back to who stands above before it, nothing happens that day (`offices.moved`)."""
        parents = {str(key[1]): key for key in sorted(self._told.of("parent"), key=str)}
        for day, key in parents.items():
            if day >= data["valid_from"]:
                self._told.unsay(key)
        before = [self._told.fact(key, "parent") for day, key in parents.items() if day < data["valid_from"]]
        if before[-1:] != [data["to"]]:
            self._stands_under(event, data["to"], data["valid_from"], named(data, "instrument_number_sha256", "instrument_date"))

    def _stands_under(self, event: Event, parent: str, day: str, instrument: Facts) -> None:
        self._told.say(("parent", day), event, {"parent": parent, "starts_on": day} | instrument)

    def account(self, event: Event, data: Facts) -> None:
        """One that moves to another office is told of there from then on."""
        key = ("account", data["account_id"])
        if data.get("office", event["office"]) != event["office"]:
            self._told.unsay(key)
        else:
            self._told.say(key, event, _MEANS.get(event["type"], {}) | data)

    def second_factor(self, event: Event, data: Facts) -> None:
        """Told where the account was a moment before, which it may just have left."""
        if ("account", data["account_id"]) in self._told:
            self.account(event, data)

    def assignment(self, event: Event, data: Facts) -> None:
        self._told.say(("assignment", data["assignment_id"]), event, _MEANS.get(event["type"], {}) | data)

    def service_account(self, event: Event, data: Facts) -> None:
        has_secret = event["type"] == "service_account.secret_issued"
        self._told.say(("service_account", data["account_id"]), event, data | {"has_secret": has_secret})
        if event["type"] == "service_account.revoked":
            self._told.say(("account", data["account_id"]), event, {"active": False})

    def records(self, event: Event, _: Facts) -> None:
        HEARD_OF_RECORDS[event["type"]](self._told, event)

    def calendar(self, event: Event, _: Facts) -> None:
        self._calendar.hear(event, self._told)

    def first_difference(self, kept: KeptOffice, *, end: int) -> tuple[int, str] | None:
        """The sequence of the first event that the tables contradict, and the code of what they do."""
        held = _held(kept)
        if not self._founded:  # an older version did not tell
            held = {key: facts for key, facts in held.items() if key in self._told or key[0] not in {"office", "parent"}}
        held = {key: facts for key, facts in held.items() if key[0] != "calendar" or self._calendar.expects(key, self._told)}
        found = [(difference.sequence, _code(difference)) for difference in self._told.differences(held, end=end)]
        if not _reaches_as_it_stands(kept):
            found.append((end + 1, "office_differs"))
        return min(found, default=None)


_MEANS: dict[str, Facts] = {
    "account.created": {"active": True, "second_factor": False, "issuer": None, "subject_sha256": None},
    "account.closed": {"active": False},
    "account.reopened": {"active": True},
    "account.second_factor_enabled": {"second_factor": True},
    "account.second_factor_removed": {"second_factor": False},
    "assignment.created": {"in_force": True, "source": "local"},
    "assignment.revoked": {"in_force": False},
}
"""What an event tells by its name alone, where its data do not say otherwise."""

_HEARD: dict[str, Callable[[OfficeTestimony, Event, Facts], None]] = {
    "office.created": OfficeTestimony.founded,
    "office.renamed": OfficeTestimony.renamed,
    "office.moved": OfficeTestimony.moved,
    "calendar.changed": OfficeTestimony.calendar,
    "account.created": OfficeTestimony.account,
    "account.changed": OfficeTestimony.account,
    "account.closed": OfficeTestimony.account,
    "account.reopened": OfficeTestimony.account,
    "account.second_factor_enabled": OfficeTestimony.second_factor,
    "account.second_factor_removed": OfficeTestimony.second_factor,
    "assignment.created": OfficeTestimony.assignment,
    "assignment.changed": OfficeTestimony.assignment,
    "assignment.revoked": OfficeTestimony.assignment,
    "service_account.created": OfficeTestimony.service_account,
    "service_account.secret_issued": OfficeTestimony.service_account,
    "service_account.revoked": OfficeTestimony.service_account,
    **dict.fromkeys(HEARD_OF_RECORDS, OfficeTestimony.records),
}


def _normal(data: Facts) -> Facts:
    """Names by their hash, moments in UTC, sets in order: as `_held` has them."""
    facts = dict(data)
    if "name" in facts:
        facts["name_sha256"] = text_hash(facts["name"])
    if "expires_at" in facts:
        facts["expires_at"] = moment(facts["expires_at"])
    if "scopes" in facts:
        facts["scopes"] = sorted(facts["scopes"])
    return facts


def _code(found: Difference) -> str:
    """account_differs, account_missing (its row is gone), account_unknown (no event tells of it); so for each kind, `calendar` too."""
    kind = str(found.key[0])
    if kind in {"office", "parent", *RETENTION, *LIMITS}:
        return "office_differs"
    return f"{kind}_{found.what}" if found.what in {MISSING, UNKNOWN} else f"{kind}_differs"


# ── what the tables hold ────────────────────────────────────────────────────────────────────────────────────────────


def _held(kept: KeptOffice) -> dict[Key, Facts]:
    own = {"code": kept.own.code, "name_sha256": text_hash(kept.own.name), "time_zone": kept.own.time_zone}
    rows: list[tuple[Key, Facts]] = [(OFFICE, own)]
    rows += [_of_parent(row, kept.own.time_zone) for row in kept.parents if row.code == kept.own.code]
    rows += [_of_account(row) for row in kept.accounts]
    rows += [_of_assignment(row) for row in kept.assignments]
    rows += [_of_service_account(row) for row in kept.service_accounts]
    rows += [of_restricted(row) for row in kept.restricted_records]
    rows += said_by_office(kept.retention, kept.document_limits)
    rows += kept.calendar.held()
    return dict(rows)


def _of_parent(row: ParentFacts, time_zone: str) -> tuple[Key, Facts]:
    return ("parent", row.valid_from.isoformat()), {"parent": row.parent_code, "starts_on": _first_day(row, time_zone)} | _instrument(row)


def _first_day(row: ParentFacts, time_zone: str) -> str | None:
    """The day in the office's zone in which `from_at` lies; None where the zone is none any more."""
    if row.from_at == AT_FOUNDING:
        return FOUNDED.isoformat()
    try:
        return row.from_at.astimezone(ZoneInfo(time_zone)).date().isoformat()
    except (KeyError, OSError, ValueError):
        return None


def _of_account(row: AccountFacts) -> tuple[Key, Facts]:
    facts = {name: getattr(row, name) for name in ("username", "kind", "active", "is_demo", "issuer")}
    words = {"name_sha256": text_hash(row.name), "subject_sha256": subject_hash(row.subject)}
    return ("account", str(row.id)), facts | words | {"second_factor": row.totp_secret is not None}


def _of_assignment(row: AssignmentFacts) -> tuple[Key, Facts]:
    facts = {name: getattr(row, name) for name in ("role", "capacity", "source")}
    days = {"valid_from": row.valid_from.isoformat(), "valid_to": _day(row.valid_to)}
    held = {"account_id": str(row.account_id), "in_force": row.revoked_at is None and not row.withdrawn}
    return ("assignment", str(row.id)), facts | days | held | _instrument(row)


def _of_service_account(row: ServiceAccountFacts) -> tuple[Key, Facts]:
    facts = {"scopes": sorted(row.scopes), "expires_at": moment(row.expires_at), "has_secret": row.secret_hash is not None}
    return ("service_account", str(row.account_id)), facts


def _instrument(row: ParentFacts | AssignmentFacts) -> Facts:
    return {"instrument_number_sha256": text_hash(row.instrument_number), "instrument_date": _day(row.instrument_date)}


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _reaches_as_it_stands(kept: KeptOffice) -> bool:
    """Whether those above it are the ones that its parents, and theirs, make: by these rows a permission reaches down."""
    parents: dict[str, list[Parent]] = {}
    for row in sorted(kept.parents, key=lambda row: row.from_at):
        parents.setdefault(row.code, []).append(Parent(row.parent_code, row.from_at))
    try:
        return set(covers(kept.own.code, parents)) == set(kept.covers)
    except CircleOfOffices:
        return False
