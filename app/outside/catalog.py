"""Procedures as YAML files: reading one, and the ones that Alur ships. The only import of PyYAML.

The file is read event by event instead of through PyYAML's loaders: these let duplicate keys through, expand aliases, and read `yes`
and `no` (the names of a decision's branches), dates and 1:30 as something other than the words that stand there (YAML 1.1). Here scalars
follow the core schema of YAML 1.2; anchors, aliases and tags are refused; depth and number of nodes are capped; places are kept.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import yaml

from app.domain.procedure_checks import ProcedureProblem, ProcedureRejected, at, problem

MAX_BYTES = 2**20
MAX_DEPTH = 32
MAX_NODES = 20_000
MAX_PROBLEMS = 500

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}", re.ASCII)
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?", re.ASCII)
_KEY = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,200}")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}

Place = tuple[int, int]
"""Line and column, both counted from 1."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a file says, unchecked, and where it says it."""

    value: Any
    places: dict[str, Place]

    def place(self, pointer: str) -> Place:
        """Where that pointer stands in the file; of something missing, where it should have stood."""
        while pointer not in self.places and pointer:
            pointer = pointer.rpartition("/")[0]
        return self.places.get(pointer, (1, 1))


def shipped() -> dict[str, bytes]:
    """The procedures that come with Alur, by file name."""
    found = (entry for entry in (files("app") / "catalog").iterdir() if entry.name.endswith(".yaml"))
    return {entry.name: entry.read_bytes() for entry in sorted(found, key=lambda entry: entry.name)}


def read(data: bytes) -> Draft:
    """The draft in a YAML file. Raises ProcedureRejected, with line and column, for what is no plain YAML."""
    if len(data) > MAX_BYTES:
        raise ProcedureRejected((problem("", "file_too_large", limit=MAX_BYTES),))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ProcedureRejected((problem("", "encoding_invalid"),)) from error
    builder = _Builder()
    for event in _events(text):
        builder.take(event)
    if builder.problems:
        raise ProcedureRejected(tuple(builder.problems))
    return Draft(builder.value, builder.places)


def _events(text: str) -> Iterator[Any]:
    try:
        yield from yaml.parse(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        line, column = _place_of_error(error, text)
        raise ProcedureRejected((problem("", "yaml_invalid", line=line, column=column),)) from error


def _place_of_error(error: yaml.YAMLError, text: str) -> Place:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is not None:
        return mark.line + 1, mark.column + 1
    before = text[: getattr(error, "position", 0)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


@dataclass(slots=True)
class _Open:
    """A list or mapping that is being read. `key` is the key that waits for its value."""

    container: dict[str, Any] | list[Any]
    path: tuple[str | int, ...]
    key: str | None = None
    twice: bool = False


@dataclass(slots=True)
class _Builder:
    """Builds the value from the events. Nothing here recurses, so no nesting can exhaust a stack."""

    value: Any = None
    places: dict[str, Place] = field(default_factory=dict)
    problems: list[ProcedureProblem] = field(default_factory=list)
    _open: list[_Open] = field(default_factory=list)
    _nodes: int = 0
    _documents: int = 0

    def take(self, event: Any) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._stop("second_document", event)
        elif isinstance(event, yaml.NodeEvent):
            self._node(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()

    def _node(self, event: Any) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES or len(self.problems) >= MAX_PROBLEMS:
            raise ProcedureRejected((*self.problems, problem("", "too_large")))
        if event.anchor is not None:
            self.problems.append(self._problem("alias_refused", event))
        if getattr(event, "tag", None) is not None:
            self.problems.append(self._problem("tag_refused", event))
        parent = self._open[-1] if self._open else None
        if parent is not None and isinstance(parent.container, dict) and parent.key is None:
            self._key(parent, event)
        else:
            self._value(parent, event)

    def _key(self, parent: _Open, event: Any) -> None:
        """Every key is text as it stands there: `yes`, `no` and 1 too."""
        if not isinstance(event, yaml.ScalarEvent) or not _KEY.fullmatch(event.value):
            self._stop("key_not_text", event)
        parent.key = event.value
        parent.twice = event.value in parent.container
        pointer = at(*parent.path, event.value)
        if parent.twice:
            self.problems.append(self._problem("duplicate_key", event, pointer=pointer))
        else:
            self.places[pointer] = _place(event)

    def _value(self, parent: _Open | None, event: Any) -> None:
        value: Any = _scalar(event) if isinstance(event, yaml.ScalarEvent) else None
        if isinstance(event, yaml.CollectionStartEvent):
            value = {} if isinstance(event, yaml.MappingStartEvent) else []
        path = self._put(parent, value, event)
        if isinstance(event, yaml.CollectionStartEvent):
            self._open.append(_Open(value, path))
            if len(self._open) > MAX_DEPTH:
                raise ProcedureRejected((*self.problems, problem("", "too_deep")))

    def _put(self, parent: _Open | None, value: Any, event: Any) -> tuple[str | int, ...]:
        if parent is None:
            self.value = value
            self.places[""] = _place(event)
            return ()
        if isinstance(parent.container, list):
            path = (*parent.path, len(parent.container))
            parent.container.append(value)
            self.places[at(*path)] = _place(event)
            return path
        key, parent.key = str(parent.key), None
        if not parent.twice:
            parent.container[key] = value
        return (*parent.path, key)

    def _problem(self, code: str, event: Any, *, pointer: str | None = None) -> ProcedureProblem:
        line, column = _place(event)
        return problem(self._here() if pointer is None else pointer, code, line=line, column=column)

    def _here(self) -> str:
        """The pointer of the value that comes next."""
        if not self._open:
            return ""
        parent = self._open[-1]
        last = len(parent.container) if isinstance(parent.container, list) else parent.key
        return at(*parent.path) if last is None else at(*parent.path, last)

    def _stop(self, code: str, event: Any) -> None:
        raise ProcedureRejected((*self.problems, self._problem(code, event)))


def _place(event: Any) -> Place:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _scalar(event: Any) -> Any:
    """Quoted scalars are text; plain ones follow YAML 1.2's core schema, less its octal, hexadecimal and infinite numbers."""
    text: str = event.value
    if not event.implicit[0]:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) and not text.strip("+-").isdigit() else text
