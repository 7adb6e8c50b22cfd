"""The form of a draft: that it is data at all, and that it has the fields of a procedure. Meaning is judged in the other modules."""

import math
import re
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from app.domain.procedure_checks.wordings import ProcedureProblem, at, problem
from app.domain.procedures import Procedure

MAX_NODES = 20_000
MAX_DEPTH = 32
MAX_KEY = 200
MAX_INTEGER = 2**53 - 1
"""The largest that canonical JSON (RFC 8785) can say."""
MAX_LISTED = 500
"""Mistakes of form listed at once: enough for any person, and no way to blow up an answer."""

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

Path = tuple[str | int, ...]


def formed(draft: object) -> Procedure | tuple[ProcedureProblem, ...]:
    """The procedure that the draft says, or what is wrong with its form. Never raises."""
    data, problems = _as_data(draft)
    if problems:
        return problems
    try:
        return Procedure.model_validate(data, strict=True)
    except ValidationError as error:
        return _translated(error, data)


def _as_data(draft: object) -> tuple[Any, tuple[ProcedureProblem, ...]]:
    """A copy of the draft as plain values with tuples for lists (which strict validation wants), and what no JSON document could hold."""
    reader = _Reader()
    try:
        data = reader.read(draft, ())
    except _Enough as enough:
        reader.problems.append(enough.problem)
        data = None
    return data, tuple(reader.problems)


class _Enough(Exception):
    """The draft is so big that reading on would cost more than it could say."""

    def __init__(self, found: ProcedureProblem) -> None:
        self.problem = found
        super().__init__(found.code)


class _Reader:
    def __init__(self) -> None:
        self.problems: list[ProcedureProblem] = []
        self._nodes = 0

    def read(self, value: object, path: Path) -> Any:
        self._nodes += 1
        if self._nodes > MAX_NODES or len(self.problems) >= MAX_LISTED:
            raise _Enough(problem("", "too_large"))
        if len(path) > MAX_DEPTH:
            raise _Enough(problem(at(*path), "too_deep"))
        if isinstance(value, dict):
            return {key: self.read(child, (*path, key)) for key, child in value.items() if self._sound_key(key, path)}
        if isinstance(value, list | tuple):
            return tuple(self.read(child, (*path, index)) for index, child in enumerate(value))
        code = _wrong_scalar(value)
        if code is not None:
            self.problems.append(problem(at(*path), code))
        return value

    def _sound_key(self, key: object, path: Path) -> bool:
        """A key that cannot stand in a pointer is reported at its parent."""
        code = None if isinstance(key, str) else "not_data"
        if isinstance(key, str):
            code = "too_long" if len(key) > MAX_KEY else _wrong_scalar(key)
        if code is not None:
            self.problems.append(problem(at(*path), code))
        return code is None


def _wrong_scalar(value: object) -> str | None:
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str):
        return "character_not_allowed" if _CONTROL.search(value) else None
    if isinstance(value, int):
        return None if abs(value) <= MAX_INTEGER else "not_data"
    if isinstance(value, float):
        return None if math.isfinite(value) else "not_data"
    return "not_data"


_EXPECTED: dict[str, tuple[str, str]] = {
    "string_type": ("teks (beri tanda kutip)", "text (put it in quotes)"),
    "int_type": ("bilangan bulat", "a whole number"),
    "bool_type": ("true atau false", "true or false"),
    "tuple_type": ("daftar", "a list"),
    "dict_type": ("objek", "an object"),
    "model_type": ("objek", "an object"),
}
_CODES: dict[str, str] = {
    "missing": "field_missing",
    "extra_forbidden": "field_unknown",
    "string_too_short": "too_short",
    "too_short": "too_short",
    "string_too_long": "too_long",
    "too_long": "too_long",
    "string_pattern_mismatch": "pattern_mismatch",
    "iso_date": "date_invalid",
}
_LIMITS: dict[str, str] = {"greater_than": "> {gt}", "greater_than_equal": "≥ {ge}", "less_than": "< {lt}", "less_than_equal": "≤ {le}"}


def _translated(error: ValidationError, data: Any) -> tuple[ProcedureProblem, ...]:
    found: dict[ProcedureProblem, None] = {}
    for item in error.errors(include_url=False, include_input=False):
        found.update(dict.fromkeys(_one(item, data)))
    return tuple(found)[:MAX_LISTED] or (problem("", "value_invalid"),)


def _one(item: Any, data: Any) -> Iterator[ProcedureProblem]:
    kind, loc, context = item["type"], item["loc"], item.get("ctx", {})
    if loc[:1] == ("steps",) and loc[2:3] == ("completion",):
        value = data["steps"][loc[1]]["completion"]
        if isinstance(value, dict) != (loc[3:4] == ("Quorum",)):
            return  # the other reading of `completion`: `all`, `any` or {quorum: n}
        if kind == "literal_error":
            yield problem(_pointer(loc, data), "not_one_of", allowed="all, any, {quorum: n}")
            return
    pointer = _pointer(loc, data, missing=kind == "missing")
    if kind in _EXPECTED:
        indonesian, english = _EXPECTED[kind]
        yield problem(pointer, "type_wrong", expected_id=indonesian, expected_en=english)
    elif kind in _LIMITS:
        yield problem(pointer, "out_of_range", limit=_LIMITS[kind].format(**context))
    elif kind == "literal_error":
        yield problem(pointer, "not_one_of", allowed=str(context["expected"]).replace("'", "").replace(" or ", ", "))
    else:
        yield problem(pointer, _CODES.get(kind, "value_invalid"))


def _pointer(loc: Path, data: Any, *, missing: bool = False) -> str:
    """Where in the draft: pydantic's place without the names it adds for the branches of a union and for keys."""
    path: list[str | int] = []
    here = data
    for part in loc:
        if _holds(here, part):
            here = here[part]
            path.append(part)
    return at(*path, loc[-1]) if missing else at(*path)


def _holds(here: Any, part: str | int) -> bool:
    return part in here if isinstance(here, dict) else isinstance(here, tuple) and isinstance(part, int) and part < len(here)
