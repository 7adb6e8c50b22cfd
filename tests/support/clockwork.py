"""Instances before the clock looks, in every state that matters to it, and what it should have told of each in the end.

The acts are taken in memory, each at its own time; one guarded write stores what they leave (tests/support/prepared.py).
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from uuid_utils.compat import uuid7

from app.domain.records import TransitionRecord
from app.domain.transitions import Attempt, TransitionRequest, refusals, take
from app.store import instances as store
from app.store.database import Database
from app.store.events import EVENT
from app.store.guarded import Change
from app.store.records import transition_change
from tests.support.calendars import at
from tests.support.office import COURSE, Office
from tests.support.prepared import Way, desk_of, period_of

LOOKS = ("2027-01-12 09:00", "2027-01-13 09:00", "2027-02-15 09:00")
"""When the clock looks: for the first time after eight days without it."""

Told = dict[tuple[int, int], str]
"""Of each round, by step and round: "" nothing, "s" due soon, "sm" missed too."""


@dataclass(frozen=True)
class Scene:
    """How an instance comes there; `told` is what there is to tell after each of the looks, where it grows."""

    play: Callable[["Played"], object]
    told: tuple[Told, Told, Told]
    starts: str = "2027-01-04 07:30"


class Played:
    """One instance; started on Monday, its step 1 is due at 08:00."""

    def __init__(self, way: Way) -> None:
        self.way = way

    def at(self, moment: str) -> "Played":
        self.way.desk = replace(self.way.desk, now=at(moment))
        return self

    def until(self, step: int) -> "Played":
        for number in range(1, step):
            self.way.fill(number)
            for username in COURSE[number][1]:
                self.way.complete(username, number)
        self.way.fill(step)
        return self

    def act(self, action: Any, **given: Any) -> "Played":
        """By the Camat, who performs step 1 and controls."""
        way = self.way
        request = TransitionRequest(action=action, **given)
        attempt = Attempt(way.situation("camat"), request)
        assert refusals(attempt) == ()
        taken = take(attempt, way.desk.calendar)
        way.advance(way.instance, taken.instance, taken.events, actor=taken.actor)
        record = TransitionRecord(
            id=uuid7(),
            sequence=way.instance.version,
            action=action,
            step=request.step,
            to_step=request.to_step,
            decision=None,
            actor=taken.actor.as_data(),
            at=way.desk.now,
            reason=request.reason,
            late_reason=request.late_reason,
            comment=None,
        )
        way.transitions.append(transition_change(way.instance.id, record))
        return self


def _same(told: Told) -> tuple[Told, Told, Told]:
    return told, told, told


SCENES: Mapping[str, Scene] = {
    "not due yet": Scene(lambda p: p.until(3), ({(3, 1): ""}, {(3, 1): ""}, {(3, 1): "sm"}), starts="2027-01-12 08:00"),
    "due soon": Scene(lambda p: p.until(3), ({(3, 1): "s"}, {(3, 1): "sm"}, {(3, 1): "sm"})),
    "overdue": Scene(lambda p: None, _same({(1, 1): "sm"})),
    "suspended": Scene(lambda p: p.at("2027-01-04 07:40").act("suspend", reason="Banjir."), _same({(1, 1): ""})),
    "suspended a second after it was due": Scene(lambda p: p.at("2027-01-04 08:00:01").act("suspend", reason="Banjir."), _same({(1, 1): "sm"})),
    "suspended as it was due": Scene(lambda p: p.at("2027-01-04 08:00").act("suspend", reason="Banjir."), _same({(1, 1): "s"})),
    "resumed": Scene(
        lambda p: p.at("2027-01-04 07:40").act("suspend", reason="Banjir.").at("2027-01-12 08:55").act("resume"),
        ({(1, 1): ""}, {(1, 1): "sm"}, {(1, 1): "sm"}),
    ),
    "returned late, a second round": Scene(
        lambda p: p.until(5).at("2027-01-08 10:00").act("return", step=5, to_step=4, reason="Belum lengkap."),
        ({(4, 1): "", (5, 1): "sm", (4, 2): "s"}, {(4, 1): "", (5, 1): "sm", (4, 2): "sm"}, {(4, 1): "", (5, 1): "sm", (4, 2): "sm"}),
    ),
    "completed late before the clock looked": Scene(
        lambda p: p.until(1).at("2027-01-04 09:00").act("complete", step=1, late_reason="Rapat."),
        _same({(1, 1): "sm", (2, 1): "sm"}),
    ),
    "cancelled in time": Scene(lambda p: p.at("2027-01-04 07:40").act("cancel", reason="Salah periode."), _same({(1, 1): ""})),
    "cancelled when it was late": Scene(lambda p: p.at("2027-01-05 07:40").act("cancel", reason="Salah periode."), _same({(1, 1): "sm"})),
}


async def set_up(office: Office, count: int) -> dict[UUID, Scene]:
    """So many of each scene."""
    found = {}
    async with office.database.write() as connection:
        desk = await desk_of(office, connection)
        for number, scene in enumerate([scene for scene in SCENES.values() for _ in range(count)]):
            played = Played(Way(replace(desk, now=at(scene.starts)), period_of(number)))
            scene.play(played)
            way = played.way
            await store.save(connection, None, way.instance, beside=[Change("insert", EVENT, way.events), *way.transitions])
            found[way.instance.id] = scene
    return found


async def told_by_the_log(database: Database) -> dict[UUID, Counter[tuple[int, int, str]]]:
    """Counted from the events of every instance: by step, round and kind. Whatever was told early is a fault."""
    found: dict[UUID, Counter[tuple[int, int, str]]] = {}
    async with database.read() as connection:
        events = await connection.execute(text("SELECT instance_id, type, at, actor, data FROM event WHERE type LIKE 'deadline.%'"))
        for instance_id, kind, told_at, actor, data in events:
            due = datetime.fromisoformat(data["due_soon_at" if kind == "deadline.due_soon" else "due_at"])
            assert told_at >= due
            assert actor is None
            found.setdefault(instance_id, Counter())[data["step"], data["round"], kind.removeprefix("deadline.")] += 1
    return found


def expected(told: Told) -> Counter[tuple[int, int, str]]:
    names = {"s": "due_soon", "m": "missed"}
    return Counter((step, number, names[letter]) for (step, number), letters in told.items() for letter in letters)
