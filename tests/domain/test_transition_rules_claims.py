"""Claims: optional, one performer part, exclusive; and everything that ends one."""

from datetime import date

import pytest

from app.domain.transitions import TeamRequest
from tests.support.situations import TEAM, Case, account


def claimed(step: int = 4, by: str = "tim1") -> Case:
    case = Case().until(step).fill()
    case.take(by, "claim")
    return case


def test_others_of_the_part_wait_for_the_claimant() -> None:
    case = claimed()
    assert case.codes("tim2", "complete") == ["claimed_by_another"]
    assert case.codes("tim2", "claim") == ["claimed_by_another"]
    assert case.codes("tim1", "claim") == ["already_claimed"]
    assert case.codes("tim1", "complete") == []


def test_a_claim_holds_one_part_and_not_the_step() -> None:
    case = claimed()
    assert case.codes("sekretaris", "complete") == []
    assert case.codes("sekretaris", "claim") == []
    case.take("sekretaris", "claim")
    assert {(c.role, c.account_id) for c in case.instance.claims} == {
        ("tim_penyusun", account("tim1")),
        ("sekretaris", account("sekretaris")),
    }


def test_a_claim_keeps_nobody_from_working_on_the_documents_or_returning() -> None:
    case = claimed(step=6)
    case.upload("tim2", "laporan_final")
    assert case.codes("tim2", "return", to_step=4) == []


def test_signing_off_ends_it() -> None:
    case = claimed()
    case.sign("tim1")
    assert case.instance.claims == ()
    assert case.codes("tim2", "release") == ["not_claimed"]


def test_a_sign_off_of_another_part_leaves_it_and_the_next_step_begins_without() -> None:
    case = claimed()
    case.sign("sekretaris")
    assert len(case.instance.claims) == 1
    case.sign("tim1")
    assert (case.instance.current_step, case.instance.claims) == (5, ())


def test_a_return_ends_it() -> None:
    case = claimed(step=6, by="sekretaris")
    case.take("tim1", "return", to_step=4)
    assert case.instance.claims == ()
    assert case.codes("tim2", "claim") == []


def test_the_loss_of_the_role_ends_it() -> None:
    case = claimed(step=5, by="camat")
    case.staff["camat"] = ("pegawai",)
    case.staff["plh"] = ("camat",)
    assert case.codes("plh", "complete") == []
    case.take("plh", "claim")
    assert [c.account_id for c in case.instance.claims] == [account("plh")]


@pytest.mark.parametrize(("moment", "found"), [("2027-01-05 23:59", ["claimed_by_another"]), ("2027-01-06 00:00", [])])
def test_it_ends_with_the_holders_last_day(moment: str, found: list[str]) -> None:
    case = claimed(step=5, by="camat")
    case.staff["plh"] = ("camat",)
    case.last_days["camat"] = date(2027, 1, 5)
    assert case.at(moment).codes("plh", "complete") == found


def test_leaving_the_team_ends_it() -> None:
    case = claimed()
    case.take("sekretaris", "change_team", team=TeamRequest(("tim2", "tim3")), reason="Mutasi.")
    assert case.instance.claims == ()
    assert case.codes("tim3", "complete") == []


def test_staying_in_the_team_keeps_it() -> None:
    case = claimed()
    case.take("sekretaris", "change_team", team=TeamRequest(("tim1", "tim3")), reason="Mutasi.")
    assert case.codes("tim3", "complete") == ["claimed_by_another"]


def test_a_suspension_does_not_end_it() -> None:
    case = claimed()
    case.take("camat", "suspend")
    case.take("camat", "resume")
    assert case.codes("tim2", "complete") == ["claimed_by_another"]


@pytest.mark.parametrize(
    ("username", "found"),
    [
        ("tim1", []),  # the claimant
        ("sekretaris", []),  # controls the instance
        ("camat", []),  # controls the instance, and performs nothing here
        ("tim2", ["claimed_by_another"]),
        ("staf", ["not_a_performer", "claimed_by_another"]),
        ("auditor", ["not_a_performer", "claimed_by_another"]),
    ],
)
def test_a_claim_is_released_by_its_holder_or_by_who_may_suspend(username: str, found: list[str]) -> None:
    case = claimed()
    assert case.codes(username, "release") == found
    if not found:
        taken = case.take(username, "release")
        assert taken.events[0].data["claimant"] == str(account("tim1"))
        assert case.instance.claims == ()


def test_nothing_is_released_where_nothing_is_claimed() -> None:
    case = Case().until(4)
    for username in ("sekretaris", "tim1", "camat"):
        assert case.codes(username, "release") == ["not_claimed"]
    case.take("tim1", "claim")
    assert case.codes("camat", "release", as_role="sekretaris") == ["not_claimed"]
    assert case.codes("camat", "release", as_role="tim_penyusun") == []


def test_who_controls_frees_their_own_claim_first() -> None:
    case = claimed()
    case.take("sekretaris", "claim")
    case.take("sekretaris", "release")
    assert [c.role for c in case.instance.claims] == ["tim_penyusun"]
    case.take("sekretaris", "release")
    assert case.instance.claims == ()


def test_ones_own_claim_is_freed_before_that_of_a_part_named_earlier() -> None:
    case = Case().until(2)
    case.sign("sekretaris", team=TeamRequest(("camat", "tim2")))
    case.upload("tim2", "rencana_kegiatan")
    case.sign("tim2")
    case.take("sekretaris", "claim")
    case.take("camat", "claim")
    case.take("camat", "release")
    assert [c.role for c in case.instance.claims] == ["sekretaris"]


def test_a_part_that_needs_several_people_cannot_be_claimed() -> None:
    case = Case({"/steps/3/completion": {"quorum": 2}}).until(4)
    assert case.codes("tim1", "claim") == ["part_is_shared"]
    assert case.codes("sekretaris", "claim") == []


def test_a_part_signed_off_cannot_be_claimed() -> None:
    case = Case().until(4).fill()
    case.sign("tim1")
    assert case.codes("tim2", "claim") == ["already_signed_off"]


def test_a_claim_is_asked_for_the_active_step() -> None:
    case = Case().until(4)
    assert case.codes("tim1", "claim", step=6) == ["wrong_step"]
    assert case.codes("tim1", "release", step=6) == ["wrong_step"]


def test_a_team_of_one_is_claimed_like_any_part() -> None:
    case = Case().until(2)
    case.sign("sekretaris", team=TeamRequest(TEAM.usernames[:1]))
    case.take("tim1", "claim")
    assert case.codes("tim1", "release") == []


def test_a_member_who_is_no_longer_one_of_the_offices_people_holds_no_claim_and_is_not_waited_for() -> None:
    case = Case().until(3)
    case.take("tim2", "claim")
    assert case.codes("tim1", "claim") == ["claimed_by_another"]
    case.last_days["tim2"] = date(2027, 1, 3)
    assert case.codes("tim1", "claim") == []
    assert [line.people for line in case.waiting()] == [("Tim1",)]


def test_a_part_claimed_by_another_is_not_chosen_where_the_caller_holds_an_open_one() -> None:
    """So that a button is dark only when nothing the caller holds is open."""
    case = Case().until(3)
    case.take("sekretaris", "change_team", team=TeamRequest(("tim1", "sekretaris")), reason="Perlu Sekretaris.")
    case.fill().sign("tim1")
    case.fill()
    case.staff["plh"] = ("sekretaris", "pegawai")
    case.take("plh", "claim")
    assert case.offered("sekretaris")["complete"].allowed
    taken = case.take("sekretaris", "complete")
    assert taken.actor.role == "tim_penyusun"
    assert case.codes("sekretaris", "complete", as_role="sekretaris") == ["claimed_by_another"]
