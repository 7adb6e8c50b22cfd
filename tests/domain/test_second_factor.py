"""Which positions need a second factor, and what a session is told."""

from datetime import date

import pytest

from app.domain.authority import Assignment, Claimed
from app.domain.second_factor import needing, standing, without


def held(office: str, role: str) -> Assignment:
    return Assignment(office, "Asia/Makassar", role, "definitive", date(2024, 1, 1), None, frozenset({office}))


HELD = (held("64.02.13", "camat"), held("64.02.13", "pegawai"), held("64.02", "admin"))


@pytest.mark.parametrize(
    ("names", "needed"),
    [
        (frozenset(), frozenset()),
        (frozenset({"admin"}), frozenset({"64.02:admin"})),
        (frozenset({"admin", "camat"}), frozenset({"64.02:admin", "64.02.13:camat"})),
        (frozenset({"lurah"}), frozenset()),
    ],
)
def test_positions_need_it_by_their_role(names: frozenset[str], needed: frozenset[str]) -> None:
    assert needing(HELD, names) == needed


def test_what_is_withheld_is_claimed_neither_as_a_role_nor_as_a_permission() -> None:
    claimed = Claimed(frozenset({"64.02.13:camat", "64.02.13:pegawai"}), frozenset({"64.02:admin"}))
    assert without(claimed, frozenset({"64.02:admin", "64.02.13:camat"})) == Claimed(frozenset({"64.02.13:pegawai"}), frozenset())
    assert without(claimed, frozenset()) == claimed


@pytest.mark.parametrize(
    ("needed", "passed", "told"),
    [(False, False, "not_needed"), (True, False, "enrolment_needed"), (False, True, "passed"), (True, True, "passed")],
)
def test_a_session_is_told_where_it_stands(needed: bool, passed: bool, told: str) -> None:
    assert standing(frozenset({"64.02:admin"}) if needed else frozenset(), passed=passed) == told
