"""Random offices, made from a number: schedules, seasons and days off of several offices above each other, in zones whose clocks change.

The same number makes the same case, so a wrong one can be looked at alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, cached_property
from itertools import pairwise
from random import Random
from typing import Literal
from zoneinfo import ZoneInfo

from app.domain.calendars import Calendar, DayOff, DayOffKind, Hours, Layer, Pause, Schedule, Season, Standing, Week, merge_standing
from app.domain.durations import Duration
from tests.support.office_time_oracle import Oracle

_DAY = timedelta(days=1)
_LONG_AGO = date(2000, 1, 1)
_FIRST, _LAST = date(2024, 1, 1), date(2028, 12, 31)
ZONES = (
    "Asia/Makassar",
    "Asia/Jakarta",
    "Asia/Jayapura",
    "Asia/Kathmandu",
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "America/Santiago",  # clocks change at midnight
    "Africa/Cairo",  # and here
    "Australia/Lord_Howe",  # by half an hour
    "Pacific/Chatham",  # at a quarter to
)
ODD_DAYS = (
    ("America/Sao_Paulo", date(2018, 11, 4)),  # clocks went from 00:00 to 01:00
    ("America/Sao_Paulo", date(2018, 2, 18)),  # and from 00:00 back to 23:00
    ("Pacific/Apia", date(2011, 12, 30)),  # a day that never was
)


@dataclass(frozen=True)
class Case:
    seed: str
    zone: str
    above: tuple[Standing, ...]
    starts_at: datetime
    duration: Duration
    pauses: tuple[Pause, ...]

    @cached_property
    def calendar(self) -> Calendar:
        return merge_standing(self.above, zone=self.zone, version=1)

    @cached_property
    def oracle(self) -> Oracle:
        return Oracle(self.zone, self.above)

    def __str__(self) -> str:
        return f"case_of({self.seed!r}): {self.zone} {self.starts_at} {self.duration} {self.pauses}"


def case_of(seed: str) -> Case:
    rng = Random(seed)
    zone, middle = _place(rng)
    above = _offices(rng, middle)
    calendar = merge_standing(above, zone=zone, version=1)
    starts_at = datetime.combine(middle, time(12), UTC) + timedelta(minutes=rng.randint(-6 * 1440, 6 * 1440))
    edges = edges_of(calendar, starts_at)
    if rng.random() < 0.5:
        starts_at = rng.choice(edges)
    return Case(seed, zone, above, starts_at, duration_of(rng), pauses_of(rng, starts_at, edges))


def duration_of(rng: Random, *, few: bool = False) -> Duration:
    unit, most = rng.choice([("minute", 900), ("hour", 8 if few else 40), ("working_day", 3 if few else 9), ("calendar_day", 3 if few else 12)])
    return Duration.model_validate({"value": rng.randint(1, most), "unit": unit})


def edges_of(calendar: Calendar, starts_at: datetime) -> list[datetime]:
    """Moments about the start at which office hours begin or end, where mistakes sit; the start itself if there are none."""
    first = calendar.local_date(starts_at)
    spans = [span for number in range(8) for span in calendar.day(first + number * _DAY).spans]
    return [edge for span in spans for edge in span] or [starts_at]


def pauses_of(rng: Random, starts_at: datetime, edges: Sequence[datetime]) -> tuple[Pause, ...]:
    """Up to three, some from edge to edge, some empty, some overlapping; the last may not be over."""

    def moment() -> datetime:
        return rng.choice(edges) if rng.random() < 0.5 else starts_at + timedelta(minutes=rng.randint(-1440, 10 * 1440))

    found = sorted(moment() for _ in range(rng.choice([0, 0, 1, 2, 2, 3, 4, 6])))
    if rng.random() < 0.2 and len(found) > 3:
        found[1], found[2] = found[2], found[1]
    pauses = tuple(Pause(since, to) for since, to in zip(found[::2], found[1::2], strict=False))
    return (*pauses, Pause(found[-1])) if len(found) % 2 else pauses


def _place(rng: Random) -> tuple[str, date]:
    """Any day of five years; where clocks change, as often as not one about that time."""
    if rng.random() < 0.05:
        return rng.choice(ODD_DAYS)
    zone = rng.choice(ZONES)
    changes = _clock_changes(zone)
    if changes and rng.random() < 0.5:
        return zone, rng.choice(changes)
    return zone, _FIRST + rng.randint(0, (_LAST - _FIRST).days) * _DAY


@cache
def _clock_changes(zone: str) -> list[date]:
    noons = [datetime.combine(_FIRST + number * _DAY, time(12), ZoneInfo(zone)) for number in range((_LAST - _FIRST).days + 1)]
    return [after.date() for before, after in pairwise(noons) if before.utcoffset() != after.utcoffset()]


def _offices(rng: Random, middle: date) -> tuple[Standing, ...]:
    """An office, maybe a regency above it, maybe another one from a day on, and the nation."""
    nation = Standing(_layer(rng, middle, "nation"), 2)
    own = [Standing(_layer(rng, middle, "office"), 0)] if rng.random() < 0.7 else []
    if rng.random() < 0.5:
        return (*own, nation)
    moved = _near(rng, middle) if rng.random() < 0.4 else None
    regencies = [Standing(_layer(rng, middle, "regency"), 1, None, moved)]
    if moved is not None:
        regencies.append(Standing(_layer(rng, middle, "regency"), 1, moved))
    return (*own, *regencies, nation)


def _layer(rng: Random, middle: date, kind: Literal["office", "regency", "nation"]) -> Layer:
    schedules: dict[tuple[str | None, date], Schedule] = {}
    if kind == "nation" and rng.random() < 0.97:
        schedules[None, _LONG_AGO] = Schedule(_LONG_AGO, None, _week(rng))
    for _ in range(rng.choice([0, 1, 2, 3])):
        season = rng.choice([None, "ramadan", "other"])
        since = rng.choice([_LONG_AGO, _near(rng, middle)])
        until = max(since, _near(rng, middle)) if rng.random() < 0.4 else None
        schedules.setdefault((season, since), Schedule(since, season, _week(rng), "", until))
    kinds: tuple[DayOffKind, ...] = ("public", "joint_leave", "local") if kind == "nation" else ("public", "joint_leave", "local", "working")
    off = {(_near(rng, middle), rng.choice(kinds)): rng.random() < 0.2 for _ in range(rng.randint(0, 6))}
    seasons = tuple(_season(rng, middle) for _ in range(rng.choice([0, 1, 2])))
    return Layer(tuple(schedules.values()), seasons, tuple(DayOff(day, named, "Libur", provisional) for (day, named), provisional in off.items()))


def _near(rng: Random, middle: date) -> date:
    return middle + rng.randint(-15, 25) * _DAY


def _season(rng: Random, middle: date) -> Season:
    first = _near(rng, middle)
    return Season(rng.choice(["ramadan", "other"]), first, first + rng.randint(0, 30) * _DAY)


def _week(rng: Random) -> Week:
    """Most have a weekend."""
    days = [_hours(rng) for _ in range(7)]
    return tuple(() if number >= 5 and rng.random() < 0.6 else hours for number, hours in enumerate(days))


def _hours(rng: Random) -> tuple[Hours, ...]:
    """Up to four intervals; they may touch."""
    grid = rng.choice([1, 15, 30])
    count = rng.choice([0, 1, 2, 2, 3, 4])
    edges = sorted(rng.randint(0, 1439 // grid) * grid for _ in range(2 * count))
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return tuple((time(since // 60, since % 60), time(to // 60, to % 60)) for since, to in pairs if since < to)
