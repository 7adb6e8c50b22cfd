"""Authority = token claims ∩ assignments valid now."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from app.domain.authority import Assignment, Claimed, claimed_by, holdings
from app.domain.people import Actor, Capacity

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""Monday 2026-11-23, 09:00 in Samboja."""

SAMBOJA = "64.02.13"
MUARA_JAWA = "64.02.14"
KUTAI = "64.02"
CAMAT = Assignment(SAMBOJA, "Asia/Makassar", "camat", "definitive", date(2024, 1, 1), None, frozenset({SAMBOJA}))
AUDITOR = replace(CAMAT, office=KUTAI, role="auditor", covers=frozenset({KUTAI, SAMBOJA, MUARA_JAWA}))
CLAIMED = Claimed(roles=frozenset({"64.02.13:camat"}), permissions=frozenset({"64.02:auditor"}))


def actor(*assignments: Assignment, claimed: Claimed = CLAIMED, now: datetime = NOW) -> Actor:
    account, session = UUID(int=1), UUID(int=2)
    return Actor(account_id=account, session_id=session, username="camat", name="Camat", holdings=holdings(claimed, assignments, now))


@pytest.mark.parametrize(
    ("why", "assignment", "claimed", "held"),
    [
        ("claimed and assigned", CAMAT, CLAIMED, True),
        ("expired yesterday", replace(CAMAT, valid_to=date(2026, 11, 22)), CLAIMED, False),
        ("ends today", replace(CAMAT, valid_to=date(2026, 11, 23)), CLAIMED, True),
        ("starts tomorrow", replace(CAMAT, valid_from=date(2026, 11, 24)), CLAIMED, False),
        ("starts today", replace(CAMAT, valid_from=date(2026, 11, 23)), CLAIMED, True),
        ("assigned at another office", replace(CAMAT, office=MUARA_JAWA, covers=frozenset({MUARA_JAWA})), CLAIMED, False),
        ("assigned another role", replace(CAMAT, role="sekretaris"), CLAIMED, False),
        ("assigned at the parent, claimed at the child", replace(CAMAT, office=KUTAI, covers=AUDITOR.covers), CLAIMED, False),
        ("assigned, nothing claimed", CAMAT, Claimed(), False),
        ("a permission smuggled in among the roles", AUDITOR, Claimed(roles=frozenset({"64.02:auditor"})), False),
        ("a role smuggled in among the permissions", CAMAT, Claimed(permissions=frozenset({"64.02.13:camat"})), False),
        ("a permission claimed and assigned", AUDITOR, CLAIMED, True),
    ],
)
def test_a_holding_needs_both_the_claim_and_a_valid_assignment(why: str, assignment: Assignment, claimed: Claimed, held: bool) -> None:
    assert bool(holdings(claimed, [assignment], NOW)) is held, why


def test_a_claim_without_an_assignment_is_nothing() -> None:
    assert holdings(CLAIMED, [], NOW) == ()


@pytest.mark.parametrize(
    ("local", "moment", "valid"),
    [
        ("the last second before", datetime(2026, 12, 6, 15, 59, 59, tzinfo=UTC), False),
        ("local midnight of the first day", datetime(2026, 12, 6, 16, 0, tzinfo=UTC), True),
        ("the last second of the last day", datetime(2026, 12, 9, 15, 59, 59, tzinfo=UTC), True),
        ("local midnight after it", datetime(2026, 12, 9, 16, 0, tzinfo=UTC), False),
    ],
)
def test_a_plh_window_opens_and_closes_at_midnight_of_the_office(local: str, moment: datetime, valid: bool) -> None:
    plh = replace(CAMAT, capacity="plh", valid_from=date(2026, 12, 7), valid_to=date(2026, 12, 9))
    assert bool(holdings(CLAIMED, [plh], moment)) is valid, local


@pytest.mark.parametrize(("zone", "valid"), [("Asia/Jakarta", False), ("Asia/Makassar", True), ("Asia/Jayapura", True)])
def test_the_day_is_the_day_at_the_office_itself(zone: str, valid: bool) -> None:
    just_past_midnight_in_samboja = datetime(2026, 12, 6, 16, 30, tzinfo=UTC)
    assert replace(CAMAT, time_zone=zone, valid_from=date(2026, 12, 7)).valid_at(just_past_midnight_in_samboja) is valid


def test_a_permission_at_the_parent_reaches_down() -> None:
    auditor = actor(AUDITOR)
    assert auditor.permitted("auditor", SAMBOJA)
    assert auditor.permitted("auditor", MUARA_JAWA)
    assert not auditor.permitted("auditor", "64.03.01")
    assert not auditor.permitted("admin", SAMBOJA)


def test_a_role_at_the_parent_reads_below_but_does_not_perform_there() -> None:
    bupati = replace(AUDITOR, role="camat")
    above = actor(bupati, claimed=Claimed(roles=frozenset({bupati.claim})))
    assert above.sees(SAMBOJA)
    assert above.position("camat", SAMBOJA) is None
    assert above.position("camat", KUTAI) is not None


def test_a_permission_at_the_child_does_not_reach_up() -> None:
    local = replace(AUDITOR, office=SAMBOJA, covers=frozenset({SAMBOJA}))
    below = actor(local, claimed=Claimed(permissions=frozenset({local.claim})))
    assert not below.sees(KUTAI)
    assert not below.permitted("auditor", MUARA_JAWA)


@pytest.mark.parametrize("second", ["plt", "plh", "pj"])
def test_who_holds_a_position_twice_acts_as_the_definitive_holder(second: Capacity) -> None:
    person = actor(replace(CAMAT, capacity=second), CAMAT)
    found = person.position("camat", SAMBOJA)
    assert found is not None
    assert found.capacity == "definitive"


def test_a_token_says_what_is_valid_now_and_keeps_roles_and_permissions_apart() -> None:
    future = replace(CAMAT, role="sekretaris", valid_from=date(2027, 1, 1))
    assert claimed_by([CAMAT, AUDITOR, future], NOW) == CLAIMED


def test_an_issued_token_gives_back_exactly_what_it_was_issued_for() -> None:
    assert {h.role for h in holdings(claimed_by([CAMAT, AUDITOR], NOW), [CAMAT, AUDITOR], NOW)} == {"camat", "auditor"}


@pytest.mark.parametrize(
    ("role", "capacity", "label"),
    [
        ("camat", "definitive", "Camat"),
        ("camat", "plh", "Plh. Camat"),
        ("sekretaris", "plt", "Plt. Sekretaris"),
        ("kepala_seksi", "pj", "Pj. Kepala Seksi"),
    ],
)
def test_a_position_is_written_as_under_a_letter(role: str, capacity: Capacity, label: str) -> None:
    assert replace(CAMAT, role=role, capacity=capacity).label == label
