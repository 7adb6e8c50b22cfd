"""Offices: what an administrator enters, and who stands above whom at which time.

An office may change its parent (Samboja may come under another regency), so a place in the tree holds from a moment to a moment.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from app.domain.names import name_mistakes
from app.domain.problems import FieldError

OFFICE_CODE = re.compile(r"[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*", re.ASCII)
"""A region code (64.02.13) or one formed like it. Never a colon or a blank: claims are written `office:role`."""

FOUNDED = date(1970, 1, 1)
"""The day from which an office's first parent stands: when it was really founded is nobody's question here."""

AT_FOUNDING = datetime(1970, 1, 1, tzinfo=UTC)
"""The same moment everywhere, so that whoever stood above the first parent stood above from the beginning."""

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
    """The office above, from a moment on, until the next one's."""

    code: str
    from_at: datetime


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


def office_mistakes(office: NewOffice) -> Iterator[FieldError]:
    if len(office.code) > 40 or not OFFICE_CODE.fullmatch(office.code):
        yield FieldError("/code", "malformed", "Kode kantor seperti 64.02.13.", "An office code looks like 64.02.13.")
    yield from name_mistakes(office.name)
    if not _is_zone(office.time_zone):
        yield FieldError("/time_zone", "unknown_time_zone", "Zona waktu seperti Asia/Makassar.", "A time zone looks like Asia/Makassar.")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # no such zone; a directory ("Asia"); a path out of the database
        return False
    return True
