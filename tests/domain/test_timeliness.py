"""Counts and percentiles of the timeliness report, by table and against the standard library on exact fractions."""

from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from statistics import median, quantiles
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.timeliness import Dimension, Finished, Line, StillOpen, Work, days_asked, lines, quantile, span

VALUES = st.lists(st.integers(min_value=0, max_value=3_000), min_size=1, max_size=60)
FLAGS = st.lists(st.tuples(st.booleans(), st.booleans(), st.none() | st.integers(0, 999), st.sampled_from([1, 2, 3])), max_size=60)


def work(step: int = 1, **more: Any) -> Work:
    return Work(**{"office": "64.02.13", "procedure": "sop", "version": 1, "period": "2026-Q4", "step": step, **more})


def done(count: int = 1, *, of: Work | None = None, used: int | None = 30, late: int | None = None, returned: bool = False) -> Finished:
    """`late`: minutes late; each measure in days is a tenth of that in minutes."""
    return Finished(
        work=of or work(),
        count=count,
        late=late is not None,
        returned=returned,
        used_minutes=used,
        used_days=None if used is None else used // 10,
        late_minutes=None if used is None else late or 0,
        late_days=None if used is None else (late or 0) // 10,
    )


@pytest.mark.parametrize(
    ("values", "half", "nine_tenths"),
    [
        ([], None, None),
        ([0], "0.0", "0.0"),
        ([7], "7.0", "7.0"),
        ([1, 2], "1.5", "1.9"),
        ([1, 2, 3], "2.0", "2.8"),
        ([10, 50, 90], "50.0", "82.0"),
        ([1, 2, 3, 4], "2.5", "3.7"),
        ([5, 5, 5, 5, 5], "5.0", "5.0"),
        (list(range(11)), "5.0", "9.0"),
        ([0] * 9 + [10], "0.0", "1.0"),
        ([0] * 99 + [1_000_000], "0.0", "0.0"),
        ([480, 15, 480, 0, 960], "480.0", "768.0"),
    ],
)
def test_median_and_ninth_tenth(values: list[int], half: str | None, nine_tenths: str | None) -> None:
    found = [quantile(Counter(values), tenths) for tenths in (5, 9)]
    assert [None if number is None else str(number) for number in found] == [half, nine_tenths]


@given(values=VALUES)
def test_they_are_those_of_the_standard_library(values: list[int]) -> None:
    """`quantiles(method="inclusive")` is R-7; of fractions it is exact. It wants two values."""
    exact = [Fraction(value) for value in values]
    found, tenths = Counter(values), quantiles(exact * (2 if len(exact) == 1 else 1), n=10, method="inclusive")
    assert Fraction(quantile(found, 9) or 0) == tenths[8]
    assert Fraction(quantile(found, 5) or 0) == tenths[4] == median(exact)


@given(values=VALUES, tenths=st.integers(0, 10))
def test_so_many_lie_at_or_below(values: list[int], tenths: int) -> None:
    """Never outside what there is, and it does not matter how the histogram was put together."""
    found = quantile(Counter(values), tenths)
    assert found is not None
    assert min(values) <= found <= max(values)
    assert sum(value <= found for value in values) * 10 >= (len(values) - 1) * tenths
    assert found == quantile(dict(sorted(Counter(values).items(), reverse=True)), tenths)


@pytest.mark.parametrize(
    ("on_time", "late", "percent"),
    [(0, 0, None), (1, 0, "100.00"), (0, 1, "0.00"), (1, 2, "33.33"), (2, 1, "66.66"), (99_999, 1, "99.99"), (1, 99_999, "0.00"), (15, 1, "93.75")],
)
def test_a_share_is_rounded_down(on_time: int, late: int, percent: str | None) -> None:
    """So that 100.00 is said where nothing was late, and nowhere else."""
    finished = [done(count, late=minutes) for count, minutes in ((on_time, None), (late, 5)) if count]
    (found,) = lines(("step",), finished, [StillOpen(work=work(), count=1, overdue=False)])
    assert (found.finished, found.on_time_percent) == (on_time + late, None if percent is None else Decimal(percent))
    assert percent is None or str(found.on_time_percent) == percent


def test_what_was_never_measured_is_counted_and_in_no_percentile() -> None:
    (found,) = lines(("step",), [done(2, used=40), done(3, used=None), done(1, used=None, late=9), done(used=80, late=50, returned=True)], [])
    assert (found.on_time, found.late, found.returned, found.unmeasured) == (5, 2, 1, 4)
    assert found.used.minutes is not None
    assert (found.used.minutes.median, found.used.minutes.p90) == (Decimal(40), Decimal(72))
    assert found.lateness.days is not None
    assert found.lateness.days.median == Decimal(5)
    (alone,) = lines(("step",), [done(used=None)], [])
    assert (alone.used.minutes, alone.used.days, alone.lateness.minutes) == (None, None, None)


def test_lateness_is_of_the_late_alone() -> None:
    """A late one may have used no office time after it was due: it ended in the evening."""
    (found,) = lines(("step",), [done(5), done(late=0), done(late=20)], [])
    assert found.lateness.minutes is not None
    assert (found.late, found.lateness.minutes.median) == (2, Decimal(10))


@pytest.mark.parametrize(
    ("dimensions", "keys"),
    [
        (("step",), [(1,), (2,)]),
        (("role", "step"), [("camat", 1), ("sekretaris", 2), ("staf", 1)]),
        (("office",), [("64.02.13",), ("64.02.14",)]),
        (("procedure", "period"), [("sop", "2026"), ("sop", "2026-Q4")]),
    ],
)
def test_rows_come_in_the_order_of_what_was_asked(dimensions: tuple[Dimension, ...], keys: list[tuple[str | int, ...]]) -> None:
    finished = [
        done(of=work(2, role="sekretaris", period="2026")),
        done(of=work(1, role="staf", office="64.02.14")),
        done(of=work(1, role="camat", version=2)),
    ]
    assert [line.key for line in lines(dimensions, finished, [])] == keys
    assert [line.key for line in lines(dimensions, finished[::-1], [])] == keys


def test_what_is_only_under_way_has_a_row_too() -> None:
    waiting = [StillOpen(work=work(3), count=2, overdue=True), StillOpen(work=work(3, version=2), count=1, overdue=False)]
    (found,) = lines(("procedure", "step"), [], waiting)
    assert (found.finished, found.on_time_percent, found.still_open, found.still_open_overdue) == (0, None, 3, 2)
    assert found.works == {("sop", 1, 3), ("sop", 2, 3)}


@given(given_=FLAGS)
def test_counts_add_up_whatever_the_groups(given_: list[tuple[bool, bool, int | None, int]]) -> None:
    finished = [done(of=work(step), used=used, late=5 if late else None, returned=returned) for late, returned, used, step in given_]
    whole, parts = lines(("office",), finished, []), lines(("step",), finished, [])

    def total(found: tuple[Line, ...]) -> list[int]:
        return [sum(getattr(line, name) for line in found) for name in ("finished", "on_time", "late", "returned", "unmeasured")]

    assert total(whole) == total(parts)
    assert total(whole)[1:] == [
        sum(not late for late, *_ in given_),
        sum(late for late, *_ in given_),
        sum(returned for _, returned, *_ in given_),
        sum(used is None for *_, used, _ in given_),
    ]


@pytest.mark.parametrize(
    ("since", "until", "days"),
    [
        (None, None, ("2027-01-01", "2027-12-31")),
        ("2026-07-01", None, ("2026-07-01", "2026-12-31")),
        (None, "2025-06-30", ("2025-01-01", "2025-06-30")),
        ("2025-06-30", "2026-01-02", ("2025-06-30", "2026-01-02")),
    ],
)
def test_which_days_are_meant(since: str | None, until: str | None, days: tuple[str, str]) -> None:
    asked = [None if day is None else date.fromisoformat(day) for day in (since, until)]
    assert days_asked(*asked, date(2027, 1, 4)) == tuple(map(date.fromisoformat, days))


@pytest.mark.parametrize(
    ("zone", "first", "after"),
    [
        ("Asia/Makassar", "2026-12-31T16:00", "2027-12-31T16:00"),
        ("Asia/Jayapura", "2026-12-31T15:00", "2027-12-31T15:00"),
        ("UTC", "2027-01-01T00:00", "2028-01-01T00:00"),
    ],
)
def test_a_day_begins_at_midnight_of_the_office(zone: str, first: str, after: str) -> None:
    expected = tuple(datetime.fromisoformat(moment).replace(tzinfo=UTC) for moment in (first, after))
    assert span(date(2027, 1, 1), date(2027, 12, 31), ZoneInfo(zone)) == expected
