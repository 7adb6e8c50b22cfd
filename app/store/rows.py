"""Rows ⇄ frozen values, and JSON aggregation that both databases speak.

A decision is made on everything that one instance has. Loading it in one statement means aggregating the child rows to JSON arrays;
the column names of a table are the field names of its dataclass, so one decoder serves them all.
"""

import json
from collections.abc import Callable, Hashable, Iterable
from dataclasses import fields
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, TypeVar, cast, get_type_hints
from uuid import UUID

T = TypeVar("T")


def moment(value: str) -> datetime:
    """PostgreSQL writes the offset, SQLite (always UTC) does not."""
    parsed = datetime.fromisoformat(value)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def nested(value: Any) -> Any:
    """A JSON column inside an aggregate: PostgreSQL nests it, SQLite hands its text."""
    return json.loads(value) if isinstance(value, str) else value


_CONVERTERS: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("datetime.datetime", moment),
    ("datetime.date", date.fromisoformat),
    ("uuid.UUID", UUID),
    ("dict[", nested),
    ("list[", nested),
    ("'bool'", bool),
)


@lru_cache(maxsize=64)
def _converters(kind: Hashable) -> tuple[Callable[[Any], Any] | None, ...]:
    assert isinstance(kind, type)
    hints = get_type_hints(kind)
    named = [repr(hints[field.name]) for field in fields(kind)]
    return tuple(next((convert for marker, convert in _CONVERTERS if marker in name), None) for name in named)


def columns(kind: type) -> tuple[str, ...]:
    """The column names of a row value, in the order in which `decode` expects them."""
    return _columns(cast(Hashable, kind))


@lru_cache(maxsize=64)
def _columns(kind: Hashable) -> tuple[str, ...]:
    assert isinstance(kind, type)
    return tuple(field.name for field in fields(kind))


def as_row(value: Any) -> dict[str, Any]:
    """The columns of a row value. Shallow: `dataclasses.asdict` copies every snapshot in depth, at a tenth of what an act costs."""
    return {name: getattr(value, name) for name in columns(type(value))}


def decode(kind: type[T], values: Iterable[Any]) -> T:
    """One row value from the array that `json_rows` made of it."""
    pairs = zip(_converters(cast(Hashable, kind)), values, strict=True)
    return kind(*(value if convert is None or value is None else convert(value) for convert, value in pairs))


def decode_all(kind: type[T], text: Any) -> tuple[T, ...]:
    """All row values of one aggregate."""
    return tuple(decode(kind, values) for values in (json.loads(text) if isinstance(text, str) else text))


def json_rows(source: str, names: Iterable[str], *, is_postgres: bool) -> str:
    """A subselect that answers all rows of `source` (what follows FROM) as one JSON array of arrays."""
    listed = ", ".join(names)
    if is_postgres:
        return f"(SELECT coalesce(json_agg(json_build_array({listed})), '[]')::text FROM {source})"  # noqa: S608 - names come from our own code
    return f"(SELECT json_group_array(json_array({listed})) FROM {source})"  # noqa: S608


def json_row(names: Iterable[str], *, is_postgres: bool) -> str:
    """The columns of the outer row as one JSON array."""
    listed = ", ".join(names)
    return f"json_build_array({listed})::text" if is_postgres else f"json_array({listed})"
