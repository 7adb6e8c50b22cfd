"""What a change made of an office's layer, and how its event tells of that: names, sources and decrees only as their hashes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.domain.calendars.changes import Reason
from app.domain.calendars.kinds import KINDS, RowField, key_of
from app.domain.calendars.layers import Layer
from app.domain.calendars.values import week_as_text
from app.domain.events import NewEvent, text_hash


@dataclass(frozen=True, slots=True)
class Difference:
    """`changed` as the rows are afterwards, `removed` as they were."""

    added: Layer
    changed: Layer
    removed: Layer

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def difference(before: Layer, after: Layer) -> Difference:
    """Rows are told apart by their ids, report dates by their year; their order says nothing."""
    added: dict[str, Any] = {}
    changed: dict[str, Any] = {}
    removed: dict[str, Any] = {}
    for kind in KINDS:
        old, new = ({key_of(row): row for row in kind.rows(layer)} for layer in (before, after))
        added[kind.field] = tuple(row for key, row in new.items() if key not in old)
        changed[kind.field] = tuple(row for key, row in new.items() if key in old and old[key] != row)
        removed[kind.field] = tuple(row for key, row in old.items() if key not in new)
    return Difference(Layer(**added), Layer(**changed), Layer(**removed))


def calendar_changed(found: Difference, reason: Reason, years: Iterable[int] = ()) -> NewEvent:
    """`years`: see `Change.years`."""
    parts = {"added": found.added, "changed": found.changed, "removed": found.removed}
    named = {"years": sorted(years)} if years else {}
    return NewEvent("calendar.changed", {"reason": reason} | named | {name: _told(layer) for name, layer in parts.items()})


def _told(layer: Layer) -> dict[str, list[dict[str, Any]]]:
    return {kind.field: [told(kind.field, row) for row in rows] for kind in KINDS if (rows := kind.rows(layer))}


def told(field: RowField, row: Any) -> dict[str, Any]:
    """One row as events tell it. Also of a row as a table keeps it, where the columns have the same names."""
    if field == "report_dates":
        return {"year": row.year, "due_on": row.due_on.isoformat(), "margin_days": row.margin_days}
    return {"id": str(row.id), "source_sha256": text_hash(row.source)} | _TOLD[field](row)


def _of_day_off(row: Any) -> dict[str, Any]:
    texts = {"name_sha256": text_hash(row.name), "decree_sha256": text_hash(row.decree)}
    return {"date": row.day.isoformat(), "kind": row.kind, "provisional": row.provisional} | texts


def _of_season(row: Any) -> dict[str, Any]:
    days = {"starts_on": row.starts_on.isoformat(), "ends_on": row.ends_on.isoformat()}
    return {"name_sha256": text_hash(row.name), "provisional": row.provisional} | days


def _of_schedule(row: Any) -> dict[str, Any]:
    days = {"valid_from": row.valid_from.isoformat(), "valid_to": _day(row.valid_to)}
    return {"season_sha256": text_hash(row.season), "week": week_as_text(row.week) if isinstance(row.week, tuple) else row.week} | days


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


_TOLD: Mapping[str, Callable[[Any], dict[str, Any]]] = {"days_off": _of_day_off, "seasons": _of_season, "schedules": _of_schedule}
