"""What events say of the rows that tables keep, fact by fact, and where the two differ."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Key = tuple[object, ...]
"""What a row is called on both sides: its kind, and what names it among its siblings."""

Facts = dict[str, Any]
Event = dict[str, Any]
"""An event as the API shows it."""

MISSING, UNKNOWN = "missing", "unknown"


@dataclass(frozen=True, slots=True)
class Difference:
    """`sequence` is that of the event which the tables contradict; `what` is the fact that differs, or MISSING, or UNKNOWN."""

    sequence: int
    key: Key
    what: str


class Told:
    """What the events of a stream have said so far, each fact with the sequence of the event that said it last."""

    def __init__(self) -> None:
        self._said: dict[Key, dict[str, tuple[int, Any]]] = {}
        self._first: dict[Key, int] = {}

    def __contains__(self, key: Key) -> bool:
        return key in self._said

    def say(self, key: Key, event: Event, facts: Facts) -> None:
        self._first.setdefault(key, event["sequence"])
        self._said.setdefault(key, {}).update((name, (event["sequence"], value)) for name, value in facts.items())

    def unsay(self, key: Key) -> None:
        """The row is another stream's from now on."""
        self._first.pop(key, None)
        self._said.pop(key, None)

    def of(self, kind: str) -> list[Key]:
        return [key for key in self._said if key[0] == kind]

    def fact(self, key: Key, name: str) -> Any:
        """As said last; None where it was never said."""
        return self._said.get(key, {}).get(name, (0, None))[1]

    def differences(self, held: Mapping[Key, Facts], *, end: int) -> Iterator[Difference]:
        """Only what both sides name is compared: an older event may say less. A row that no event tells of stands one past the `end`."""
        for key, said in self._said.items():
            if key not in held:
                yield Difference(self._first[key], key, MISSING)
            else:
                yield from (Difference(at, key, name) for name, (at, value) in said.items() if name in held[key] and held[key][name] != value)
        yield from (Difference(end + 1, key, UNKNOWN) for key in held.keys() - self._said.keys())


def named(data: Facts, *names: str) -> Facts:
    """Those of these facts that the event tells at all."""
    return {name: data[name] for name in names if name in data}


def moment(value: object) -> object:
    """A moment as both sides write it: in UTC, whatever the zone in which it was told. What is none stays as it is."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def moments(data: Facts, *names: str) -> Facts:
    return {name: moment(value) for name, value in named(data, *names).items()}
