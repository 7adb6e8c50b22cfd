"""The guarded write: everything an act changes, in one statement that does nothing unless the guard row is as it was loaded.

On PostgreSQL the guard and all row changes are one data-modifying statement; each set of rows travels as one JSON parameter, so the
statement's text (and its prepared plan) depends only on which tables change. On SQLite the same list of changes runs row set by row
set inside BEGIN IMMEDIATE. Locking rows in the load instead was measured and is wrong: a waiter sees the new version but old sign-offs.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Table, TextClause, and_, bindparam, delete, insert, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.problems import Refused
from app.domain.refusals import Refusal
from app.store.errors import Collision

_UNIQUE_VIOLATION, _DEADLOCK, _LOCK_TIMEOUT = "23505", "40P01", "55P03"

Verb = Literal["insert", "update", "delete"]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """Rows of one table to insert, update or delete; all rows bring the same columns. Updates and deletes go by the primary key."""

    verb: Verb
    table: Table
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Guard:
    """The row that decides. `loaded` None: it must not exist yet, nor break a unique rule; else its `version` must still be that."""

    table: Table
    row: Row
    loaded: int | None


async def write(connection: AsyncConnection, guard: Guard, changes: Sequence[Change]) -> None:
    """Write all or nothing. Raises Collision when the guard no longer holds: roll back, reload, decide again.

    Refused (`concurrent_change`) when another act held the row for longer than one waits for it.
    """
    changes = [change for change in changes if change.rows]
    try:
        if connection.dialect.name == "postgresql":
            written = await _write_postgres(connection, guard, changes)
        else:
            written = await _write_sqlite(connection, guard, changes)
    except DBAPIError as error:
        judge(error, guard.table.name)
        raise
    if not written:
        raise Collision(guard.table.name)


def judge(error: DBAPIError, name: str) -> None:
    """A key taken meanwhile, or a deadlock, is a collision; any other broken constraint is a fault of ours and stays one."""
    state = getattr(error.orig, "sqlstate", None)
    if state in {_UNIQUE_VIOLATION, _DEADLOCK} or "UNIQUE constraint failed" in str(error.orig):
        raise Collision(name) from error
    if state == _LOCK_TIMEOUT:
        raise Refused([Refusal("concurrent_change")]) from error


# ── PostgreSQL ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def _write_postgres(connection: AsyncConnection, guard: Guard, changes: Sequence[Change]) -> bool:
    shape = tuple((change.verb, change.table, tuple(change.rows[0])) for change in changes)
    statement = _statement((guard.table, tuple(guard.row), guard.loaded is None), shape)
    parameters = {f"rows_{n}": json.dumps([dict(row) for row in change.rows], default=plain) for n, change in enumerate(changes)}
    parameters["guard"] = json.dumps(dict(guard.row), default=plain)
    loaded = {} if guard.loaded is None else {"loaded": guard.loaded}
    return bool((await connection.execute(statement, parameters | loaded)).scalar_one())


def plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} does not travel as JSON")


@lru_cache(maxsize=512)
def _statement(guard: tuple[Table, tuple[str, ...], bool], shape: tuple[tuple[Verb, Table, tuple[str, ...]], ...]) -> TextClause:
    parts = [f"guard AS ({_guard(*guard)})"]
    parts += [f"change_{n} AS ({_change(verb, table, names, rows=f'rows_{n}', owner=guard[0])})" for n, (verb, table, names) in enumerate(shape)]
    return text(f"WITH {', '.join(parts)} SELECT count(*) FROM guard")  # noqa: S608 - table and column names come from our own metadata


def _guard(table: Table, names: tuple[str, ...], is_new: bool) -> str:
    source = f"json_populate_record(NULL::{table.name}, CAST(:guard AS json)) AS given"
    given = ", ".join(f"given.{name}" for name in names)
    (own,) = table.primary_key.columns
    if is_new:
        return f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {given} FROM {source} ON CONFLICT DO NOTHING RETURNING {own.name} AS own"  # noqa: S608
    held = f"{same_key(table)} AND kept.version = :loaded"
    return f"UPDATE {table.name} AS kept SET {set_given(table, names)} FROM {source} WHERE {held} RETURNING kept.{own.name} AS own"  # noqa: S608


def _change(verb: Verb, table: Table, names: tuple[str, ...], *, rows: str, owner: Table) -> str:
    source = f"guard, json_populate_recordset(NULL::{table.name}, CAST(:{rows} AS json)) AS given"
    if verb == "insert":
        given = ", ".join(f"given.{name}" for name in names)
        return f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {given} FROM {source}"  # noqa: S608
    if verb == "delete":
        return f"DELETE FROM {table.name} AS kept USING {source} WHERE {same_key(table)}{_owned(table, owner)}"  # noqa: S608
    return f"UPDATE {table.name} AS kept SET {set_given(table, names)} FROM {source} WHERE {same_key(table)}{_owned(table, owner)}"  # noqa: S608


def set_given(table: Table, names: tuple[str, ...]) -> str:
    """What follows SET: every column but the key, from the row given."""
    return ", ".join(f"{name} = given.{name}" for name in names if name not in table.primary_key.columns)


def same_key(table: Table) -> str:
    return " AND ".join(f"kept.{column.name} = given.{column.name}" for column in table.primary_key.columns)


def _owned(table: Table, owner: Table) -> str:
    """Says again that the rows are those of the guard's row: PostgreSQL takes a recordset for 100 rows, and would rather hash a whole table."""
    named = next((key.parent.name for key in table.foreign_keys if key.column.table is owner), None)
    return "" if named is None else f" AND kept.{named} = (SELECT own FROM guard)"  # noqa: S608


# ── SQLite ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def _write_sqlite(connection: AsyncConnection, guard: Guard, changes: Sequence[Change]) -> bool:
    if guard.loaded is None:
        await connection.execute(insert(guard.table), dict(guard.row))
    else:
        key = and_(*(column == guard.row[column.name] for column in guard.table.primary_key.columns))
        statement = update(guard.table).where(key, guard.table.c.version == guard.loaded).values(settings(guard.table, guard.row))
        if (await connection.execute(statement)).rowcount != 1:
            return False
    for change in changes:
        await apply(connection, change)
    return True


async def apply(connection: AsyncConnection, change: Change) -> None:
    table = change.table
    if change.verb == "insert":
        await connection.execute(insert(table), [dict(row) for row in change.rows])
        return
    key = and_(*(column == bindparam(f"key_{column.name}") for column in table.primary_key.columns))
    keys = [{f"key_{c.name}": row[c.name] for c in table.primary_key.columns} for row in change.rows]
    if change.verb == "delete":
        await connection.execute(delete(table).where(key), keys)
        return
    values = [bound | settings(table, row) for bound, row in zip(keys, change.rows, strict=True)]
    await connection.execute(update(table).where(key), values)


def settings(table: Table, row: Row) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in table.primary_key.columns}
