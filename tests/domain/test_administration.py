"""An administrator reaches what lies below, and never themselves or anybody who holds something beyond that reach."""

from uuid import UUID

import pytest

from app.domain.administration import Administered, account_refusals, assignment_refusals, reach_refusals, reads_details
from app.domain.people import Actor, Holding

ME, OTHER = UUID(int=1), UUID(int=2)
KUTAI, SAMBOJA, MUARA_JAWA, ANGGANA = "64.02", "64.02.13", "64.02.14", "64.02.15"
BELOW = {KUTAI: frozenset({KUTAI, SAMBOJA, MUARA_JAWA, ANGGANA})}


def holding(role: str, office: str) -> Holding:
    return Holding(office, role, "definitive", BELOW.get(office, frozenset({office})))


def caller(*held: tuple[str, str]) -> Actor:
    return Actor(ME, UUID(int=3), "admin", "Admin", tuple(holding(role, office) for role, office in held))


ADMIN_HERE, ADMIN_ABOVE = caller(("admin", SAMBOJA)), caller(("admin", KUTAI))


@pytest.mark.parametrize(
    ("actor", "account", "found"),
    [
        (ADMIN_HERE, Administered(OTHER, SAMBOJA, frozenset()), []),
        (ADMIN_HERE, Administered(OTHER, SAMBOJA, frozenset({SAMBOJA})), []),
        (ADMIN_ABOVE, Administered(OTHER, SAMBOJA, frozenset({MUARA_JAWA, KUTAI})), []),
        (ADMIN_HERE, Administered(ME, SAMBOJA, frozenset({SAMBOJA})), ["not_to_yourself"]),
        (ADMIN_HERE, Administered(OTHER, SAMBOJA, frozenset({KUTAI})), ["held_elsewhere"]),
        (ADMIN_HERE, Administered(OTHER, KUTAI, frozenset({SAMBOJA})), ["held_elsewhere"]),
        (caller(("admin", SAMBOJA), ("staf", KUTAI)), Administered(OTHER, SAMBOJA, frozenset({KUTAI})), ["permission_missing 64.02"]),
        (
            caller(("admin", SAMBOJA), ("auditor", MUARA_JAWA)),
            Administered(OTHER, SAMBOJA, frozenset({MUARA_JAWA, ANGGANA})),
            ["permission_missing 64.02.14", "held_elsewhere"],
        ),
        (caller(("auditor", KUTAI)), Administered(OTHER, SAMBOJA, frozenset()), ["permission_missing 64.02.13"]),
        (caller(), Administered(OTHER, SAMBOJA, frozenset({KUTAI})), ["permission_missing anywhere"]),
        (caller(), Administered(ME, SAMBOJA, frozenset()), ["not_to_yourself", "permission_missing anywhere"]),
        (caller(("camat", SAMBOJA)), Administered(OTHER, SAMBOJA, frozenset({KUTAI})), ["permission_missing 64.02.13"]),
        (caller(("camat", SAMBOJA)), Administered(ME, SAMBOJA, frozenset({SAMBOJA})), ["not_to_yourself", "permission_missing 64.02.13"]),
    ],
)
def test_an_account_answers_only_to_who_covers_all_that_it_holds(actor: Actor, account: Administered, found: list[str]) -> None:
    refusals = account_refusals(actor, account)
    assert [f"{r.code} {r.params.get('office', 'anywhere')}" if r.params else r.code for r in refusals] == found
    assert [r.code for r in reach_refusals(actor, account)] == [code.split()[0] for code in found if code != "not_to_yourself"]
    assert all(refusal.concern == "caller" for refusal in refusals)


@pytest.mark.parametrize(
    ("actor", "office", "account", "codes"),
    [
        (ADMIN_HERE, SAMBOJA, OTHER, []),
        (ADMIN_ABOVE, SAMBOJA, OTHER, []),
        (ADMIN_HERE, KUTAI, OTHER, ["permission_missing"]),
        (ADMIN_HERE, SAMBOJA, ME, ["not_to_yourself"]),
        (caller(("camat", SAMBOJA)), SAMBOJA, OTHER, ["permission_missing"]),
        (caller(("auditor", SAMBOJA), ("restricted_records", SAMBOJA)), SAMBOJA, OTHER, ["permission_missing"]),
    ],
)
def test_a_position_is_given_by_who_administers_its_office(actor: Actor, office: str, account: UUID, codes: list[str]) -> None:
    assert [refusal.code for refusal in assignment_refusals(actor, office, account)] == codes


@pytest.mark.parametrize(
    ("actor", "account", "office", "reads"),
    [
        (ADMIN_HERE, OTHER, SAMBOJA, True),
        (ADMIN_ABOVE, OTHER, SAMBOJA, True),
        (caller(("auditor", KUTAI)), OTHER, SAMBOJA, True),
        (ADMIN_HERE, OTHER, KUTAI, False),
        (caller(("camat", SAMBOJA)), OTHER, SAMBOJA, False),
        (caller(("camat", SAMBOJA)), ME, SAMBOJA, True),
        (caller(("restricted_records", SAMBOJA)), OTHER, SAMBOJA, False),
    ],
)
def test_more_than_a_name_is_shown_to_few(actor: Actor, account: UUID, office: str, reads: bool) -> None:
    assert reads_details(actor, account, office) is reads
