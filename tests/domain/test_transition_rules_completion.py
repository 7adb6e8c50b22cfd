"""When a step is complete: all parts, any part, so many of the team; and what a sign-off leaves behind."""

import pytest

from app.domain.transitions import TeamRequest
from tests.support.situations import TEAM, Case, account

THREE = TeamRequest(("tim1", "tim2", "tim3"))


def at_step_4(changes: dict[str, object] | None = None, team: TeamRequest = THREE) -> Case:
    """Sekretaris and the team, everything there."""
    case = Case(changes).until(2)
    case.sign("sekretaris", team=team)
    case.upload("tim1", "rencana_kegiatan")
    case.sign(*[name for name in team.usernames if case.instance.current_step == 3][: 2 if changes and "/steps/2/completion" in changes else 1])
    return case.fill()


@pytest.mark.parametrize("order", [("sekretaris", "tim3"), ("tim3", "sekretaris")])
def test_all_means_every_performer_in_any_order(order: tuple[str, str]) -> None:
    case = at_step_4()
    case.sign(order[0])
    assert (case.instance.current_step, case.active.state) == (4, "active")
    case.sign(order[1])
    assert case.states() == ["completed"] * 4 + ["active", "pending", "pending"]


def test_any_member_signs_for_the_team() -> None:
    case = Case().until(3).fill()
    case.sign("tim2")
    assert case.instance.current_step == 4


@pytest.mark.parametrize("username", ["sekretaris", "tim2"])
def test_any_means_one_part(username: str) -> None:
    case = at_step_4({"/steps/3/completion": "any"})
    case.sign(username)
    assert case.instance.current_step == 5


def test_a_quorum_is_so_many_different_members() -> None:
    case = at_step_4({"/steps/3/completion": {"quorum": 2}})
    case.sign("tim1")
    assert case.codes("tim1", "complete") == ["already_signed_off"]
    assert [name for name in ("tim2", "tim3", "sekretaris") if case.codes(name, "complete") == []] == ["tim2", "tim3", "sekretaris"]
    case.sign("tim3")
    assert case.codes("tim2", "complete") == ["already_signed_off"]  # the team's part is complete
    assert case.instance.current_step == 4
    case.sign("sekretaris")
    assert case.instance.current_step == 5


def test_a_quorum_counts_the_team_and_nobody_else() -> None:
    case = at_step_4({"/steps/3/completion": {"quorum": 2}})
    case.sign("sekretaris", "tim1")
    assert case.instance.current_step == 4
    case.sign("tim2")
    assert case.instance.current_step == 5


@pytest.mark.parametrize(("size", "found"), [(1, ["team_too_small"]), (2, []), (3, [])])
def test_a_team_is_never_smaller_than_the_largest_quorum(size: int, found: list[str]) -> None:
    case = Case({"/steps/3/completion": {"quorum": 2}}).until(2)
    named = TeamRequest(THREE.usernames[:size])
    assert case.codes("sekretaris", "complete", team=named) == found
    case.sign("sekretaris", team=THREE)
    assert case.codes("sekretaris", "change_team", team=named, reason="Mutasi.") == found
    assert case.codes("sekretaris", "change_team", team=TeamRequest(named.usernames * 3), reason="Mutasi.") == found


def test_the_next_step_opens_in_the_same_act_and_only_one_is_active() -> None:
    case = Case().fill()
    taken = case.take("camat", "complete", comment="Mohon segera.")
    assert [event.type for event in taken.events] == ["step.signed_off", "step.completed", "step.activated"]
    assert [r.step for r in taken.instance.rounds if r.state == "active"] == [2]
    assert (taken.instance.current_step, case.active.started_at, case.active.round) == (2, case.now, 1)


def test_the_last_sign_off_ends_the_instance() -> None:
    case = Case().until(7).fill()
    taken = case.take("staf", "complete")
    assert [event.type for event in taken.events] == ["step.signed_off", "step.completed", "instance.completed"]
    assert taken.instance.active is None
    assert case.states() == ["completed"] * 7


def test_a_new_version_voids_the_sign_offs_of_this_round_and_says_whose() -> None:
    case = at_step_4()
    case.sign("sekretaris")
    case.upload("tim1", "konsep_laporan")
    assert case.instance.signed(case.active) == ()
    voided = case.events[-1].data["voided_sign_offs"]
    assert voided == [{"role": "sekretaris", "account_id": str(account("sekretaris"))}]
    case.sign("tim2")
    assert case.instance.current_step == 4
    case.sign("sekretaris")
    assert case.instance.current_step == 5


def test_a_new_version_of_an_input_voids_them_too_and_those_of_other_steps_stand() -> None:
    case = Case().until(6).fill()
    before = len([s for s in case.instance.sign_offs if s.voided_at is None])
    case.sign("tim1")
    case.upload("sekretaris", "data_kinerja")
    assert len([s for s in case.instance.sign_offs if s.voided_at is None]) == before
    assert case.instance.signed(case.active) == ()


def test_a_decision_is_void_with_the_sign_off_that_made_it() -> None:
    """Two sign off a decision step: the first decides, a new version opens the question again."""
    draft = {
        "/steps/3/symbol": "decision",
        "/steps/3/decision": {"yes": 5, "no": 3},
        "/steps/3/performers": ["sekretaris", "tim_penyusun"],
    }
    case = at_step_4(draft)
    case.sign("sekretaris", decision="yes")
    assert case.codes("tim1", "complete", decision="no") == ["decision_differs"]
    assert case.codes("tim1", "complete") == ["decision_missing"]
    case.upload("tim1", "konsep_laporan")
    assert case.active.decision is None
    case.sign("tim1", "sekretaris", decision="no")
    assert (case.instance.current_step, case.active.round) == (3, 2)


def test_words_enter_the_log_only_as_their_hash() -> None:
    case = Case().fill()
    taken = case.take("camat", "complete", comment="Rahasia kantor.", late_reason="Tidak perlu.")
    data = taken.events[0].data
    assert len(data["comment_sha256"]) == 64
    assert data["late_reason_sha256"] is None  # not overdue: what was not needed is not kept
    assert "Rahasia" not in str(taken.events)
    assert case.instance.sign_offs[0].late_reason is None


@pytest.mark.parametrize("step", [1, 3, 5, 7])
def test_a_team_brought_where_none_is_formed_is_ignored(step: int) -> None:
    case = Case().until(step).fill()
    before = case.instance.members
    case.sign({1: "camat", 3: "tim1", 5: "camat", 7: "staf"}[step], team=TEAM if step == 1 else TeamRequest(("tim3",)), decision="no")
    assert case.instance.members == before
    assert [r.decision for r in case.instance.rounds if r.step == step] == [None]
