"""Going back: to declared steps only, a new round with a fresh allowance, new work or a stated copy of it."""

from datetime import timedelta

import pytest

from app.domain.deadlines import standing_of
from tests.support.calendars import at
from tests.support.situations import Case


def returned(step: int, to_step: int, by: str, *, on: str | None = None) -> Case:
    case = Case().until(step)
    if on:
        case.at(on)
    case.take(by, "return", to_step=to_step)
    return case


@pytest.mark.parametrize(("step", "by", "targets"), [(5, "camat", [4]), (6, "sekretaris", [4]), (6, "tim2", [4]), (7, "staf", [6])])
def test_the_shipped_way_back_leads_to_declared_steps_only(step: int, by: str, targets: list[int]) -> None:
    case = Case().until(step)
    allowed = [number for number in range(9) if case.codes(by, "return", to_step=number) == []]
    assert allowed == targets
    assert case.codes(by, "return") == ["return_target_not_allowed"]


@pytest.mark.parametrize(("step", "by"), [(1, "camat"), (2, "sekretaris"), (3, "tim1"), (4, "tim1")])
def test_where_the_procedure_declares_no_way_back_there_is_none(step: int, by: str) -> None:
    case = Case().until(step)
    assert case.codes(by, "return", to_step=1) == ["no_return_target"]


@pytest.mark.parametrize("reason", [None, "", "  \n"])
def test_a_return_needs_a_reason(reason: str | None) -> None:
    assert Case().until(5).codes("camat", "return", to_step=4, reason=reason) == ["reason_missing"]


def test_the_target_gets_a_new_round_with_a_fresh_allowance() -> None:
    case = returned(5, 4, "camat", on="2027-01-18 10:00")
    assert (case.instance.current_step, case.active.round, case.active.started_at) == (4, 2, at("2027-01-18 10:00"))
    assert case.active.due_at == at("2027-01-20 16:00")  # two working days from the return
    assert case.active.due_soon_at == at("2027-01-19 16:00")


def test_the_step_left_shows_returned_and_those_after_the_target_are_pending() -> None:
    assert returned(5, 4, "camat").states() == ["completed"] * 3 + ["active", "returned", "pending", "pending"]
    assert returned(6, 4, "tim1").states() == ["completed"] * 3 + ["active", "pending", "returned", "pending"]
    assert returned(7, 6, "staf").states() == ["completed"] * 5 + ["active", "returned"]


def test_a_second_return_forgets_the_first() -> None:
    case = returned(7, 6, "staf")
    case.take("sekretaris", "return", to_step=4)
    assert case.states() == ["completed"] * 3 + ["active", "pending", "returned", "pending"]
    case.fill().sign("sekretaris", "tim1")
    assert (case.instance.current_step, case.active.round) == (5, 2)
    assert case.states() == ["completed"] * 4 + ["active", "returned", "pending"]
    case.fill().sign("camat")
    assert case.states() == ["completed"] * 5 + ["active", "pending"]


@pytest.mark.parametrize(("moment", "standing"), [("2027-01-07 16:00", "met"), ("2027-01-07 16:01", "missed")])
def test_the_step_left_closes_with_its_lateness(moment: str, standing: str) -> None:
    case = Case().until(5)
    case.at(moment)
    taken = case.take("camat", "return", to_step=4)
    left = case.instance.current_round(5)
    assert left is not None
    assert (left.state, left.completed_at) == ("returned", at(moment))
    assert standing_of(left, case.now + timedelta(days=30)) == standing
    assert [event.data["late"] for event in taken.events if event.type == "step.returned"] == [standing == "missed"]
    told = ["deadline.due_soon", "deadline.missed"] if standing == "missed" else ["deadline.due_soon"]
    assert [event.type for event in taken.events] == [*told, "step.returned", "step.activated"]


def test_a_late_return_asks_for_no_late_reason() -> None:
    """A sign-off while overdue carries one; a return is none."""
    case = Case().until(5).at("2027-03-01 09:00")
    assert case.codes("camat", "return", to_step=4) == []


def test_sign_offs_from_the_target_on_are_void_and_those_before_stand() -> None:
    case = Case().until(6).fill()
    case.sign("tim1")
    case.take("sekretaris", "return", to_step=4)
    standing = {(s.step, s.role) for s in case.instance.sign_offs if s.voided_at is None}
    assert standing == {(1, "camat"), (2, "sekretaris"), (3, "tim_penyusun")}
    voided = {(s.step, s.role) for s in case.instance.sign_offs if s.voided_at == case.now}
    assert voided == {(4, "sekretaris"), (4, "tim_penyusun"), (5, "camat"), (6, "tim_penyusun")}
    assert case.instance.signed(case.active) == ()


def test_who_has_signed_already_may_still_return() -> None:
    case = Case().until(6).fill()
    case.sign("sekretaris")
    assert case.codes("sekretaris", "return", to_step=4) == []


def test_an_output_is_filled_only_by_a_version_of_this_round_an_input_by_any() -> None:
    case = returned(5, 4, "camat")
    assert case.codes("tim1", "complete") == ["output_missing"]  # data_kinerja, an input, is there still
    case.upload("tim1", "konsep_laporan")
    assert case.codes("tim1", "complete") == []


def test_a_copy_of_an_earlier_version_is_new_work_without_sending_it_again() -> None:
    case = returned(5, 4, "camat")
    first = case.instance.latest("konsep_laporan")
    case.upload("sekretaris", "konsep_laporan", copy_of=1)
    latest = case.instance.latest("konsep_laporan")
    assert first is not None
    assert latest is not None
    assert (latest.version, latest.copy_of, latest.round) == (2, 1, 2)
    assert (latest.storage_key, latest.sha256) == (first.storage_key, first.sha256)
    assert case.codes("tim1", "complete") == []
    assert case.upload_codes("tim1", "konsep_laporan", copy_of=9) == ["unknown_version"]


def test_steps_taken_again_ask_for_new_outputs_too() -> None:
    case = returned(6, 4, "sekretaris").fill()
    case.sign("sekretaris", "tim1")
    assert case.codes("camat", "complete") == ["output_missing"]
    case.fill().sign("camat")
    assert (case.instance.current_step, case.active.round) == (6, 2)
    assert case.codes("tim1", "complete") == ["output_missing"]


def test_the_team_stays() -> None:
    case = Case({"/steps/4/returns_to": [{"step": 2}]}).until(5)
    members = case.instance.members
    case.take("camat", "return", to_step=2)
    assert case.instance.members == members
    assert case.offered("sekretaris")["complete"].needs == ()  # the team is there; another may be named
    case.sign("sekretaris")
    assert (case.instance.current_step, case.active.round) == (3, 2)
    assert case.codes("tim1", "complete") == ["output_missing"]


def test_marks_stay_on_the_version_they_were_put_on() -> None:
    case = Case().until(7).fill()
    case.take("staf", "return", to_step=6)
    case.fill().sign("sekretaris", "tim1")
    assert case.codes("staf", "complete") == ["output_missing", "initial_missing", "signature_missing"]
    history = case.instance.history("laporan_final")
    assert [[m.role for m in case.instance.marks_on(version)] for version in history] == [["sekretaris"], []]
    case.fill().sign("staf")
    assert case.instance.state == "completed"


def test_the_planned_end_stays_where_it_was() -> None:
    case = Case().until(5)
    planned = case.instance.planned_end_at
    case.at("2027-01-18 10:00").take("camat", "return", to_step=4)
    assert case.instance.planned_end_at == planned == at("2027-01-21 16:00")
