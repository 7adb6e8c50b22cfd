"""The kinds of callers by name, a row of the table in tests/support/authorization.py, and the shapes that most rows have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

WORKERS = "camat sekretaris tim1 staf"
"""They hold positions at Samboja; tim1 is an employee, and a member of the instance's team."""
HERE = f"{WORKERS} admin auditor arsip"
"""With those who hold a permission at Samboja: arsip holds restricted_records."""
ABOVE = "kukar pusat"
"""Administrators of the regency and of the nation."""
ELSEWHERE = "camat.muarajawa admin.muarajawa"
STRANGERS = f"{ELSEWHERE} nothing"
"""They see nothing of Samboja; the position of `nothing` is over."""
PEOPLE = f"{HERE} {ABOVE} {STRANGERS}"
MACHINES = "machine machine.none machine.muarajawa"
"""With every scope at Samboja, with none there, and with every scope at Muara Jawa."""
OUT = "nobody expired ended"
"""Without a token, with one that has run out, and with one whose session was ended."""
CALLERS = tuple(f"{PEOPLE} {MACHINES} {OUT}".split())

ADMINS = f"admin {ABOVE}"
INSPECTORS = f"{ADMINS} auditor"

Cells = Mapping[int, str]


@dataclass(frozen=True)
class Row:
    """One operation under one request. `path` and `send` may hold names in braces, which the test fills in for each caller."""

    operation: str
    expected: Mapping[str, int]
    send: Mapping[str, Any] = field(default_factory=dict)
    path: Mapping[str, str] = field(default_factory=dict)
    through: frozenset[str] = frozenset()
    """Who is let through, where that cannot be seen from the status: they alone are told `code`."""
    code: str = ""
    proof: str = ""
    variant: str = ""
    anew: bool = False
    """Each caller comes with a session of its own, which the request may end."""

    @property
    def name(self) -> str:
        return f"{self.operation}-{self.variant}" if self.variant else self.operation


def row(operation: str, cells: Cells, **more: Any) -> Row:
    """Who brings no valid token is always 401. Raises ValueError unless every caller is named once."""
    named = [(who, status) for status, callers in ({401: OUT} | dict(cells)).items() for who in callers.split()]
    if sorted(who for who, _ in named) != sorted(CALLERS):
        raise ValueError(f"{operation}: {sorted(set(CALLERS) ^ {who for who, _ in named})}")
    about = {name: more.pop(name) for name in ("path", "through", "code", "proof", "variant", "anew") if name in more}
    return Row(operation, dict(named), more, **about)


def public(operation: str, status: int = 200, **more: Any) -> Row:
    """Nobody is asked who they are, and no token does harm."""
    about = {name: more.pop(name) for name in ("path", "proof", "variant") if name in more}
    return Row(operation, dict.fromkeys(CALLERS, status), more, **about)


def here(operation: str, **more: Any) -> Row:
    """What Samboja owns is read by whoever holds anything there or above; to others it does not exist."""
    cells = {200: f"{HERE} {ABOVE} machine", 404: f"{STRANGERS} machine.muarajawa", 403: "machine.none"}
    return row(operation, cells, **more)


def everyone(operation: str, **more: Any) -> Row:
    """Everybody is answered, each with what they may see (tests of that noun say with what)."""
    return row(operation, {200: f"{PEOPLE} machine machine.muarajawa", 403: "machine.none"}, **more)


def oneself(operation: str, status: int, **more: Any) -> Row:
    """A person's own access; a machine has none to look after."""
    cells = {403: f"{PEOPLE} {MACHINES}"} if status == 403 else {status: PEOPLE, 403: MACHINES}
    return row(operation, cells, through=frozenset(PEOPLE.split()), **more)


def performed(operation: str, status: int, by: str, **more: Any) -> Row:
    """A step's work: done by who performs it, refused to who only sees it, unknown to others, closed to machines."""
    others = " ".join(who for who in f"{HERE} {ABOVE}".split() if who not in by.split())
    return row(operation, {status: by, 403: f"{others} {MACHINES}", 404: STRANGERS}, **more)


def administered(operation: str, status: int, by: str = ADMINS, **more: Any) -> Row:
    """Refused to who sees the office without administering it."""
    return performed(operation, status, by, **more)
