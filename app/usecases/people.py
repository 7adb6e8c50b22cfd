"""Offices, accounts and positions. Each change is recorded in the office's own stream, before anything else is written:
the stream's head is what two such acts at one office meet on, and whoever comes second finds it moved.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from app.domain.accounts import NewAccount, NewOffice, Position, account_mistakes, claims_mistakes, office_mistakes, position_mistakes
from app.domain.events import NewEvent, text_hash
from app.domain.problems import FieldError, Invalid
from app.store import people as store
from app.store.events import append_office_events

ROOT = NewOffice(code="ID", name="Indonesia", parent=None, time_zone="Asia/Jakarta")
"""The office above all others: what is set here (holidays, office hours) holds everywhere."""


async def seed_offices(connection: AsyncConnection, now: datetime) -> None:
    await found_office(connection, now, ROOT)


async def found_office(connection: AsyncConnection, now: datetime, office: NewOffice, *, actor: dict[str, Any] | None = None) -> None:
    """An office that exists stays as it is. A new one begins its own stream: there is none to meet on before it is there."""
    if await store.add_office(connection, office):
        event = NewEvent("office.created", {"code": office.code, "name": office.name, "parent": office.parent})
        await append_office_events(connection, office.code, now, actor=actor, events=[event])


async def add_office(connection: AsyncConnection, now: datetime, office: NewOffice, *, actor: dict[str, Any] | None = None) -> None:
    """Again with the same words: nothing happens. With others: the code is taken."""
    _check(office_mistakes(office))
    known = await store.find_office(connection, office.code)
    if known is None:
        await _office_exists(connection, office.parent or "", pointer="/parent")
        await found_office(connection, now, office, actor=actor)
    elif known != office:
        raise Invalid(FieldError("/code", "office_exists", f"{known.code} sudah ada: {known.name}.", f"{known.code} exists already: {known.name}."))


async def create_account(connection: AsyncConnection, now: datetime, account: NewAccount, *, actor: dict[str, Any] | None = None) -> UUID:
    """`actor` is who did it, as data; None at the command line."""
    _check(account_mistakes(account))
    await _office_exists(connection, account.office)
    known = await store.find_account(connection, account.username)
    if known is not None:
        raise _username_of_the_demo(known.username) if known.is_demo else _username_taken(known.username)
    account_id = uuid7()
    event = NewEvent("account.created", {"account_id": str(account_id), "username": account.username})
    await append_office_events(connection, account.office, now, actor=actor, events=[event])
    if not await store.add_account(connection, now, account_id, account=account):
        raise _username_taken(account.username)  # by another act, between the two looks
    return account_id


async def assign(connection: AsyncConnection, now: datetime, username: str, *, position: Position, actor: dict[str, Any] | None = None) -> UUID:
    _check(position_mistakes(position))
    await _office_exists(connection, position.office)
    account = await store.find_account(connection, username)
    if account is None:
        raise Invalid(FieldError("/username", "unknown_account", f"Tidak ada akun {username}.", f"There is no account {username}."))
    held = [assignment.claim for assignment in await store.assignments_of(connection, account.id) if not assignment.is_over(now)]
    _check(claims_mistakes([*held, position.claim]))
    assignment_id = uuid7()
    event = NewEvent("assignment.created", {"assignment_id": str(assignment_id), "account_id": str(account.id), **_recorded(position)})
    await append_office_events(connection, position.office, now, actor=actor, events=[event])
    await store.add_assignment(connection, now, assignment_id, account_id=account.id, position=position)
    return assignment_id


def _recorded(position: Position) -> dict[str, Any]:
    """As the event keeps it: the number of the instrument is words that people wrote, so only its hash."""
    return {
        "role": position.role,
        "capacity": position.capacity,
        "valid_from": position.valid_from.isoformat(),
        "valid_to": None if position.valid_to is None else position.valid_to.isoformat(),
        "instrument_number_sha256": text_hash(position.instrument_number),
        "instrument_date": None if position.instrument_date is None else position.instrument_date.isoformat(),
    }


def _check(mistakes: Iterator[FieldError]) -> None:
    found = tuple(mistakes)
    if found:
        raise Invalid(*found)


async def _office_exists(connection: AsyncConnection, code: str, *, pointer: str = "/office") -> None:
    if await store.find_office(connection, code) is None:
        raise Invalid(
            FieldError(
                pointer,
                "unknown_office",
                f"Tidak ada kantor {code}; buat dahulu (alur office add).",
                f"There is no office {code}; add it first (alur office add).",
            )
        )


def _username_taken(username: str) -> Invalid:
    return Invalid(FieldError("/username", "username_taken", f"Akun {username} sudah ada.", f"The account {username} exists already."))


def _username_of_the_demo(username: str) -> Invalid:
    """It stays in a database that once served the demo, out of sight. What it did there is in the log, so it cannot be given away."""
    return Invalid(
        FieldError(
            "/username",
            "username_of_demo",
            f"Nama {username} dipakai akun demo di basis data ini. Mulailah dengan basis data baru (ALUR_DATA_DIR, ALUR_DATABASE_URL).",
            f"A demo account of this database holds the name {username}. Begin with a database of its own (ALUR_DATA_DIR, ALUR_DATABASE_URL).",
        )
    )
