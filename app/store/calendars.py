"""Calendars: an office's own rows and those it inherits, read in one statement; a small cache by version; new rows."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Table, TextClause, and_, bindparam, delete, exists, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.calendars import (
    Calendar,
    DayOff,
    Layer,
    ReportDate,
    Schedule,
    Season,
    Standing,
    first_day,
    merge_standing,
    week_as_text,
    week_from_text,
)
from app.domain.offices import AT_FOUNDING
from app.domain.problems import NotVisible
from app.store.events import EVENT, office_stream
from app.store.offices import OFFICE, ever_below
from app.store.rows import json_rows, moment, nested
from app.store.tables import DayOffRow, ReportDateRow, SeasonRow, StepRoundRow, WorkScheduleRow, table

ROUND = table(StepRoundRow)
CACHED_CALENDARS = 64


@dataclass(frozen=True, slots=True)
class Inherited:
    """What an office's calendar is made of: each office that stands, stood or will stand above it (and itself) by code, with what that says."""

    zone: str
    version: int
    above: tuple[tuple[str, Standing], ...]

    def calendar(self) -> Calendar:
        return merge_standing([standing for _, standing in self.above], zone=self.zone, version=self.version)

    def own(self) -> Layer:
        """What the office itself says."""
        return next(standing.layer for _, standing in self.above if standing.depth == 0)

    def with_layer(self, code: str, layer: Layer) -> "Inherited":
        """The same, if that office said this instead."""
        return replace(self, above=tuple((of, replace(row, layer=layer) if of == code else row) for of, row in self.above))


async def load_calendar(connection: AsyncConnection, office_code: str) -> Calendar:
    """The calendar in force at an office, with its version. Raises NotVisible when there is no such office."""
    return (await load_inherited(connection, office_code)).calendar()


async def write_layer(connection: AsyncConnection, office_code: str, *, before: Layer, after: Layer) -> None:
    """Write the difference of two layers of one office. Rows are told apart by their ids (report dates by their year); new ones bring theirs."""
    for kept in _KEPT:
        old = {getattr(row, kept.key): row for row in getattr(before, kept.field)}
        new = {getattr(row, kept.key): row for row in getattr(after, kept.field)}
        await _write_rows(connection, kept, office_code, old=old, new=new)


async def _write_rows(connection: AsyncConnection, kept: "_Kept", office_code: str, *, old: dict[Any, Any], new: dict[Any, Any]) -> None:
    """What goes first makes room for what comes: a day may be taken by one row and given to another."""
    own = and_(kept.table.c.office_code == office_code, kept.table.c[kept.key] == bindparam("own"))
    gone = [{"own": key} for key in old if key not in new]
    changed = [{"own": key} | kept.columns(row) for key, row in new.items() if key in old and old[key] != row]
    added = [{"office_code": office_code, kept.key: key} | kept.columns(row) for key, row in new.items() if key not in old]
    for statement, rows in ((delete(kept.table).where(own), gone), (update(kept.table).where(own), changed), (insert(kept.table), added)):
        if rows:
            await connection.execute(statement, rows)


async def advance_calendars(connection: AsyncConnection, office_code: str, *, changed_by: UUID) -> None:
    """The calendars of the office and of all that were, are or will be below it get a new version, by that event.

    Where the tree could be changed meanwhile, take it first (`store.offices.take_tree`).
    """
    changed = update(OFFICE).where(OFFICE.c.code.in_(ever_below(office_code)))
    await connection.execute(changed.values(calendar_version=OFFICE.c.calendar_version + 1, calendar_changed_by=changed_by))


async def is_recomputing(connection: AsyncConnection, office_code: str) -> bool:
    """Whether a deadline that runs at the office, or at one below it, still stands on an older calendar than its office's."""
    stale = (ROUND.c.state == "active", ROUND.c.office_code == OFFICE.c.code, ROUND.c.calendar_version < OFFICE.c.calendar_version)
    found = await connection.execute(select(OFFICE.c.code).where(OFFICE.c.code.in_(ever_below(office_code)), exists().where(*stale)).limit(1))
    return found.first() is not None


async def years_told(connection: AsyncConnection, office_code: str) -> frozenset[int]:
    """The years whose days off were seeded or listed at the office before, as its stream tells: also where they are all gone again."""
    changes = select(EVENT.c.data).where(EVENT.c.stream == office_stream(office_code), EVENT.c.type == "calendar.changed")
    return frozenset(year for data in (await connection.execute(changes)).scalars() for year in data.get("years", ()))


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


async def load_inherited(connection: AsyncConnection, office_code: str) -> Inherited:
    """In one statement, so that the version is that of the rows. Raises NotVisible when there is no such office."""
    statement = _statement(connection.dialect.name == "postgresql")
    found = (await connection.execute(statement, {"office": office_code})).one_or_none()
    if found is None:
        raise NotVisible
    schedules, seasons, days_off, report_dates, covers = map(nested, found[2:])
    layers = {
        code: Layer(
            tuple(_schedule(of, values) for of, *values in schedules if of == code),
            tuple(_season(of, values) for of, *values in seasons if of == code),
            tuple(_day_off(of, values) for of, *values in days_off if of == code),
            tuple(_report_date(of, values) for of, *values in report_dates if of == code),
        )
        for code in {row[0] for row in covers}
    }
    zone = ZoneInfo(found[0])
    above = [(code, Standing(layers[code], depth, _day(from_at, zone), _day(until_at, zone))) for code, depth, from_at, until_at in covers]
    return Inherited(found[0], found[1], tuple(above))


def _day(at: str | None, zone: ZoneInfo) -> date | None:
    """None where a cover has no beginning or no end."""
    parsed = None if at is None else moment(at)
    return None if parsed is None or parsed == AT_FOUNDING else first_day(parsed, zone)


@lru_cache(maxsize=2)
def _statement(is_postgres: bool) -> TextClause:
    """Five JSON aggregates beside the office: together they are one moment, so the version is that of the rows."""
    above = "SELECT c.ancestor FROM office_cover c WHERE c.code = o.code"

    def rows(name: str, *columns: str) -> str:
        source = f"{name} r WHERE r.office_code IN ({above})"
        return json_rows(source, ("r.office_code", *(f"r.{column}" for column in columns)), is_postgres=is_postgres)

    schedules = rows("work_schedule", "id", "valid_from", "valid_to", "season", "week", "source")
    seasons = rows("season", "id", "name", "starts_on", "ends_on", "provisional", "source")
    days_off = rows("day_off", "id", "day", "kind", "name", "provisional", "source", "decree")
    report_dates = rows("report_date", "year", "due_on", "margin_days")
    covers = json_rows("office_cover c WHERE c.code = o.code", ("c.ancestor", "c.depth", "c.from_at", "c.until_at"), is_postgres=is_postgres)
    parts = f"{schedules}, {seasons}, {days_off}, {report_dates}, {covers}"
    return text(f"SELECT o.time_zone, o.calendar_version, {parts} FROM office o WHERE o.code = :office")  # noqa: S608 - names come from our own code


def _schedule(office: str, values: list[Any]) -> Schedule:
    own, valid_from, valid_to, season, week, source = values
    until = None if valid_to is None else date.fromisoformat(valid_to)
    return Schedule(date.fromisoformat(valid_from), season, week_from_text(nested(week)), source, until, id=UUID(own), office=office)


def _season(office: str, values: list[Any]) -> Season:
    own, name, starts_on, ends_on, provisional, source = values
    return Season(name, date.fromisoformat(starts_on), date.fromisoformat(ends_on), bool(provisional), source, UUID(own), office)


def _day_off(office: str, values: list[Any]) -> DayOff:
    own, day, kind, name, provisional, source, decree = values
    return DayOff(date.fromisoformat(day), kind, name, bool(provisional), source, decree, UUID(own), office)


def _report_date(office: str, values: list[Any]) -> ReportDate:
    year, due_on, margin_days = values
    return ReportDate(year, date.fromisoformat(due_on), margin_days, office)


# ── writing ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _columns_of_schedule(row: Schedule) -> dict[str, Any]:
    return {"season": row.season, "valid_from": row.valid_from, "valid_to": row.valid_to, "week": week_as_text(row.week), "source": row.source}


def _named(*names: str) -> Callable[[Any], dict[str, Any]]:
    return lambda row: {name: getattr(row, name) for name in names}


@dataclass(frozen=True, slots=True)
class _Kept:
    """A field of a layer, where its rows are kept, what tells them apart, and what of them may change."""

    field: str
    table: Table
    key: str
    columns: Callable[[Any], dict[str, Any]]


_KEPT = (
    _Kept("schedules", table(WorkScheduleRow), "id", _columns_of_schedule),
    _Kept("seasons", table(SeasonRow), "id", _named("name", "starts_on", "ends_on", "provisional", "source")),
    _Kept("days_off", table(DayOffRow), "id", _named("day", "kind", "name", "provisional", "source", "decree")),
    _Kept("report_dates", table(ReportDateRow), "year", _named("due_on", "margin_days")),
)
