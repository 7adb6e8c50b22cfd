"""Which two positions cannot be, and what is odd about one that can."""

from datetime import date
from uuid import UUID

import pytest

from app.domain.assignments import Held, Position, clashes, end_mistakes, end_refusals, kind_mistakes, new_position_mistakes
from app.domain.authority import Assignment
from app.domain.people import Capacity
from app.domain.roles import RoleInForce
from app.domain.standing_in import also_held, last_day, together, warnings

RATNA, WIRA = UUID(int=1), UUID(int=2)
CAMAT = RoleInForce("camat", "Camat", single_holder=True, signs=True)
STAF = RoleInForce("staf", "Staf")
ROLES = {"camat": CAMAT, "staf": STAF, "pegawai": RoleInForce("pegawai", "Pegawai")}
KUTAI, SAMBOJA, ANGGANA = "64.02", "64.02.13", "64.02.15"


def day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def position(since: str, until: str | None = None, *, role: str = "camat", capacity: Capacity = "definitive", office: str = SAMBOJA) -> Position:
    return Position(office, role, date.fromisoformat(since), day(until), capacity)


def held_by(who: UUID, what: Position) -> Held:
    return Held(UUID(int=9), who, "Wira", what)


@pytest.mark.parametrize(
    ("since", "until", "meets"),
    [
        ("2026-01-01", None, True),
        ("2026-01-01", "2026-02-28", False),
        ("2026-01-01", "2026-03-01", True),
        ("2026-03-31", "2026-03-31", True),
        ("2026-04-01", None, False),
        ("2026-03-10", "2026-03-20", True),
    ],
)
def test_days_on_which_two_hold_one_role(since: str, until: str | None, meets: bool) -> None:
    march = position("2026-03-01", "2026-03-31")
    other = position(since, until)
    assert march.meets(other) is other.meets(march) is meets
    found = clashes(march, RATNA, role=CAMAT, held=[held_by(WIRA, other)])
    assert [refusal.code for refusal in found] == (["role_already_held"] if meets else [])


@pytest.mark.parametrize("mine", ["definitive", "plt", "plh", "pj"])
@pytest.mark.parametrize("theirs", ["definitive", "plt", "plh", "pj"])
@pytest.mark.parametrize(("role", "single"), [("camat", True), ("staf", False), ("lurah", None)])
def test_only_two_definitive_holders_of_a_role_for_one_are_refused(mine: Capacity, theirs: Capacity, role: str, single: bool | None) -> None:
    new = position("2026-03-01", role=role, capacity=mine)
    found = clashes(new, RATNA, role=ROLES.get(role), held=[held_by(WIRA, position("2026-01-01", role=role, capacity=theirs))])
    refused = bool(single) and mine == theirs == "definitive"
    assert [refusal.code for refusal in found] == (["role_already_held"] if refused else [])


def test_a_refusal_names_who_holds_it_until_when() -> None:
    (open_end,) = clashes(position("2026-03-01"), RATNA, role=CAMAT, held=[held_by(WIRA, position("2024-01-01"))])
    (ending,) = clashes(position("2026-03-01"), RATNA, role=CAMAT, held=[held_by(WIRA, position("2024-01-01", "2026-12-31"))])
    assert open_end.params == {"role": "Camat", "name": "Wira"}
    assert "(tanpa batas waktu)" in open_end.message("id")
    assert "(without end)" in open_end.message("en")
    assert ending.params["until"] == "2026-12-31"
    assert "Wira" in ending.message("id")
    assert "2026-12-31" in ending.message("en")


def test_who_holds_it_already_is_told_so_by_the_name_of_the_position() -> None:
    (open_end,) = clashes(position("2026-03-01"), RATNA, role=CAMAT, held=[held_by(RATNA, position("2024-01-01"))])
    acting = held_by(RATNA, position("2024-01-01", "2026-12-31", capacity="plh"))
    (ending,) = clashes(position("2026-03-01", capacity="plh"), RATNA, role=CAMAT, held=[acting])
    assert open_end.message("id") == "Orang ini sudah memegang Camat di kantor ini (tanpa batas waktu)."
    assert open_end.message("en") == "This person holds Camat at this office already (without end)."
    assert ending.message("id") == "Orang ini sudah memegang Plh. Camat di kantor ini (sampai 2026-12-31)."


@pytest.mark.parametrize(
    ("who", "capacity", "codes"),
    [(RATNA, "definitive", ["already_assigned"]), (RATNA, "plh", []), (WIRA, "definitive", ["role_already_held"])],
)
def test_the_same_person_twice_is_told_apart_from_two_people(who: UUID, capacity: Capacity, codes: list[str]) -> None:
    found = clashes(position("2026-03-01"), RATNA, role=CAMAT, held=[held_by(who, position("2026-01-01", capacity=capacity))])
    assert [refusal.code for refusal in found] == codes


@pytest.mark.parametrize(
    ("role", "machine", "codes"),
    [
        ("integration", False, ["for_machines_only"]),
        ("integration", True, []),
        ("camat", True, ["for_people_only"]),
        ("admin", True, ["for_people_only"]),
        ("admin", False, []),
        ("camat", False, []),
    ],
)
def test_a_machine_has_its_permission_and_a_person_all_else(role: str, machine: bool, codes: list[str]) -> None:
    assert [mistake.code for mistake in kind_mistakes(role, machine=machine)] == codes


TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("before", "after", "mistakes", "refusals"),
    [
        (None, "2026-12-31", [], []),
        (None, "2026-11-22", [], []),  # yesterday: it ends at once
        (None, "2026-11-21", ["in_the_past"], []),
        ("2026-12-31", None, [], []),
        ("2026-11-22", "2026-12-31", [], []),  # no day is left out between
        ("2026-11-21", "2026-12-31", [], ["assignment_over"]),
        ("2026-11-21", None, [], ["assignment_over"]),
        ("2026-11-01", "2026-11-10", ["in_the_past"], ["assignment_over"]),
        ("2026-11-01", "2026-11-01", [], []),  # nothing moves: the letter alone changes
    ],
)
def test_days_that_have_passed_are_not_rewritten(before: str | None, after: str | None, mistakes: list[str], refusals: list[str]) -> None:
    assert [found.code for found in end_mistakes(day(before), day(after), TODAY)] == mistakes
    assert [found.code for found in end_refusals(day(before), day(after), TODAY)] == refusals


# ── what is odd ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("first", "months", "last"),
    [
        ("2026-01-15", 3, "2026-04-14"),
        ("2026-01-01", 3, "2026-03-31"),
        ("2026-10-15", 3, "2027-01-14"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2027-11-30", 3, "2028-02-29"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2026-12-01", 6, "2027-05-31"),
        ("9999-12-01", 3, "9999-12-31"),
    ],
)
def test_months_are_calendar_months(first: str, months: int, last: str) -> None:
    assert last_day(date.fromisoformat(first), months) == date.fromisoformat(last)


def held(what: Position, *, covers: tuple[str, ...] = ()) -> Assignment:
    reach = frozenset({what.office, *covers})
    return Assignment(what.office, "Asia/Makassar", what.role, what.capacity, what.valid_from, what.valid_to, reach)


def odd(what: Position, *others: Assignment, letter: bool = True) -> list[str]:
    if letter:
        what = Position(what.office, what.role, what.valid_from, what.valid_to, what.capacity, "800/1", what.valid_from)
    return [advice.code for advice in warnings(what, [*others, held(what)], ROLES)]


@pytest.mark.parametrize(
    ("capacity", "until", "codes"),
    [
        ("plt", "2026-04-14", []),
        ("plt", "2026-04-15", ["plt_over_three_months"]),
        ("plt", "2026-07-14", ["plt_over_three_months"]),
        ("plt", "2026-07-15", ["plt_over_six_months"]),
        ("plt", None, ["acting_without_end"]),
        ("plh", "2026-04-14", []),
        ("plh", "2026-04-15", ["plh_over_three_months"]),
        ("plh", None, ["acting_without_end"]),
        ("pj", None, []),
        ("pj", "2030-01-01", []),
        ("definitive", None, []),
    ],
)
def test_how_long_somebody_may_stand_in(capacity: Capacity, until: str | None, codes: list[str]) -> None:
    assert odd(position("2026-01-15", until, capacity=capacity)) == codes


PLT_BEFORE = held(position("2026-01-15", "2026-04-14", capacity="plt"))


@pytest.mark.parametrize(
    ("new", "others", "codes"),
    [
        (position("2026-04-15", "2026-07-14", capacity="plt"), [PLT_BEFORE], ["plt_over_three_months"]),
        (position("2026-04-15", "2026-07-15", capacity="plt"), [PLT_BEFORE], ["plt_over_six_months"]),
        (position("2026-04-16", "2026-07-15", capacity="plt"), [PLT_BEFORE], []),  # a day between: a new term
        (position("2026-04-15", "2026-07-14", capacity="plh"), [PLT_BEFORE], []),
        (position("2026-04-15", "2026-07-14", capacity="plt", office=ANGGANA), [PLT_BEFORE], []),
        (position("2026-04-15", "2026-07-14", capacity="plt", role="staf"), [PLT_BEFORE], []),
        (position("2025-12-01", "2026-01-14", capacity="plt"), [PLT_BEFORE], ["plt_over_three_months"]),
    ],
)
def test_terms_that_follow_each_other_count_together(new: Position, others: list[Assignment], codes: list[str]) -> None:
    assert odd(new, *others) == codes


def test_a_chain_of_terms_is_followed_to_both_ends() -> None:
    terms = [("2026-01-01", "2026-01-31"), ("2026-02-01", "2026-02-28"), ("2026-04-01", "2026-04-30"), ("2026-05-01", "2026-05-31")]
    new = position("2026-03-01", "2026-03-31", capacity="plt")
    known = [held(position(*term, capacity="plt")) for term in terms]
    assert together(new, known) == (date(2026, 1, 1), date(2026, 5, 31))


@pytest.mark.parametrize("capacity", ["plt", "plh", "pj"])
def test_who_stands_in_has_a_letter_that_says_so(capacity: Capacity) -> None:
    assert odd(position("2026-01-15", "2026-01-16", capacity=capacity), letter=False) == ["instrument_missing"]


def test_a_definitive_holder_needs_none_here() -> None:
    assert odd(position("2026-01-15"), letter=False) == []


@pytest.mark.parametrize(("role", "codes"), [("pegawai", []), ("admin", []), ("cammat", ["unknown_role"]), ("tim_penyusun", ["unknown_role"])])
def test_a_mistyped_role_is_noticed(role: str, codes: list[str]) -> None:
    assert odd(position("2026-01-15", role=role)) == codes


ADMIN_ABOVE = held(position("2024-01-01", role="admin", office=KUTAI), covers=(SAMBOJA, ANGGANA))


@pytest.mark.parametrize(
    ("new", "others", "codes"),
    [
        (position("2026-01-15"), [ADMIN_ABOVE], ["holder_is_admin"]),
        (position("2026-01-15", role="restricted_records"), [ADMIN_ABOVE], []),
        (position("2026-01-15"), [held(position("2024-01-01", "2025-12-31", role="admin", office=KUTAI), covers=(SAMBOJA,))], []),
        (position("2026-01-15"), [held(position("2024-01-01", role="auditor"))], ["holder_is_admin"]),
        (position("2026-01-15"), [held(position("2024-01-01", role="admin", office=ANGGANA))], []),
        (position("2026-01-15", role="admin"), [held(position("2024-01-01"))], ["holder_is_admin"]),
        (position("2026-01-15", role="admin"), [held(position("2024-01-01", office=ANGGANA))], []),
        (position("2026-01-15", role="admin"), [ADMIN_ABOVE], []),
    ],
)
def test_administering_and_performing_at_one_office_is_noticed(new: Position, others: list[Assignment], codes: list[str]) -> None:
    assert odd(new, *others) == codes


@pytest.mark.parametrize("role", ["admin", "auditor", "restricted_records", "camat"])
@pytest.mark.parametrize("capacity", ["definitive", "plt", "plh", "pj"])
def test_nobody_stands_in_for_a_permission(role: str, capacity: Capacity) -> None:
    codes = ["permission_has_no_capacity"] if role != "camat" and capacity != "definitive" else []
    assert [mistake.code for mistake in new_position_mistakes(position("2026-01-15", role=role, capacity=capacity))] == codes


@pytest.mark.parametrize(
    ("mine", "theirs", "role", "noticed"),
    [
        (position("2026-03-01", "2026-03-05", capacity="plh"), position("2026-03-05", "2026-03-09", capacity="plh"), CAMAT, True),
        (position("2026-03-01", "2026-03-05", capacity="plt"), position("2026-03-05", None, capacity="plh"), CAMAT, True),
        (position("2026-03-01", "2026-03-05", capacity="plh"), position("2026-03-06", "2026-03-09", capacity="plh"), CAMAT, False),
        (position("2026-03-01", "2026-03-05", capacity="plh"), position("2024-01-01"), CAMAT, False),
        (position("2026-03-01"), position("2026-03-01", "2026-03-05", capacity="plh"), CAMAT, False),
        (position("2026-03-01", capacity="plh", role="staf"), position("2026-03-01", capacity="plh", role="staf"), STAF, False),
        (position("2026-03-01", capacity="plh", role="lurah"), position("2026-03-01", capacity="plh", role="lurah"), None, False),
    ],
)
def test_two_who_stand_in_at_once_are_noticed(mine: Position, theirs: Position, role: RoleInForce | None, noticed: bool) -> None:
    found = list(also_held(mine, RATNA, role=role, held=[held_by(WIRA, theirs)]))
    assert [advice.code for advice in found] == (["also_held"] if noticed else [])
    assert list(also_held(mine, WIRA, role=role, held=[held_by(WIRA, theirs)])) == []


def test_the_notice_says_as_what_and_until_when() -> None:
    theirs = held_by(WIRA, position("2026-03-05", "2026-03-09", capacity="plh"))
    (advice,) = also_held(position("2026-03-01", capacity="plt"), RATNA, role=CAMAT, held=[theirs])
    for sentence in (advice.id, advice.en):
        assert "Plh. Camat (2026-03-05..2026-03-09): Wira" in sentence
