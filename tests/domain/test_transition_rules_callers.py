"""Who may take which transition: each person at each step, as which part, and in which order refusals are named."""

import pytest

from app.domain.people import Capacity
from app.domain.refusals import WORDINGS
from app.domain.starting import start_refusals
from app.domain.transitions import TeamRequest
from tests.support.situations import OTHER_STAFF, STAFF, TEAM, Case

PERFORMERS = {
    1: {"camat"},
    2: {"sekretaris"},
    3: {"tim1", "tim2"},
    4: {"sekretaris", "tim1", "tim2"},
    5: {"camat"},
    6: {"sekretaris", "tim1", "tim2"},
    7: {"staf"},
}
CONTROL = {"camat", "sekretaris"}
STEPS = range(1, 8)
AS_TEAM_OF_STEP_2 = {2: TEAM}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("action", ["complete", "claim", "return"])
def test_a_step_is_acted_on_by_its_performers_alone(step: int, action: str) -> None:
    case = Case().until(step).fill()
    back = {} if action != "return" else {"to_step": next((t.step for t in case.procedure.step(step).returns_to), None)}
    for username in STAFF:
        found = case.codes(username, action, team=AS_TEAM_OF_STEP_2.get(step), **back)
        no_way = ["no_return_target"] if action == "return" and not case.procedure.step(step).returns_to else []
        wanted = no_way if username in PERFORMERS[step] else ["not_a_performer", *no_way]
        assert found == wanted, username


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("action", ["suspend", "cancel"])
def test_the_instance_is_controlled_by_step_one_and_those_the_procedure_names(step: int, action: str) -> None:
    case = Case().until(step)
    for username in STAFF:
        assert case.codes(username, action) == ([] if username in CONTROL else ["not_in_control"]), username
    assert case.codes("tim1", action, reason=None) == ["not_in_control", "reason_missing"]


@pytest.mark.parametrize("action", ["suspend", "cancel"])
def test_performers_of_step_one_control_though_the_procedure_does_not_name_them(action: str) -> None:
    case = Case.other()
    allowed = {username for username in OTHER_STAFF if case.codes(username, action) == []}
    assert allowed == {"loket", "lurah"}


def test_resuming_is_control_too() -> None:
    case = Case()
    case.take("sekretaris", "suspend")
    for username in STAFF:
        assert case.codes(username, "resume") == ([] if username in CONTROL else ["not_in_control"]), username


@pytest.mark.parametrize("step", STEPS)
def test_the_team_is_changed_by_the_role_that_formed_it(step: int) -> None:
    case = Case().until(step)
    unformed = ["team_not_formed"] if step < 3 else []
    for username in STAFF:
        found = case.codes(username, "change_team", team=TEAM, reason="Mutasi.")
        assert found == (unformed if username == "sekretaris" else ["not_in_control", *unformed]), username


@pytest.mark.parametrize("named", STEPS)
@pytest.mark.parametrize(("action", "body"), [("complete", {}), ("return", {"to_step": 4}), ("claim", {})])
def test_the_performer_is_judged_for_the_step_that_the_body_names(named: int, action: str, body: dict[str, int]) -> None:
    """At step 5: whoever names another step learns of it, and whether that step is theirs at all."""
    case = Case().until(5).fill()
    for username in STAFF:
        elsewhere = [] if named == 5 else ["wrong_step"]
        wanted = elsewhere if username in PERFORMERS[named] else ["not_a_performer", *elsewhere]
        assert case.codes(username, action, step=named, **body) == wanted, username


@pytest.mark.parametrize("action", ["complete", "return", "claim", "release"])
@pytest.mark.parametrize("step", [0, 8, 200, None])
def test_a_step_that_the_procedure_does_not_have_is_the_bodys_mistake(action: str, step: int | None) -> None:
    assert "unknown_step" in Case().codes("sekretaris", action, step=step)
    assert WORDINGS["unknown_step"].concern == "input"


def test_refusals_name_the_caller_first_then_the_state_then_the_body() -> None:
    case = Case().until(5)
    case.take("camat", "suspend")
    case.at("2027-02-01 09:00")
    assert case.codes("staf", "complete", step=5) == ["not_a_performer", "instance_suspended", "output_missing", "late_reason_missing"]
    assert case.codes("staf", "return", step=5, reason=" ") == [
        "not_a_performer",
        "instance_suspended",
        "return_target_not_allowed",
        "reason_missing",
    ]
    concerns = [WORDINGS[code].concern for code in case.codes("staf", "complete", step=5)]
    assert concerns == ["caller", "state", "state", "input"]


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def with_the_secretary_in_the_team(step: int) -> Case:
    """Who holds two parts of steps 4 and 6."""
    case = Case().until(2)
    case.sign("sekretaris", team=TeamRequest(("sekretaris", "tim2")))
    case.upload("tim2", "rencana_kegiatan")
    case.sign("tim2")
    assert step == 4
    return case.fill()


def test_the_first_unsigned_part_is_signed_in_the_procedures_order() -> None:
    case = with_the_secretary_in_the_team(4)
    assert case.take("sekretaris", "complete").actor.role == "sekretaris"
    assert case.instance.current_step == 4
    assert case.take("sekretaris", "complete").actor.role == "tim_penyusun"
    assert case.instance.current_step == 5


def test_as_role_chooses_the_part() -> None:
    case = with_the_secretary_in_the_team(4)
    assert case.take("sekretaris", "complete", as_role="tim_penyusun").actor.role == "tim_penyusun"
    assert case.codes("sekretaris", "complete", as_role="tim_penyusun") == ["already_signed_off"]
    assert case.take("sekretaris", "complete").actor.role == "sekretaris"
    assert case.instance.current_step == 5


@pytest.mark.parametrize(("username", "as_role"), [("sekretaris", "tim_penyusun"), ("tim1", "sekretaris"), ("tim1", "camat"), ("tim1", "pegawai")])
def test_as_role_names_no_part_that_the_caller_does_not_hold(username: str, as_role: str) -> None:
    case = Case().until(4).fill()
    assert case.codes(username, "complete", as_role=as_role) == ["not_a_performer"]
    assert case.codes(username, "claim", as_role=as_role) == ["not_a_performer"]


def test_a_part_is_signed_off_once() -> None:
    case = Case().until(4).fill()
    case.sign("tim1")
    for member in ("tim1", "tim2"):
        assert case.codes(member, "complete") == ["already_signed_off"]
        assert case.codes(member, "claim") == ["already_signed_off"]
    assert case.codes("sekretaris", "complete") == []


# ── who reads and never acts ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("reader", ["admin", "auditor", "nobody"])
def test_who_only_reads_is_no_member_of_a_team(reader: str) -> None:
    """An auditor, an administrator and a name that nobody has get the same answer."""
    case = Case().until(2)
    assert case.codes("sekretaris", "complete", team=TeamRequest(("tim1", reader))) == ["unknown_member"]


def test_a_member_who_no_longer_works_here_performs_nothing() -> None:
    case = Case().until(3).fill()
    case.staff["tim2"] = ("auditor",)
    assert case.codes("tim2", "complete") == ["not_a_performer"]
    assert case.codes("tim1", "complete") == []


def test_a_role_lost_is_lost_at_once() -> None:
    case = Case().until(5).fill()
    case.staff["camat"] = ("pegawai",)
    assert case.codes("camat", "complete") == ["not_a_performer"]
    assert case.codes("camat", "cancel") == ["not_in_control"]


@pytest.mark.parametrize(("capacity", "label"), [("definitive", "Camat"), ("plh", "Plh. Camat"), ("plt", "Plt. Camat"), ("pj", "Pj. Camat")])
def test_who_stands_in_acts_and_the_act_keeps_the_capacity_held_then(capacity: Capacity, label: str) -> None:
    case = Case().fill()
    case.capacities["camat"] = capacity
    taken = case.take("camat", "complete")
    assert (taken.actor.label, taken.actor.capacity) == (label, capacity)
    assert case.instance.sign_offs[0].actor["label"] == label


def test_a_machine_account_performs_nothing_whatever_else_it_was_given() -> None:
    case = Case()
    case.staff |= {"ekinerja": ("integration", "camat", "pegawai")}
    for action in ("complete", "suspend", "cancel"):
        assert not case.offered("ekinerja")[action].allowed
    assert case.codes("ekinerja", "suspend") == ["not_in_control"]
    assert case.upload_codes("ekinerja", "draf_tim") == ["not_a_performer"]
    assert [refusal.code for refusal in start_refusals(case.start_request(), case.actor("ekinerja"))] == ["may_not_start"]
