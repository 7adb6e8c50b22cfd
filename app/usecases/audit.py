"""Proof that the log is as it was written: every hash recomputed, every link followed, every stream as long as its owner says."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.events import GENESIS
from app.store.events import event_hash
from app.store.feed import StreamEnd, stream_ends, whole_stream


@dataclass(frozen=True, slots=True)
class Break:
    """Where a stream is not as written. `code`: sequence_gap | link_broken | hash_differs | end_differs."""

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


async def verify(connection: AsyncConnection, offices: Sequence[str] | None, *, instance_id: UUID | None = None) -> Verdict:
    """Verify the streams of those offices (None: all), or of one instance. The first break of each stream is named."""
    instances, events = 0, 0
    broken: list[Break] = []
    for end in await stream_ends(connection, offices, instance_id=instance_id):
        counted, found = await _verify_stream(connection, end)
        instances += end.stream.startswith("instance:")
        events += counted
        broken += [] if found is None else [found]
    return Verdict(instances, events, tuple(broken))


async def _verify_stream(connection: AsyncConnection, end: StreamEnd) -> tuple[int, Break | None]:
    """How many events hold, and the first break."""
    sequence, previous = 0, GENESIS
    async for event in whole_stream(connection, end.stream):
        code = _fault(event["sequence"] == sequence + 1, event["previous_hash"] == previous, event_hash(event) == event["hash"])
        if code is not None:
            return sequence, Break(end.stream, event["sequence"], code)
        sequence, previous = event["sequence"], event["hash"]
        if sequence == end.head.sequence:
            break
    if (sequence, previous) != (end.head.sequence, end.head.hash):
        return sequence, Break(end.stream, sequence + 1, "end_differs")
    return sequence, None


def _fault(follows: bool, links: bool, holds: bool) -> str | None:
    if not follows:
        return "sequence_gap"
    if not links:
        return "link_broken"
    return None if holds else "hash_differs"
