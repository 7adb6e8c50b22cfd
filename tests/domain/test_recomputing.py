"""A deadline under another calendar: step 3 of the shipped SOP, five working days from Monday 2027-01-04 (the 5th is off), due on the 12th."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from app.domain.alarms import retimed
from app.domain.calendars import Calendar, CalendarHasNoWorkingTime, DayOff, Layer, merge
from app.domain.instances import Instance
from app.domain.recomputing import Cause, Recomputed, recomputed
from app.domain.transitions import tell
from app.outside.calendars import national_calendar
from tests.support.calendars import WITA, at
from tests.support.situations import Case

CHANGE = UUID("00000000-0000-4000-8000-0000000000c1")
CAUSE = Cause("calendar_changed", CHANGE)


def closed_on(*days: str, version: int = 2) -> Calendar:
    """The seeded calendar, and these days closed besides."""
    closed = Layer(days_off=tuple(DayOff(date.fromisoformat(day), "local", "Tutup", False, "SK") for day in days))
    return merge([closed, national_calendar(range(2024, 2029))], zone="Asia/Makassar", version=version)


def under(case: Case, calendar: Calendar, now: str) -> Recomputed | None:
    return recomputed(case.instance, calendar, at(now), cause=CAUSE)


def due(instance: Instance) -> tuple[str, str]:
    active = instance.active
    assert active is not None
    return tuple(f"{moment.astimezone(WITA):%d %H:%M}" for moment in (active.due_at, active.due_soon_at) if moment)  # type: ignore[return-value]


def after(found: Recomputed | None) -> Recomputed:
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("closed", "expected", "is_told"),
    [
        ((), ("12 16:00", "11 16:00"), False),
        (("2027-01-13",), ("12 16:00", "11 16:00"), False),  # after it
        (("2027-01-01",), ("12 16:00", "11 16:00"), False),  # before it
        (("2027-01-09",), ("12 16:00", "11 16:00"), False),  # a Saturday
        (("2027-01-06",), ("13 16:00", "12 16:00"), True),
        (("2027-01-12",), ("13 16:00", "11 16:00"), True),
        (("2027-01-06", "2027-01-12", "2027-01-13"), ("15 16:30", "14 16:00"), True),
    ],
)
def test_what_a_changed_calendar_makes_of_a_deadline(closed: tuple[str, ...], expected: tuple[str, str], is_told: bool) -> None:
    case = Case().until(3)
    found = after(under(case, closed_on(*closed), "2027-01-05 08:00"))
    assert (due(found.instance), found.event is not None) == (expected, is_told)
    assert found.instance.active is not None
    assert found.instance.active.calendar_version == 2


def test_the_event_says_what_moved_and_why() -> None:
    found = after(under(Case().until(3), closed_on("2027-01-12"), "2027-01-05 08:00"))
    assert found.event is not None
    assert (found.event.type, found.event.data) == (
        "deadline.recomputed",
        {
            "step": 3,
            "round": 1,
            "from": "2027-01-12T16:00:00+08:00",
            "to": "2027-01-13T16:00:00+08:00",
            "due_soon_at": "2027-01-11T16:00:00+08:00",
            "reason": "calendar_changed",
            "change": str(CHANGE),
            "calendar_version": 2,
            "withdrawn": [],
        },
    )


def test_nothing_else_of_the_instance_changes() -> None:
    case = Case().until(3)
    found = after(under(case, closed_on("2027-01-12"), "2027-01-05 08:00")).instance
    assert found.active is not None
    kept = case.active
    timing = {name: getattr(kept, name) for name in ("due_at", "due_soon_at", "calendar_version", "alarm_at")}
    back = found.with_round(replace(found.active, **timing))
    assert sorted(back.rounds, key=lambda r: r.step) == sorted(case.instance.rounds, key=lambda r: r.step)
    assert replace(back, rounds=case.instance.rounds) == case.instance


def test_on_its_own_calendar_there_is_nothing_to_compute() -> None:
    case = Case().until(3)
    assert under(case, closed_on("2027-01-12", version=1), "2027-01-05 08:00") is None
    assert under(case, closed_on("2027-01-12", version=0), "2027-01-05 08:00") is None
    moved = after(under(case, closed_on("2027-01-12"), "2027-01-05 08:00")).instance
    assert recomputed(moved, closed_on("2027-01-12"), at("2027-01-05 08:00"), cause=CAUSE) is None


def test_an_ended_instance_has_no_deadline_to_compute() -> None:
    case = Case()
    case.take("camat", "cancel")
    assert under(case, closed_on("2027-01-12"), "2027-01-05 08:00") is None


def test_what_was_told_and_lies_ahead_again_is_withdrawn() -> None:
    case = Case().until(3).at("2027-01-13 08:00")
    instance, events = tell(case.instance, case.people, case.now)
    assert [event.type for event in events] == ["deadline.due_soon", "deadline.missed"]
    for closed, expected in (
        (("2027-01-12",), ["missed"]),  # due on the 13th, due soon since the 11th
        (("2027-01-11", "2027-01-12"), ["due_soon", "missed"]),  # due on the 14th, due soon at the end of the 13th
        (("2027-01-14",), None),
    ):
        found = after(recomputed(instance, closed_on(*closed), case.now, cause=CAUSE))
        active = found.instance.active
        assert active is not None
        if expected is None:
            assert found.event is None
            assert (active.missed_told_at, active.alarm_at) == (case.now, None)
            continue
        assert found.event is not None
        assert found.event.data["withdrawn"] == expected
        assert (active.due_soon_told_at is None) == ("due_soon" in expected)
        assert active.missed_told_at is None
        assert active.alarm_at == (active.due_soon_at if "due_soon" in expected else active.due_at)


def test_a_deadline_may_come_nearer_and_be_past_at_once() -> None:
    """A day off taken back: nothing is withdrawn, and the clock rings for what is past now."""
    case = Case()
    case.calendar = closed_on("2027-01-12", version=1)
    case.until(3)
    assert due(case.instance)[0] == "13 16:00"
    found = after(under(case, closed_on(), "2027-01-13 08:00"))
    assert (due(found.instance)[0], found.event is not None) == ("12 16:00", True)
    assert found.instance.active is not None
    assert found.instance.active.alarm_at == at("2027-01-11 16:00")


def test_a_pause_counts_under_the_new_calendar_too() -> None:
    """Suspended over Friday's closing time: one working day more, before and after."""
    case = Case().until(3)
    case.at("2027-01-08 09:00").take("camat", "suspend")
    paused = after(under(case, closed_on("2027-01-13"), "2027-01-08 10:00")).instance
    assert (due(paused)[0], paused.state) == ("12 16:00", "suspended")  # the pause is not over, so it does not count yet
    case.at("2027-01-11 07:30").take("camat", "resume")
    assert due(case.instance)[0] == "13 16:00"
    assert due(after(under(case, closed_on("2027-01-13"), "2027-01-11 08:00")).instance)[0] == "14 16:00"


def test_a_paused_deadline_moves_and_rings_only_once_it_runs() -> None:
    case = Case().until(3)
    case.at("2027-01-08 09:00").take("camat", "suspend")
    found = after(under(case, closed_on("2027-01-12"), "2027-01-08 10:00"))
    assert due(found.instance)[0] == "13 16:00"
    assert found.instance.active is not None
    assert found.instance.active.alarm_at is None
    running, _ = retimed(replace(found.instance.active, paused_at=None), at("2027-01-08 10:00"))
    assert running.alarm_at == running.due_soon_at


def test_what_was_overdue_when_the_pause_began_keeps_its_deadline() -> None:
    case = Case().until(3)
    case.at("2027-01-13 09:00").take("camat", "suspend")
    found = after(under(case, closed_on("2027-01-12", "2027-01-11"), "2027-01-13 10:00"))
    assert (due(found.instance), found.event) == (("12 16:00", "11 16:00"), None)
    assert found.instance.active is not None
    assert found.instance.active.calendar_version == 2


@pytest.mark.parametrize("order", ["before", "after"])
def test_it_keeps_it_whether_it_is_resumed_before_or_after_the_batch(order: str) -> None:
    case = Case().until(3)
    case.at("2027-01-13 09:00").take("camat", "suspend")
    case.calendar = closed_on("2027-01-12", "2027-01-11")
    if order == "after":
        case.instance = after(under(case, case.calendar, "2027-01-13 10:00")).instance
    case.at("2027-01-13 11:00").take("camat", "resume")
    assert under(case, case.calendar, "2027-01-13 12:00") is None
    assert (due(case.instance)[0], case.active.calendar_version) == ("12 16:00", 2)


def test_minutes_are_consumed_anew() -> None:
    case = Case()
    assert due(case.instance) == ("04 08:00", "04 07:52")
    assert due(after(under(case, closed_on("2027-01-04"), "2027-01-04 07:31")).instance) == ("06 08:00", "06 07:52")


def test_a_calendar_without_office_time_has_no_deadline_to_give() -> None:
    empty = Calendar("Asia/Makassar", 2, ())
    with pytest.raises(CalendarHasNoWorkingTime):
        under(Case().until(3), empty, "2027-01-05 08:00")


def test_a_mistake_in_a_calendar_that_is_mended_within_a_pause_leaves_nothing_behind() -> None:
    """Two days off are taken away, so that the deadline would have been over before the pause, and are put back: it was not overdue."""
    case = Case()
    case.calendar = closed_on("2027-01-11", "2027-01-12", version=1)
    case.until(3)
    assert due(case.instance)[0] == "14 16:00"
    case.at("2027-01-13 09:00").take("camat", "suspend")
    case.instance = after(under(case, closed_on(version=2), "2027-01-13 10:00")).instance
    assert due(case.instance)[0] == "12 16:00"
    mended = closed_on("2027-01-11", "2027-01-12", version=3)
    case.instance = after(under(case, mended, "2027-01-13 11:00")).instance
    assert due(case.instance)[0] == "14 16:00"
    case.calendar = mended
    case.at("2027-01-13 13:00").take("camat", "resume")
    assert due(case.instance)[0] == "14 16:00"
