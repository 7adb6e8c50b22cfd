"""What an account proves itself with: password, one-time secret, second factor, recovery codes. Each is used or changed by a guarded write."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, exists, false, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.throttling import FAMILIAR_FOR
from app.store.accounts import ACCOUNT, NO_RESET
from app.store.offices import OFFICE
from app.store.sessions import SESSION
from app.store.tables import RecoveryCodeRow, table
from app.store.throttling import FAMILIAR

RECOVERY_CODE = table(RecoveryCodeRow)

_COLUMNS = (
    *(ACCOUNT.c[name] for name in ("id", "username", "name", "password_hash", "is_demo", "totp_secret", "totp_pending")),
    *(ACCOUNT.c[name] for name in ("reset_hash", "reset_expires_at", "reset_by")),
    ACCOUNT.c.office_code.label("office"),
    OFFICE.c.name.label("office_name"),
)

_SIGNS_IN_HERE = (ACCOUNT.c.active.is_(True), ACCOUNT.c.kind == "person", ACCOUNT.c.issuer.is_(None))
"""Not a machine, and not a person of another issuer."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Of a person whose account is open, and who signs in here. `totp_…` are sealed; `familiar`: has signed in from the address asked about."""

    id: UUID
    username: str
    name: str
    password_hash: str
    is_demo: bool
    totp_secret: str | None
    totp_pending: str | None
    reset_hash: str | None
    reset_expires_at: datetime | None
    reset_by: UUID | None
    office: str
    office_name: str
    familiar: bool

    @property
    def about(self) -> tuple[str, ...]:
        """What a password must not be made of."""
        return (self.username, self.name, self.office_name)


async def credentials_named(connection: AsyncConnection, username: str, *, address: str, now: datetime, demo: bool) -> Credentials | None:
    """One statement, whoever is named. Demo accounts exist only where `demo`; `address` is a key of `throttling.address_key`."""
    known_from = (FAMILIAR.c.account_id == ACCOUNT.c.id, FAMILIAR.c.address == address, FAMILIAR.c.last_at > now - FAMILIAR_FOR)
    statement = _of(exists().where(*known_from), ACCOUNT.c.username == username)
    return await _one(connection, statement if demo else statement.where(ACCOUNT.c.is_demo.is_(False)))


async def credentials_of(connection: AsyncConnection, account_id: UUID) -> Credentials | None:
    return await _one(connection, _of(false(), ACCOUNT.c.id == account_id))


def _of(familiar: ColumnElement[bool], whose: ColumnElement[bool]) -> Select[Any]:
    joined = ACCOUNT.join(OFFICE, OFFICE.c.code == ACCOUNT.c.office_code)
    return select(*_COLUMNS, familiar.label("familiar")).select_from(joined).where(whose, *_SIGNS_IN_HERE)


async def _one(connection: AsyncConnection, statement: Select[Any]) -> Credentials | None:
    row = (await connection.execute(statement)).one_or_none()
    return None if row is None else Credentials(**{**row._asdict(), "familiar": bool(row.familiar)})


async def hold_unchanged(connection: AsyncConnection, seen: Credentials) -> bool:
    """Whether the account is still as it was seen. Until the transaction ends nobody changes its password or factor, or closes it:

    what is written next is written before such a change, which then finds it.
    """
    same = (ACCOUNT.c.id == seen.id, ACCOUNT.c.active.is_(True), ACCOUNT.c.password_hash == seen.password_hash)
    factor = ACCOUNT.c.totp_secret.is_not_distinct_from(seen.totp_secret)
    return (await connection.execute(select(ACCOUNT.c.id).where(*same, factor).with_for_update(key_share=True))).first() is not None


async def set_password(connection: AsyncConnection, now: datetime, account_id: UUID, *, password_hash: str, instead_of: str) -> bool:
    """Whether the password was still `instead_of`. An open reset is void: the password it was for is gone."""
    return await _change(
        connection,
        (ACCOUNT.c.id == account_id, ACCOUNT.c.password_hash == instead_of),
        {"password_hash": password_hash, "password_changed_at": now, **NO_RESET},
    )


async def renew_hash(connection: AsyncConnection, account_id: UUID, *, password_hash: str, instead_of: str) -> None:
    """The same password by the parameters of today; where it was changed meanwhile, nothing."""
    await _change(connection, (ACCOUNT.c.id == account_id, ACCOUNT.c.password_hash == instead_of), {"password_hash": password_hash})


async def set_reset(connection: AsyncConnection, account_id: UUID, *, secret_hash: str, expires_at: datetime, issued_by: UUID | None) -> bool:
    """An earlier one-time secret is void. False where there is no such open account of a person who signs in here."""
    values = {"reset_hash": secret_hash, "reset_expires_at": expires_at, "reset_by": issued_by}
    return await _change(connection, (ACCOUNT.c.id == account_id, *_SIGNS_IN_HERE), values)


async def use_reset(connection: AsyncConnection, now: datetime, account_id: UUID, *, secret_hash: str, password_hash: str) -> bool:
    """Whether this one-time secret was still good: it serves once."""
    whose = (ACCOUNT.c.id == account_id, ACCOUNT.c.reset_hash == secret_hash, ACCOUNT.c.reset_expires_at > now, ACCOUNT.c.active.is_(True))
    return await _change(connection, whose, {"password_hash": password_hash, "password_changed_at": now, **NO_RESET})


async def set_pending(connection: AsyncConnection, account_id: UUID, *, sealed: str) -> bool:
    """Whether none is enrolled yet. An enrolment begun before and not confirmed is void."""
    return await _change(connection, (ACCOUNT.c.id == account_id, ACCOUNT.c.totp_secret.is_(None)), {"totp_pending": sealed})


async def confirm_pending(connection: AsyncConnection, now: datetime, account_id: UUID, *, sealed: str, step: int) -> bool:
    """Whether that enrolment was still waiting. The step whose code confirmed it is used."""
    values = {"totp_secret": sealed, "totp_pending": None, "totp_step": step, "second_factor_at": now, "version": ACCOUNT.c.version + 1}
    return await _change(connection, (ACCOUNT.c.id == account_id, ACCOUNT.c.totp_pending == sealed, ACCOUNT.c.totp_secret.is_(None)), values)


async def use_step(connection: AsyncConnection, account_id: UUID, *, sealed: str, step: int) -> bool:
    """Whether no code of this step, or of a later one, has served before."""
    unused = or_(ACCOUNT.c.totp_step.is_(None), ACCOUNT.c.totp_step < step)
    return await _change(connection, (ACCOUNT.c.id == account_id, ACCOUNT.c.totp_secret == sealed, unused), {"totp_step": step})


async def use_recovery_code(connection: AsyncConnection, now: datetime, account_id: UUID, *, code_hash: str) -> bool:
    mine = (RECOVERY_CODE.c.account_id == account_id, RECOVERY_CODE.c.code_hash == code_hash, RECOVERY_CODE.c.used_at.is_(None))
    return (await connection.execute(update(RECOVERY_CODE).where(*mine).values(used_at=now))).rowcount == 1


async def replace_recovery_codes(connection: AsyncConnection, account_id: UUID, hashes: Sequence[str]) -> None:
    await connection.execute(delete(RECOVERY_CODE).where(RECOVERY_CODE.c.account_id == account_id))
    if hashes:
        await connection.execute(insert(RECOVERY_CODE), [{"account_id": account_id, "code_hash": code_hash} for code_hash in hashes])


async def secured(connection: AsyncConnection, account_id: UUID, session_id: UUID | None) -> tuple[bool, bool]:
    """Whether the account has a second factor, and whether that session has passed it."""
    joined = ACCOUNT.outerjoin(SESSION, SESSION.c.id == session_id)
    statement = select(ACCOUNT.c.totp_secret.is_not(None), SESSION.c.second_factor).select_from(joined).where(ACCOUNT.c.id == account_id)
    enrolled, passed = (await connection.execute(statement)).one()
    return bool(enrolled), bool(passed)


async def remove_second_factor(connection: AsyncConnection, account_id: UUID) -> bool:
    """Whether there was one. One begun goes with it, and a one-time secret: without the factor it would let in whoever has it.

    The account is of the next version: it shows whether it has one.
    """
    values = {"totp_secret": None, "totp_pending": None, "totp_step": None, "second_factor_at": None, "version": ACCOUNT.c.version + 1}
    removed = await _change(connection, (ACCOUNT.c.id == account_id, ACCOUNT.c.totp_secret.is_not(None)), values | NO_RESET)
    if removed:
        await replace_recovery_codes(connection, account_id, ())
    return removed


async def _change(connection: AsyncConnection, where: tuple[ColumnElement[bool], ...], values: dict[str, Any]) -> bool:
    return (await connection.execute(update(ACCOUNT).where(*where).values(values))).rowcount == 1
