"""The national working calendar as data: `app/catalog/calendar.json` and the days off that the holidays package knows.

Perpres 21/2023 fixes the working days, the hours a week (37 h 30 min; Ramadan 32 h 30 min), the start and the length of the breaks;
where the breaks lie is our choice. A week has seven lists, Monday first. All of it is a starting point that an office may change.
The file is JSON because every YAML file in the catalog is a procedure.
"""

import json
from collections.abc import Iterable
from datetime import date
from importlib.resources import files
from typing import Any

from app.domain.calendars import Layer, Schedule, Season, week_from_text
from app.outside.holidays import days_off


def national_calendar(years: Iterable[int]) -> Layer:
    """Office hours and seasons of the catalog, and the days off of these years."""
    data = json.loads((files("app") / "catalog" / "calendar.json").read_text(encoding="utf-8"))
    return Layer(tuple(map(_schedule, data["schedules"])), tuple(map(_season, data["seasons"])), days_off(years))


def _schedule(row: dict[str, Any]) -> Schedule:
    return Schedule(date.fromisoformat(row["valid_from"]), row["season"], week_from_text(row["week"]), row["source"])


def _season(row: dict[str, Any]) -> Season:
    return Season(row["name"], date.fromisoformat(row["starts_on"]), date.fromisoformat(row["ends_on"]), row["provisional"])
