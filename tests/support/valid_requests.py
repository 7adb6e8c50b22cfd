"""A valid request for every operation that takes JSON: what is wrong with a changed one is then the change alone."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from uuid_utils.compat import uuid7

from app.usecases.demo import DemoPerson
from tests.support.calendar_feeds import feed_names
from tests.support.calendar_rows import CLOSURE, IMPORT, SCHEDULE, SEASON, WEEK, calendar_names
from tests.support.contract import operations
from tests.support.drafts import SHIPPED
from tests.support.filing import FILED, RETENTION
from tests.support.machines import machine
from tests.support.office import KEY, SAMBOJA, TEAM, Office
from tests.support.people import KUTAI
from tests.support.restricted_records import record_names
from tests.support.shared_office import fresh
from tests.support.tus import begun_upload

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Sent:
    """`path` still holds the names that `address` fills in; `who` None: no token."""

    operation: str
    who: str | None
    path: str
    body: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.operation}-{self.body['action']}" if "action" in self.body else self.operation

    @property
    def method(self) -> str:
        return operations()[self.operation][1]

    @property
    def guard(self) -> dict[str, str]:
        """Changes of what is stored name a version; any will do here."""
        return {"If-Match": "*"} if self.method in {"patch", "put"} else {}


TRANSITIONS = "/v1/instances/{instance_id}/transitions?dry_run=true"
MARKS = "/v1/documents/{document_id}/versions/1"
SIGNED = "/v1/documents/{signed_id}/versions/1"
WORDS = {"comment": "Baik."}
_PART: dict[str, Any] = {"step": 7, "as_role": "staf", **WORDS}
_NEW: dict[str, Any] = {"procedure": KEY, "office": SAMBOJA, "period": {"year": 2099, "quarter": 4}, "title": "Pengumpulan data"}
_MOMENT = {"office": SAMBOJA, "starts_at": "2027-03-01T08:00:00+08:00"}
GOOD = "kapal biru di teluk"
MACHINE = {"name": "Dasbor", "offices": [SAMBOJA], "scopes": ["instances:read"], "expires_at": "2027-11-22T00:00:00+08:00"}

OFFICE = {"code": "64.02.13.1001", "name": "Kelurahan Sungai Seluang", "parent": SAMBOJA, "time_zone": "Asia/Makassar"}
_LETTER = {"number": "800/12/2026", "date": "2026-12-01"}
_GIVEN: dict[str, Any] = {
    "username": "tim3",
    "office": SAMBOJA,
    "role": "camat",
    "capacity": "plh",
    "valid_from": "2027-01-04",
    "valid_to": "2027-01-06",
    "instrument": _LETTER,
}

_CALENDAR = "/v1/calendars/{office_code}"
_DRY = "?dry_run=true"
_OF_THE_YEAR = {"date": "2098-12-25", "kind": "public", "name": "Natal", "provisional": True}

CALENDARS = (
    Sent("createDayOff", "admin", f"{_CALENDAR}/days-off{_DRY}", {**CLOSURE, "date": "2099-01-06"}),
    Sent("changeDayOff", "admin", f"{_CALENDAR}/days-off/{{day_off_id}}{_DRY}", {**CLOSURE, "decree": None}),
    Sent("createSeason", "admin", f"{_CALENDAR}/seasons{_DRY}", {**SEASON, "name": "banjir"}),
    Sent("changeSeason", "admin", f"{_CALENDAR}/seasons/{{season_id}}{_DRY}", {**SEASON, "provisional": False}),
    Sent("createSchedule", "admin", f"{_CALENDAR}/schedules{_DRY}", {**SCHEDULE, "valid_from": "2099-06-01"}),
    Sent("changeSchedule", "admin", f"{_CALENDAR}/schedules/{{schedule_id}}{_DRY}", {"valid_to": None, "season": None, "week": WEEK}),
    Sent("putReportDate", "admin", f"{_CALENDAR}/report-dates/{{year}}{_DRY}", {"due_on": "2099-02-12", "margin_days": 3}),
    Sent("putCalendarYear", "admin", f"{_CALENDAR}/years/{{year}}{_DRY}", {"decree": "SKB 1/2097", "source": "SKB", "days": [_OF_THE_YEAR]}),
    Sent("importCalendar", "admin", f"{_CALENDAR}/import{_DRY}", IMPORT),
)

REQUESTS: tuple[Sent, ...] = (
    Sent("signIn", None, "/v1/auth/sessions", {"username": "camat", "password": "bukan-ini"}),
    Sent("refreshSession", None, "/v1/auth/sessions/refresh", {"refresh_token": "bukan-token"}),
    Sent("resetPassword", None, "/v1/auth/password-resets", {"username": "camat", "one_time_secret": "bukan-ini", "new_password": GOOD}),
    Sent("changePassword", "camat", "/v1/me/password", {"current_password": "bukan-ini", "new_password": GOOD}),
    Sent("beginSecondFactor", "camat", "/v1/me/second-factor", {"password": "bukan-ini"}),
    Sent("confirmSecondFactor", "camat", "/v1/me/second-factor/confirmation", {"code": "123456"}),
    Sent("renewRecoveryCodes", "camat", "/v1/me/second-factor/recovery-codes", {"code": "123456"}),
    Sent("removeSecondFactor", "camat", "/v1/me/second-factor/removal", {"code": "123456"}),
    Sent("createCalendarFeed", "camat", "/v1/me/calendar-feeds", {"office": SAMBOJA}),
    Sent("issueServiceToken", None, "/v1/auth/service-tokens", {"client_id": "svc-tidak-ada", "client_secret": "bukan-ini"}),
    Sent("createServiceAccount", "admin", "/v1/service-accounts", MACHINE),
    Sent("createAccount", "admin", "/v1/accounts", {"username": "ratna.dewi", "name": "Ratna Dewi", "office": SAMBOJA, "nip": "198001172005011004"}),
    Sent("changeAccount", "admin", "/v1/accounts/{account_id}", {"name": "Ratna Dewi", "nip": None, "office": SAMBOJA}),
    Sent("closeAccount", "admin", "/v1/accounts/{account_id}/close", {"reason": "Pensiun"}),
    Sent("createAssignment", "admin", "/v1/assignments", _GIVEN),
    Sent("changeAssignment", "admin", "/v1/assignments/{assignment_id}", {"valid_to": "2027-12-31", "instrument": _LETTER}),
    Sent("revokeAssignment", "admin", "/v1/assignments/{assignment_id}/revoke", {"reason": "Kembali dari cuti"}),
    Sent("createOffice", "admin", "/v1/offices", OFFICE),
    Sent("renameOffice", "admin", "/v1/offices/{office_code}", {"name": "Kecamatan Samboja Barat"}),
    Sent("moveOffice", "pusat", "/v1/offices/{office_code}/parents", {"parent": "64", "valid_from": "2028-01-01", "instrument": _LETTER}),
    Sent("putDocumentLimits", "admin", "/v1/offices/{office_code}/document-limits", {"max_file_bytes": 10**9, "max_open_bytes": 10**10}),
    Sent("putRetentionSchedule", "admin", "/v1/offices/{office_code}/retention-schedule", RETENTION),
    Sent("putDocumentRecord", "camat", "/v1/documents/{document_id}/record", FILED),
    Sent("startInstance", "camat", "/v1/instances", _NEW),
    Sent("takeTransition", "staf", TRANSITIONS, {"action": "complete", **_PART, "team": TEAM, "late_reason": "Sakit.", "decision": "yes"}),
    Sent("takeTransition", "staf", TRANSITIONS, {"action": "return", "step": 7, "to_step": 6, "reason": "Salah kop.", **WORDS}),
    Sent("takeTransition", "staf", TRANSITIONS, {"action": "claim", **_PART}),
    Sent("takeTransition", "staf", TRANSITIONS, {"action": "release", **_PART}),
    Sent("takeTransition", "camat", TRANSITIONS, {"action": "suspend", "reason": "Cuti bersama.", **WORDS}),
    Sent("takeTransition", "camat", TRANSITIONS, {"action": "resume", **WORDS}),
    Sent("takeTransition", "camat", TRANSITIONS, {"action": "cancel", "reason": "Salah periode.", **WORDS}),
    Sent("takeTransition", "sekretaris", TRANSITIONS, {"action": "change_team", "team": TEAM, "reason": "Mutasi.", **WORDS}),
    Sent("addComment", "staf", "/v1/instances/{instance_id}/comments", {"body": "Menyusul besok."}),
    Sent("initialDocument", "sekretaris", MARKS + "/initials", {"kind": "hierarchical"}),
    Sent("signDocument", "camat", SIGNED + "/signatures", {"kind": "wet"}),
    Sent(
        "signThroughGateway",
        "camat",
        SIGNED + "/gateway-signatures",
        {"nik": "0000000000000001", "passphrase": "frasa sandi", "despite_unknown": False},
    ),
    *CALENDARS,
    Sent("calculateDeadline", "camat", "/v1/deadlines/calculate", {**_MOMENT, "duration": {"value": 30, "unit": "minute"}}),
    Sent("planProcedure", "camat", "/v1/procedures/{key}/plan", _MOMENT),
    Sent("checkProcedure", "camat", "/v1/procedures/check", SHIPPED),
    Sent("publishProcedure", "pusat", "/v1/procedures", SHIPPED),
)
PLAIN = tuple(sent for sent in REQUESTS if sent.body is not SHIPPED)
"""Without the two that take a whole procedure, whose mistakes are told by `check` and not by the schema."""

RETIRING = DemoPerson("pensiunan", "Pegawai Pensiun", ("pegawai",))
"""Whose account is closed, and whose position revoked, without harm to what others do."""

NATIONAL_ADMIN = DemoPerson("pusat", "Admin Pusat", ("admin",), "ID")
REGENCY_ADMIN = DemoPerson("kukar", "Admin Kabupaten", ("admin",), KUTAI)


async def with_admins_above(office: Office) -> Office:
    """Offices above have somebody too who may change what Samboja inherits."""
    for person in (NATIONAL_ADMIN, REGENCY_ADMIN):
        await office.enrol(person)
    return office


async def names_of_paths(office: Office) -> dict[str, str]:
    """An instance at step 7, its report and its scan, and the procedure, for the paths."""
    rows = await calendar_names(office)
    run = await fresh(office, at_step=7)
    signed = (await run.upload("staf", "laporan_ditandatangani")).json()["id"]
    documents = (await (await office.as_("staf")).get(f"/v1/instances/{run.id}/documents")).json()["items"]
    report = next(found["id"] for found in documents if found["slot"] == "laporan_final")
    known = await machine(office)
    if RETIRING.username not in office.accounts:
        await office.enrol(RETIRING)
    return {
        "instance_id": run.id,
        "document_id": report,
        "signed_id": signed,
        "key": KEY,
        "service_account_id": str(known.id),
        "session_id": str(uuid7()),
        "office_code": SAMBOJA,
        "account_id": str(office.accounts[RETIRING.username]),
        "assignment_id": await _assignment_of(office, RETIRING.username),
        **rows,
        **await feed_names(office),
        **await record_names(office, run.id),
        "upload_id": await begun_upload(office, run.id),
    }


async def _assignment_of(office: Office, username: str) -> str:
    params = {"account": str(office.accounts[username])}
    found: str = (await (await office.as_("admin")).get("/v1/assignments", params=params)).json()["items"][0]["id"]
    return found


def places(value: Any, at: Path = ()) -> Iterator[Path]:
    """Every place inside a body, the root aside."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in inner:
        yield (*at, name)
        yield from places(part, (*at, name))


def value_at(body: Any, place: Path) -> Any:
    for name in place:
        body = body[name]
    return body


def with_value(body: Any, place: Path, value: Any) -> Any:
    """A copy of the body with another value at that place; `()` is the body itself."""
    if not place:
        return value
    made = deepcopy(body)
    value_at(made, place[:-1])[place[-1]] = value
    return made


def without(body: Any, place: Path) -> Any:
    made = deepcopy(body)
    del value_at(made, place[:-1])[place[-1]]
    return made
