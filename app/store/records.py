"""Transitions taken and comments made: rows of words, appended by acts and read newest last."""

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.records import CommentRecord, TransitionRecord
from app.store.guarded import Change
from app.store.rows import as_row, columns
from app.store.tables import CommentRow, TransitionRow, table

TRANSITION = table(TransitionRow)
COMMENT = table(CommentRow)

R = TypeVar("R", TransitionRecord, CommentRecord)


def transition_change(instance_id: UUID, record: TransitionRecord) -> Change:
    return Change("insert", TRANSITION, [as_row(record) | {"instance_id": instance_id}])


def comment_change(instance_id: UUID, record: CommentRecord) -> Change:
    return Change("insert", COMMENT, [as_row(record) | {"instance_id": instance_id}])


async def transitions(connection: AsyncConnection, instance_id: UUID, *, after: int, limit: int) -> list[TransitionRecord]:
    """In the order in which they were taken, those with a sequence above `after`."""
    return await _records(connection, _page(TRANSITION, TransitionRecord, instance_id, after=after, limit=limit), TransitionRecord)


async def comments(connection: AsyncConnection, instance_id: UUID, *, after: int, limit: int) -> list[CommentRecord]:
    return await _records(connection, _page(COMMENT, CommentRecord, instance_id, after=after, limit=limit), CommentRecord)


def _page(source: Any, kind: type, instance_id: UUID, *, after: int, limit: int) -> Select[Any]:
    statement = select(*(source.c[name] for name in columns(kind)))
    return statement.where(source.c.instance_id == instance_id, source.c.sequence > after).order_by(source.c.sequence).limit(limit)


async def _records(connection: AsyncConnection, statement: Select[Any], kind: type[R]) -> list[R]:
    return [kind(**row) for row in (await connection.execute(statement)).mappings()]
