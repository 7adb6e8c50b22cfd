"""What the stream of an office says of its people and of its place, and where the tables contradict it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from app.domain.events import text_hash
from app.domain.offices import AT_FOUNDING, FOUNDED, Cover
from app.domain.witness.calendars import KeptCalendar
from app.domain.witness.offices import (
    AccountFacts,
    AssignmentFacts,
    KeptOffice,
    OfficeFacts,
    OfficeTestimony,
    ParentFacts,
    ServiceAccountFacts,
)

CODE, KUTAI, PASER = "64.02.13", "64.02", "64.01"
SITI, MACHINE, POSITION = UUID(int=1), UUID(int=2), UUID(int=3)
WITA = ZoneInfo("Asia/Makassar")
ENDS = datetime(2027, 6, 1, tzinfo=UTC)
MOVED = date(2027, 1, 1)
MOVED_AT = datetime(2027, 1, 1, tzinfo=WITA).astimezone(UTC)

CREATED: list[tuple[str, dict[str, Any]]] = [
    ("office.created", {"code": CODE, "name": "Kecamatan Samboja", "parent": KUTAI, "time_zone": "Asia/Makassar"}),
    ("account.created", {"account_id": str(SITI), "username": "siti", "name_sha256": text_hash("Siti Contoh"), "kind": "person"}),
    (
        "assignment.created",
        {
            "assignment_id": str(POSITION),
            "account_id": str(SITI),
            "role": "camat",
            "capacity": "definitive",
            "valid_from": "2026-01-01",
            "valid_to": None,
            "instrument_number_sha256": text_hash("SK 1"),
            "instrument_date": "2025-12-30",
            "source": "local",
        },
    ),
    ("account.created", {"account_id": str(MACHINE), "username": "svc-kinerja", "kind": "machine"}),
    ("service_account.created", {"account_id": str(MACHINE), "scopes": ["instances:read"], "expires_at": ENDS.astimezone(WITA).isoformat()}),
]

OWN = OfficeFacts(CODE, "Kecamatan Samboja", "Asia/Makassar")
PARENT = ParentFacts(CODE, KUTAI, FOUNDED, AT_FOUNDING, None, None)
COVERS = (Cover(CODE, CODE, AT_FOUNDING, None, 0), Cover(KUTAI, CODE, AT_FOUNDING, None, 1))
ACCOUNT = AccountFacts(SITI, "siti", "Siti Contoh", "person", True, False, None, None, None)
CLIENT = AccountFacts(MACHINE, "svc-kinerja", "Sistem Kinerja", "machine", True, False, None, None, None)
SERVICE = ServiceAccountFacts(MACHINE, None, ["instances:read"], ENDS)
HELD = AssignmentFacts(POSITION, SITI, "camat", "definitive", date(2026, 1, 1), None, "SK 1", date(2025, 12, 30), "local", None, False)
KEPT = KeptOffice(OWN, KeptCalendar((), (), (), ()), (PARENT,), COVERS, (ACCOUNT, CLIENT), (HELD,), (SERVICE,), (), (), ())


def difference(events: list[tuple[str, dict[str, Any]]], kept: KeptOffice) -> tuple[int, str] | None:
    told = OfficeTestimony()
    for sequence, (kind, data) in enumerate(events, start=1):
        told.hear({"type": kind, "sequence": sequence, "office": CODE, "data": data})
    return told.first_difference(kept, end=len(events))


def test_tables_that_say_the_same_are_no_difference() -> None:
    assert difference(CREATED, KEPT) is None


OTHER_DAY = date(2026, 5, 5)
TABLES: list[tuple[str, KeptOffice, tuple[int, str]]] = [
    ("a name", replace(KEPT, accounts=(replace(ACCOUNT, name="Lain"), CLIENT)), (2, "account_differs")),
    ("a username", replace(KEPT, accounts=(replace(ACCOUNT, username="lain"), CLIENT)), (2, "account_differs")),
    ("a machine", replace(KEPT, accounts=(replace(ACCOUNT, kind="machine"), CLIENT)), (2, "account_differs")),
    ("closed", replace(KEPT, accounts=(replace(ACCOUNT, active=False), CLIENT)), (2, "account_differs")),
    (
        "another's, at another issuer",
        replace(KEPT, accounts=(replace(ACCOUNT, issuer="https://lain.example", subject="1"), CLIENT)),
        (2, "account_differs"),
    ),
    ("a second factor", replace(KEPT, accounts=(replace(ACCOUNT, totp_secret="sealed"), CLIENT)), (2, "account_differs")),
    ("gone", replace(KEPT, accounts=(CLIENT,)), (2, "account_missing")),
    ("one more", replace(KEPT, accounts=(ACCOUNT, CLIENT, replace(ACCOUNT, id=UUID(int=9)))), (6, "account_unknown")),
    ("a role", replace(KEPT, assignments=(replace(HELD, role="admin"),)), (3, "assignment_differs")),
    ("a holder", replace(KEPT, assignments=(replace(HELD, account_id=MACHINE),)), (3, "assignment_differs")),
    ("a capacity", replace(KEPT, assignments=(replace(HELD, capacity="plt"),)), (3, "assignment_differs")),
    ("a first day", replace(KEPT, assignments=(replace(HELD, valid_from=OTHER_DAY),)), (3, "assignment_differs")),
    ("a last day", replace(KEPT, assignments=(replace(HELD, valid_to=OTHER_DAY),)), (3, "assignment_differs")),
    ("an instrument", replace(KEPT, assignments=(replace(HELD, instrument_number="SK 2"),)), (3, "assignment_differs")),
    ("its day", replace(KEPT, assignments=(replace(HELD, instrument_date=OTHER_DAY),)), (3, "assignment_differs")),
    ("a source", replace(KEPT, assignments=(replace(HELD, source="issuer"),)), (3, "assignment_differs")),
    ("revoked", replace(KEPT, assignments=(replace(HELD, revoked_at=ENDS),)), (3, "assignment_differs")),
    ("withdrawn", replace(KEPT, assignments=(replace(HELD, withdrawn=True),)), (3, "assignment_differs")),
    ("no position", replace(KEPT, assignments=()), (3, "assignment_missing")),
    ("one more position", replace(KEPT, assignments=(HELD, replace(HELD, id=UUID(int=9)))), (6, "assignment_unknown")),
    ("a scope", replace(KEPT, service_accounts=(replace(SERVICE, scopes=["instances:read", "people:read"]),)), (5, "service_account_differs")),
    ("a longer life", replace(KEPT, service_accounts=(replace(SERVICE, expires_at=MOVED_AT),)), (5, "service_account_differs")),
    ("a secret", replace(KEPT, service_accounts=(replace(SERVICE, secret_hash="0" * 64),)), (5, "service_account_differs")),
    ("no machine", replace(KEPT, service_accounts=()), (5, "service_account_missing")),
    ("one more", replace(KEPT, service_accounts=(SERVICE, replace(SERVICE, account_id=SITI))), (6, "service_account_unknown")),
    ("a name", replace(KEPT, own=replace(OWN, name="Kecamatan Lain")), (1, "office_differs")),
    ("a zone", replace(KEPT, own=replace(OWN, time_zone="Asia/Jakarta")), (1, "office_differs")),
    ("a zone that is none", replace(KEPT, own=replace(OWN, time_zone="Asia/..")), (1, "office_differs")),
    ("a parent", replace(KEPT, parents=(replace(PARENT, parent_code=PASER),)), (1, "office_differs")),
    ("no parent", replace(KEPT, parents=()), (1, "office_differs")),
    ("a move", replace(KEPT, parents=(PARENT, ParentFacts(CODE, PASER, MOVED, MOVED_AT, None, None))), (6, "office_differs")),
    ("a circle", replace(KEPT, parents=(PARENT, replace(PARENT, code=KUTAI, parent_code=CODE))), (6, "office_differs")),
    ("nobody above", replace(KEPT, covers=COVERS[:1]), (6, "office_differs")),
    ("somebody above", replace(KEPT, covers=(*COVERS, Cover(PASER, CODE, AT_FOUNDING, None, 1))), (6, "office_differs")),
    ("above for longer", replace(KEPT, covers=(COVERS[0], replace(COVERS[1], until_at=ENDS))), (6, "office_differs")),
]


@pytest.mark.parametrize(("kept", "expected"), [row[1:] for row in TABLES], ids=[f"{row[2][1]}: {row[0]}" for row in TABLES])
def test_where_the_tables_say_something_else(kept: KeptOffice, expected: tuple[int, str]) -> None:
    assert difference(CREATED, kept) == expected


ABOUT = {"assignment_id": str(POSITION)}
MOVE = {"code": CODE, "from": KUTAI, "to": PASER, "valid_from": "2027-01-01", "instrument_number_sha256": None, "instrument_date": None}
UNDER_PASER = replace(
    KEPT,
    parents=(PARENT, ParentFacts(CODE, PASER, MOVED, MOVED_AT, None, None)),
    covers=(COVERS[0], replace(COVERS[1], until_at=MOVED_AT), Cover(PASER, CODE, MOVED_AT, None, 1)),
)
WITH_SECRET = replace(SERVICE, secret_hash="0" * 64)
CHANGES: list[tuple[str, list[tuple[str, dict[str, Any]]], KeptOffice]] = [
    (
        "a name changed",
        [("account.changed", {"account_id": str(SITI), "changed": ["name"], "name_sha256": text_hash("Siti Lain")})],
        replace(KEPT, accounts=(replace(ACCOUNT, name="Siti Lain"), CLIENT)),
    ),
    ("closed", [("account.closed", {"account_id": str(SITI)})], replace(KEPT, accounts=(replace(ACCOUNT, active=False), CLIENT))),
    (
        "a second factor",
        [("account.second_factor_enabled", {"account_id": str(SITI)})],
        replace(KEPT, accounts=(replace(ACCOUNT, totp_secret="sealed"), CLIENT)),
    ),
    (
        "gone to another office",
        [("account.changed", {"account_id": str(SITI), "changed": ["office"], "office": PASER})],
        replace(KEPT, accounts=(CLIENT,)),
    ),
    (
        "come from another office",
        [("account.changed", {"account_id": str(UUID(int=9)), "changed": ["office"], "office": CODE, "username": "budi", "active": False})],
        replace(KEPT, accounts=(ACCOUNT, CLIENT, AccountFacts(UUID(int=9), "budi", "Budi", "person", False, False, None, None, None))),
    ),
    (
        "a last day",
        [("assignment.changed", ABOUT | {"valid_to": "2027-02-01"})],
        replace(KEPT, assignments=(replace(HELD, valid_to=date(2027, 2, 1)),)),
    ),
    ("revoked", [("assignment.revoked", ABOUT)], replace(KEPT, assignments=(replace(HELD, revoked_at=ENDS),))),
    ("withdrawn by its issuer", [("assignment.revoked", ABOUT)], replace(KEPT, assignments=(replace(HELD, withdrawn=True),))),
    ("a secret", [("service_account.secret_issued", {"account_id": str(MACHINE)})], replace(KEPT, service_accounts=(WITH_SECRET,))),
    (
        "a machine revoked",
        [("service_account.secret_issued", {"account_id": str(MACHINE)}), ("service_account.revoked", {"account_id": str(MACHINE)})],
        replace(KEPT, accounts=(ACCOUNT, replace(CLIENT, active=False))),
    ),
    (
        "a new name",
        [("office.renamed", {"code": CODE, "from": "Kecamatan Samboja", "to": "Samboja"})],
        replace(KEPT, own=replace(OWN, name="Samboja")),
    ),
    ("a move", [("office.moved", MOVE)], UNDER_PASER),
    ("a move taken back", [("office.moved", MOVE), ("office.moved", MOVE | {"from": PASER, "to": KUTAI})], KEPT),
]


@pytest.mark.parametrize(("events", "kept"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES])
def test_what_was_changed_since(events: list[tuple[str, dict[str, Any]]], kept: KeptOffice) -> None:
    """The tables as they were before are then a difference, and so is the change without its event."""
    assert difference([*CREATED, *events], kept) is None
    assert difference(CREATED, kept) != difference(CREATED, KEPT) or kept == KEPT
    assert difference([*CREATED, *events], KEPT) is not None or kept == KEPT


def test_an_account_closed_and_reopened_is_open() -> None:
    events = [("account.closed", {"account_id": str(SITI)}), ("account.reopened", {"account_id": str(SITI)})]
    assert difference([*CREATED, *events], KEPT) is None
    assert difference([*CREATED, *events], replace(KEPT, accounts=(replace(ACCOUNT, active=False), CLIENT))) == (7, "account_differs")


def test_events_of_older_versions_say_less_and_no_more_is_compared() -> None:
    """No office.created, no kind, no hash of a name."""
    older = [("account.created", {"account_id": str(SITI), "username": "siti"})]
    kept = replace(KEPT, accounts=(ACCOUNT,), assignments=(), service_accounts=())
    assert difference(older, kept) is None
    assert difference([*older, ("office.renamed", {"code": CODE, "from": "?", "to": "Lain"})], kept) == (2, "office_differs")
    assert difference([*older, ("office.moved", MOVE)], replace(kept, parents=UNDER_PASER.parents, covers=UNDER_PASER.covers)) is None


@pytest.mark.parametrize(
    ("kind", "data"), [("account.created", {}), ("account.created", []), ("assignment.created", {"assignment_id": []}), ("office.moved", {"to": 1})]
)
def test_data_that_no_act_writes_are_told_apart_from_a_failure(kind: str, data: Any) -> None:
    with pytest.raises((AttributeError, KeyError, TypeError, ValueError)):
        difference([(kind, data)], KEPT)
