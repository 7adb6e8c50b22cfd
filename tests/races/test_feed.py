"""Following `/v1/events?after=` while others write: every event once, in the order of its stream, none missed."""

import asyncio
from collections import Counter, defaultdict
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.events import NewEvent
from app.store.events import append_office_events
from app.web.session import act
from tests.support.evidence import faults
from tests.support.office import MUARA_JAWA, SAMBOJA, Office, Run
from tests.support.prepared import prepared

WRITERS = 12
CATCH_UP_SECONDS = 20
"""Other tests' transactions on the same server hold the feed back too."""


class Follower:
    """Pulls the feed as another system would: a few events at a time, from where it stopped."""

    def __init__(self, client: httpx.AsyncClient, limit: int) -> None:
        self.client = client
        self.limit = limit
        self.after = ""
        self.seen: list[dict[str, Any]] = []

    async def pull(self) -> int:
        answer = await self.client.get("/v1/events", params={"after": self.after, "limit": self.limit} if self.after else {"limit": self.limit})
        assert answer.status_code == 200, answer.text
        items = answer.json()["items"]
        self.seen += items
        self.after = answer.json()["page"]["resume_after"] or ""
        return len(items)

    async def follow(self, writing: asyncio.Event) -> None:
        while writing.is_set():
            if await self.pull() == 0:
                await asyncio.sleep(0.005)

    async def catch_up(self, expected: int) -> None:
        async with asyncio.timeout(CATCH_UP_SECONDS):
            while len(self.seen) < expected:
                if await self.pull() == 0:
                    await asyncio.sleep(0.02)
        assert await self.pull() == 0


async def busy(run: Run) -> None:
    """A few acts in a row, some of them colliding with another of the same instance."""
    comments = [(await run.office.as_(name)).post(f"/v1/instances/{run.id}/comments", json={"body": "catatan"}) for name in ("camat", "staf")]
    await asyncio.gather(*comments, run.act("camat", "complete", step=1))
    await run.act("sekretaris", "suspend", reason="rapat")
    await run.act("sekretaris", "resume")


async def slow_office_event(office: Office, number: int) -> None:
    """Its row is written long before it is committed: whoever remembers only the highest position seen misses it."""
    async with office.database.write() as connection:
        event = NewEvent("calendar.changed", {"reason": f"slow {number}"})
        await append_office_events(connection, SAMBOJA, office.clock(), actor=None, events=[event])
        await asyncio.sleep(0.15)


async def stored(office: Office) -> list[tuple[str, int, str]]:
    """What the auditor of Samboja may see, as it stands in the table."""
    async with office.database.read() as connection:
        rows = await connection.execute(text("SELECT stream, sequence, hash FROM event WHERE office_code = :office"), {"office": SAMBOJA})
        return [(row.stream, row.sequence, row.hash) for row in rows]


def seen_once_and_in_order(follower: Follower, expected: list[tuple[str, int, str]]) -> None:
    got = [(event["stream"], event["sequence"], event["hash"]) for event in follower.seen]
    assert [event for event, times in Counter(got).items() if times > 1] == []
    assert sorted(got) == sorted(expected)
    streams: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in follower.seen:
        streams[event["stream"]].append(event)
    for events in streams.values():
        assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
        assert [event["previous_hash"] for event in events[1:]] == [event["hash"] for event in events[:-1]]


@pytest.mark.parametrize("limit", [3, 100])
async def test_a_follower_sees_every_event_once_while_others_write(office: Office, limit: int) -> None:
    runs = await prepared(office, WRITERS, step=1)
    for username in ("camat", "sekretaris", "staf"):
        await office.as_(username)
    follower = Follower(await office.as_("auditor"), limit)
    writing = asyncio.Event()
    writing.set()
    following = asyncio.create_task(follower.follow(writing))

    async def office_events() -> None:
        for number in range(4):
            await slow_office_event(office, number)

    await asyncio.gather(*(busy(run) for run in runs), office_events())
    writing.clear()
    await following
    expected = await stored(office)
    await follower.catch_up(len(expected))
    seen_once_and_in_order(follower, expected)
    assert await faults(office, runs) == []


async def test_a_transaction_that_stays_open_holds_the_feed_back_and_nothing_is_missed(office: Office) -> None:
    """What commits meanwhile waits until the older transaction has ended, with or without events of its own."""
    runs = await prepared(office, 3, step=1)
    for username in ("camat", "sekretaris", "staf"):
        await office.as_(username)
    follower = Follower(await office.as_("auditor"), 5)
    before = await stored(office)
    await follower.catch_up(len(before))

    async with office.database.write() as old:
        await old.execute(text("SELECT pg_current_xact_id()"))
        await asyncio.gather(*(busy(run) for run in runs))
        assert len(await stored(office)) > len(before)
        for _ in range(5):
            assert await follower.pull() == 0
        await append_office_events(old, SAMBOJA, office.clock(), actor=None, events=[NewEvent("calendar.changed", {"reason": "late"})])
        assert await follower.pull() == 0

    expected = await stored(office)
    await follower.catch_up(len(expected))
    seen_once_and_in_order(follower, expected)


async def test_a_transaction_that_began_elsewhere_does_not_append_before_a_younger_one(office: Office) -> None:
    """It has its place in the feed since its first write; a stream that went on meanwhile would come out of order. Tried anew, it fits."""
    both = [NewEvent("calendar.changed", {"reason": "both"})]
    tries = 0

    async def at_two_offices(connection: AsyncConnection) -> None:
        nonlocal tries
        tries += 1
        await append_office_events(connection, MUARA_JAWA, office.clock(), actor=None, events=both)
        if tries == 1:
            async with office.database.write() as other:
                await append_office_events(other, SAMBOJA, office.clock(), actor=None, events=[NewEvent("calendar.changed", {"reason": "younger"})])
        await append_office_events(connection, SAMBOJA, office.clock(), actor=None, events=both)

    await act(office.database, at_two_offices)
    assert tries == 2
    follower, expected = Follower(await office.as_("auditor"), 100), await stored(office)
    await follower.catch_up(len(expected))
    seen_once_and_in_order(follower, expected)
