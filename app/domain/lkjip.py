"""The LKJIP, the office's accountability report: whether a procedure that it waits for ends early enough for it."""

from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import Literal

from app.domain.calendars import Calendar, ReportDate

LkjipRisk = Literal["on_track", "at_risk", "late"]


def lkjip_risk(calendar: Calendar, report: ReportDate, *, ends_at: datetime, is_over: bool) -> LkjipRisk:
    """At risk when fewer working days than the report's margin are left after the day on which the procedure ends, the due day among them.

    What is over (`is_over`) is at risk no more: it came in time, or late.
    """
    ends_on = calendar.local_date(ends_at)
    if ends_on > report.due_on:
        return "late"
    working_days = (day.day for day in calendar.days_from(ends_on + timedelta(days=1)) if day.spans)
    left = takewhile(lambda day: day <= report.due_on, working_days)
    is_roomy = len(list(islice(left, report.margin_days))) == report.margin_days
    return "on_track" if is_over or is_roomy else "at_risk"
