"""Changes of what one office itself says about its calendar: each turns its layer into another, or raises Invalid with all mistakes.

What is wrong whatever the calendar holds is raised when a change is made; what clashes with rows that are there, when it is applied.
Rows that stay what they are keep their ids; new ones have none yet (`Layer.identified`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID

from app.domain.calendars.entries import Entry, ScheduleEntry, SeasonEntry, entry_mistakes
from app.domain.calendars.kinds import DAYS_OFF, KINDS, Kind, Placed, Row, RowField, clashes, entry_of, key_of, kind_of, known, others, row_of
from app.domain.calendars.layers import Layer
from app.domain.calendars.values import DayOff, ReportDate
from app.domain.problems import FieldError, Invalid, NotVisible

MOST_AT_ONCE = 1000
"""Rows in one import: one event tells of them all."""

Reason = Literal["edited", "imported", "year_list", "seeded", "report_date"]
"""Why a calendar changed, as its event says."""


@dataclass(frozen=True, slots=True)
class RowName:
    """A stored row: its list, and its id (of a report date the year)."""

    field: RowField
    key: UUID | int

    def among(self, layer: Layer) -> Any | None:
        return next((row for row in getattr(layer, self.field) if key_of(row) == self.key), None)


@dataclass(frozen=True, slots=True)
class Change:
    """`row`: the one that must be there for it. `years`: those whose days off are as this change says, so that no seeding adds to them."""

    apply: Callable[[Layer], Layer]
    row: RowName | None = None
    years: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Import:
    """Entries of each kind, each with the pointer to it."""

    days_off: Sequence[tuple[str, DayOff]] = ()
    seasons: Sequence[tuple[str, SeasonEntry]] = ()
    schedules: Sequence[tuple[str, ScheduleEntry]] = ()
    report_dates: Sequence[tuple[str, ReportDate]] = ()

    def entries(self) -> list[tuple[str, Entry]]:
        return [*self.days_off, *self.seasons, *self.schedules, *self.report_dates]


def add_row(entry: DayOff | SeasonEntry | ScheduleEntry) -> Change:
    """A day off, a season or a schedule more."""
    _refuse(entry_mistakes(entry))
    row = row_of(entry)
    kind = kind_of(row)
    return Change(lambda layer: _laid(layer, {kind.field: (kind.rows(layer), [("", row)])}))


def change_row(field: RowField, row_id: UUID, given: Mapping[str, Any]) -> Change:
    """`given`: what of the row is to be otherwise, by the names of its entry's fields (`day`, `week` as text, …)."""
    name = RowName(field, row_id)

    def apply(layer: Layer) -> Layer:
        old = _there(layer, name)
        entry = replace(entry_of(old), **given)
        _refuse(entry_mistakes(entry))
        rest = [row for row in getattr(layer, field) if row is not old]
        return _laid(layer, {field: (rest, [("", replace(row_of(entry), id=old.id, office=old.office))])})

    return Change(apply, row=name)


def remove_row(field: RowField, row_id: UUID) -> Change:
    name = RowName(field, row_id)
    return Change(lambda layer: _without(layer, name), row=name)


def put_year_list(year: int, days_off: Sequence[tuple[str, DayOff]]) -> Change:
    """The public holidays and joint leave of that year, as one decree lists them, instead of those that the office has."""
    rows = _sound(Import(days_off), year=year)[DAYS_OFF]

    def apply(layer: Layer) -> Layer:
        rest = [row for row in layer.days_off if row.day.year != year or row.kind not in _OF_A_LIST]
        return _laid(layer, {"days_off": (rest, known(DAYS_OFF, layer, rows))})

    return Change(apply, years=(year,))


def import_rows(entries: Import) -> Change:
    """What is there already (a date and kind; a season's name and first day; a schedule's season and first day; a year) becomes as given."""
    new = _sound(entries)

    def apply(layer: Layer) -> Layer:
        return _laid(layer, {kind.field: (others(kind, layer, rows), known(kind, layer, rows)) for kind, rows in new.items()})

    return Change(apply)


def set_report_date(row: ReportDate) -> Change:
    return import_rows(Import(report_dates=[("", row)]))


def unset_report_date(year: int) -> Change:
    """Then it is again as the office above says, or as usual."""
    name = RowName("report_dates", year)
    return Change(lambda layer: _without(layer, name), row=name)


# ── laying rows beside each other ──────────────────────────────────────────────────────────────────────────────────────

_OF_A_LIST = frozenset({"public", "joint_leave"})


def _there(layer: Layer, name: RowName) -> Any:
    found = name.among(layer)
    if found is None:
        raise NotVisible
    return found


def _without(layer: Layer, name: RowName) -> Layer:
    gone = _there(layer, name)
    return _replaced(layer, {name.field: [row for row in getattr(layer, name.field) if row is not gone]})


def _replaced(layer: Layer, lists: Mapping[RowField, Iterable[Any]]) -> Layer:
    changed: dict[str, Any] = {name: tuple(rows) for name, rows in lists.items()}
    return replace(layer, **changed)


def _laid(layer: Layer, lists: Mapping[RowField, tuple[Sequence[Row], Sequence[Placed]]]) -> Layer:
    """Of each list the rows that stay, and those laid beside them. Raises Invalid where they clash."""
    kinds = {kind.field: kind for kind in KINDS}
    _refuse(mistake for name, (stay, new) in lists.items() for mistake in clashes(kinds[name], stay, new))
    return _replaced(layer, {name: (*stay, *(row for _, row in new)) for name, (stay, new) in lists.items()})


def _sound(entries: Import, *, year: int | None = None) -> dict[Kind, list[Placed]]:
    """The rows by kind. Raises Invalid with what is wrong with them, and with two that do not go together. `year`: they are a list of that year."""
    found = entries.entries()
    if not 0 < len(found) <= MOST_AT_ONCE:
        _refuse([FieldError("", "rows_out_of_range", f"1 sampai {MOST_AT_ONCE} baris sekaligus.", f"1 to {MOST_AT_ONCE} rows at once.")])
    mistakes: list[FieldError] = []
    rows: dict[Kind, list[Placed]] = {kind: [] for kind in KINDS}
    for at, entry in found:
        own = [*entry_mistakes(entry, at), *_list_mistakes(entry, at, year)]
        mistakes += own
        if not own:
            row = row_of(entry)
            rows[kind_of(row)].append((at, row))
    _refuse([*mistakes, *(clash for kind, placed in rows.items() for clash in clashes(kind, (), placed))])
    return rows


def _list_mistakes(entry: Entry, at: str, year: int | None) -> Iterator[FieldError]:
    if year is None or not isinstance(entry, DayOff):
        return
    if entry.kind not in _OF_A_LIST:
        yield FieldError(
            f"{at}/kind", "not_of_a_list", "Daftar tahunan memuat public dan joint_leave.", "A year's list holds public and joint_leave."
        )
    if entry.day.year != year:
        yield FieldError(f"{at}/date", "not_in_the_year", f"Bukan tanggal pada tahun {year}.", f"Not a date in the year {year}.")


def _refuse(mistakes: Iterable[FieldError]) -> None:
    found = tuple(mistakes)
    if found:
        raise Invalid(*found)
