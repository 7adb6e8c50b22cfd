"""Decision steps of the other SOP: yes and no, ahead past steps, back into a new round, and to the end."""

import pytest

from app.domain.deadlines import plan
from app.domain.transitions import TeamRequest
from tests.support.situations import Case

REGU = TeamRequest(("tim1", "tim2", "tim3"))


def at_step_2() -> Case:
    case = Case.other()
    case.upload("loket", "surat_pengantar", "berkas_permohonan")
    case.sign("loket")
    case.upload("verif", "lembar_periksa")
    return case


def at_step_5() -> Case:
    case = at_step_2()
    case.sign("verif", decision="yes")
    case.sign("lurah", team=REGU)
    case.upload("tim1", "berita_acara")
    case.sign("tim1", "tim2")
    case.upload("verif", "lembar_penilaian")
    return case


def test_a_decision_is_needed_and_darkens_no_button() -> None:
    case = at_step_2()
    assert case.codes("verif", "complete") == ["decision_missing"]
    assert case.offered("verif")["complete"].needs == ("decision",)
    assert case.offered("verif")["complete"].allowed
    assert case.codes("verif", "complete", decision="no") == []


def test_yes_goes_on_and_passes_by_what_lies_between() -> None:
    case = at_step_5()
    taken = case.take("verif", "complete", decision="yes")
    assert case.states() == ["completed"] * 5 + ["skipped", "active", "pending"]
    assert [event.type for event in taken.events] == ["step.signed_off", "step.completed", "step.skipped", "step.activated"]
    skipped = case.instance.current_round(6)
    assert skipped is not None
    assert (skipped.started_at, skipped.due_at, skipped.completed_at) == (None, None, None)
    assert [r.decision for r in case.instance.rounds if r.step == 5] == ["yes"]


def test_no_leads_back_to_a_new_round_with_a_fresh_allowance() -> None:
    case = at_step_5().at("2027-01-06 10:00")
    case.sign("verif", decision="no")
    assert case.states() == ["completed"] * 3 + ["active"] + ["pending"] * 4
    assert (case.active.step, case.active.round, case.active.started_at) == (4, 2, case.now)
    assert case.instance.signed(case.active) == ()
    assert case.codes("tim3", "complete") == ["output_missing"]
    case.upload("tim3", "berita_acara", copy_of=1)
    case.sign("tim3", "tim1")
    assert (case.active.step, case.active.round) == (5, 2)
    assert case.codes("verif", "complete", decision="yes") == ["output_missing"]


def test_no_leads_ahead_past_three_steps_and_yes_leads_back_to_them() -> None:
    case = at_step_2()
    case.sign("verif", decision="no")
    assert case.states() == ["completed", "completed", "skipped", "skipped", "skipped", "active", "pending", "pending"]
    case.upload("loket", "catatan_kekurangan")
    case.sign("loket", decision="yes")
    assert case.states() == ["completed", "completed", "active"] + ["pending"] * 5
    case.sign("lurah", team=REGU)
    assert case.instance.current_step == 4


def test_no_can_end_the_procedure_and_what_is_left_is_passed_by() -> None:
    case = at_step_2()
    case.sign("verif", decision="no")
    case.upload("loket", "catatan_kekurangan")
    taken = case.take("loket", "complete", decision="no")
    assert (case.instance.state, case.instance.current_step, case.instance.completed_at) == ("completed", None, case.now)
    assert case.states() == ["completed", "completed", "skipped", "skipped", "skipped", "completed", "skipped", "skipped"]
    assert [event.type for event in taken.events][-3:] == ["step.skipped", "step.skipped", "instance.completed"]


def test_a_decision_elsewhere_is_ignored() -> None:
    case = Case.other()
    case.upload("loket", "surat_pengantar", "berkas_permohonan")
    case.sign("loket", decision="no")
    assert (case.instance.current_step, case.instance.rounds[0].decision) == (2, None)


def test_the_plan_follows_yes() -> None:
    case = Case.other()
    assert [step.number for step in plan(case.procedure, case.calendar, case.now)] == [1, 2, 3, 4, 5, 7, 8]
    assert case.instance.planned_end_at == plan(case.procedure, case.calendar, case.now)[-1].due_at


@pytest.mark.parametrize("signer", ["kasi", "sekkel"])
def test_either_of_the_two_completes_the_any_step(signer: str) -> None:
    case = at_step_5()
    case.sign("verif", decision="yes")
    case.upload("kasi", "konsep_surat")
    case.sign(signer)
    assert case.instance.current_step == 8
    assert case.codes({"kasi": "sekkel", "sekkel": "kasi"}[signer], "complete", step=7) == ["wrong_step"]


def test_the_last_step_of_the_other_sop_asks_for_its_own_marks() -> None:
    case = at_step_5()
    case.sign("verif", decision="yes")
    case.upload("kasi", "konsep_surat")
    case.sign("kasi")
    assert case.codes("loket", "complete") == ["output_missing", "initial_missing", "initial_missing", "signature_missing"]
    for username in ("kasi", "sekkel"):
        case.mark(username, "konsep_surat", "initial")
    case.upload("loket", "surat_keterangan")
    assert case.codes("loket", "complete") == ["signature_missing"]
    case.mark("lurah", "surat_keterangan", "signature")
    case.sign("loket")
    assert case.instance.state == "completed"
