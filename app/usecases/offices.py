"""Offices. Each change is recorded in the office's own stream, before anything else is written:
the stream's head is what two such acts at one office meet on, and whoever comes second finds it moved.

What changes the tree (a new office, a move) takes the tree first of all: see `store.offices.take_tree`.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.administration import office_refusals
from app.domain.events import NewEvent, text_hash
from app.domain.names import name_mistakes
from app.domain.offices import ROOT, Cover, Move, NewOffice, Parent, code_mistakes, covers, move_refusals, moved, office_mistakes, parent_on
from app.domain.people import Actor
from app.domain.permissions import ADMIN
from app.domain.problems import FieldError, Invalid, NotVisible
from app.domain.refusals import Refusal
from app.domain.retries import StoredAnswer
from app.store import offices as store
from app.store.errors import Collision
from app.store.events import append_office_events
from app.store.offices import KnownOffice
from app.usecases.acts import Act, refuse
from app.usecases.administering import as_admin, once
from app.usecases.entries import ActorData, check, unknown_office

NATION = NewOffice(code=ROOT, name="Indonesia", parent=None, time_zone="Asia/Jakarta")
"""The office above all others: what is set here (holidays, office hours) holds everywhere."""

Show = Callable[[KnownOffice], StoredAnswer]


async def seed_offices(connection: AsyncConnection, now: datetime) -> None:
    await found_office(connection, now, NATION)


async def found_office(connection: AsyncConnection, now: datetime, office: NewOffice, *, actor: ActorData = None) -> bool:
    """Whether it is new; an office that exists stays as it is. A new one begins its own stream: there is none to meet on before it is there."""
    await store.take_tree(connection)
    added = not await store.code_is_taken(connection, office.code) and await store.add_office(connection, office)
    if added:
        told = {"code": office.code, "name": office.name, "parent": office.parent, "time_zone": office.time_zone}
        await append_office_events(connection, office.code, now, actor=actor, events=[NewEvent("office.created", told)])
    return added


async def add_office(connection: AsyncConnection, now: datetime, office: NewOffice, *, actor: ActorData = None) -> None:
    """Again with the same words: nothing happens. With others: the code is taken."""
    check(office_mistakes(office))
    known = await store.find_office(connection, office.code, now)
    if known is None:
        if await store.find_office(connection, office.parent or "", now) is None:
            raise unknown_office(office.parent or "", pointer="/parent")
        added = await found_office(connection, now, office, actor=actor)
        if not added and await store.find_office(connection, office.code, now) is None:
            raise _code_taken(office.code)  # by one that is written otherwise (id, ID)
    elif known != office:
        raise Invalid(FieldError("/code", "office_exists", f"{known.code} sudah ada: {known.name}.", f"{known.code} exists already: {known.name}."))


async def view_office(connection: AsyncConnection, actor: Actor, code: str, now: datetime) -> KnownOffice:
    """Raises NotVisible."""
    found = await store.known_office(connection, code, now) if actor.sees(code) else None
    if found is None:
        raise NotVisible
    return found


async def create_office(act: Act, office: NewOffice, show: Show) -> StoredAnswer:
    """An administrator of the parent adds an office. Raises NotVisible, KeyReused, AlreadyAnswered, Refused, Invalid, Collision."""
    parent = office.parent or ""
    if not act.actor.sees(parent):
        raise NotVisible("/parent")
    await store.take_tree(act.connection)

    async def work() -> StoredAnswer:
        refuse(office_refusals(act.actor, parent))
        if not act.actor.permitted(ADMIN, ROOT):
            check(code_mistakes(office))
        if not await found_office(act.connection, act.now, office, actor=as_admin(act.actor, parent)):
            raise _code_taken(office.code)
        return await _shown(act, office.code, show)

    return await once(act, work)


async def rename_office(act: Act, code: str, name: str, show: Show) -> StoredAnswer:
    """Raises NotVisible, PreconditionRequired, Stale, Refused, Collision."""
    known = await view_office(act.connection, act.actor, code, act.now)
    act.expected.check(known.version)
    refuse(office_refusals(act.actor, code))
    await _rename(act.connection, act.now, known, name=name, actor=as_admin(act.actor, code))
    return await _shown(act, code, show)


async def rename_office_at_the_server(connection: AsyncConnection, now: datetime, code: str, *, name: str) -> None:
    """As whoever runs the server: no permission is asked for. Raises Invalid, Collision."""
    check(name_mistakes(name))
    await _rename(connection, now, await _known(connection, code, now, pointer="/code"), name=name)


async def _rename(connection: AsyncConnection, now: datetime, known: KnownOffice, *, name: str, actor: ActorData = None) -> None:
    """The same name again changes nothing."""
    if name == known.name:
        return
    event = NewEvent("office.renamed", {"code": known.code, "from": known.name, "to": name})
    await append_office_events(connection, known.code, now, actor=actor, events=[event])
    if not await store.rename_office(connection, known.code, name, version=known.version):
        raise Collision(known.code)


async def move_office(act: Act, move: Move, show: Show) -> StoredAnswer:
    """Put the office under another parent. Raises NotVisible, KeyReused, AlreadyAnswered, Stale, Refused, Collision.

    It takes `admin` over the office, over the parent that it leaves and over the one that it comes under.
    """
    if not act.actor.sees(move.code):
        raise NotVisible
    if not act.actor.sees(move.parent):
        raise NotVisible("/parent")
    await store.take_tree(act.connection)

    async def work() -> StoredAnswer:
        known = await view_office(act.connection, act.actor, move.code, act.now)
        act.expected.check(known.version)
        concerned = dict.fromkeys([move.code, *_left_by(known, move, act.now), move.parent])
        lacking = tuple(office_refusals(act.actor, *concerned))
        await _move(act.connection, act.now, known, move=move, lacking=lacking, actor=as_admin(act.actor, move.code))
        return await _shown(act, move.code, show)

    return await once(act, work)


async def move_office_at_the_server(connection: AsyncConnection, now: datetime, move: Move) -> None:
    """As whoever runs the server: no permission is asked for. Raises Invalid, Refused, Collision."""
    await store.take_tree(connection)
    known = await _known(connection, move.code, now, pointer="/code")
    await _known(connection, move.parent, now, pointer="/parent")
    await _move(connection, now, known, move=move)


async def _move(
    connection: AsyncConnection, now: datetime, known: KnownOffice, *, move: Move, lacking: tuple[Refusal, ...] = (), actor: ActorData = None
) -> None:
    """With the tree taken. `lacking`: what the caller may not do, to be told beside all that speaks against the move itself."""
    zone = ZoneInfo(known.time_zone)
    parents = await store.parents_around(connection, move.code, move.parent)
    refuse((*lacking, *move_refusals(move, parents, zone=zone, now=now)))
    told = await append_office_events(connection, move.code, now, actor=actor, events=[_moved(known, move)])
    history = moved(known.parents, move, zone)
    above = await _covers_below(connection, move.code, {**parents, move.code: history})
    if not await store.write_move(connection, move.code, history, covers=above, version=known.version, told=told):
        raise Collision(move.code)


async def _covers_below(connection: AsyncConnection, code: str, parents: dict[str, tuple[Parent, ...]]) -> list[Cover]:
    """Who stands above that office and above all that was, is or will be below it."""
    return [cover for below in await store.codes_ever_below(connection, code) for cover in covers(below, parents)]


def _left_by(known: KnownOffice, move: Move, now: datetime) -> Iterator[str]:
    """Who stands above now, and who would stand above on that day if nothing were decided."""
    for parent in (known.parent_at(now), parent_on(known.parents, move.valid_from)):
        if parent is not None:
            yield parent.code


def _moved(known: KnownOffice, move: Move) -> NewEvent:
    before = parent_on(known.parents, move.valid_from)
    return NewEvent(
        "office.moved",
        {
            "code": move.code,
            "from": None if before is None else before.code,
            "to": move.parent,
            "valid_from": move.valid_from.isoformat(),
            "instrument_number_sha256": text_hash(move.instrument_number),
            "instrument_date": None if move.instrument_date is None else move.instrument_date.isoformat(),
        },
    )


async def _known(connection: AsyncConnection, code: str, now: datetime, *, pointer: str) -> KnownOffice:
    found = await store.known_office(connection, code, now)
    if found is None:
        raise unknown_office(code, pointer=pointer)
    return found


async def _shown(act: Act, code: str, show: Show) -> StoredAnswer:
    found = await store.known_office(act.connection, code, act.now)
    assert found is not None
    return show(found)


def _code_taken(code: str) -> Invalid:
    """Whose it is stays unsaid: the caller may not see it."""
    return Invalid(FieldError("/code", "office_exists", f"Kode {code} sudah dipakai.", f"The code {code} is taken."))
