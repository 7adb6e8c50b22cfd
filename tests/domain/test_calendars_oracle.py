"""Office time against a minute-by-minute oracle, on random offices of the years 2024 to 2028 (tests/support/office_time_cases.py).

`ALUR_ORACLE_CASES` sets how many cases each test takes. A wrong one is named by its seed: `case_of("due 17")` makes it again.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from random import Random

from app.domain.calendars import CalendarHasNoWorkingTime, due, due_soon, explain, office_minutes
from app.domain.deadlines import latest_start
from app.domain.durations import Duration
from app.domain.procedures import DueSoon
from tests.domain.test_deadlines import procedure_of
from tests.support import office_time_oracle as oracle
from tests.support.office_time_cases import Case, case_of, duration_of

CASES = int(os.environ.get("ALUR_ORACLE_CASES", "1200"))
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def held_against_the_oracle(name: str, of_app: Callable[[Case], datetime], of_oracle: Callable[[Case], datetime]) -> None:
    """In nearly all cases there is something to compare: in few there is no office time for a hundred days."""
    agreed = [agrees(case_of(f"{name} {number}"), of_app, of_oracle) for number in range(CASES)]
    assert sum(agreed) > 0.9 * CASES


def agrees(case: Case, of_app: Callable[[Case], datetime], of_oracle: Callable[[Case], datetime]) -> bool:
    """The two agree; or the oracle gives up, and the answer, if there is one, lies beyond what it has seen: then False.

    Compared in UTC: Python calls no two zones' times equal while clocks are being changed (PEP 495).
    """
    try:
        expected = of_oracle(case)
    except oracle.BeyondTheHorizon:
        with suppress(CalendarHasNoWorkingTime):
            assert due(case.calendar, case.starts_at, case.duration, case.pauses) >= case.starts_at + (oracle.HORIZON - 3) * DAY, str(case)
        return False
    assert of_app(case).astimezone(UTC) == expected.astimezone(UTC), str(case)
    return True


def test_due_is_what_counting_minutes_gives() -> None:
    held_against_the_oracle(
        "due",
        lambda case: due(case.calendar, case.starts_at, case.duration, case.pauses),
        lambda case: case.oracle.due(case.starts_at, case.duration, case.pauses),
    )


# ── due soon ────────────────────────────────────────────────────────────────────────────────────────────────────────


def rule_of(case: Case) -> DueSoon:
    rng = Random(case.seed)
    lead = duration_of(rng) if rng.random() < 0.6 else None
    return DueSoon(percent=rng.randint(1, 99), working_days=rng.randint(0, 4), lead=lead)


def due_soon_counted(case: Case) -> datetime:
    facts, rule = (case.starts_at, case.duration, case.pauses), rule_of(case)
    if rule.lead is None and case.duration.unit in {"minute", "hour"}:
        return case.oracle.share_used(*facts, rule.percent)
    if rule.lead is None:
        return case.oracle.working_days_left(*facts, rule.working_days)
    if rule.lead.unit == "working_day":
        return case.oracle.working_days_left(*facts, rule.lead.value)
    if rule.lead.unit == "calendar_day":
        return case.oracle.calendar_days_left(*facts, rule.lead.value)
    return case.oracle.minutes_left(*facts, oracle.minutes_of(rule.lead))


def test_due_soon_is_what_counting_minutes_gives() -> None:
    held_against_the_oracle(
        "due soon", lambda case: due_soon(case.calendar, case.starts_at, case.duration, case.pauses, rule_of(case)), due_soon_counted
    )


# ── office time between two moments ─────────────────────────────────────────────────────────────────────────────────


def test_office_minutes_are_those_counted() -> None:
    for number in range(CASES):
        case = case_of(f"minutes {number}")
        end = case.starts_at + Random(number).randint(-60, 20 * 1440) * MINUTE
        assert office_minutes(case.calendar, case.starts_at, end) == case.oracle.office_minutes(case.starts_at, end), str(case)


# ── explanations ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_explanation_names_the_minutes_used_and_the_days_skipped() -> None:
    for number in range(CASES):
        case = case_of(f"explain {number}")
        try:
            expected = case.oracle.due(case.starts_at, case.duration, case.pauses)
        except oracle.BeyondTheHorizon:
            continue
        found = explain(case.calendar, case.starts_at, case.duration, case.pauses)
        assert found.due_at.astimezone(UTC) == expected, str(case)
        used = [(oracle.number(since), oracle.number(to)) for since, to in found.used]
        if case.duration.unit == "working_day":
            assert used == case.oracle.used_days(case.starts_at, case.duration, case.pauses), str(case)
        elif case.duration.unit == "calendar_day":
            assert used == [(oracle.number(case.starts_at), oracle.number(expected))], str(case)
        else:
            minutes = [minute for since, to in used for minute in range(since, to)]
            assert minutes == case.oracle.used_minutes(case.starts_at, case.duration, case.pauses), str(case)
        days_off = {row.day: row.code for row in found.skipped if row.code != "paused"}
        assert days_off == days_off_counted(case, expected), str(case)
        assert [row.day for row in found.skipped] == sorted({row.day for row in found.skipped}), str(case)


def days_off_counted(case: Case, due_at: datetime) -> dict[date, str]:
    """Days off between start and due; of an allowance in days the start day was not counted, and of one in calendar days none that were."""
    first = case.oracle.local_date(case.starts_at)
    since = {"working_day": first + DAY, "calendar_day": first + case.duration.value * DAY}.get(case.duration.unit, first)
    return {day: code for day, code in case.oracle.skipped(case.starts_at, due_at).items() if day >= since}


# ── the latest start ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_latest_start_ends_in_time_and_no_later_one_does() -> None:
    found = [is_the_latest(case_of(f"latest {number}"), number) for number in range(CASES)]
    assert sum(found) > 0.8 * CASES


def is_the_latest(case: Case, number: int) -> bool:
    """False where nothing could be compared: the oracle gives up."""
    rng = Random(number)
    durations = [duration_of(rng, few=True) for _ in range(rng.randint(1, 4))]
    ends_by = case.calendar.local_date(case.starts_at) + rng.randint(0, 20) * DAY
    procedure = procedure_of(*(f"{row.value} {row.unit}" for row in durations))
    try:
        starts_at = latest_start(procedure, case.calendar, ends_by)
    except CalendarHasNoWorkingTime:
        early = islice(case.oracle.starts_after(case.starts_at - 30 * DAY), 50)
        assert not any(ends_in_time(case, start, durations, ends_by) for start in early), f"{case} {durations} {ends_by}"
        return True
    earlier, later = starts_at.astimezone(UTC) - MINUTE, list(islice(case.oracle.starts_after(starts_at), 3 * 1440))
    assert starts_at.astimezone(UTC) in islice(case.oracle.starts_after(earlier), 1), f"{case} {durations} {ends_by}"
    if case.oracle.local_date(starts_at) < ends_by - 90 * DAY:
        return False
    assert ends_in_time(case, starts_at, durations, ends_by), f"{case} {durations} {ends_by}"
    for start in (*later[:1], *rng.sample(later, min(len(later), 2))):
        assert not ends_in_time(case, start, durations, ends_by), f"{case} {durations} {ends_by}: {start}"
    return True


def ends_in_time(case: Case, starts_at: datetime, durations: list[Duration], ends_by: date) -> bool:
    """What lies beyond the oracle's horizon lies beyond that day, too: no start that is asked for is so early."""
    try:
        for duration in durations:
            starts_at = case.oracle.due(starts_at, duration, ())
    except oracle.BeyondTheHorizon:
        return False
    return case.oracle.local_date(starts_at) <= ends_by
