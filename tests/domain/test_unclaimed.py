"""What is assigned and not in the token: known to the caller by its reason, and said where it might have helped."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from app.domain.authority import Assignment, Claimed, waiting
from app.domain.people import Actor, WaitingPosition
from app.domain.refusals import Refusal
from app.domain.second_factor import locked
from app.domain.unclaimed import waiting_refusals, with_waiting
from tests.support.people import KUTAI, NOW, SAMBOJA, SINCE

CAMAT = Assignment(SAMBOJA, "Asia/Makassar", "camat", "definitive", SINCE, None, frozenset({SAMBOJA}))
PEGAWAI, PLH, ADMIN = replace(CAMAT, role="pegawai"), replace(CAMAT, capacity="plh"), replace(CAMAT, role="admin")
NOTHING = Claimed()
ALL = Claimed(frozenset({CAMAT.claim, PEGAWAI.claim}), frozenset({ADMIN.claim}))
TODAY, DAY = date(2026, 11, 23), timedelta(days=1)


@pytest.mark.parametrize(
    ("why", "claimed", "assignments", "needs", "found"),
    [
        ("all of it is claimed", ALL, [CAMAT, PEGAWAI, ADMIN], {CAMAT.claim}, []),
        ("gained since", Claimed(frozenset({PEGAWAI.claim})), [CAMAT, PEGAWAI], set(), [("Camat", "refresh")]),
        ("withheld", Claimed(frozenset({PEGAWAI.claim})), [CAMAT, PEGAWAI], {CAMAT.claim}, [("Camat", "second_factor")]),
        ("one of each", NOTHING, [CAMAT, PEGAWAI], {CAMAT.claim}, [("Camat", "second_factor"), ("Pegawai", "refresh")]),
        ("stands in since", NOTHING, [PLH], set(), [("Plh. Camat", "refresh")]),
        ("held twice, once is said", NOTHING, [PLH, CAMAT], set(), [("Camat", "refresh")]),
        ("held twice, and claimed", ALL, [PLH, CAMAT], set(), []),
        ("a permission", ALL, [ADMIN], {ADMIN.claim}, []),
        ("a permission among the roles", Claimed(roles=frozenset({ADMIN.claim})), [ADMIN], set(), [("Admin", "refresh")]),
        ("begins tomorrow", NOTHING, [replace(CAMAT, valid_from=TODAY + DAY)], set(), []),
        ("begins today", NOTHING, [replace(CAMAT, valid_from=TODAY)], set(), [("Camat", "refresh")]),
        ("ended yesterday", NOTHING, [replace(CAMAT, valid_to=TODAY - DAY)], set(), []),
        ("ends today", NOTHING, [replace(CAMAT, valid_to=TODAY)], set(), [("Camat", "refresh")]),
    ],
)
def test_what_waits_is_assigned_valid_now_and_not_claimed(
    why: str, claimed: Claimed, assignments: list[Assignment], needs: set[str], found: list[tuple[str, str]]
) -> None:
    waits = waiting(claimed, assignments, NOW, locked=frozenset(needs))
    assert [(position.label, position.reason) for position in waits] == found, why


@pytest.mark.parametrize(
    ("required", "withheld", "needs"),
    [
        (frozenset(), False, set()),
        ({"admin"}, False, {ADMIN.claim}),
        ({"admin", "camat"}, True, {ADMIN.claim, CAMAT.claim}),
        ({"signing"}, False, set()),
        ({"signing"}, True, {CAMAT.claim, PEGAWAI.claim}),
        ({"signing", "admin"}, True, {ADMIN.claim, CAMAT.claim, PEGAWAI.claim}),
    ],
)
def test_who_signs_is_not_known_before_a_refresh_has_left_something_out(required: set[str], withheld: bool, needs: set[str]) -> None:
    assert locked([CAMAT, PEGAWAI, ADMIN], frozenset(required), withheld=withheld) == needs


LOCKED = WaitingPosition(SAMBOJA, "camat", "definitive", "Camat", "second_factor")
NEW = WaitingPosition(KUTAI, "auditor", "definitive", "Auditor", "refresh")
NEWER = WaitingPosition(SAMBOJA, "sekretaris", "plh", "Plh. Sekretaris", "refresh")


def caller(*waits: WaitingPosition) -> Actor:
    return Actor(UUID(int=1), UUID(int=2), "camat", "Camat", waiting=waits)


@pytest.mark.parametrize(
    ("waits", "said"),
    [
        ((), []),
        ((LOCKED,), [("second_factor_missing", "Camat (64.02.13)")]),
        ((NEW, NEWER), [("position_waiting", "Auditor (64.02), Plh. Sekretaris (64.02.13)")]),
        ((NEW, LOCKED), [("second_factor_missing", "Camat (64.02.13)"), ("position_waiting", "Auditor (64.02)")]),
    ],
)
def test_each_way_out_is_said_once_with_the_positions_that_it_brings(waits: tuple[WaitingPosition, ...], said: list[tuple[str, str]]) -> None:
    found = list(waiting_refusals(caller(*waits)))
    assert [(refusal.code, refusal.params["positions"]) for refusal in found] == said
    assert all(positions in refusal.message("id") and positions in refusal.message("en") for refusal, (_, positions) in zip(found, said, strict=True))


STARTED = Refusal("may_not_start", {"roles": "Camat"})
MISSING = Refusal("permission_missing", {"permission": "admin"}, variant="anywhere")


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ([STARTED], ["may_not_start", "position_waiting"]),
        ([MISSING], ["permission_missing", "position_waiting"]),
        ([Refusal("held_elsewhere")], ["held_elsewhere", "position_waiting"]),
        ([STARTED, Refusal("instance_closed")], ["may_not_start", "position_waiting", "instance_closed"]),
        ([Refusal("instance_closed")], ["instance_closed"]),
        ([Refusal("reason_missing")], ["reason_missing"]),
        ([Refusal("not_to_yourself")], ["not_to_yourself"]),
        ([Refusal("signer_is_uploader")], ["signer_is_uploader"]),
        ([Refusal("position_waiting", {"positions": "x"})], ["position_waiting"]),
    ],
)
def test_it_is_said_where_a_position_was_missing_and_changes_no_status(given: list[Refusal], codes: list[str]) -> None:
    assert [refusal.code for refusal in with_waiting(given, caller(NEW))] == codes
    assert with_waiting(given, caller()) == tuple(given)
