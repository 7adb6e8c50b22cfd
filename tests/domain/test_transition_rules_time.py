"""Deadlines of an instance: late sign-offs, the clock that stands still, and time that never runs backwards."""

from datetime import timedelta

import pytest

from app.domain.calendars import DayOff, Layer, merge
from app.domain.deadlines import standing_of
from app.outside.calendars import national_calendar
from tests.support.calendars import at
from tests.support.situations import Case


def standing(case: Case, step: int | None = None) -> str | None:
    found = case.instance.current_round(step or case.active.step)
    assert found is not None
    return standing_of(found, case.now)


# ── late sign-offs ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("moment", "late_reason", "found", "kept"),
    [
        ("2027-01-04 08:00", None, [], None),  # the due instant itself is in time
        ("2027-01-04 08:00", "Rapat.", [], None),  # not overdue: ignored
        ("2027-01-04 08:00:01", None, ["late_reason_missing"], None),
        ("2027-01-04 08:01", "", ["late_reason_missing"], None),
        ("2027-01-04 08:01", " \t", ["late_reason_missing"], None),
        ("2027-01-04 08:01", "Rapat.", [], "Rapat."),
        ("2029-06-01 08:00", "Lupa.", [], "Lupa."),  # late work is a fact, not a lock
    ],
)
def test_a_sign_off_while_overdue_says_why(moment: str, late_reason: str | None, found: list[str], kept: str | None) -> None:
    case = Case().fill().at(moment)
    assert case.codes("camat", "complete", late_reason=late_reason) == found
    if not found:
        taken = case.take("camat", "complete", late_reason=late_reason)
        assert case.instance.sign_offs[0].late_reason == kept
        assert [event.data["late"] for event in taken.events if event.type in {"step.signed_off", "step.completed"}] == [kept is not None] * 2
        assert standing(case, 1) == ("met" if kept is None else "missed")


def test_each_sign_off_while_overdue_carries_its_own_reason() -> None:
    case = Case().until(4).fill()
    case.sign("tim1")
    case.at("2027-02-01 09:00")
    assert case.codes("sekretaris", "complete") == ["late_reason_missing"]
    case.sign("sekretaris", late_reason="Menunggu data.")
    assert [s.late_reason for s in case.instance.sign_offs if s.step == 4] == [None, "Menunggu data."]


@pytest.mark.parametrize("action", ["claim", "suspend", "cancel"])
def test_nothing_else_asks_why_it_is_late(action: str) -> None:
    assert Case().at("2027-02-01 09:00").codes("camat", action) == []


# ── the clock stands still ──────────────────────────────────────────────────────────────────────────────────────────


def suspended(case: Case, since: str, until: str) -> Case:
    case.at(since).take("camat", "suspend")
    case.at(until).take("camat", "resume")
    return case


@pytest.mark.parametrize(
    ("since", "until", "due"),
    [
        ("2027-01-04 07:40", "2027-01-04 09:00", "2027-01-04 09:20"),  # 10 of 30 minutes used
        ("2027-01-04 07:40", "2027-01-11 12:15", "2027-01-11 13:20"),  # resumed in the lunch break
        ("2027-01-04 07:40", "2027-01-04 07:40", "2027-01-04 08:00"),
        ("2027-01-04 08:00", "2027-01-06 09:00", "2027-01-04 08:00"),  # nothing was left
        ("2027-01-04 08:10", "2027-01-06 09:00", "2027-01-04 08:00"),  # what is overdue stays overdue
    ],
)
def test_of_minutes_what_was_left_runs_on(since: str, until: str, due: str) -> None:
    assert suspended(Case(), since, until).active.due_at == at(due)


@pytest.mark.parametrize(
    ("since", "until", "due"),
    [  # step 3 begins on Monday the 4th: five working days, the 5th is a holiday, due Tuesday the 12th at 16:00
        ("2027-01-06 09:00", "2027-01-06 15:59", "2027-01-12 16:00"),  # no closing time inside
        ("2027-01-06 09:00", "2027-01-06 16:00", "2027-01-12 16:00"),  # half-open: resumed as the office closes
        ("2027-01-06 09:00", "2027-01-06 16:01", "2027-01-13 16:00"),
        ("2027-01-06 16:00", "2027-01-06 17:00", "2027-01-13 16:00"),  # half-open: suspended as it closes
        ("2027-01-06 16:01", "2027-01-07 07:00", "2027-01-12 16:00"),  # a night
        ("2027-01-08 17:00", "2027-01-11 07:00", "2027-01-12 16:00"),  # a weekend
        ("2027-01-08 10:00", "2027-01-11 10:00", "2027-01-13 16:00"),  # Friday's closing time
        ("2027-01-12 16:01", "2027-01-20 09:00", "2027-01-12 16:00"),  # overdue already
        ("2027-01-12 15:00", "2027-01-14 09:00", "2027-01-14 16:00"),  # two closing times
    ],
)
def test_of_days_each_closing_time_inside_the_suspension_moves_the_due_day(since: str, until: str, due: str) -> None:
    case = Case().until(3)
    assert case.active.due_at == at("2027-01-12 16:00")
    assert suspended(case, since, until).active.due_at == at(due)


def test_suspensions_add_up_and_are_kept_as_facts() -> None:
    case = Case().until(3)
    suspended(case, "2027-01-06 15:00", "2027-01-07 09:00")
    suspended(case, "2027-01-07 15:00", "2027-01-08 09:00")
    assert case.active.due_at == at("2027-01-14 16:00")
    assert [(s.number, s.suspended_at, s.resumed_at) for s in case.instance.suspensions] == [
        (1, at("2027-01-06 15:00"), at("2027-01-07 09:00")),
        (2, at("2027-01-07 15:00"), at("2027-01-08 09:00")),
    ]
    assert case.active.due_soon_at == at("2027-01-13 16:00")


def test_a_suspension_of_an_earlier_step_moves_nothing_now() -> None:
    case = suspended(Case(), "2027-01-04 07:40", "2027-01-04 07:50").until(3)
    assert case.active.due_at == at("2027-01-12 16:00")


@pytest.mark.parametrize(
    ("suspended_at", "now", "found"),
    [
        ("2027-01-04 07:45", "2027-01-09 09:00", "paused"),
        ("2027-01-04 08:00", "2027-01-09 09:00", "paused"),
        ("2027-01-04 08:01", "2027-01-09 09:00", "overdue"),
    ],
)
def test_a_suspended_step_is_paused_unless_it_was_overdue(suspended_at: str, now: str, found: str) -> None:
    case = Case().at(suspended_at)
    case.take("camat", "suspend")
    case.at(now)
    assert standing(case) == found


@pytest.mark.parametrize(
    ("moment", "found"),
    [
        ("2027-01-04 07:52", "on_time"),
        ("2027-01-04 07:52:30", "due_soon"),  # a quarter of 30 minutes left
        ("2027-01-04 08:00", "due_soon"),
        ("2027-01-04 08:00:01", "overdue"),
    ],
)
def test_minutes_are_due_soon_when_a_quarter_is_left(moment: str, found: str) -> None:
    assert standing(Case().at(moment)) == found


@pytest.mark.parametrize(
    ("moment", "found"),
    [("2027-01-11 15:59", "on_time"), ("2027-01-11 16:00", "due_soon"), ("2027-01-12 16:00", "due_soon"), ("2027-01-12 16:00:01", "overdue")],
)
def test_days_are_due_soon_one_working_day_before(moment: str, found: str) -> None:
    assert standing(Case().until(3).at(moment)) == found


def test_a_procedure_may_say_otherwise() -> None:
    case = Case({"/due_soon": {"percent": 50, "working_days": 2}, "/steps/0/due_soon": {"percent": 10}})
    assert case.active.due_soon_at == at("2027-01-04 07:57")
    assert case.until(3).active.due_soon_at == at("2027-01-08 16:30")


def test_only_resuming_cancelling_and_reading_are_left_while_suspended() -> None:
    case = Case().fill()
    case.take("camat", "suspend")
    assert case.upload_codes("camat", "draf_tim") == ["instance_suspended"]
    assert case.tasks_of("camat") == []
    assert case.waiting() == []
    assert {action for action, found in case.offered("camat").items() if found.allowed} == {"resume", "cancel"}


def test_a_cancelled_instance_is_closed_with_its_step() -> None:
    case = Case().until(3)
    case.take("camat", "suspend")
    case.at("2027-01-06 09:00").take("sekretaris", "cancel")
    assert (case.instance.state, case.instance.current_step, case.instance.completed_at) == ("cancelled", None, None)
    assert case.states() == ["completed", "completed", "cancelled"] + ["pending"] * 4
    assert case.instance.suspensions[0].resumed_at == case.now
    assert [r.paused_at for r in case.instance.rounds] == [None] * 3
    assert standing(case, 3) is None


# ── time never runs backwards ───────────────────────────────────────────────────────────────────────────────────────


def test_an_act_is_never_before_the_last_event() -> None:
    case = Case().at("2027-01-04 07:45").fill()
    case.at("2027-01-04 07:35")  # another server's clock
    case.sign("camat")
    first, second = case.instance.current_round(1), case.active
    assert first is not None
    assert (first.completed_at, second.started_at, case.instance.sign_offs[0].at) == (at("2027-01-04 07:45"),) * 3


def test_lateness_is_judged_at_the_time_that_the_act_bears() -> None:
    """Or a clock that lags would let a late sign-off through without its reason, and still record it as missed."""
    case = Case().at("2027-01-04 08:05").fill()
    case.at("2027-01-04 07:59")
    assert case.codes("camat", "complete") == ["late_reason_missing"]
    case.sign("camat", late_reason="Rapat.")
    assert standing(case, 1) == "missed"


def test_what_was_overdue_stays_overdue_though_the_calendar_has_grown_a_holiday() -> None:
    case = Case().until(3)
    due_at = case.active.due_at
    assert due_at is not None
    case.now = due_at + timedelta(hours=1)
    case.take("camat", "suspend")
    last_day = due_at.date()
    closed = Layer(days_off=(DayOff(last_day, "local", "Banjir", provisional=False, source="Kantor"),))
    case.calendar = merge([closed, national_calendar(range(2024, 2029))], zone="Asia/Makassar", version=2)
    case.now += timedelta(days=3)
    case.take("camat", "resume")
    assert case.active.due_at == due_at
    case.upload("tim1", "rencana_kegiatan")
    assert case.codes("tim1", "complete") == ["late_reason_missing"]
