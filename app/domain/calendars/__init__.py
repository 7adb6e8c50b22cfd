"""Office time: when an office works, when a deadline falls, and why."""

from app.domain.calendars.calendar import Calendar
from app.domain.calendars.explanations import Explanation, explain
from app.domain.calendars.layers import Layer, merge, missing
from app.domain.calendars.office_time import due, due_soon, office_minutes
from app.domain.calendars.reasons import ReasonCode, Skipped
from app.domain.calendars.standing import Standing, first_day, merge_standing
from app.domain.calendars.values import (
    CalendarHasNoWorkingTime,
    DayOff,
    DayOffKind,
    Hours,
    Pause,
    ReportDate,
    Schedule,
    Season,
    Span,
    Week,
    week_as_text,
    week_from_text,
)

__all__ = [
    "Calendar",
    "CalendarHasNoWorkingTime",
    "DayOff",
    "DayOffKind",
    "Explanation",
    "Hours",
    "Layer",
    "Pause",
    "ReasonCode",
    "ReportDate",
    "Schedule",
    "Season",
    "Skipped",
    "Span",
    "Standing",
    "Week",
    "due",
    "due_soon",
    "explain",
    "first_day",
    "merge",
    "merge_standing",
    "missing",
    "office_minutes",
    "week_as_text",
    "week_from_text",
]
