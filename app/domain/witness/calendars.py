"""What an office itself says about its calendar: told by the `calendar.changed` events of its stream beside what the tables keep."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from app.domain.calendars.differences import told
from app.domain.calendars.kinds import RowField
from app.domain.witness.facts import Event, Facts, Key, Told


@dataclass(frozen=True, slots=True)
class ScheduleFacts:
    """`week` as it is kept: nobody says that it is a week."""

    id: UUID
    season: str | None
    valid_from: date
    valid_to: date | None
    week: list[Any]
    source: str


@dataclass(frozen=True, slots=True)
class SeasonFacts:
    id: UUID
    name: str
    starts_on: date
    ends_on: date
    provisional: bool
    source: str


@dataclass(frozen=True, slots=True)
class DayOffFacts:
    id: UUID
    day: date
    kind: str
    name: str
    provisional: bool
    source: str
    decree: str | None


@dataclass(frozen=True, slots=True)
class ReportDateFacts:
    year: int
    due_on: date
    margin_days: int


@dataclass(frozen=True, slots=True)
class KeptCalendar:
    schedules: Sequence[ScheduleFacts]
    seasons: Sequence[SeasonFacts]
    days_off: Sequence[DayOffFacts]
    report_dates: Sequence[ReportDateFacts]

    def held(self) -> Iterator[tuple[Key, Facts]]:
        for name in _FIELDS:
            for row in getattr(self, name):
                facts = told(name, row)
                yield _key(name, facts), facts


_FIELDS: tuple[RowField, ...] = ("schedules", "seasons", "days_off", "report_dates")


class CalendarTestimony:
    """Hears the events that change a calendar. `untold`: an older one said only how many rows there were, so some stand that none tells of."""

    def __init__(self) -> None:
        self._untold = False
        self._gone: set[Key] = set()

    def hear(self, event: Event, said: Told) -> None:
        data = event["data"]
        if "added" not in data:
            self._untold = True
            return
        for key, _ in _rows(data["removed"]):
            said.unsay(key)
            self._gone.add(key)
        for key, facts in (*_rows(data["added"]), *_rows(data["changed"])):
            said.say(key, event, facts)
            self._gone.discard(key)

    def expects(self, key: Key, said: Told) -> bool:
        """Whether such a row has to be in the log: not one of those that were only counted."""
        return not self._untold or key in said or key in self._gone


def _rows(layer: Facts) -> Iterator[tuple[Key, Facts]]:
    for name, rows in layer.items():
        for facts in rows:
            yield _key(name, facts), facts


def _key(name: str, facts: Facts) -> Key:
    return ("calendar", name, facts["year"] if name == "report_dates" else facts["id"])
