"""What a calendar is made of: office hours from a date on, seasons with other hours, days off, and times when the clock stood still."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from uuid import UUID

DayOffKind = Literal["public", "joint_leave", "local", "working"]
"""`working`: the office works on that day although the offices above it have the day off."""
Hours = tuple[time, time]
Week = tuple[tuple[Hours, ...], ...]
Span = tuple[datetime, datetime]
"""From and to, both aware."""


class CalendarHasNoWorkingTime(ValueError):
    """A deadline was sought on a calendar that has no office hours, or too few of them, ahead."""


# Rows that were stored carry their `id`, and the code of the office that says so: neither is part of what they say, so neither is compared.


@dataclass(frozen=True, slots=True)
class Schedule:
    """Office hours from `valid_from` to `valid_to` (None: on and on), seven days Monday first; `season` None is the normal week.

    `source` names the rule behind it. `depth`: so many offices above the one whose calendar this is; the nearest one's hours hold.
    """

    valid_from: date
    season: str | None
    week: Week
    source: str = ""
    valid_to: date | None = None
    depth: int = field(default=0, compare=False)
    id: UUID | None = field(default=None, compare=False)
    office: str = field(default="", compare=False)

    def __contains__(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def __post_init__(self) -> None:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("a schedule ends before it begins")
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
    source: str = ""
    id: UUID | None = field(default=None, compare=False)
    office: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if self.ends_on < self.starts_on:
            raise ValueError(f"season {self.name} ends before it starts")

    def __contains__(self, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on


@dataclass(frozen=True, slots=True)
class DayOff:
    """A day without office hours (or, `working`, one with hours in spite of the offices above). `provisional`: its date is an estimate until it
    is decreed. `decree` is the number of what decrees it.
    """

    day: date
    kind: DayOffKind
    name: str
    provisional: bool = False
    source: str = ""
    decree: str | None = None
    id: UUID | None = field(default=None, compare=False)
    office: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class ReportDate:
    """Until when the LKJIP about that year is due; a forecast that leaves fewer than `margin_days` working days is at risk."""

    year: int
    due_on: date
    margin_days: int = 5
    office: str = field(default="", compare=False)

    @classmethod
    def usual(cls, year: int) -> "ReportDate":
        """The last day of February of the year after (Perpres 29/2014: two months after the year has ended)."""
        return cls(year, date(year + 1, 3, 1) - timedelta(days=1))


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
