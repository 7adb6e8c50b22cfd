"""Accounts: persons and machines that may be let in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.accounts import NewAccount
from app.store.errors import Collision
from app.store.inserts import insert_missing
from app.store.tables import AccountRow, table

ACCOUNT = table(AccountRow)
_NAMES = ("id", "username", "name", "office_code", "kind", "password_hash", "active", "is_demo", "version", "issuer")
ACCOUNT_COLUMNS = tuple(ACCOUNT.c[name] for name in _NAMES)

NO_RESET = {"reset_hash": None, "reset_expires_at": None, "reset_by": None}
"""No one-time secret is outstanding."""


@dataclass(frozen=True, slots=True)
class Account:
    """`office` is where it is administered."""

    id: UUID
    username: str
    name: str
    office: str
    kind: str
    password_hash: str
    active: bool
    is_demo: bool
    version: int
    issuer: str | None


async def find_account(connection: AsyncConnection, username: str) -> Account | None:
    row = (await connection.execute(select(*ACCOUNT_COLUMNS).where(ACCOUNT.c.username == username))).one_or_none()
    return None if row is None else Account(*row)


async def account_of(connection: AsyncConnection, account_id: UUID) -> Account | None:
    row = (await connection.execute(select(*ACCOUNT_COLUMNS).where(ACCOUNT.c.id == account_id))).one_or_none()
    return None if row is None else Account(*row)


async def add_account(connection: AsyncConnection, now: datetime, account_id: UUID, *, account: NewAccount) -> bool:
    """False when the username (or the NIP, or the person of another issuer) is taken."""
    values = {
        "id": account_id,
        "username": account.username,
        "name": account.name,
        "kind": account.kind,
        "office_code": account.office,
        "nip": account.nip,
        "password_hash": account.password_hash,
        "active": True,
        "is_demo": account.is_demo,
        "created_at": now,
        "issuer": account.issuer,
        "subject": account.subject,
    }
    return await insert_missing(connection, ACCOUNT, values)


async def set_password_hash(connection: AsyncConnection, account_id: UUID, password_hash: str) -> None:
    await connection.execute(update(ACCOUNT).where(ACCOUNT.c.id == account_id).values(password_hash=password_hash))


async def holder_of_nip(connection: AsyncConnection, nip: str) -> UUID | None:
    found: UUID | None = await connection.scalar(select(ACCOUNT.c.id).where(ACCOUNT.c.nip == nip))
    return found


async def change_account(connection: AsyncConnection, account_id: UUID, *, version: int, **changed: Any) -> None:
    """Raises Collision when the account is no longer of that version, or when somebody else was given that NIP meanwhile."""
    same = update(ACCOUNT).where(ACCOUNT.c.id == account_id, ACCOUNT.c.version == version)
    try:
        written = await connection.execute(same.values(version=version + 1, **changed))
    except IntegrityError as error:
        raise Collision("account") from error
    if written.rowcount != 1:
        raise Collision("account")
