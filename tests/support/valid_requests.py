"""A valid request for every operation that takes JSON: what is wrong with a changed one is then the change alone."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from app.usecases.demo import DemoPerson
from tests.support.drafts import SHIPPED
from tests.support.machines import machine
from tests.support.office import KEY, SAMBOJA, TEAM, Office
from tests.support.shared_office import fresh

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


TRANSITIONS = "/v1/instances/{instance_id}/transitions?dry_run=true"
MARKS = "/v1/documents/{document_id}/versions/1"
SIGNED = "/v1/documents/{signed_id}/versions/1"
WORDS = {"comment": "Baik."}
_PART: dict[str, Any] = {"step": 7, "as_role": "staf", **WORDS}
_NEW: dict[str, Any] = {"procedure": KEY, "office": SAMBOJA, "period": {"year": 2099, "quarter": 4}, "title": "Pengumpulan data"}
_MOMENT = {"office": SAMBOJA, "starts_at": "2027-03-01T08:00:00+08:00"}
MACHINE = {"name": "Dasbor", "offices": [SAMBOJA], "scopes": ["instances:read"], "expires_at": "2027-11-22T00:00:00+08:00"}

REQUESTS: tuple[Sent, ...] = (
    Sent("signIn", None, "/v1/auth/sessions", {"username": "camat", "password": "bukan-ini"}),
    Sent("refreshSession", None, "/v1/auth/sessions/refresh", {"refresh_token": "bukan-token"}),
    Sent("issueServiceToken", None, "/v1/auth/service-tokens", {"client_id": "svc-tidak-ada", "client_secret": "bukan-ini"}),
    Sent("createServiceAccount", "admin", "/v1/service-accounts", MACHINE),
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
    Sent("calculateDeadline", "camat", "/v1/deadlines/calculate", {**_MOMENT, "duration": {"value": 30, "unit": "minute"}}),
    Sent("planProcedure", "camat", "/v1/procedures/{key}/plan", _MOMENT),
    Sent("checkProcedure", "camat", "/v1/procedures/check", SHIPPED),
    Sent("publishProcedure", "pusat", "/v1/procedures", SHIPPED),
)
PLAIN = tuple(sent for sent in REQUESTS if sent.body is not SHIPPED)
"""Without the two that take a whole procedure, whose mistakes are told by `check` and not by the schema."""

NATIONAL_ADMIN = DemoPerson("pusat", "Admin Pusat", ("admin",), "ID")


async def names_of_paths(office: Office) -> dict[str, str]:
    """An instance at step 7, its report and its scan, and the procedure, for the paths."""
    run = await fresh(office, at_step=7)
    signed = (await run.upload("staf", "laporan_ditandatangani")).json()["id"]
    documents = (await (await office.as_("staf")).get(f"/v1/instances/{run.id}/documents")).json()["items"]
    report = next(found["id"] for found in documents if found["slot"] == "laporan_final")
    known = await machine(office)
    return {"instance_id": run.id, "document_id": report, "signed_id": signed, "key": KEY, "service_account_id": str(known.id)}


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
