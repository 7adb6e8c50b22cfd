"""Many instances at once, for races and for speed: the domain takes each to a step in memory, and one guarded write stores it whole.

Over HTTP sixty instances at step 7 are 1300 requests; this way they are sixty statements that leave the same state and the same log.
Only the documents have no bytes.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from app.domain.authority import claimed_by, holdings
from app.domain.calendars import Calendar
from app.domain.documents import MarkRequest, StoredFile, Upload, mark_refusals, put, put_mark, upload_refusals
from app.domain.events import NewEvent
from app.domain.instances import Instance, MarkName, Period, Person
from app.domain.people import Actor, ActorSnapshot
from app.domain.records import TransitionRecord
from app.domain.starting import StartRequest, start
from app.domain.transitions import Attempt, Situation, TeamRequest, TransitionRequest, refusals, take
from app.store import assignments
from app.store import instances as store
from app.store.calendars import load_calendar
from app.store.events import EVENT
from app.store.guarded import Change
from app.store.procedures import latest
from app.store.records import transition_change
from app.store.starting import office_of
from tests.support.office import COURSE, KEY, SAMBOJA, TEAM, Office, Run

PEOPLE = ("camat", "sekretaris", "tim1", "tim2", "staf")
MEMBERS = tuple(member["username"] for member in TEAM["members"])


async def prepared(office: Office, count: int, *, step: int, without: Sequence[str] = (), signed: Sequence[str] = (), first: int = 0) -> list[Run]:
    """So many instances in which that step is active and everything its gate asks for is there, except the sign-offs.

    `without` leaves out slots of that step, or its marks ("initial", "signature"); `signed` have signed it off already.
    `first` is the number of the first period used, five a year from 2000 on.
    """
    async with office.database.write() as connection:
        desk = await desk_of(office, connection)
        ways = [_way(desk, period_of(first + number), step=step, without=without) for number in range(count)]
        for way in ways:
            for username in signed:
                way.complete(username, step)
            await store.save(connection, None, way.instance, beside=[Change("insert", EVENT, way.events), *way.transitions])
    return [Run(office, {"id": str(way.instance.id)}) for way in ways]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What every instance of one office is made from."""

    request: StartRequest
    people: tuple[Person, ...]
    calendar: Calendar
    actors: dict[str, Actor]
    now: datetime


async def desk_of(office: Office, connection: AsyncConnection) -> Desk:
    published, at = await latest(connection, KEY), await office_of(connection, SAMBOJA)
    assert published is not None
    assert at is not None
    request = StartRequest(
        procedure=published.procedure,
        procedure_version=published.version,
        office=at,
        period=Period(2000),
        title="Pengumpulan data",
        already_open=None,
    )
    now = office.clock()
    return Desk(
        request=request,
        people=await _people(connection, now),
        calendar=await load_calendar(connection, SAMBOJA),
        actors={name: await _actor(connection, office.accounts[name], name, now) for name in PEOPLE},
        now=now,
    )


async def _people(connection: AsyncConnection, now: datetime) -> tuple[Person, ...]:
    """Everyone at Samboja, employees too: an act's own load brings those only when they are named."""
    return tuple(
        Person(account.id, account.username, account.name, held.role, held.capacity, held.valid_from, held.valid_to)
        for account, holdings_ in await assignments.list_people(connection, now)
        for held in holdings_
        if held.office == SAMBOJA
    )


async def _actor(connection: AsyncConnection, account_id: UUID, username: str, now: datetime) -> Actor:
    assigned = await assignments.assignments_of(connection, account_id, now)
    return Actor(account_id, uuid7(), username, username.title(), holdings(claimed_by(assigned, now), assigned, now))


def period_of(number: int) -> Period:
    year, part = divmod(number, 5)
    return Period(2000 + year, part or None)


def _way(desk: Desk, period: Period, *, step: int, without: Sequence[str]) -> "Way":
    way = Way(desk, period)
    for number in range(1, step):
        way.fill(number)
        for username in COURSE[number][1]:
            way.complete(username, number)
    way.fill(step, without=without)
    return way


class Way:
    """One instance, act by act, with the event rows that it leaves behind."""

    def __init__(self, desk: Desk, period: Period) -> None:
        self.desk = desk
        self.events: list[dict[str, Any]] = []
        self.transitions: list[Change] = []
        request = replace(desk.request, period=period)
        course = start(request, desk.actors["camat"], instance_id=uuid7(), calendar=desk.calendar, now=desk.now)
        self.instance = course.instance
        self.advance(None, course.instance, course.events, actor=self.situation("camat").as_role("camat"))

    def fill(self, step: int, *, without: Sequence[str] = ()) -> None:
        slots, performers = COURSE[step]
        for slot in slots:
            if slot not in without:
                self.upload(performers[0], slot)
        if step == 7 and "initial" not in without:
            self.mark("sekretaris", "laporan_final", "initial")
        if step == 7 and "signature" not in without:
            self.mark("camat", "laporan_ditandatangani", "signature")

    def complete(self, username: str, step: int) -> None:
        team = TeamRequest(MEMBERS, TEAM["instrument"]) if step == 2 else None
        attempt = Attempt(self.situation(username), TransitionRequest(action="complete", step=step, team=team))
        assert refusals(attempt) == ()
        taken = take(attempt, self.desk.calendar)
        self.advance(self.instance, taken.instance, taken.events, actor=taken.actor)
        self.transitions.append(transition_change(self.instance.id, self._record(step, taken.actor)))

    def _record(self, step: int, actor: ActorSnapshot) -> TransitionRecord:
        return TransitionRecord(
            id=uuid7(),
            sequence=self.instance.version,
            action="complete",
            step=step,
            to_step=None,
            decision=None,
            actor=actor.as_data(),
            at=self.desk.now,
            reason=None,
            late_reason=None,
            comment=None,
        )

    def upload(self, username: str, slot: str) -> None:
        digest = hashlib.sha256(slot.encode()).hexdigest()
        file = StoredFile(storage_key=f"none/{uuid7()}", sha256=digest, size=len(slot), media_type="application/pdf", filename=f"{slot}.pdf")
        situation, new = self.situation(username), Upload(slot=slot, file=file)
        assert upload_refusals(situation, new) == ()
        assert situation.step is not None
        actor = situation.as_role(situation.parts_of(situation.step)[0])
        changed, _, event = put(situation, new, document_id=uuid7(), actor=actor)
        self.advance(self.instance, changed, (event,), actor=actor)

    def mark(self, username: str, slot: str, mark: MarkName) -> None:
        version = self.instance.latest(slot)
        assert version is not None
        request = MarkRequest(version.document_id, version.version, mark, "hierarchical" if mark == "initial" else "wet")
        assert mark_refusals(self.situation(username), request) == ()
        changed, _, actor, event = put_mark(self.situation(username), request, mark_id=uuid7())
        self.advance(self.instance, changed, (event,), actor=actor)

    def situation(self, username: str) -> Situation:
        return Situation(self.instance, self.desk.actors[username], self.desk.people, self.desk.now)

    def advance(self, before: Instance | None, after: Instance, events: Sequence[NewEvent], *, actor: ActorSnapshot) -> None:
        self.instance, change = store.advanced(before, after, events=events, actor=actor.as_data(), now=self.desk.now)
        self.events.extend(dict(row) for row in change.rows)
