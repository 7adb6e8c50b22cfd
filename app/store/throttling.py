"""Failures of late, and the addresses that accounts sign in from. Names and addresses stand here only as hashes."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.throttling import FAMILIAR_FOR, Tally
from app.store.tables import FamiliarAddressRow, SignInFailureRow, table

FAILURE = table(SignInFailureRow)
FAMILIAR = table(FamiliarAddressRow)

KEPT_FOR = timedelta(days=1)
"""Longer than any counter counts."""


async def hold(connection: AsyncConnection, now: datetime, keys: Sequence[str]) -> dict[str, Tally]:
    """The counters as they stand, a new one at 0. Until the transaction ends nobody else has them: guesses sent at once wait here, one by one.

    Everyone asks for them in the order of the keys, so that no two wait for each other.
    """
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(FAILURE).values([{"key": key, "failures": 0, "last_at": now, "not_before": now} for key in keys])
    held = statement.on_conflict_do_update(index_elements=[FAILURE.c.key], set_={"failures": FAILURE.c.failures})
    found = await connection.execute(held.returning(FAILURE.c.key, FAILURE.c.failures, FAILURE.c.last_at, FAILURE.c.not_before))
    return {row.key: Tally(row.failures, row.last_at, row.not_before) for row in found}


async def keep(connection: AsyncConnection, tallies: Mapping[str, Tally]) -> None:
    changed = (
        update(FAILURE).where(FAILURE.c.key == bindparam("of")).values(failures=bindparam("n"), last_at=bindparam("at"), not_before=bindparam("to"))
    )
    rows = [{"of": key, "n": tally.failures, "at": tally.last_at, "to": tally.not_before} for key, tally in tallies.items()]
    await connection.execute(changed, rows)


async def forget(connection: AsyncConnection, key: str) -> None:
    await connection.execute(delete(FAILURE).where(FAILURE.c.key == key))


async def remember_address(connection: AsyncConnection, now: datetime, account_id: UUID, address: str) -> None:
    """This account has signed in from there, now."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(FAMILIAR).values(account_id=account_id, address=address, last_at=now)
    keys = [FAMILIAR.c.account_id, FAMILIAR.c.address]
    await connection.execute(statement.on_conflict_do_update(index_elements=keys, set_={"last_at": statement.excluded.last_at}))


async def sweep(connection: AsyncConnection, now: datetime) -> int:
    """Forget failures after a day, and addresses that are no longer familiar; returns how many of both.

    A counter that somebody holds is being counted on: it is left, and nobody waits for another in a circle.
    """
    old = select(FAILURE.c.key).where(FAILURE.c.last_at < now - KEPT_FOR).with_for_update(skip_locked=True)
    failures = await connection.execute(delete(FAILURE).where(FAILURE.c.key.in_(old)))
    addresses = await connection.execute(delete(FAMILIAR).where(FAMILIAR.c.last_at < now - FAMILIAR_FOR))
    return failures.rowcount + addresses.rowcount
