"""Accounts. Each change is recorded in the stream of the account's office, before anything else is written (see `usecases.offices`)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from app.domain.accounts import NewAccount, account_mistakes
from app.domain.events import NewEvent
from app.domain.problems import FieldError, Invalid
from app.store import accounts as store
from app.store.events import append_office_events
from app.store.offices import find_office
from app.usecases.entries import ActorData, check, unknown_office


async def create_account(connection: AsyncConnection, now: datetime, account: NewAccount, *, actor: ActorData = None) -> UUID:
    check(account_mistakes(account))
    if await find_office(connection, account.office, now) is None:
        raise unknown_office(account.office)
    known = await store.find_account(connection, account.username)
    if known is not None:
        raise _username_of_the_demo(known.username) if known.is_demo else _username_taken(known.username)
    account_id = uuid7()
    event = NewEvent("account.created", {"account_id": str(account_id), "username": account.username})
    await append_office_events(connection, account.office, now, actor=actor, events=[event])
    if not await store.add_account(connection, now, account_id, account=account):
        raise _username_taken(account.username)  # by another act, between the two looks
    return account_id


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
