"""Suspension, return and late work, as properties: whatever people do and whenever, only what was paused is left out of a step's time.

Acts fall on opening and closing times, on days off, twice within a minute, across Ramadan and across changes of the clocks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from app.domain.calendars import Calendar, DayOff, Layer, Pause, due, merge
from app.domain.deadlines import standing_of
from app.domain.instances import StepRound
from app.outside.calendars import national_calendar
from tests.support.calendars import at, samboja
from tests.support.office_time_cases import case_of, duration_of, edges_of
from tests.support.situations import TEAM, Case

CASES = 120
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
BEGUN = at("2027-01-05 00:00")
LATE = "Banjir."


# ── what happens ────────────────────────────────────────────────────────────────────────────────────────────────────


def runs() -> Iterator[tuple[Random, Case]]:
    """Instances whose step 2 has just begun, with a random allowance, at a random moment of a random calendar; half of them at Samboja."""
    for number in range(CASES):
        rng = Random(number)
        allowance = duration_of(rng).model_dump()
        case = Case({"/steps/1/duration": allowance}).fill()
        case.calendar, case.now = place(rng, number)
        case.instance = replace(case.instance, office=replace(case.instance.office, time_zone=case.calendar.zone))
        case.sign("camat", late_reason=LATE)
        yield rng, case


def place(rng: Random, number: int) -> tuple[Calendar, datetime]:
    if number % 2:
        moment = BEGUN + rng.randint(0, 100 * 1440) * MINUTE  # Ramadan begins on 8 February 2027 and ends with Idul Fitri
        return samboja(), rng.choice([moment, *edges_of(samboja(), moment)])
    while True:
        found = case_of(f"clock {number} {rng.random()}")
        if found.starts_at > BEGUN and goes_on(found.calendar, found.starts_at):
            return found.calendar, found.starts_at


def goes_on(calendar: Calendar, since: datetime) -> bool:
    """Whether there are office hours for long enough: where a calendar has none, there is no deadline and nothing to measure."""
    first = calendar.local_date(since)
    days = [calendar.day(first + number * DAY) for number in range(-10, 450)]
    return any(day.spans for day in days[-30:]) and not any(day.off is not None and day.off.code == "no_schedule" for day in days)


def later(rng: Random, case: Case) -> datetime:
    """A moment at which something may go wrong."""
    due_at = case.active.due_at
    assert due_at is not None
    now = case.now.astimezone(UTC)
    edges = [edge for edge in edges_of(case.calendar, now) if edge >= now] or [now]
    steps = [timedelta(), rng.randint(1, 59) * SECOND, rng.randint(1, 600) * MINUTE, rng.randint(1, 25) * DAY]
    near_due = [moment for moment in (due_at - MINUTE, due_at, due_at + SECOND) if moment >= now]
    return rng.choice([*(now + step for step in steps), edges[0], rng.choice(edges), rng.choice(edges) - SECOND, *near_due[-2:]])


def pause(rng: Random, case: Case) -> tuple[datetime, datetime]:
    """Suspend and resume: from and to when."""
    case.now = max(case.now, later(rng, case))
    since = case.now
    case.take(rng.choice(["camat", "sekretaris"]), "suspend")
    case.now = max(case.now, later(rng, case))
    case.take(rng.choice(["camat", "sekretaris"]), "resume")
    return since, case.now


# ── how time is counted here ────────────────────────────────────────────────────────────────────────────────────────


def running(case: Case, since: datetime, to: datetime, pauses: Sequence[tuple[datetime, datetime]]) -> timedelta:
    """Office time from one moment to another without that in pauses, which follow each other without overlap."""
    return opened(case.calendar, since, to) - sum((opened(case.calendar, max(a, since), min(b, to)) for a, b in pauses), timedelta())


def opened(calendar: Calendar, since: datetime, to: datetime) -> timedelta:
    since, to = since.astimezone(UTC), to.astimezone(UTC)
    days = calendar.days_between(calendar.local_date(since) - DAY, calendar.local_date(max(since, to)) + DAY)
    return sum((max(min(b, to) - max(a, since), timedelta()) for day in days for a, b in day.spans), timedelta())


def closings(calendar: Calendar, since: datetime, to: datetime) -> int:
    """The ends of office hours in the half-open interval."""
    days = calendar.days_between(calendar.local_date(since) - DAY, calendar.local_date(to) + DAY)
    return sum(1 for day in days if day.spans and since <= day.closing < to)


def allowance_of(case: Case) -> timedelta | None:
    minutes = case.procedure.step(2).duration.office_minutes
    return None if minutes is None else minutes * MINUTE


# ── the properties ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_of_minutes_and_hours_exactly_the_allowance_runs_until_due() -> None:
    seen = 0
    for rng, case in runs():
        allowance, started_at, pauses = allowance_of(case), case.now, list[tuple[datetime, datetime]]()
        if allowance is None:
            continue
        for _ in range(rng.randint(1, 5)):
            pauses.append(pause(rng, case))
            assert case.active.due_at is not None
            due_at = case.active.due_at.astimezone(UTC)
            assert running(case, started_at, due_at, pauses) == allowance
            assert running(case, started_at, due_at - SECOND, pauses) == allowance - SECOND  # and not a moment later
            seen += 1
    assert seen > CASES


def test_of_days_each_closing_time_in_a_pause_moves_the_due_day_by_one_working_day() -> None:
    seen = 0
    for rng, case in runs():
        if allowance_of(case) is not None:
            continue
        for _ in range(rng.randint(1, 5)):
            before = case.active.due_at
            assert before is not None
            since, to = pause(rng, case)
            after = case.active.due_at
            assert after is not None
            assert after == case.calendar.closing(case.calendar.local_date(after))
            lost = 0 if before < since else closings(case.calendar, since, to)
            assert closings(case.calendar, before.astimezone(UTC) + SECOND, after.astimezone(UTC) + SECOND) == lost
            seen += lost
    assert seen > CASES


def test_what_was_overdue_when_suspended_stays_overdue_and_nothing_else_becomes_so() -> None:
    seen = {True: 0, False: 0}
    for rng, case in runs():
        for _ in range(rng.randint(1, 6)):
            case.now = max(case.now, later(rng, case))
            due_at, since = case.active.due_at, case.now
            assert due_at is not None
            overdue = due_at < since
            case.take("camat", "suspend")
            case.now = max(case.now, later(rng, case))
            assert standing_of(case.active, case.now) == ("overdue" if overdue else "paused")
            case.take("camat", "resume")
            assert (case.active.due_at == due_at) or not overdue
            left = case.active.due_at
            assert left is not None
            used_up = left == due_at == since < case.now  # nothing was left of its minutes as it was suspended
            assert (left < case.now) == (overdue or used_up)
            seen[overdue] += 1
    assert min(seen.values()) > CASES / 4


def test_what_was_overdue_when_suspended_stays_so_though_the_calendar_changes_meanwhile() -> None:
    seen = {True: 0, False: 0}
    for rng, case in runs():
        started_at = case.now
        case.now = max(case.now, later(rng, case))
        due_at, since = case.active.due_at, case.now
        assert due_at is not None
        case.take("camat", "suspend")
        case.now = max(case.now, later(rng, case))
        case.calendar = merge([a_week_off(case), national_calendar(range(2024, 2029))], zone=case.calendar.zone, version=2)
        case.take("camat", "resume")
        overdue = due_at < since
        anew = due(case.calendar, started_at, case.procedure.step(2).duration, [Pause(since, case.now)])
        assert case.active.due_at == (due_at if overdue else anew)
        seen[overdue] += 1
    assert min(seen.values()) > CASES / 8


def a_week_off(case: Case) -> Layer:
    first = case.calendar.local_date(case.now)
    return Layer(days_off=tuple(DayOff(first - number * DAY, "local", LATE) for number in range(7)))


def test_a_pause_cut_in_pieces_is_the_same_pause() -> None:
    """The due times, and the office time that the step took and was late by in the end."""
    for rng, case in runs():
        whole = case.instance, case.now
        pauses = [pause(rng, case) for _ in range(rng.randint(1, 3))]
        ends_at = case.now = max(case.now, later(rng, case))
        case.sign("sekretaris", late_reason=LATE, team=TEAM)
        expected = case.instance.current_round(2)
        case.instance, case.now = whole
        for since, to in pauses:
            cuts = sorted(since + rng.random() * (to - since) for _ in range(rng.randint(1, 4)))
            case.now = since
            case.take("camat", "suspend")
            for cut in cuts:
                case.now = cut
                case.take("camat", "resume")
                case.take("camat", "suspend")
            case.now = to
            case.take("camat", "resume")
        case.now = ends_at
        case.sign("sekretaris", late_reason=LATE, team=TEAM)
        assert timeless(case.instance.current_round(2)) == timeless(expected)


def timeless(found: StepRound | None) -> StepRound:
    """Without what the clock told, and when: a cut lets it tell in between."""
    assert found is not None
    return replace(found, due_soon_told_at=None, missed_told_at=None)


def test_what_a_step_took_is_the_office_time_that_ran_however_it_was_cut() -> None:
    late = 0
    for rng, case in runs():
        allowance, started_at = allowance_of(case), case.now
        pauses = [pause(rng, case) for _ in range(rng.randint(0, 4))]
        due_at = case.active.due_at
        assert due_at is not None
        case.now = max(case.now, later(rng, case))
        is_late = due_at < case.now
        assert case.codes("sekretaris", "complete", team=TEAM) == (["late_reason_missing"] if is_late else [])
        case.sign("sekretaris", late_reason=LATE, team=TEAM)
        found = case.instance.current_round(2)
        assert found is not None
        assert found.used_minutes == running(case, started_at, case.now, pauses) // MINUTE
        assert found.late_minutes == max(running(case, due_at, case.now, pauses), timedelta()) // MINUTE
        if allowance is not None and is_late:
            assert found.late_minutes == (running(case, started_at, case.now, pauses) - allowance) // MINUTE
        assert standing_of(found, case.now) == ("missed" if is_late else "met")
        assert case.instance.sign_offs[-1].late_reason == (LATE if is_late else None)
        late += is_late
    assert CASES / 8 < late < CASES


@pytest.mark.parametrize("step", [5, 6])
def test_a_return_gives_a_fresh_allowance_and_the_planned_end_never_moves(step: int) -> None:
    case = Case().until(step)
    reached = case.instance, case.now
    for number in range(60):
        rng = Random(number)
        case.instance, case.now = reached
        planned_end_at = case.instance.planned_end_at
        for _ in range(rng.randint(0, 3)):
            pause(rng, case)
        case.now = max(case.now, later(rng, case))
        case.take("camat" if step == 5 else "sekretaris", "return", to_step=4)
        fresh = due(case.calendar, case.now, case.procedure.step(4).duration)
        assert (case.active.step, case.active.round, case.active.due_at, case.active.paused_at) == (4, 2, fresh, None)
        returned_at = case.now
        since, to = pause(rng, case)
        assert case.active.due_at == due(case.calendar, returned_at, case.procedure.step(4).duration, [Pause(since, to)])
        assert case.instance.planned_end_at == planned_end_at
