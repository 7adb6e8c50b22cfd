"""Assignments. Each change is recorded in the stream of the office where the position is, before anything else is written."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from app.domain.assignments import Position, claims_mistakes, position_mistakes
from app.domain.events import NewEvent, text_hash
from app.store import assignments as store
from app.store.accounts import find_account
from app.store.events import append_office_events
from app.store.offices import find_office
from app.usecases.entries import ActorData, check, unknown_account, unknown_office


async def assign(connection: AsyncConnection, now: datetime, username: str, *, position: Position, actor: ActorData = None) -> UUID:
    check(position_mistakes(position))
    if await find_office(connection, position.office, now) is None:
        raise unknown_office(position.office)
    account = await find_account(connection, username)
    if account is None:
        raise unknown_account(username)
    held = [assignment.claim for assignment in await store.assignments_of(connection, account.id, now) if not assignment.is_over(now)]
    check(claims_mistakes([*held, position.claim]))
    assignment_id = uuid7()
    event = NewEvent("assignment.created", {"assignment_id": str(assignment_id), "account_id": str(account.id), **recorded(position)})
    await append_office_events(connection, position.office, now, actor=actor, events=[event])
    await store.add_assignment(connection, now, assignment_id, account_id=account.id, position=position)
    return assignment_id


def recorded(position: Position) -> dict[str, Any]:
    """As the event keeps it: the number of the instrument is words that people wrote, so only its hash."""
    return {
        "role": position.role,
        "capacity": position.capacity,
        "valid_from": position.valid_from.isoformat(),
        "valid_to": None if position.valid_to is None else position.valid_to.isoformat(),
        "instrument_number_sha256": text_hash(position.instrument_number),
        "instrument_date": None if position.instrument_date is None else position.instrument_date.isoformat(),
    }
