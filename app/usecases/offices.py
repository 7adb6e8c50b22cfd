"""Offices. Each change is recorded in the office's own stream, before anything else is written:
the stream's head is what two such acts at one office meet on, and whoever comes second finds it moved.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.events import NewEvent
from app.domain.offices import ROOT, NewOffice, office_mistakes
from app.domain.problems import FieldError, Invalid
from app.store import offices as store
from app.store.events import append_office_events
from app.usecases.entries import ActorData, check, unknown_office

NATION = NewOffice(code=ROOT, name="Indonesia", parent=None, time_zone="Asia/Jakarta")
"""The office above all others: what is set here (holidays, office hours) holds everywhere."""


async def seed_offices(connection: AsyncConnection, now: datetime) -> None:
    await found_office(connection, now, NATION)


async def found_office(connection: AsyncConnection, now: datetime, office: NewOffice, *, actor: ActorData = None) -> None:
    """An office that exists stays as it is. A new one begins its own stream: there is none to meet on before it is there."""
    if await store.add_office(connection, office):
        event = NewEvent("office.created", {"code": office.code, "name": office.name, "parent": office.parent})
        await append_office_events(connection, office.code, now, actor=actor, events=[event])


async def add_office(connection: AsyncConnection, now: datetime, office: NewOffice, *, actor: ActorData = None) -> None:
    """Again with the same words: nothing happens. With others: the code is taken."""
    check(office_mistakes(office))
    known = await store.find_office(connection, office.code, now)
    if known is None:
        if await store.find_office(connection, office.parent or "", now) is None:
            raise unknown_office(office.parent or "", pointer="/parent")
        await found_office(connection, now, office, actor=actor)
    elif known != office:
        raise Invalid(FieldError("/code", "office_exists", f"{known.code} sudah ada: {known.name}.", f"{known.code} exists already: {known.name}."))
