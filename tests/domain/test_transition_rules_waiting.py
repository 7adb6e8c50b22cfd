"""Whose turn it is: tasks of each person at each step, the people an instance waits for; and who may start one when."""

from datetime import date
from uuid import uuid4

import pytest

from app.domain.instances import Period
from app.domain.starting import start_refusals
from app.domain.transitions import TeamRequest
from app.domain.waiting import Task, tasks
from tests.support.calendars import at
from tests.support.situations import STAFF, Case, codes

TURN = {
    1: {"camat": [("step", "camat")]},
    2: {"sekretaris": [("step", "sekretaris")]},
    3: {"tim1": [("step", "tim_penyusun")], "tim2": [("step", "tim_penyusun")]},
    4: {"sekretaris": [("step", "sekretaris")], "tim1": [("step", "tim_penyusun")], "tim2": [("step", "tim_penyusun")]},
    5: {"camat": [("step", "camat")]},
    6: {"sekretaris": [("step", "sekretaris")], "tim1": [("step", "tim_penyusun")], "tim2": [("step", "tim_penyusun")]},
    7: {"staf": [("step", "staf")], "sekretaris": [("initial", "sekretaris")], "camat": [("signature", "camat")]},
}


@pytest.mark.parametrize("step", TURN)
def test_a_step_is_a_task_of_its_performers_and_its_marks_of_who_must_put_them(step: int) -> None:
    case = Case().until(step)
    assert {username: found for username in STAFF if (found := case.tasks_of(username))} == TURN[step]


@pytest.mark.parametrize(
    ("step", "lines"),
    [
        (1, [("step", "camat", ("Camat",))]),
        (3, [("step", "tim_penyusun", ("Tim1", "Tim2"))]),
        (4, [("step", "sekretaris", ("Sekretaris",)), ("step", "tim_penyusun", ("Tim1", "Tim2"))]),
        (7, [("step", "staf", ("Staf",)), ("initial", "sekretaris", ("Sekretaris",)), ("signature", "camat", ("Camat",))]),
    ],
)
def test_an_instance_waits_for_roles_and_the_people_behind_them_in_the_procedures_order(step: int, lines: list[tuple[object, ...]]) -> None:
    case = Case().until(step)
    assert [(line.kind, line.role, line.people) for line in case.waiting()] == lines
    assert {line.since for line in case.waiting()} == {case.now}


def test_who_stands_in_is_waited_for_beside_the_holder() -> None:
    case = Case()
    case.staff["plh"] = ("camat",)
    assert case.waiting()[0].people == ("Camat", "Plh")
    case.last_days["camat"] = date(2027, 1, 4)
    assert case.at("2027-01-04 23:59").waiting()[0].people == ("Camat", "Plh")
    assert case.at("2027-01-05 00:00").waiting()[0].people == ("Plh",)


def test_a_part_signed_off_waits_for_nobody() -> None:
    case = Case().until(4).fill()
    case.sign("tim1")
    assert [line.role for line in case.waiting()] == ["sekretaris"]
    assert (case.tasks_of("tim2"), case.tasks_of("sekretaris")) == ([], [("step", "sekretaris")])


def test_of_a_quorum_those_are_waited_for_who_have_not_signed() -> None:
    case = Case({"/steps/2/completion": {"quorum": 2}}).until(2)
    case.sign("sekretaris", team=TeamRequest(("tim1", "tim2", "tim3")))
    case.upload("tim1", "rencana_kegiatan")
    case.sign("tim2")
    assert [line.people for line in case.waiting()] == [("Tim1", "Tim3")]
    assert (case.tasks_of("tim1"), case.tasks_of("tim2")) == ([("step", "tim_penyusun")], [])


def test_a_step_that_any_may_complete_waits_for_all_of_them() -> None:
    case = Case({"/steps/3/completion": "any"}).until(4)
    assert [line.role for line in case.waiting()] == ["sekretaris", "tim_penyusun"]


def test_a_mark_put_is_a_task_done_and_a_new_version_brings_it_back() -> None:
    case = Case().until(7).fill()
    assert [line.kind for line in case.waiting()] == ["step"]
    case.at("2027-01-06 09:00").upload("staf", "laporan_ditandatangani")
    assert [(line.kind, line.since) for line in case.waiting()] == [("step", at("2027-01-04 07:30")), ("signature", at("2027-01-06 09:00"))]


def test_a_mark_task_names_the_document_once_there_is_a_version_to_mark() -> None:
    case = Case().until(7)
    assert marks(case) == {"initial": True, "signature": False}
    case.fill(marks=False)
    assert marks(case) == {"initial": True, "signature": True}


def test_a_version_of_an_earlier_round_is_not_there_to_be_signed() -> None:
    case = Case().until(7).fill()
    case.take("staf", "return", to_step=6)
    case.fill().sign("sekretaris", "tim1")
    assert marks(case) == {"initial": True, "signature": False}
    assert case.codes("staf", "complete") == ["output_missing", "initial_missing", "signature_missing"]


@pytest.mark.parametrize("action", ["suspend", "cancel"])
def test_nobody_is_waited_for_while_nothing_runs(action: str) -> None:
    case = Case().until(7)
    case.take("camat", action)
    assert case.waiting() == []


def test_a_finished_instance_waits_for_nobody() -> None:
    assert Case().until(99).waiting() == []


def test_a_claim_stands_beside_the_task() -> None:
    case = Case().until(4)
    case.take("tim1", "claim")
    claims = {(task.role, task.claimed_by_name) for task in found_tasks(case)}
    assert claims == {("sekretaris", None), ("tim_penyusun", "Tim1")}


def marks(case: Case) -> dict[str, bool]:
    """Per mark waited for: is there something to mark?"""
    return {task.kind: task.document_id is not None for task in found_tasks(case) if task.kind != "step"}


def found_tasks(case: Case) -> tuple[Task, ...]:
    return tasks(case.instance)


# ── starting ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_holders_of_a_role_that_performs_step_one_start() -> None:
    case = Case()
    for username in STAFF:
        found = codes(start_refusals(case.start_request(), case.actor(username)))
        assert found == ([] if username == "camat" else ["may_not_start"]), username


def test_one_instance_is_open_per_procedure_office_and_period() -> None:
    case, other = Case(), uuid4()
    refused = start_refusals(case.start_request(already_open=other), case.actor("camat"))
    assert [(r.code, r.concern, r.params) for r in refused] == [("instance_already_open", "state", {"instance_id": str(other)})]
    assert codes(start_refusals(case.start_request(already_open=other), case.actor("staf"))) == ["may_not_start", "instance_already_open"]


def test_an_instance_begins_with_step_one_active_and_its_end_planned() -> None:
    case = Case()
    assert case.states() == ["active"] + ["pending"] * 6
    assert [event.type for event in case.events] == ["instance.started", "step.activated"]
    assert (case.active.due_at, case.instance.planned_end_at) == (at("2027-01-04 08:00"), at("2027-01-21 16:00"))


@pytest.mark.parametrize(
    ("period", "key"), [(Period(2026, 4), "2026-Q4"), (Period(2026), "2026"), (Period(2000, 1), "2000-Q1"), (Period(2100), "2100")]
)
def test_a_period_has_one_key(period: Period, key: str) -> None:
    assert period.key == key
    assert Period.parse(key) == period


@pytest.mark.parametrize("key", ["1999", "2101", "2026-Q5", "2026-Q0", "2026-q4", "26-Q4", "2026Q4", "2026-Q4\n", "２０２６", ""])
def test_nothing_else_is_a_period(key: str) -> None:
    with pytest.raises(ValueError, match="no period"):
        Period.parse(key)
