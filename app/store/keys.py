"""What a rotation of keys asks of the database: the secrets that are sealed in it, and which rotation its log knows."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Column, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.accounts import ACCOUNT
from app.store.errors import Collision
from app.store.events import EVENT, office_stream

_SEALED = ("totp_secret", "totp_pending")


@dataclass(frozen=True, slots=True)
class Sealed:
    """One sealed secret: whose, in which column, and its text."""

    account_id: UUID
    username: str
    column: str
    text: str


async def sealed_secrets(connection: AsyncConnection) -> list[Sealed]:
    return [found for column in _SEALED for found in await _sealed_in(connection, column)]


async def _sealed_in(connection: AsyncConnection, name: str) -> list[Sealed]:
    column = ACCOUNT.c[name]
    rows = await connection.execute(select(ACCOUNT.c.id, ACCOUNT.c.username, column).where(column.is_not(None)).order_by(ACCOUNT.c.id))
    return [Sealed(account_id, username, name, text) for account_id, username, text in rows]


async def replace_sealed(connection: AsyncConnection, sealed: Sealed, *, by: str) -> None:
    """Raises Collision when it is another one by now: its owner began an enrolment, or ended one."""
    column: Column[str] = ACCOUNT.c[sealed.column]
    written = await connection.execute(update(ACCOUNT).where(ACCOUNT.c.id == sealed.account_id, column == sealed.text).values({column: by}))
    if written.rowcount != 1:
        raise Collision("sealed secret")


async def last_rotation(connection: AsyncConnection, office_code: str, *, besides: UUID | None = None) -> str | None:
    """The key that signs according to the log, one event of it left out; None before the first rotation."""
    rotations = [EVENT.c.stream == office_stream(office_code), EVENT.c.type == "key.rotated", *([] if besides is None else [EVENT.c.id != besides])]
    data = (await connection.execute(select(EVENT.c.data).where(*rotations).order_by(EVENT.c.sequence.desc()).limit(1))).scalar_one_or_none()
    return None if data is None else str(data["kid"])
