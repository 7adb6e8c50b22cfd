"""Instances written as the difference of two values: one in one guarded statement, or as many as the clock moves at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.events import EMPTY, NewEvent
from app.domain.instances import Instance
from app.domain.waiting import tasks
from app.store.events import EVENT, chain, instance_stream, new_head
from app.store.guarded import Change, Guard, Row, Verb, write
from app.store.guarded_batch import Batch, write_batch
from app.store.instances.collections import COLLECTIONS, INSTANCE, TASK, Collection
from app.store.rows import as_row


def advanced(
    before: Instance | None, after: Instance, *, events: Sequence[NewEvent], actor: dict[str, Any], now: datetime
) -> tuple[Instance, Change]:
    """The instance with its next version and the new head of its stream, and the event rows that lead there."""
    head = EMPTY if before is None else before.head
    stream = instance_stream(after.id)
    rows = chain(events, head, stream=stream, office=after.office.code, instance_id=after.id, actor=actor, now=now)
    version = 1 if before is None else before.version + 1
    return replace(after, version=version, head=new_head(rows, head)), Change("insert", EVENT, rows)


async def save(connection: AsyncConnection, before: Instance | None, after: Instance, *, beside: Sequence[Change]) -> None:
    """Write the difference, and what goes beside it (events, words, the kept answer), in one guarded statement. Raises Collision."""
    guard = Guard(INSTANCE, _own_row(after), None if before is None else before.version)
    await write(connection, guard, [*_differences(before, after), *beside])


async def save_many(connection: AsyncConnection, moves: Sequence["Move"]) -> frozenset[UUID]:
    """Write the differences of many instances, each for itself: the ids of those that were still as they were loaded. Raises Collision."""
    if not moves:
        return frozenset()
    batch = Batch(INSTANCE, [_own_row(move.after) for move in moves], [(move.before.version, move.before.head.sequence) for move in moves])
    collected: dict[tuple[Verb, Table], list[Row]] = {}
    for move in moves:
        for change in (*_differences(move.before, move.after), Change("insert", EVENT, move.events)):
            collected.setdefault((change.verb, change.table), []).extend(change.rows)
    return await write_batch(connection, batch, [Change(verb, kept, rows) for (verb, kept), rows in collected.items()])


@dataclass(frozen=True, slots=True)
class Move:
    """What the clock did to one instance: as it was loaded, as it is now, and the event rows that lead there (none: nobody is told)."""

    before: Instance
    after: Instance
    events: Sequence[Row] = ()


def moved_by_clock(before: Instance, after: Instance, *, events: Sequence[NewEvent], now: datetime, is_new_version: bool) -> Move:
    """With the head of its stream moved; with a new version where something changed that people decide on."""
    rows = chain(events, before.head, stream=instance_stream(after.id), office=after.office.code, instance_id=after.id, actor=None, now=now)
    version = before.version + is_new_version
    return Move(before, replace(after, version=version, head=new_head(rows, before.head)), rows)


def _differences(before: Instance | None, after: Instance) -> list[Change]:
    shared = {"instance_id": after.id, "office_code": after.office.code}
    changes = [change for c in COLLECTIONS for change in _difference(c, before, after, shared=shared)]
    return changes + _changed_rows(TASK, () if before is None else tasks(before), tasks(after), shared=shared)


def _own_row(instance: Instance) -> dict[str, Any]:
    return {
        "id": instance.id,
        "procedure_key": instance.procedure.key,
        "procedure_version": instance.procedure_version,
        "office_code": instance.office.code,
        "period_key": instance.period.key,
        "title": instance.title,
        "state": instance.state,
        "version": instance.version,
        "current_step": instance.current_step,
        "started_by": instance.started_by,
        "started_at": instance.started_at,
        "planned_end_at": instance.planned_end_at,
        "completed_at": instance.completed_at,
        "team_instrument": instance.team_instrument,
        "event_sequence": instance.head.sequence,
        "event_hash": instance.head.hash,
        "event_at": instance.head.at,
    }


def _difference(collection: Collection, before: Instance | None, after: Instance, *, shared: dict[str, Any]) -> list[Change]:
    old = () if before is None else getattr(before, collection.field)
    return _changed_rows(collection, old, getattr(after, collection.field), shared=shared)


def _changed_rows(collection: Collection, old: Sequence[Any], new: Sequence[Any], *, shared: dict[str, Any]) -> list[Change]:
    before = {collection.key(row): row for row in old}
    after = {collection.key(row): row for row in new}
    own = {name: value for name, value in shared.items() if name in collection.table.c}

    def rows(values: Sequence[Any]) -> list[dict[str, Any]]:
        return [own | as_row(value) for value in values]

    return [
        Change("insert", collection.table, rows([row for key, row in after.items() if key not in before])),
        Change("update", collection.table, rows([row for key, row in after.items() if key in before and before[key] != row])),
        Change("delete", collection.table, rows([row for key, row in before.items() if key not in after])),
    ]
