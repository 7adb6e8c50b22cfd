"""Calendars: an office's own rows and those it inherits, read in one statement; a small cache by version; new rows."""

from collections import OrderedDict
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import TextClause, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from app.domain.calendars import Calendar, DayOff, Layer, Schedule, Season, merge, week_as_text, week_from_text
from app.domain.problems import NotVisible
from app.store.rows import json_rows, nested
from app.store.tables import DayOffRow, OfficeCoverRow, OfficeRow, SeasonRow, WorkScheduleRow, table

COVER = table(OfficeCoverRow)
OFFICE = table(OfficeRow)

CACHED_CALENDARS = 64


async def load_calendar(connection: AsyncConnection, office_code: str) -> Calendar:
    """The calendar in force at an office, with its version. Raises NotVisible when there is no such office."""
    zone, version, layers = await _load(connection, office_code)
    return merge([layers[depth] for depth in sorted(layers)], zone=zone, version=version)


async def load_layer(connection: AsyncConnection, office_code: str) -> Layer:
    """What the office itself says, without what it inherits."""
    _, _, layers = await _load(connection, office_code)
    return layers.get(0, Layer())


async def add_layer(connection: AsyncConnection, office_code: str, layer: Layer) -> None:
    """Insert rows that are not there yet. The calendars of the office and of all offices below it get a new version."""
    schedules = [
        {"season": row.season, "valid_from": row.valid_from, "week": week_as_text(row.week), "source": row.source} for row in layer.schedules
    ]
    seasons = [{"name": row.name, "starts_on": row.starts_on, "ends_on": row.ends_on, "provisional": row.provisional} for row in layer.seasons]
    days_off = [{"day": row.day, "kind": row.kind, "name": row.name, "provisional": row.provisional, "source": row.source} for row in layer.days_off]
    for kind, rows in ((WorkScheduleRow, schedules), (SeasonRow, seasons), (DayOffRow, days_off)):
        if rows:
            await connection.execute(insert(table(kind)), [{"id": uuid7(), "office_code": office_code, **row} for row in rows])
    below = select(COVER.c.code).where(COVER.c.ancestor == office_code)
    changed = update(OFFICE).where(or_(OFFICE.c.code == office_code, OFFICE.c.code.in_(below)))
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


async def _load(connection: AsyncConnection, office_code: str) -> tuple[str, int, dict[int, Layer]]:
    """Time zone, version, and the layers by their distance from the office."""
    statement = _statement(connection.dialect.name == "postgresql")
    found = (await connection.execute(statement, {"office": office_code})).one_or_none()
    if found is None:
        raise NotVisible
    schedules, seasons, days_off = nested(found[2]), nested(found[3]), nested(found[4])
    layers = {
        depth: Layer(
            tuple(_schedule(values) for at, *values in schedules if at == depth),
            tuple(_season(values) for at, *values in seasons if at == depth),
            tuple(_day_off(values) for at, *values in days_off if at == depth),
        )
        for depth in {row[0] for rows in (schedules, seasons, days_off) for row in rows}
    }
    return found[0], found[1], layers


@lru_cache(maxsize=2)
def _statement(is_postgres: bool) -> TextClause:
    """Three JSON aggregates beside the office: together they are one moment, so the version is that of the rows."""

    def rows(name: str, *columns: str) -> str:
        source = f"{name} r JOIN office_cover c ON c.ancestor = r.office_code WHERE c.code = o.code"
        return json_rows(source, ("c.depth", *(f"r.{column}" for column in columns)), is_postgres=is_postgres)

    schedules = rows("work_schedule", "valid_from", "season", "week", "source")
    seasons = rows("season", "name", "starts_on", "ends_on", "provisional")
    days_off = rows("day_off", "day", "kind", "name", "provisional", "source")
    return text(
        f"SELECT o.time_zone, o.calendar_version, {schedules}, {seasons}, {days_off} FROM office o WHERE o.code = :office"  # noqa: S608
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
