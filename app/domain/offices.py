"""Offices: what an administrator enters, and who stands above whom at which time.

An office may change its parent (Samboja may come under another regency), so a place in the tree holds from a moment to a moment.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from app.domain.calendars.calendar import first_shown
from app.domain.names import name_mistakes
from app.domain.problems import FieldError
from app.domain.refusals import Refusal

OFFICE_CODE = re.compile(r"[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*", re.ASCII)
"""A region code (64.02.13) or one formed like it. Never a colon or a blank: claims are written `office:role`."""

FOUNDED = date(1970, 1, 1)
"""The day from which an office's first parent stands: when it was really founded is nobody's question here."""

AT_FOUNDING = datetime(1970, 1, 1, tzinfo=UTC)
"""The same moment everywhere, so that whoever stood above the first parent stood above from the beginning."""

FARTHEST_MOVE = timedelta(days=3653)
"""How far ahead a move may be recorded (ten years): one mistyped year would bar every move before it."""

ROOT = "ID"
"""The national office, above all others."""


@dataclass(frozen=True, slots=True)
class NewOffice:
    """An office by region code. `parent` is the office above it (the one standing now); only the national root has none."""

    code: str
    name: str
    parent: str | None
    time_zone: str


@dataclass(frozen=True, slots=True)
class Parent:
    """The office above, from a moment on, until the next one's. `valid_from` is that moment's day in the own zone of the office below.

    The instrument is the decree that says so.
    """

    code: str
    from_at: datetime
    valid_from: date = FOUNDED
    instrument_number: str | None = None
    instrument_date: date | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """An office comes under another parent, from the first moment of `valid_from` in its own zone."""

    code: str
    parent: str
    valid_from: date
    instrument_number: str | None = None
    instrument_date: date | None = None


@dataclass(frozen=True, slots=True)
class Cover:
    """`ancestor` stands `depth` offices above `code` in the half-open time [from_at, until_at); None: no end is known."""

    ancestor: str
    code: str
    from_at: datetime
    until_at: datetime | None
    depth: int


class CircleOfOffices(Exception):
    """An office would come to stand under itself."""


def covers(code: str, parents: Mapping[str, Sequence[Parent]]) -> tuple[Cover, ...]:
    """Who stands above that office when, itself included. `parents`: of every office, in order of time. Raises CircleOfOffices."""
    itself = Cover(code, code, AT_FOUNDING, None, 0)
    return (itself, *_above(itself, parents, path=(code,)))


def _above(below: Cover, parents: Mapping[str, Sequence[Parent]], *, path: tuple[str, ...]) -> Iterator[Cover]:
    """What stands above `below.ancestor`, for as long as that one stands above the office asked about."""
    history = parents.get(below.ancestor, ())
    ends = [parent.from_at for parent in history[1:]] + [None]
    for parent, end in zip(history, ends, strict=False):
        from_at, until_at = max(parent.from_at, below.from_at), _earlier(end, below.until_at)
        if until_at is not None and until_at <= from_at:
            continue
        if parent.code in path:
            raise CircleOfOffices(parent.code)
        found = Cover(parent.code, below.code, from_at, until_at, below.depth + 1)
        yield found
        yield from _above(found, parents, path=(*path, parent.code))


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    """None is no end."""
    ends = [end for end in (one, other) if end is not None]
    return min(ends) if ends else None


def parent_at(history: Sequence[Parent], now: datetime) -> Parent | None:
    """Who stands above at that moment; None for the national office alone."""
    return next((parent for parent in reversed(history) if parent.from_at <= now), None)


def parent_on(history: Sequence[Parent], day: date) -> Parent | None:
    """Who stands above on that day, as far as is recorded."""
    return next((parent for parent in reversed(history) if parent.valid_from <= day), None)


def earliest_move(history: Sequence[Parent], now: datetime, zone: ZoneInfo) -> date:
    """The first day from which an office may be put elsewhere: none that is over, and none before a move that is recorded already.

    A move that is still to come may be replaced on its own day.
    """
    today, last = now.astimezone(zone).date(), history[-1].valid_from
    return last if last > today else max(today, last + timedelta(days=1))


def moved(history: Sequence[Parent], move: Move, zone: ZoneInfo) -> tuple[Parent, ...]:
    """The history with that move. Back to who stands there before: then nothing happens that day, and the move that was to come is gone."""
    before = tuple(parent for parent in history if parent.valid_from < move.valid_from)
    if before[-1].code == move.parent:
        return before
    from_at = first_shown(move.valid_from, time(0), zone)
    return (*before, Parent(move.parent, from_at, move.valid_from, move.instrument_number, move.instrument_date))


def move_refusals(move: Move, parents: Mapping[str, Sequence[Parent]], *, zone: ZoneInfo, now: datetime) -> Iterator[Refusal]:
    """What speaks against a move, whoever wants it. `parents`: of the office, of the parent to be, and of all above the two."""
    history = parents.get(move.code, ())
    if not history:
        yield Refusal("national_office_stays")
        return
    earliest, stands = earliest_move(history, now, zone), parent_on(history, move.valid_from)
    words: dict[str, str | int] = {"code": move.code, "parent": move.parent, "day": move.valid_from.isoformat()}
    if move.valid_from < earliest:
        yield Refusal("valid_from_too_early", {"code": move.code, "earliest": earliest.isoformat()})
    elif move.valid_from > (latest := now.astimezone(zone).date() + FARTHEST_MOVE):
        yield Refusal("valid_from_too_late", {"code": move.code, "latest": latest.isoformat()})
    elif stands is not None and stands.code == move.parent:
        yield Refusal("already_its_parent", words)
    elif _goes_in_a_circle(move, {**parents, move.code: moved(history, move, zone)}):
        yield Refusal("office_cycle", words)


def _goes_in_a_circle(move: Move, parents: Mapping[str, Sequence[Parent]]) -> bool:
    try:
        covers(move.code, parents)
    except CircleOfOffices:
        return True
    return False


def office_mistakes(office: NewOffice) -> Iterator[FieldError]:
    if len(office.code) > 40 or not OFFICE_CODE.fullmatch(office.code):
        yield FieldError("/code", "malformed", "Kode kantor seperti 64.02.13.", "An office code looks like 64.02.13.")
    yield from name_mistakes(office.name)
    if not _is_zone(office.time_zone):
        yield FieldError(
            "/time_zone", "unknown_time_zone", "Zona waktu tidak dikenal; contoh: Asia/Makassar.", "Unknown time zone; an example: Asia/Makassar."
        )


def code_mistakes(office: NewOffice) -> Iterator[FieldError]:
    """Of who does not administer the nation: else an office could take the code that the ministry gives to another one's."""
    if not office.code.startswith(f"{office.parent}."):
        yield FieldError(
            "/code",
            "not_below_parent",
            f"Kode kantor di bawah {office.parent} diawali {office.parent}. (lalu huruf atau angka); kode lain ditetapkan admin {ROOT}.",
            f"The code of an office below {office.parent} begins with {office.parent}. (a full stop); another is for an admin of {ROOT} to give.",
        )


def _is_zone(name: str) -> bool:
    """A place (Asia/Makassar), or UTC: names like localtime or Factory mean something else on every machine."""
    return name == "UTC" or ("/" in name and name in _zones())


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
