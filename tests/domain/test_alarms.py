"""When the clock has something to tell of a round: each edge before, at and after, whatever was told, running, paused or closed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from app.domain.alarms import alarmed, retimed, to_tell
from app.domain.calendars import DayOff, Layer, merge
from app.domain.instances import StepRound
from app.domain.transitions import tell
from app.outside.calendars import national_calendar
from tests.support.calendars import at
from tests.support.situations import Case, account

SOON, DUE = datetime(2027, 1, 4, 7, 30, tzinfo=UTC), datetime(2027, 1, 4, 8, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
MOMENTS = [edge + step * TICK for edge in (SOON, DUE) for step in (-1, 0, 1)]
TOLD = [(), ("due_soon",), ("due_soon", "missed"), ("missed",)]
STATES = ["active", "completed", "returned", "skipped", "cancelled"]


def opened(*, state: str = "active", told: tuple[str, ...] = (), paused: bool = False) -> StepRound:
    marks = {f"{kind}_told_at": SOON for kind in told}
    return StepRound(3, 1, state, started_at=SOON - timedelta(days=1), due_at=DUE, due_soon_at=SOON, paused_at=SOON if paused else None, **marks)


def rows() -> Iterator[tuple[str, datetime, tuple[str, ...], bool]]:
    return product(STATES, MOMENTS, TOLD, (False, True))


def expected(moment: datetime, told: tuple[str, ...]) -> tuple[str, ...]:
    """The due moment itself is in time; what is due soon is so from its first moment."""
    due = ["due_soon"] if moment >= SOON else []
    due += ["missed"] if moment > DUE else []
    return tuple(kind for kind in due if kind not in told)


def test_what_is_to_be_told() -> None:
    for state, moment, told, paused in rows():
        wanted = expected(moment, told) if state == "active" and not paused else ()
        assert to_tell(opened(state=state, told=told, paused=paused), moment) == wanted, (state, moment, told, paused)


def test_the_alarm_is_the_next_moment_at_which_something_is_to_be_told() -> None:
    """Proven by what is told before it (nothing) and just after it (something)."""
    for state, told, paused in product(STATES, TOLD, (False, True)):
        found = alarmed(opened(state=state, told=told, paused=paused))
        quiet = state != "active" or paused or len(told) == 2
        assert (found.alarm_at is None) == quiet
        for moment in MOMENTS:
            rings = found.alarm_at is not None and found.alarm_at < moment
            assert rings <= bool(to_tell(found, moment))
            assert not to_tell(found, moment) or (found.alarm_at is not None and found.alarm_at <= moment)


def test_what_lies_ahead_again_is_withdrawn_and_nothing_else() -> None:
    for moment, told in product(MOMENTS, TOLD):
        found, withdrawn = retimed(opened(told=told), moment)
        assert withdrawn == tuple(kind for kind in ("due_soon", "missed") if kind in told and kind not in expected(moment, ()))
        assert (found.due_soon_told_at is None) == ("due_soon" not in told or "due_soon" in withdrawn)
        assert (found.missed_told_at is None) == ("missed" not in told or "missed" in withdrawn)
        assert found == alarmed(found)


def test_what_is_withdrawn_is_told_again_when_it_comes() -> None:
    late = opened(told=("due_soon", "missed"))
    moved, withdrawn = retimed(replace(late, due_soon_at=SOON + timedelta(days=2), due_at=DUE + timedelta(days=2)), DUE + timedelta(hours=1))
    assert withdrawn == ("due_soon", "missed")
    assert moved.alarm_at == SOON + timedelta(days=2)
    assert to_tell(moved, DUE + timedelta(days=2)) == ("due_soon",)
    assert to_tell(moved, DUE + timedelta(days=3)) == ("due_soon", "missed")


def test_a_round_without_due_times_never_rings() -> None:
    assert alarmed(StepRound(3, 1, "active")).alarm_at is None
    assert to_tell(StepRound(3, 1, "active"), DUE) == ()


# ── an instance ─────────────────────────────────────────────────────────────────────────────────────────────────────


def told(case: Case) -> list[str]:
    return [event.type.removeprefix("deadline.") for event in case.events if event.type.startswith("deadline.")]


def look(case: Case, moment: str | None = None) -> list[str]:
    """The clock looks; what it told."""
    if moment is not None:
        case.at(moment)
    instance, events = tell(case.instance, case.people, case.now)
    case.instance = instance
    case.events.extend(events)
    return [event.type.removeprefix("deadline.") for event in events]


@pytest.mark.parametrize(
    ("moment", "found"),
    [
        ("2027-01-04 07:52:29", []),
        ("2027-01-04 07:52:30", ["due_soon"]),
        ("2027-01-04 08:00", ["due_soon"]),
        ("2027-01-04 08:00:01", ["due_soon", "missed"]),
        ("2027-03-01 00:00", ["due_soon", "missed"]),  # an outage of months
    ],
)
def test_the_clock_tells_each_once(moment: str, found: list[str]) -> None:
    case = Case()
    assert look(case, moment) == found
    assert look(case) == []
    assert look(case, "2027-04-01 08:00") == [kind for kind in ("due_soon", "missed") if kind not in found]
    assert look(case) == []


def levels(case: Case) -> list[tuple[int, str, list[str]]]:
    names = {str(account(name)): name for name in case.staff}
    return [(line["level"], line["role"], sorted(names[found] for found in line["accounts"])) for line in case.events[-1].data["tell"]]


def test_due_soon_tells_who_is_waited_for() -> None:
    case = Case().until(4).fill()
    case.sign("tim2")
    look(case, "2027-01-06 16:00")
    assert case.events[-1].type == "deadline.due_soon"
    assert case.events[-1].data | {"tell": None} == {
        "step": 4,
        "round": 1,
        "due_at": case.active.due_at.isoformat() if case.active.due_at else None,
        "due_soon_at": case.active.due_soon_at.isoformat() if case.active.due_soon_at else None,
        "tell": None,
    }
    assert levels(case) == [(1, "sekretaris", ["sekretaris"])]


def test_missed_tells_the_superior_too_and_a_part_signed_is_left_alone() -> None:
    case = Case().until(4).fill()
    case.sign("tim2")
    look(case, "2027-02-01 08:00")
    assert levels(case) == [(1, "sekretaris", ["sekretaris"]), (2, "camat", ["camat"])]


def test_each_superior_is_told_once_and_a_role_without_one_tells_nobody_else() -> None:
    case = Case({"/roles/tim_penyusun/superior": "camat"}).until(4).fill()
    look(case, "2027-02-01 08:00")
    assert levels(case) == [(1, "sekretaris", ["sekretaris"]), (1, "tim_penyusun", ["tim1", "tim2"]), (2, "camat", ["camat"])]
    first = Case()
    look(first, "2027-02-01 08:00")
    assert levels(first) == [(1, "camat", ["camat"])]


def test_of_a_team_those_who_have_not_signed_are_told_while_they_are_the_offices_people() -> None:
    case = Case({"/steps/2/completion": {"quorum": 2}}).until(3).fill()
    case.sign("tim1")
    case.last_days["tim3"] = case.now.date()
    look(case, "2027-02-01 08:00")
    assert levels(case) == [(1, "tim_penyusun", ["tim2"]), (2, "sekretaris", ["sekretaris"])]
    gone = Case().until(3).fill()
    gone.last_days["tim2"] = gone.now.date()
    look(gone, "2027-02-01 08:00")
    assert levels(gone) == [(1, "tim_penyusun", ["tim1"]), (2, "sekretaris", ["sekretaris"])]


def test_whose_mark_is_waited_for_is_told_once_there_is_something_to_mark() -> None:
    """Step 7 waits for the Sekretaris's initial on the report, and for the Camat's signature on the scan once it is there."""
    case = Case().until(7)
    look(case, "2027-03-01 08:00")
    assert [line[:2] for line in levels(case)] == [(1, "staf"), (1, "sekretaris"), (2, "camat")]
    scanned = Case().until(7).fill(marks=False)
    look(scanned, "2027-03-01 08:00")
    assert [line[:2] for line in levels(scanned) if line[0] == 1] == [(1, "staf"), (1, "sekretaris"), (1, "camat")]


def test_a_role_that_nobody_holds_is_named_with_nobody() -> None:
    case = Case()
    case.last_days["camat"] = case.now.date()
    look(case, "2027-02-01 08:00")
    assert levels(case) == [(1, "camat", [])]


def test_who_stands_in_is_told() -> None:
    case = Case()
    case.capacities["camat"] = "plh"
    look(case, "2027-02-01 08:00")
    assert levels(case) == [(1, "camat", ["camat"])]


# ── an act tells first ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_step_finished_late_before_the_clock_looked_was_missed_all_the_same() -> None:
    case = Case().fill().at("2027-01-04 09:00")
    case.sign("camat", late_reason="Rapat.")
    told_of = [event.type for event in case.events if event.data.get("step") == 1]
    assert told_of[-4:] == ["deadline.due_soon", "deadline.missed", "step.signed_off", "step.completed"]
    closed = case.instance.current_round(1)
    assert closed is not None
    assert (closed.due_soon_told_at, closed.missed_told_at, closed.alarm_at) == (case.now, case.now, None)
    assert case.active.alarm_at == case.active.due_soon_at


def test_a_part_signed_keeps_what_was_told() -> None:
    """The round that the act changes is the one that was told about."""
    case = Case().until(4).fill().at("2027-02-01 08:00")
    case.sign("tim1", late_reason="Menunggu data.")
    assert (case.active.due_soon_told_at, case.active.missed_told_at) == (case.now, case.now)
    case.sign("sekretaris", late_reason="Menunggu data.")
    assert told(case)[-2:] == ["due_soon", "missed"]
    assert told(case).count("missed") == 1


@pytest.mark.parametrize(("action", "who"), [("suspend", "camat"), ("cancel", "camat"), ("claim", "camat")])
def test_whatever_the_act_is(action: str, who: str) -> None:
    case = Case().at("2027-01-04 08:00:01")
    case.take(who, action)
    assert told(case) == ["due_soon", "missed"]


@pytest.mark.parametrize(
    ("suspended_at", "then"),
    [
        ("2027-01-04 07:40", ["due_soon", "missed"]),  # both were to come
        ("2027-01-04 08:00", ["due_soon", "missed"]),  # nothing was left, and nothing was missed yet
        ("2027-01-04 08:00:01", ["due_soon", "missed"]),  # told as it was suspended
    ],
)
def test_nothing_is_told_while_the_clock_stands_still(suspended_at: str, then: list[str]) -> None:
    case = Case().at(suspended_at)
    case.take("camat", "suspend")
    assert case.active.alarm_at is None
    before = told(case)
    assert look(case, "2027-01-08 10:00") == []
    case.at("2027-01-08 10:00").take("camat", "resume")
    look(case, "2027-02-01 10:00")
    assert told(case) == then
    assert before == then[: len(before)]


def test_a_resume_on_another_calendar_says_what_it_withdraws() -> None:
    case = Case().until(3)
    assert look(case, "2027-01-11 16:00") == ["due_soon"]  # due on Tuesday the 12th
    case.take("camat", "suspend")
    closed = tuple(DayOff(date(2027, 1, day), "local", "Banjir", provisional=False, source="Kantor") for day in (11, 12, 13))
    case.calendar = merge([Layer(days_off=closed), national_calendar(range(2024, 2029))], zone="Asia/Makassar", version=2)
    case.at("2027-01-12 09:00").take("camat", "resume")
    assert case.events[-1].data["withdrawn"] == ["due_soon"]
    assert (case.active.due_at, case.active.alarm_at) == (at("2027-01-15 16:30"), at("2027-01-14 16:00"))
    assert look(case, "2027-01-14 15:59") == []
    assert look(case, "2027-01-14 16:00") == ["due_soon"]


def test_a_resume_that_moves_nothing_withdraws_nothing() -> None:
    case = Case().at("2027-01-04 07:55")
    look(case)
    case.take("camat", "suspend")
    case.at("2027-01-04 09:00").take("camat", "resume")
    assert case.events[-1].data["withdrawn"] == []
    assert look(case, "2027-01-04 09:04") == []
    assert look(case, "2027-01-04 09:06") == ["missed"]


def test_a_second_round_is_told_of_anew() -> None:
    case = Case().until(5)
    look(case, "2027-02-01 08:00")
    case.take("camat", "return", to_step=4)
    assert case.active.round == 2
    look(case, "2027-03-01 08:00")
    assert [(e.data["step"], e.data["round"]) for e in case.events if e.type == "deadline.missed"] == [(5, 1), (4, 2)]
