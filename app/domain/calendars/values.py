"""What a calendar is made of: office hours from a date on, seasons with other hours, days off, and times when the clock stood still."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Literal

DayOffKind = Literal["public", "joint_leave", "local"]
Hours = tuple[time, time]
Week = tuple[tuple[Hours, ...], ...]
Span = tuple[datetime, datetime]
"""From and to, both aware."""


class CalendarHasNoWorkingTime(ValueError):
    """A deadline was sought on a calendar that has no office hours, or too few of them, ahead."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Office hours from `valid_from` on, seven days Monday first; `season` None is the normal week. `source` names the rule behind it."""

    valid_from: date
    season: str | None
    week: Week
    source: str = ""

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise ValueError("a week has seven days, Monday first")
        for hours in self.week:
            edges = [edge for interval in hours for edge in interval]
            if any(start >= end for start, end in hours) or edges != sorted(edges):
                raise ValueError(f"office hours must follow each other without overlap: {hours}")


@dataclass(frozen=True, slots=True)
class Season:
    """Dates on which the schedules of that `name` hold, both days inside."""

    name: str
    starts_on: date
    ends_on: date
    provisional: bool = False

    def __post_init__(self) -> None:
        if self.ends_on < self.starts_on:
            raise ValueError(f"season {self.name} ends before it starts")

    def __contains__(self, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on


@dataclass(frozen=True, slots=True)
class DayOff:
    """A day without office hours. `provisional`: its date is an estimate until it is decreed."""

    day: date
    kind: DayOffKind
    name: str
    provisional: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stood still in [suspended_at, resumed_at); `resumed_at` None: it still does."""

    suspended_at: datetime
    resumed_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.resumed_at is not None and in_utc(self.resumed_at) < in_utc(self.suspended_at):
            raise ValueError("a pause ends before it starts")


def in_utc(at: datetime) -> datetime:
    """UTC, in which times can be compared and subtracted: two values of one zone would be compared by their wall clock."""
    if at.tzinfo is None:
        raise ValueError("a time needs its offset")
    return at.astimezone(UTC)


def week_from_text(week: Sequence[Sequence[Sequence[str]]]) -> Week:
    """Seven lists of ["HH:MM", "HH:MM"], as a calendar is stored."""
    return tuple(tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in hours) for hours in week)


def week_as_text(week: Week) -> list[list[list[str]]]:
    return [[[f"{start:%H:%M}", f"{end:%H:%M}"] for start, end in hours] for hours in week]
