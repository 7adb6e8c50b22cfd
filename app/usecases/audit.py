"""Proof that the log is as it was written, and that the tables say what it says.

Every hash is recomputed and every link followed; every stream is as long as its owner says, and has one; every row that keeps what an
act left is held against the event that tells of it. Each batch is a read of its own, and is hashed beside the event loop.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from anyio import to_thread
from rfc8785 import CanonicalizationError

from app.domain.events import GENESIS
from app.domain.witness import KeptInstance, Testimony, testimony_beside
from app.store import audit as store
from app.store.audit import Owner
from app.store.database import Database
from app.store.events import Row, event_hash, instance_stream


@dataclass(frozen=True, slots=True)
class Break:
    """Where a stream is not as written.

    `code`: sequence_gap | link_broken | hash_differs | end_differs | owner_missing | event_unreadable, and where the tables contradict it
    words_differ | document_differs | state_differs | deadline_differs (an instance) | office_differs | account_… | assignment_… |
    service_account_… | restricted_record_… | calendar_… (each of these five: …differs, …missing, …unknown).
    """

    stream: str
    sequence: int
    code: str


@dataclass(frozen=True, slots=True)
class Verdict:
    instances: int
    events: int
    broken: tuple[Break, ...]

    @property
    def intact(self) -> bool:
        return not self.broken


async def verify(database: Database, offices: Sequence[str] | None, *, instance_id: UUID | None = None) -> Verdict:
    """Verify all that the log holds of those offices (None: of all), or one instance. The first break of each stream is named."""
    checks = _Checks(database, offices)
    if instance_id is not None:
        await checks.add(instance_stream(instance_id))
        return checks.verdict()
    async with database.read() as connection:
        owned = await store.owned_streams(connection, offices)
    for stream in owned:
        await checks.add(stream)
    await _check_others(checks, set(owned))
    return checks.verdict()


async def _check_others(checks: "_Checks", known: set[str]) -> None:
    """What the log holds besides: streams begun since, and those that nobody has."""
    after = ""
    while True:
        async with checks.database.read() as connection:
            found = await store.streams(connection, checks.offices, after=after)
        for stream, first in found:
            if stream not in known:
                await checks.add(stream, first=first)
        if len(found) < store.BATCH:
            return
        after = found[-1][0]


class _Checks:
    """What has been verified so far."""

    def __init__(self, database: Database, offices: Sequence[str] | None) -> None:
        self.database = database
        self.offices = offices
        self._instances = 0
        self._events = 0
        self._broken: list[Break] = []

    def verdict(self) -> Verdict:
        return Verdict(self._instances, self._events, tuple(self._broken))

    async def add(self, stream: str, *, first: int = 1) -> None:
        owner = await self._owner(stream)
        if owner is None:
            self._broken.append(Break(stream, first, "owner_missing"))
            return
        walk = _Walk(testimony_beside(owner.kept))
        found = await self._walked(stream, owner, walk)
        self._instances += isinstance(owner.kept, KeptInstance)
        self._events += walk.sequence
        if found is not None:
            self._broken.append(Break(stream, *found))

    async def _owner(self, stream: str) -> Owner | None:
        """The owner, when it is at one of the offices."""
        async with self.database.read() as connection:
            owner = await store.owner_of(connection, stream)
        return owner if owner is not None and (self.offices is None or owner.office in self.offices) else None

    async def _walked(self, stream: str, owner: Owner, walk: "_Walk") -> "Fault | None":
        """To the end that the owner names, and on when acts have moved it meanwhile: rows beyond it that no act wrote are a fault."""
        while True:
            async with self.database.read() as connection:
                rows = await store.next_events(connection, stream, after=walk.sequence or None)
            found = await to_thread.run_sync(walk.follow, [row for row in rows if row["sequence"] <= owner.sequence])
            if found is not None:
                return found
            if rows and rows[-1]["sequence"] > owner.sequence:
                now = await self._owner(stream)
                if now is None or now.sequence <= owner.sequence:
                    return walk.sequence + 1, "end_differs"
                owner = now
            elif len(rows) < store.BATCH:
                return await to_thread.run_sync(walk.ended, owner)


Fault = tuple[int, str]


class _Walk:
    """Follows one chain from its start, and has a testimony hear it. `sequence` is the last event that holds."""

    def __init__(self, told: Testimony) -> None:
        self.sequence = 0
        self._hash = GENESIS
        self._told = told

    def follow(self, events: Sequence[Row]) -> Fault | None:
        for event in events:
            code = self._fault(event)
            if code is not None:
                return event["sequence"], code
            self.sequence, self._hash = event["sequence"], event["hash"]
            if not self._heard(event):
                return event["sequence"], "event_unreadable"
        return None

    def _heard(self, event: Row) -> bool:
        """Not what no act writes, though its hash is right: whoever can write the whole log can also write nonsense."""
        try:
            self._told.hear(event)
        except (AttributeError, KeyError, TypeError, ValueError):
            return False
        return True

    def _fault(self, event: Row) -> str | None:
        if event["sequence"] != self.sequence + 1:
            return "sequence_gap"
        if event["previous_hash"] != self._hash:
            return "link_broken"
        return None if _holds(event) else "hash_differs"

    def ended(self, owner: Owner) -> Fault | None:
        if (self.sequence, self._hash) != (owner.sequence, owner.hash):
            return self.sequence + 1, "end_differs"
        return self._told.first_difference(owner.kept, end=self.sequence)


def _holds(event: Row) -> bool:
    """What has no canonical JSON is not what we wrote either."""
    try:
        return bool(event_hash(event) == event["hash"])
    except CanonicalizationError:
        return False
