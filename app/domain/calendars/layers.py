"""Calendars are inherited: an office takes what the offices above it have, and what stands nearer wins."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from app.domain.calendars.calendar import Calendar
from app.domain.calendars.values import DayOff, ReportDate, Schedule, Season

_SAME_SEASON = timedelta(days=90)
"""Two seasons of one name that start closer than this are one and the same, moved: Ramadan comes back after 354 days."""


@dataclass(frozen=True, slots=True)
class Layer:
    """What one office itself says about its calendar."""

    schedules: tuple[Schedule, ...] = ()
    seasons: tuple[Season, ...] = ()
    days_off: tuple[DayOff, ...] = ()
    report_dates: tuple[ReportDate, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.schedules or self.seasons or self.days_off or self.report_dates)

    def with_rows(self, more: "Layer") -> "Layer":
        """These rows and those."""
        return Layer(
            (*self.schedules, *more.schedules),
            (*self.seasons, *more.seasons),
            (*self.days_off, *more.days_off),
            (*self.report_dates, *more.report_dates),
        )

    def identified(self, new_id: Callable[[], UUID], office: str = "") -> "Layer":
        """Every row with an id, and the office that says so: its own, or these."""
        return Layer(
            tuple(replace(row, id=row.id or new_id(), office=row.office or office) for row in self.schedules),
            tuple(replace(row, id=row.id or new_id(), office=row.office or office) for row in self.seasons),
            tuple(replace(row, id=row.id or new_id(), office=row.office or office) for row in self.days_off),
            tuple(replace(row, office=row.office or office) for row in self.report_dates),
        )


def merge(layers: Sequence[Layer], *, zone: str, version: int, before: tuple[date, Calendar] | None = None) -> Calendar:
    """One calendar of layers, nearest first; `before` that day another one holds.

    Schedules: of those that are valid on a day the nearest office's holds, per season. Seasons: a nearer one replaces those of the same name
    that it overlaps. Days off: the nearest office with a row for a day decides on that day. Report dates: the nearest wins. A year
    is covered when it has public days off.
    """
    schedules: list[Schedule] = []
    seasons: list[Season] = []
    days_off: dict[date, list[DayOff]] = {}
    report_dates: dict[int, ReportDate] = {}
    for depth, layer in enumerate(layers):
        schedules += [replace(row, depth=depth) for row in layer.schedules]
        seasons += [row for row in layer.seasons if not any(_overlap(row, nearer) for nearer in seasons)]
        days_off = _by_day(layer.days_off) | days_off
        report_dates = {row.year: row for row in layer.report_dates} | report_dates
    off = [row for rows in days_off.values() for row in rows]
    return Calendar(
        zone,
        version,
        tuple(sorted(schedules, key=lambda row: (row.season or "", row.depth, row.valid_from))),
        tuple(sorted(seasons, key=lambda row: (row.starts_on, row.name))),
        tuple(sorted(off, key=lambda row: (row.day, row.kind))),
        frozenset(row.day.year for row in off if row.kind == "public"),
        before,
        tuple(report_dates[year] for year in sorted(report_dates)),
    )


def missing(wanted: Layer, present: Layer, *, settled: Collection[int] = ()) -> Layer:
    """What seeding may add without undoing an administrator's work.

    A day off that someone moved or removed must not come back with the next start: days are added only for a year and kind of which
    nothing from the same source is there, and for no year that is `settled` (seeded or listed before, says the log). The same for a season
    that was moved by some days.
    """
    schedules = {(row.season, row.valid_from) for row in present.schedules}
    seeded = {(row.day.year, row.kind, row.source) for row in present.days_off}
    taken = {(row.day, row.kind) for row in present.days_off}
    days_off = [row for row in wanted.days_off if row.day.year not in settled and (row.day.year, row.kind, row.source) not in seeded]
    return Layer(
        tuple(row for row in wanted.schedules if (row.season, row.valid_from) not in schedules),
        tuple(row for row in wanted.seasons if not any(_same_season(row, there) for there in present.seasons)),
        tuple(row for row in days_off if (row.day, row.kind) not in taken),
    )


def _by_day(rows: Sequence[DayOff]) -> dict[date, list[DayOff]]:
    found: dict[date, list[DayOff]] = {}
    for row in rows:
        found.setdefault(row.day, []).append(row)
    return found


def _overlap(one: Season, other: Season) -> bool:
    return one.name == other.name and one.starts_on <= other.ends_on and other.starts_on <= one.ends_on


def _same_season(one: Season, other: Season) -> bool:
    return one.name == other.name and abs(one.starts_on - other.starts_on) < _SAME_SEASON
