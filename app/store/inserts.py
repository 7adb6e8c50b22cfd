"""INSERT … ON CONFLICT DO NOTHING, which each of the two dialects of SQLAlchemy spells for itself."""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


async def insert_missing(connection: AsyncConnection, into: Table, values: dict[str, Any]) -> bool:
    """Whether there was no such row yet, by any of the table's keys."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    written = await connection.execute(dialect.insert(into).values(values).on_conflict_do_nothing())
    return written.rowcount > 0
