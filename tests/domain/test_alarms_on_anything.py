"""However seldom the clock looks, it tells the same: whatever people do, and whenever. Nothing early, nothing twice."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.alarms import to_tell
from app.domain.transitions import tell
from tests.support.course import COURSE
from tests.support.situations import TEAM, Case

MINUTES = st.one_of(st.integers(0, 60), st.integers(0, 60 * 24 * 6))
MOVES = st.sampled_from(["finish", "suspend", "resume", "return", "wait", "wait"])
SCRIPTS = st.lists(st.tuples(MINUTES, MOVES), min_size=1, max_size=14)
LATE = "Rapat."


def move(case: Case, what: str) -> None:
    """What is not possible just now is left out."""
    instance, step = case.instance, case.instance.current_step
    if what == "finish" and instance.state == "running" and step is not None:
        case.fill()
        for username in COURSE[step][1]:
            case.take(username, "complete", late_reason=LATE, team=TEAM if step == 2 else None)
    elif what == "suspend" and instance.state == "running":
        case.take("camat", "suspend")
    elif what == "resume" and instance.state == "suspended":
        case.take("camat", "resume")
    elif what == "return" and instance.state == "running" and step == 5:
        case.take("camat", "return", to_step=4)


def played(script: list[tuple[int, str]], *, looks: bool) -> Case:
    """With the clock looking before each act and half way to it, or never but at the end."""
    case = Case()
    for minutes, what in script:
        for _ in range(2):
            case.now += timedelta(minutes=minutes) / 2
            if looks:
                look(case)
        move(case, what)
    case.now += timedelta(days=1)
    look(case)
    return case


def look(case: Case) -> None:
    active = case.instance.active
    case.instance, events = tell(case.instance, case.people, case.now)
    for event in events:
        assert active is not None
        due = active.due_soon_at if event.type == "deadline.due_soon" else active.due_at
        assert due is not None
        assert due <= case.now
        case.events.append(event)
    left = case.instance.active
    assert left is None or to_tell(left, case.now) == ()
    assert left is None or left.alarm_at is None or left.alarm_at >= case.now


def told(case: Case) -> Counter[tuple[str, int, int]]:
    return Counter((e.type, e.data["step"], e.data["round"]) for e in case.events if e.type in {"deadline.due_soon", "deadline.missed"})


@given(SCRIPTS)
@settings(max_examples=150, deadline=None)
def test_how_often_the_clock_looks_makes_no_difference(script: list[tuple[int, str]]) -> None:
    often, seldom = played(script, looks=True), played(script, looks=False)
    assert told(often) == told(seldom)
    assert set(told(often).values()) <= {1}
    for case in (often, seldom):
        for before, after in pairwise(case.events):
            if before.type == "deadline.missed":
                assert after.type != "deadline.due_soon" or (after.data["step"], after.data["round"]) != (before.data["step"], before.data["round"])
        for found in case.instance.rounds:
            if found.due_at is not None and found.completed_at is not None:
                assert (("deadline.missed", found.step, found.round) in told(case)) == (found.completed_at > found.due_at)
