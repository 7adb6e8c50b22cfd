"""Published procedures. A version is written once: no statement here updates or deletes one."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import rfc8785
from sqlalchemy import Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain import roles
from app.domain.problems import NotVisible
from app.domain.procedures import Procedure
from app.domain.roles import RoleInForce
from app.store.inserts import insert_missing
from app.store.tables import ProcedureRow, table

PROCEDURE = table(ProcedureRow)


@dataclass(frozen=True, slots=True)
class PublishedProcedure:
    """One version as it was published. `sha256` (hex) is of the canonical JSON (RFC 8785) of its definition."""

    key: str
    version: int
    sha256: str
    published_at: datetime
    procedure: Procedure


@dataclass(frozen=True, slots=True)
class ProcedureLine:
    """A procedure as a list shows it."""

    key: str
    version: int
    title: str
    published_at: datetime


def definition_hash(procedure: Procedure) -> str:
    """What a published version is recognised by: SHA-256 (hex) of the canonical JSON of its definition."""
    return sha256(rfc8785.dumps(procedure.model_dump(mode="json"))).hexdigest()


async def add_version(connection: AsyncConnection, procedure: Procedure, *, version: int, now: datetime) -> bool:
    """Whether it was added; False when that version is there already (another publisher came first, and has committed)."""
    row = {
        "key": procedure.key,
        "version": version,
        "title": procedure.title,
        "definition": procedure.model_dump(mode="json"),
        "sha256": definition_hash(procedure),
        "published_at": now,
    }
    return await insert_missing(connection, PROCEDURE, row)


async def latest(connection: AsyncConnection, key: str) -> PublishedProcedure | None:
    return await _one(connection, _versions(key).limit(1))


async def version(connection: AsyncConnection, key: str, number: int) -> PublishedProcedure | None:
    return await _one(connection, _versions(key).where(PROCEDURE.c.version == number))


async def versions(connection: AsyncConnection, key: str) -> tuple[PublishedProcedure, ...]:
    """All of them, newest first."""
    return tuple(_published(row) for row in await connection.execute(_versions(key)))


async def list_latest(connection: AsyncConnection, after_key: str | None, limit: int) -> tuple[ProcedureLine, ...]:
    """The latest version of each procedure, by key."""
    newest = select(PROCEDURE.c.key, func.max(PROCEDURE.c.version).label("version")).group_by(PROCEDURE.c.key)
    if after_key is not None:
        newest = newest.where(PROCEDURE.c.key > after_key)
    page = newest.order_by(PROCEDURE.c.key).limit(limit).subquery()
    columns = (PROCEDURE.c.key, PROCEDURE.c.version, PROCEDURE.c.title, PROCEDURE.c.published_at)
    same = and_(PROCEDURE.c.key == page.c.key, PROCEDURE.c.version == page.c.version)
    found = await connection.execute(select(*columns).join(page, same).order_by(PROCEDURE.c.key))
    return tuple(ProcedureLine(*row) for row in found)


async def latest_of_all(connection: AsyncConnection) -> tuple[tuple[str, int], ...]:
    """Key and latest version of every procedure."""
    found = await connection.execute(select(PROCEDURE.c.key, func.max(PROCEDURE.c.version)).group_by(PROCEDURE.c.key).order_by(PROCEDURE.c.key))
    return tuple((row[0], row[1]) for row in found)


async def known_keys(connection: AsyncConnection, keys: frozenset[str]) -> frozenset[str]:
    """Those of the keys under which something is published."""
    if not keys:
        return frozenset()
    found = await connection.execute(select(PROCEDURE.c.key).where(PROCEDURE.c.key.in_(sorted(keys))).distinct())
    return frozenset(found.scalars())


def _versions(key: str) -> Select[Any]:
    columns = (PROCEDURE.c.key, PROCEDURE.c.version, PROCEDURE.c.sha256, PROCEDURE.c.published_at, PROCEDURE.c.definition)
    return select(*columns).where(PROCEDURE.c.key == key).order_by(PROCEDURE.c.version.desc())


async def _one(connection: AsyncConnection, statement: Select[Any]) -> PublishedProcedure | None:
    row = (await connection.execute(statement)).one_or_none()
    return None if row is None else _published(row)


def _published(row: Any) -> PublishedProcedure:
    return PublishedProcedure(row.key, row.version, row.sha256, row.published_at, Procedure.model_validate(row.definition))


class ProcedureCache:
    """Parsed procedures by (key, version), for one process. A published version never changes, so nothing in here goes stale."""

    def __init__(self, size: int = 256) -> None:
        self._size = size
        self._kept: OrderedDict[tuple[str, int], Procedure] = OrderedDict()

    async def get(self, connection: AsyncConnection, key: str, number: int) -> Procedure:
        """Raises NotVisible when that version was never published."""
        kept = self._kept.get((key, number))
        if kept is None:
            found = await version(connection, key, number)
            if found is None:
                raise NotVisible
            kept = self._kept[key, number] = found.procedure
        self._kept.move_to_end((key, number))
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)
        return kept


_known = ProcedureCache()
"""What roles_in_force has read in this process."""


async def roles_in_force(connection: AsyncConnection) -> Mapping[str, RoleInForce]:
    """By key, of the latest version of every procedure; one statement once these versions are known."""
    latest_versions = await latest_of_all(connection)
    return roles.roles_in_force([await _known.get(connection, key, number) for key, number in latest_versions])
