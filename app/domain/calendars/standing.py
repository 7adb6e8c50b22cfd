"""Calendars over a tree that changes: what an office above says counts on the days on which it stands above, whatever day it is now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.domain.calendars.calendar import Calendar
from app.domain.calendars.layers import Layer, merge

_NOON = time(12)


@dataclass(frozen=True, slots=True)
class Standing:
    """What one office says, and the days on which it stands `depth` offices above: from `since` on, before `until`; None: no such end."""

    layer: Layer
    depth: int
    since: date | None = None
    until: date | None = None

    def __contains__(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


def first_day(at: datetime, zone: ZoneInfo) -> date:
    """The first day in the zone that belongs to what begins at that moment: a day belongs to whoever stands at its noon.

    An office above may lie in another zone: its midnight is 23:00 or 01:00 here, and neither cuts a day of office hours in two.
    """
    local = at.astimezone(zone)
    return local.date() if local.time() <= _NOON else local.date() + timedelta(days=1)


def merge_standing(above: Sequence[Standing], *, zone: str, version: int) -> Calendar:
    """One calendar in which each day is that of the layers standing on it, the nearest first (see `merge`)."""
    edges = sorted({edge for row in above for edge in (row.since, row.until) if edge is not None})
    layers = _layers_on(date.min, above)
    calendar = merge(layers, zone=zone, version=version)
    for edge in edges:
        after = _layers_on(edge, above)
        if after != layers:
            layers, calendar = after, merge(after, zone=zone, version=version, before=(edge, calendar))
    return calendar


def _layers_on(day: date, above: Sequence[Standing]) -> list[Layer]:
    """Nearest first; an office that says nothing is none."""
    return [row.layer for row in sorted(above, key=lambda row: row.depth) if day in row and row.layer]
