"""How often one may try to prove who one is: a delay that grows with each failure, and no lockout that a stranger could cause.

Signing in has three counters, and each proof asked for again within a session one; each is forgotten after a quiet time. A try counts from
before it is judged until it proves right, so that fifty guesses sent at once are not fifty free ones. A try that comes too early is refused,
and counts nowhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from typing import Literal
from uuid import UUID

Kind = Literal["pair", "address", "name", "session"]
Proof = Literal["password", "code"]

FIRST_DELAY = timedelta(seconds=1)

FAMILIAR_FOR = timedelta(days=90)
"""How long an address is known to be one that an account signs in from."""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many failures cost nothing; each further one doubles the delay, up to `longest`. All is forgotten after `quiet`."""

    free: int
    longest: timedelta
    quiet: timedelta

    def delay(self, failures: int) -> timedelta:
        over = failures - self.free
        if over <= 0:
            return timedelta(0)
        return min(FIRST_DELAY * (1 << min(over - 1, 20)), self.longest)


LIMITS: Mapping[Kind, Limit] = {
    "pair": Limit(free=5, longest=timedelta(seconds=60), quiet=timedelta(hours=1)),
    "address": Limit(free=30, longest=timedelta(seconds=60), quiet=timedelta(minutes=15)),
    "name": Limit(free=100, longest=timedelta(seconds=60), quiet=timedelta(minutes=15)),
    "session": Limit(free=5, longest=timedelta(minutes=5), quiet=timedelta(hours=1)),
}
"""The account named and the address together; the address, whoever is named; the account named, wherever from; a session, wherever from.

A pair waits a minute at most: an office may have one address, and there a neighbour's failures hold up the owner too. It lets no more
guesses through than the whole name does, 1440 a day. A session is nobody's but its owner's, and a thief's: it may wait longer.
"""


@dataclass(frozen=True, slots=True)
class Counter:
    """One thing that is counted. `key` is a SHA-256: neither names nor addresses are kept."""

    kind: Kind
    key: str


@dataclass(frozen=True, slots=True)
class Tally:
    """Failures of late, the last one's time, and before when no further try is let through."""

    failures: int
    last_at: datetime
    not_before: datetime


def counters(name: str, address: str, *, familiar: bool) -> tuple[Counter, ...]:
    """What one try counts for, in the order of the keys (who takes them in one order never waits in a circle).

    `name` as it was written: one that nobody has counts as an account never seen from there. From a `familiar` address only the pair
    holds: otherwise a stranger who hammers a name would keep its owner out, and a neighbour who tries any names a whole office.

    So while another counter is full, who asks learns that a name has signed in from their own address. To let its owner in there is to
    tell it apart.
    """
    name, place = name.lower(), network_of(address)
    found = [Counter("pair", _key("pair", name, place))]
    if not familiar:
        found += [Counter("address", _key("address", place)), Counter("name", _key("name", name))]
    return tuple(sorted(found, key=lambda counter: counter.key))


def session_counters(session_id: UUID, proof: Proof) -> tuple[Counter, ...]:
    """What a proof asked for again within a session counts for. Who stole its token may have any number of addresses; the owner signs in anew.

    Each proof by itself: else who knows the password and guesses codes would begin anew with each right password.
    """
    return (Counter("session", _key("session", str(session_id), proof)),)


def address_key(address: str) -> str:
    """Under which an address is remembered as familiar."""
    return _key("familiar", network_of(address))


def wait(counted: Mapping[Counter, Tally], now: datetime) -> int:
    """Whole seconds until the next try is let through; 0: now."""
    longest = max((_standing(counter, tally, now).not_before - now for counter, tally in counted.items()), default=timedelta(0))
    return max(ceil(longest.total_seconds()), 0)


def with_one_more(counter: Counter, tally: Tally | None, now: datetime) -> Tally:
    """The counter with one more try, let through at `now`."""
    failures = 1 if tally is None else _standing(counter, tally, now).failures + 1
    return Tally(failures, now, now + LIMITS[counter.kind].delay(failures))


def with_one_less(tally: Tally, taken: Tally, now: datetime) -> Tally:
    """The counter after the try that made it `taken` proved right. What others failed meanwhile stays."""
    untouched = tally.not_before == taken.not_before
    return Tally(max(tally.failures - 1, 0), tally.last_at, min(now, tally.not_before) if untouched else tally.not_before)


def network_of(address: str) -> str:
    """IPv4 as it is, IPv6 by its /64: one household has that many addresses. What is no address (a socket's path) is itself."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ip_network((int(parsed), 64), strict=False))


def _standing(counter: Counter, tally: Tally, now: datetime) -> Tally:
    """What still counts: after its quiet time a counter begins anew."""
    return Tally(0, now, now) if now - tally.last_at >= LIMITS[counter.kind].quiet else tally


def _key(*parts: str) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
