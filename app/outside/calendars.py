"""The national working calendar as data: `app/catalog/calendar.yaml` and the days off that the holidays package knows."""

from collections.abc import Iterable
from datetime import time
from importlib.resources import files
from typing import Any

import yaml

from app.domain.calendars import Hours, Layer, Schedule, Season
from app.outside.holidays import days_off

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def national_calendar(years: Iterable[int]) -> Layer:
    """Office hours and seasons of the catalog, and the days off of these years."""
    data = yaml.safe_load(files("app.catalog").joinpath("calendar.yaml").read_text(encoding="utf-8"))
    return Layer(tuple(_schedule(row) for row in data["schedules"]), tuple(Season(**row) for row in data["seasons"]), days_off(years))


def _schedule(row: dict[str, Any]) -> Schedule:
    hours = row["week"]
    if unknown := hours.keys() - set(_WEEKDAYS):
        raise ValueError(f"calendar.yaml: not a day of the week: {', '.join(sorted(unknown))}")
    week = tuple(tuple(_hours(text) for text in hours.get(day, ())) for day in _WEEKDAYS)
    return Schedule(row["valid_from"], row["season"], week, row["source"])


def _hours(text: str) -> Hours:
    start, end = text.split("-")
    return time.fromisoformat(start), time.fromisoformat(end)
