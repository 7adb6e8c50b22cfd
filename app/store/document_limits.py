"""How large documents may be: what an office says for itself and those below it, and what holds there."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.inserts import insert_missing
from app.store.offices import COVER, at, standing
from app.store.tables import OfficeDocumentsRow, table

LIMITS = table(OfficeDocumentsRow)


@dataclass(frozen=True, slots=True)
class OwnLimits:
    """Bytes; None: as the office above says. `version` 0: nothing was ever said here."""

    version: int = 0
    max_file_bytes: int | None = None
    max_open_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A limit in bytes, and the office that says it."""

    most: int
    office: str


@dataclass(frozen=True, slots=True)
class OfficeLimits:
    """What the office itself says, and what holds there: the nearest office above that says something. None: nobody does."""

    own: OwnLimits
    file: Said | None
    open: Said | None


async def office_limits(connection: AsyncConnection, office: str, now: datetime) -> OfficeLimits:
    """In one statement."""
    columns = (COVER.c.ancestor, LIMITS.c.version, LIMITS.c.max_file_bytes, LIMITS.c.max_open_bytes)
    joined = select(*columns).join(LIMITS, LIMITS.c.office_code == COVER.c.ancestor)
    rows = (await connection.execute(joined.where(COVER.c.code == office, standing(at(now))).order_by(COVER.c.depth))).all()
    own = next((OwnLimits(*row[1:]) for row in rows if row.ancestor == office), OwnLimits())
    file = next((Said(row.max_file_bytes, row.ancestor) for row in rows if row.max_file_bytes is not None), None)
    opened = next((Said(row.max_open_bytes, row.ancestor) for row in rows if row.max_open_bytes is not None), None)
    return OfficeLimits(own, file, opened)


async def put_limits(connection: AsyncConnection, office: str, new: OwnLimits) -> bool:
    """Whether what is said there was still of the version before."""
    values = {"version": new.version, "max_file_bytes": new.max_file_bytes, "max_open_bytes": new.max_open_bytes}
    if new.version == 1:
        return await insert_missing(connection, LIMITS, {"office_code": office, **values})
    same = (LIMITS.c.office_code == office, LIMITS.c.version == new.version - 1)
    return (await connection.execute(update(LIMITS).where(*same).values(values))).rowcount == 1
