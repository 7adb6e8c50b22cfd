"""How steps stand against their deadlines, and the plan of the whole procedure: the three vectors of domain.md."""

from typing import Any

import pytest

from app.domain.deadlines import Forecast, PlannedStep, deadline_state, forecast, plan
from app.domain.procedures import Procedure
from tests.support.calendars import at, samboja, span

SEED_DURATIONS = ("30 minute", "1 hour", "5 working_day", "2 working_day", "2 working_day", "1 hour", "2 working_day")


def procedure_of(*durations: str, decisions: dict[int, dict[str, int | None]] | None = None) -> Procedure:
    """A procedure of which only the durations and decisions matter."""

    def step(number: int, duration: str) -> dict[str, Any]:
        decision = (decisions or {}).get(number)
        return {
            "number": number,
            "activity": phrase(f"Langkah {number}"),
            "symbol": "decision" if decision else "process",
            "performers": ("camat",),
            "duration": span(duration),
            "duration_text": duration,
            "decision": decision,
        }

    return Procedure.model_validate(
        {
            "key": "contoh",
            "title": "Contoh",
            "identity": {"organization": (phrase("Kecamatan"),), "approved_by": phrase("Camat"), "title": phrase("Contoh")},
            "roles": {"camat": {"label": "Camat"}},
            "slots": {},
            "steps": [step(number, duration) for number, duration in enumerate(durations, start=1)],
        }
    )


def phrase(text: str) -> dict[str, str]:
    return {"text": text, "label": text}


@pytest.mark.parametrize(
    ("starts_at", "expected"),
    [
        (
            "2027-01-04 07:30",
            "01-04 08:00 · 01-04 09:00 · Tue 01-12 16:00 · Thu 01-14 16:00 · Mon 01-18 16:00 · Tue 01-19 08:30 · Thu 01-21 16:00",
        ),
        (
            "2026-12-21 08:00",
            "12-21 08:30 · 12-21 09:30 · Wed 12-30 16:00 · Mon 01-04 16:00 · Thu 01-07 16:00 · Fri 01-08 08:30 · Tue 01-12 16:00",
        ),
        (
            "2027-03-01 08:00",
            "03-01 08:30 · 03-01 09:30 · Tue 03-16 16:00 · Thu 03-18 16:00 · Mon 03-22 16:00 · Tue 03-23 08:30 · Mon 03-29 16:00",
        ),
    ],
)
def test_the_plan_of_the_sop_is_the_one_in_the_design(starts_at: str, expected: str) -> None:
    planned = plan(procedure_of(*SEED_DURATIONS), samboja(), at(starts_at))
    assert [step.number for step in planned] == [1, 2, 3, 4, 5, 6, 7]
    shown = [f"{step.due_at:%m-%d %H:%M}" if step.number < 3 else f"{step.due_at:%a %m-%d %H:%M}" for step in planned]
    assert " · ".join(shown) == expected
    assert planned[0].starts_at == at(starts_at)
    assert [step.starts_at for step in planned[1:]] == [step.due_at for step in planned[:-1]]


def test_a_plan_can_begin_in_the_middle() -> None:
    planned = plan(procedure_of(*SEED_DURATIONS), samboja(), at("2027-01-18 16:00"), from_step=6)
    assert planned == (
        PlannedStep(6, at("2027-01-18 16:00"), at("2027-01-19 08:30")),
        PlannedStep(7, at("2027-01-19 08:30"), at("2027-01-21 16:00")),
    )


def test_a_plan_follows_yes() -> None:
    procedure = procedure_of("1 hour", "1 hour", "1 hour", "1 hour", decisions={2: {"yes": 4, "no": 1}})
    assert [step.number for step in plan(procedure, samboja(), at("2027-01-11 08:00"))] == [1, 2, 4]


def test_a_plan_stops_where_a_decision_ends_the_procedure_or_leads_back() -> None:
    ends = procedure_of("1 hour", "1 hour", "1 hour", decisions={2: {"yes": None, "no": 3}})
    back = procedure_of("1 hour", "1 hour", "1 hour", decisions={3: {"yes": 2, "no": None}})
    assert [step.number for step in plan(ends, samboja(), at("2027-01-11 08:00"))] == [1, 2]
    assert [step.number for step in plan(back, samboja(), at("2027-01-11 08:00"))] == [1, 2, 3]


@pytest.mark.parametrize(
    ("active_step", "due_at", "now", "expected"),
    [
        (5, "2027-01-18 16:00", "2027-01-15 09:00", "2027-01-21 16:00"),  # in time: it is finished when due
        (5, "2027-01-18 16:00", "2027-01-20 09:00", "2027-01-22 16:30"),  # late: it is finished now at the earliest
        (7, "2027-01-21 16:00", "2027-01-19 09:00", "2027-01-21 16:00"),
        (7, "2027-01-21 16:00", "2027-01-23 09:00", "2027-01-23 09:00"),
    ],
)
def test_the_forecast_counts_on_from_the_later_of_due_and_now(active_step: int, due_at: str, now: str, expected: str) -> None:
    procedure = procedure_of(*SEED_DURATIONS)
    found = forecast(procedure, samboja(), active_step=active_step, due_at=at(due_at), now=at(now))
    assert found.ends_at == at(expected)


def test_a_forecast_does_not_take_the_active_step_twice() -> None:
    procedure = procedure_of("1 hour", "1 hour", decisions={2: {"yes": 1, "no": None}})
    found = forecast(procedure, samboja(), active_step=2, due_at=at("2027-01-11 09:00"), now=at("2027-01-11 08:00"))
    assert found == Forecast(at("2027-01-11 10:00"), (PlannedStep(1, at("2027-01-11 09:00"), at("2027-01-11 10:00")),))


DUE, SOON = "2027-01-11 16:00", "2027-01-11 14:00"


@pytest.mark.parametrize(
    ("state", "completed_at", "paused_at", "now", "expected"),
    [
        ("active", None, None, "2027-01-11 13:59", "on_time"),
        ("active", None, None, "2027-01-11 14:00", "due_soon"),
        ("active", None, None, "2027-01-11 16:00", "due_soon"),  # the due instant is in time
        ("active", None, None, "2027-01-11 16:00:01", "overdue"),
        ("active", None, "2027-01-11 13:00", "2027-01-20 09:00", "paused"),
        ("active", None, "2027-01-11 15:00", "2027-01-20 09:00", "paused"),
        ("active", None, "2027-01-11 16:00", "2027-01-20 09:00", "paused"),
        ("active", None, "2027-01-11 16:00:01", "2027-01-20 09:00", "overdue"),  # overdue before the pause: stays overdue
        ("completed", "2027-01-11 16:00", None, "2027-01-20 09:00", "met"),
        ("completed", "2027-01-11 16:00:01", None, "2027-01-20 09:00", "missed"),
        ("returned", "2027-01-11 15:00", None, "2027-01-20 09:00", "met"),
        ("returned", "2027-01-12 09:00", None, "2027-01-20 09:00", "missed"),
        ("pending", None, None, "2027-01-20 09:00", None),
        ("skipped", None, None, "2027-01-20 09:00", None),
        ("cancelled", "2027-01-12 09:00", None, "2027-01-20 09:00", None),
    ],
)
def test_how_a_step_stands(state: str, completed_at: str | None, paused_at: str | None, now: str, expected: str | None) -> None:
    found = deadline_state(
        state=state,
        due_at=at(DUE),
        due_soon_at=at(SOON),
        completed_at=at(completed_at) if completed_at else None,
        paused_at=at(paused_at) if paused_at else None,
        now=at(now),
    )
    assert found == expected


def test_a_step_without_due_time_has_no_deadline_state() -> None:
    found = deadline_state(state="pending", due_at=None, due_soon_at=None, completed_at=None, paused_at=None, now=at(DUE))
    assert found is None
