"""Which work was finished in time: closed step rounds, or the parts of their performers, counted and measured in groups.

What the store gives is a histogram (so many alike); what comes out are exact numbers, the same on every database.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Literal
from zoneinfo import ZoneInfo

Dimension = Literal["procedure", "step", "role", "office", "period"]
Key = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What was to be done. None: of any office, of any period; for `role` the whole step, not one performer's part of it."""

    procedure: str
    version: int
    step: int
    office: str | None = None
    period: str | None = None
    role: str | None = None

    def key(self, dimensions: Sequence[Dimension]) -> Key:
        return tuple(getattr(self, dimension) for dimension in dimensions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """`count` alike. Office time in minutes and working days; None where it was closed before this was measured."""

    work: Work
    count: int
    late: bool
    returned: bool
    used_minutes: int | None
    used_days: int | None
    late_minutes: int | None
    late_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StillOpen:
    work: Work
    count: int
    overdue: bool


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Half of the values are at most `median`, nine of ten at most `p90`; to the tenth, exactly."""

    median: Decimal
    p90: Decimal


@dataclass(frozen=True, slots=True)
class TimeTaken:
    """None where nothing was measured."""

    minutes: Quantiles | None
    days: Quantiles | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One group. `works`: procedure, version and step of all that is in it. `returned` are among the finished, `overdue` among the open."""

    key: Key
    works: frozenset[tuple[str, int, int]]
    on_time: int
    late: int
    returned: int
    unmeasured: int
    still_open: int
    still_open_overdue: int
    used: TimeTaken
    lateness: TimeTaken

    @property
    def finished(self) -> int:
        return self.on_time + self.late

    @property
    def on_time_percent(self) -> Decimal | None:
        """Two places, rounded down: 100.00 is said of all alone."""
        return Decimal(self.on_time * 10_000 // self.finished).scaleb(-2) if self.finished else None


def lines(dimensions: Sequence[Dimension], finished: Iterable[Finished], still_open: Iterable[StillOpen]) -> tuple[Line, ...]:
    """A line for each group that has anything, in the order of the dimensions as they were asked for."""
    groups: dict[Key, _Group] = {}
    for done in finished:
        groups.setdefault(done.work.key(dimensions), _Group()).add(done)
    for waiting in still_open:
        groups.setdefault(waiting.work.key(dimensions), _Group()).wait(waiting)
    return tuple(groups[key].line(key) for key in sorted(groups))


def quantile(histogram: Mapping[int, int], tenths: int) -> Decimal | None:
    """The value below which `tenths` of all lie; None of nothing.

    Linear between the two values around rank (n - 1) * tenths / 10, counted from 0: what spreadsheets call PERCENTILE.INC, and statisticians
    R-7. Of whole numbers it has one decimal place, so nothing is rounded.
    """
    values = sorted(histogram)
    ends = list(accumulate(histogram[value] for value in values))
    if not ends or not ends[-1]:
        return None
    rank, tenth = divmod((ends[-1] - 1) * tenths, 10)
    lower, upper = (values[bisect_right(ends, min(at, ends[-1] - 1))] for at in (rank, rank + 1))
    return Decimal(10 * lower + tenth * (upper - lower)).scaleb(-1)


def days_asked(since: date | None, until: date | None, today: date) -> tuple[date, date]:
    """The first and the last day: without either this year, with one alone the rest of its year."""
    since = since or date((until or today).year, 1, 1)
    return since, until or date(since.year, 12, 31)


def span(since: date, until: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the first moment of the one day until that of the day after the other (which is outside), as the zone's clocks have it; in UTC."""
    first, after = (datetime.combine(day, time.min, tzinfo=zone) for day in (since, until + timedelta(days=1)))
    return first.astimezone(UTC), after.astimezone(UTC)


_MEASURES = ("used_minutes", "used_days", "late_minutes", "late_days")


@dataclass(slots=True)
class _Group:
    """While it is being counted."""

    counts: Counter[str] = field(default_factory=Counter)
    works: set[tuple[str, int, int]] = field(default_factory=set)
    measured: dict[str, Counter[int]] = field(default_factory=lambda: {name: Counter() for name in _MEASURES})

    def add(self, done: Finished) -> None:
        self._holds(done.work)
        self.counts["late" if done.late else "on_time"] += done.count
        self.counts["returned"] += done.count if done.returned else 0
        taken = _MEASURES if done.late else _MEASURES[:2]
        values = {name: getattr(done, name) for name in taken}
        self.counts["unmeasured"] += done.count if None in values.values() else 0
        for name, value in values.items():
            if value is not None:
                self.measured[name][value] += done.count

    def wait(self, waiting: StillOpen) -> None:
        self._holds(waiting.work)
        self.counts["still_open"] += waiting.count
        self.counts["still_open_overdue"] += waiting.count if waiting.overdue else 0

    def _holds(self, work: Work) -> None:
        self.works.add((work.procedure, work.version, work.step))

    def line(self, key: Key) -> Line:
        names = ("on_time", "late", "returned", "unmeasured", "still_open", "still_open_overdue")
        used_minutes, used_days, late_minutes, late_days = (_quantiles(self.measured[name]) for name in _MEASURES)
        return Line(
            key=key,
            works=frozenset(self.works),
            used=TimeTaken(used_minutes, used_days),
            lateness=TimeTaken(late_minutes, late_days),
            **{name: self.counts[name] for name in names},
        )


def _quantiles(histogram: Mapping[int, int]) -> Quantiles | None:
    median, p90 = quantile(histogram, 5), quantile(histogram, 9)
    return None if median is None or p90 is None else Quantiles(median, p90)
