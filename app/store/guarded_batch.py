"""The guarded write for many: like `store.guarded`, for as many owners as the clock looks after at a time.

Each owner holds or does not hold for itself: one that somebody else has locked, or changed since it was loaded, is passed over, and
the rest is written. So nobody waits for a batch, and a batch waits for nobody (`FOR UPDATE SKIP LOCKED`).

The rows are locked inside the one statement that writes, not in the load: an act must write nothing before its load, or its events come
into the feed out of order; and who waits for a lock sees the new version beside old children.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from sqlalchemy import Table, TextClause, and_, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.errors import Collision
from app.store.guarded import Change, Row, Verb, apply, judge, plain, same_key, set_given, settings


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that decide, by their `id`; each written only if its `version` and `event_sequence` are still those loaded.

    The clock's own events move only the head of a stream: so both are asked for.
    """

    table: Table
    rows: Sequence[Row]
    loaded: Sequence[tuple[int, int]]


async def write_batch(connection: AsyncConnection, batch: Batch, changes: Sequence[Change]) -> frozenset[UUID]:
    """The ids of those that were written, each with all its changes. Raises Collision, and then nothing was.

    Every row of `changes` names its owner as `instance_id`.
    """
    changes = [change for change in changes if change.rows]
    try:
        if connection.dialect.name == "postgresql":
            return await _write_postgres(connection, batch, changes)
        return await _write_sqlite(connection, batch, changes)
    except DBAPIError as error:
        judge(error, batch.table.name)
        raise


async def _write_postgres(connection: AsyncConnection, batch: Batch, changes: Sequence[Change]) -> frozenset[UUID]:
    shape = tuple((change.verb, change.table, tuple(change.rows[0])) for change in changes)
    parameters = {f"rows_{n}": _as_json(change.rows) for n, change in enumerate(changes)}
    loaded = [{"id": row["id"], "version": version, "sequence": sequence} for row, (version, sequence) in zip(batch.rows, batch.loaded, strict=True)]
    parameters |= {"owners": _as_json(batch.rows), "loaded": _as_json(loaded)}
    found = await connection.execute(_statement((batch.table, tuple(batch.rows[0])), shape), parameters)
    return frozenset(found.scalars())


def _as_json(rows: Sequence[Row]) -> str:
    return json.dumps([dict(row) for row in rows], default=plain)


@lru_cache(maxsize=64)
def _statement(owner: tuple[Table, tuple[str, ...]], shape: tuple[tuple[Verb, Table, tuple[str, ...]], ...]) -> TextClause:
    parts = [f"held AS ({_held(owner[0])})", f"guard AS ({_guard(*owner)})"]
    parts += [f"change_{n} AS ({_change(verb, table, names, rows=f'rows_{n}')})" for n, (verb, table, names) in enumerate(shape)]
    return text(f"WITH {', '.join(parts)} SELECT own FROM guard")  # noqa: S608 - table and column names come from our own metadata


def _held(table: Table) -> str:
    """Those that are as they were loaded and that nobody else holds just now; in order, so that two batches never wait for each other."""
    source = "json_to_recordset(CAST(:loaded AS json)) AS given(id uuid, version integer, sequence bigint)"
    same = "kept.id = given.id AND kept.version = given.version AND kept.event_sequence = given.sequence"
    return f"SELECT kept.id AS own FROM {table.name} AS kept, {source} WHERE {same} ORDER BY kept.id FOR UPDATE OF kept SKIP LOCKED"  # noqa: S608


def _guard(table: Table, names: tuple[str, ...]) -> str:
    source = f"held, json_populate_recordset(NULL::{table.name}, CAST(:owners AS json)) AS given"
    set_to = set_given(table, names)
    return f"UPDATE {table.name} AS kept SET {set_to} FROM {source} WHERE kept.id = held.own AND given.id = held.own RETURNING kept.id AS own"  # noqa: S608


def _change(verb: Verb, table: Table, names: tuple[str, ...], *, rows: str) -> str:
    source = f"guard, json_populate_recordset(NULL::{table.name}, CAST(:{rows} AS json)) AS given"
    if verb == "insert":
        given = ", ".join(f"given.{name}" for name in names)
        return f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {given} FROM {source} WHERE given.instance_id = guard.own"  # noqa: S608
    own = f"{same_key(table)} AND kept.instance_id = guard.own"
    if verb == "delete":
        return f"DELETE FROM {table.name} AS kept USING {source} WHERE {own}"  # noqa: S608
    return f"UPDATE {table.name} AS kept SET {set_given(table, names)} FROM {source} WHERE {own}"  # noqa: S608


async def _write_sqlite(connection: AsyncConnection, batch: Batch, changes: Sequence[Change]) -> frozenset[UUID]:
    """One writer at a time: what was loaded in this transaction is as it was."""
    for row, (version, sequence) in zip(batch.rows, batch.loaded, strict=True):
        same = and_(batch.table.c.id == row["id"], batch.table.c.version == version, batch.table.c.event_sequence == sequence)
        if (await connection.execute(update(batch.table).where(same).values(settings(batch.table, row)))).rowcount != 1:
            raise Collision(batch.table.name)
    for change in changes:
        await apply(connection, change)
    return frozenset(row["id"] for row in batch.rows)
