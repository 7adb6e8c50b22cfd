"""Calendars: an office's own rows and those it inherits, read in one statement; a small cache by version; new rows."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import TextClause, insert, text, update
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from app.domain.calendars import Calendar, DayOff, Layer, Schedule, Season, Standing, first_day, merge_standing, week_as_text, week_from_text
from app.domain.offices import AT_FOUNDING
from app.domain.problems import NotVisible
from app.store.offices import OFFICE, ever_below
from app.store.rows import json_rows, moment, nested
from app.store.tables import DayOffRow, SeasonRow, WorkScheduleRow, table

CACHED_CALENDARS = 64


async def load_calendar(connection: AsyncConnection, office_code: str) -> Calendar:
    """The calendar in force at an office, with its version. Raises NotVisible when there is no such office."""
    found = await _load(connection, office_code)
    return merge_standing(found.above, zone=found.zone, version=found.version)


async def load_layer(connection: AsyncConnection, office_code: str) -> Layer:
    """What the office itself says, without what it inherits."""
    found = await _load(connection, office_code)
    return next(row.layer for row in found.above if row.depth == 0)


async def add_layer(connection: AsyncConnection, office_code: str, layer: Layer) -> None:
    """Insert rows that are not there yet. The calendars of the office and of all that were, are or will be below it get a new version.

    Where the tree could be changed meanwhile, take it first (`store.offices.take_tree`).
    """
    schedules = [
        {"season": row.season, "valid_from": row.valid_from, "week": week_as_text(row.week), "source": row.source} for row in layer.schedules
    ]
    seasons = [{"name": row.name, "starts_on": row.starts_on, "ends_on": row.ends_on, "provisional": row.provisional} for row in layer.seasons]
    days_off = [{"day": row.day, "kind": row.kind, "name": row.name, "provisional": row.provisional, "source": row.source} for row in layer.days_off]
    for kind, rows in ((WorkScheduleRow, schedules), (SeasonRow, seasons), (DayOffRow, days_off)):
        if rows:
            await connection.execute(insert(table(kind)), [{"id": uuid7(), "office_code": office_code, **row} for row in rows])
    changed = update(OFFICE).where(OFFICE.c.code.in_(ever_below(office_code)))
    await connection.execute(changed.values(calendar_version=OFFICE.c.calendar_version + 1))


class CalendarCache:
    """The calendars used last, by office and version: a version that moved on is never answered."""

    def __init__(self, size: int = CACHED_CALENDARS) -> None:
        self._size = size
        self._kept: OrderedDict[tuple[str, int], Calendar] = OrderedDict()

    async def get(self, connection: AsyncConnection, office_code: str, version: int) -> Calendar:
        """The calendar of that version, or the one in force if it moved on since the caller read the version: it carries its own."""
        kept = self._kept.get((office_code, version))
        if kept is None:
            kept = await load_calendar(connection, office_code)
        key = (office_code, kept.version)
        self._kept[key] = kept
        self._kept.move_to_end(key)
        while len(self._kept) > self._size:
            self._kept.popitem(last=False)
        return kept


@dataclass(frozen=True, slots=True)
class _Loaded:
    zone: str
    version: int
    above: tuple[Standing, ...]


async def _load(connection: AsyncConnection, office_code: str) -> _Loaded:
    """What the office says, and each office that stands, stood or will stand above it, with the days on which it does."""
    statement = _statement(connection.dialect.name == "postgresql")
    found = (await connection.execute(statement, {"office": office_code})).one_or_none()
    if found is None:
        raise NotVisible
    schedules, seasons, days_off, covers = nested(found[2]), nested(found[3]), nested(found[4]), nested(found[5])
    layers = {
        code: Layer(
            tuple(_schedule(values) for of, *values in schedules if of == code),
            tuple(_season(values) for of, *values in seasons if of == code),
            tuple(_day_off(values) for of, *values in days_off if of == code),
        )
        for code in {row[0] for row in covers}
    }
    zone = ZoneInfo(found[0])
    above = [Standing(layers[code], depth, _day(from_at, zone), _day(until_at, zone)) for code, depth, from_at, until_at in covers]
    return _Loaded(found[0], found[1], tuple(above))


def _day(at: str | None, zone: ZoneInfo) -> date | None:
    """None where a cover has no beginning or no end."""
    parsed = None if at is None else moment(at)
    return None if parsed is None or parsed == AT_FOUNDING else first_day(parsed, zone)


@lru_cache(maxsize=2)
def _statement(is_postgres: bool) -> TextClause:
    """Four JSON aggregates beside the office: together they are one moment, so the version is that of the rows."""
    above = "SELECT c.ancestor FROM office_cover c WHERE c.code = o.code"

    def rows(name: str, *columns: str) -> str:
        source = f"{name} r WHERE r.office_code IN ({above})"
        return json_rows(source, ("r.office_code", *(f"r.{column}" for column in columns)), is_postgres=is_postgres)

    schedules = rows("work_schedule", "valid_from", "season", "week", "source")
    seasons = rows("season", "name", "starts_on", "ends_on", "provisional")
    days_off = rows("day_off", "day", "kind", "name", "provisional", "source")
    covers = json_rows("office_cover c WHERE c.code = o.code", ("c.ancestor", "c.depth", "c.from_at", "c.until_at"), is_postgres=is_postgres)
    return text(
        f"SELECT o.time_zone, o.calendar_version, {schedules}, {seasons}, {days_off}, {covers} FROM office o WHERE o.code = :office"  # noqa: S608
    )


def _schedule(values: list[Any]) -> Schedule:
    valid_from, season, week, source = values
    return Schedule(date.fromisoformat(valid_from), season, week_from_text(nested(week)), source)


def _season(values: list[Any]) -> Season:
    name, starts_on, ends_on, provisional = values
    return Season(name, date.fromisoformat(starts_on), date.fromisoformat(ends_on), bool(provisional))


def _day_off(values: list[Any]) -> DayOff:
    day, kind, name, provisional, source = values
    return DayOff(date.fromisoformat(day), kind, name, bool(provisional), source)
