"""Verifying, and tampering: rows rewritten past the application, as somebody with the database's password could."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlmodel import SQLModel

from app.store import audit as store
from app.store.tables import table
from app.usecases import audit
from tests.support.office import Office

Broken = list[tuple[str, int, str]]


async def found(office: Office, **query: str) -> Broken:
    """What the auditor of Samboja is told."""
    answer = await (await office.as_("auditor")).get("/v1/audit/verify", params=query)
    assert answer.status_code == 200, answer.text
    verdict = answer.json()
    assert verdict["intact"] is not bool(verdict["broken"])
    return [(b["stream"], b["sequence"], b["code"]) for b in verdict["broken"]]


async def found_anywhere(office: Office) -> Broken:
    verdict = await audit.verify(office.database, None)
    return [(b.stream, b.sequence, b.code) for b in verdict.broken]


async def events_of(office: Office, stream: str) -> list[dict[str, Any]]:
    async with office.database.read() as connection:
        return await store.next_events(connection, stream, after=None)


@asynccontextmanager
async def rewritten(office: Office, table_of: type[SQLModel], which: Sequence[ColumnElement[bool]], **values: Any) -> AsyncIterator[None]:
    """One row holds other values for as long as the block lasts."""
    rows = table(table_of)
    async with office.database.write() as connection:
        one = (await connection.execute(select(rows).where(*which).limit(1))).mappings().one()
        own = [key == one[key.name] for key in rows.primary_key.columns]
        await connection.execute(update(rows).where(*own).values(values))
    yield
    own = [key == values.get(key.name, one[key.name]) for key in rows.primary_key.columns]
    async with office.database.write() as connection:
        await connection.execute(update(rows).where(*own).values({name: one[name] for name in values}))


@asynccontextmanager
async def taken_away(office: Office, table_of: type[SQLModel], which: Sequence[ColumnElement[bool]]) -> AsyncIterator[None]:
    """One row is gone for as long as the block lasts."""
    rows = table(table_of)
    async with office.database.write() as connection:
        one = (await connection.execute(select(rows).where(*which).limit(1))).mappings().one()
        await connection.execute(delete(rows).where(*(key == one[key.name] for key in rows.primary_key.columns)))
    yield
    async with office.database.write() as connection:
        await connection.execute(insert(rows).values(dict(one)))


@asynccontextmanager
async def slipped_in(office: Office, table_of: type[SQLModel], which: Sequence[ColumnElement[bool]], **changed: Any) -> AsyncIterator[None]:
    """A copy of one row, with other values, is there for as long as the block lasts."""
    rows = table(table_of)
    async with office.database.write() as connection:
        one = (await connection.execute(select(rows).where(*which).limit(1))).mappings().one()
        copy = {**one, **changed}
        await connection.execute(insert(rows).values(copy))
    yield
    async with office.database.write() as connection:
        await connection.execute(delete(rows).where(*(key == copy[key.name] for key in rows.primary_key.columns)))
