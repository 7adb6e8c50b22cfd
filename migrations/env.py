"""Runs the migrations on the database of ALUR_DATABASE_URL, or on the one that `app.store.migrations` hands over."""

import asyncio
import os
from typing import Any

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import JSON, Connection, Engine, event, pool
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.ext.asyncio import create_async_engine

from app.store.database import async_url
from app.store.tables import metadata
from app.store.types import CurrentTransaction, Xid8

ischema_names["xid8"] = Xid8
"""SQLAlchemy does not know the type by itself, and would not compare what it does not know."""


def database_url() -> str:
    url = context.config.attributes.get("url") or os.environ.get("ALUR_DATABASE_URL")
    if not url:
        raise SystemExit("alembic: set ALUR_DATABASE_URL, or use `alur migrate`")
    return async_url(url)


def render_item(kind: str, item: Any, _: AutogenContext) -> str | bool:
    """Writes down what differs between the two databases as it is on both, instead of as it is on the database at hand."""
    if kind == "server_default" and isinstance(getattr(item, "arg", None), CurrentTransaction):
        return "app.store.types.CurrentTransaction()"
    if kind == "type" and isinstance(item, JSON):
        keeps_order = not isinstance(item.dialect_impl(postgresql.dialect()), postgresql.JSONB)
        return "app.store.types.OrderedJsonColumn" if keeps_order else "app.store.types.JsonColumn"
    return False


def whole_or_not_at_all(engine: Engine) -> None:
    """SQLite can undo DDL, and its driver would commit each statement: a migration killed in the middle would leave what no other run takes."""

    @event.listens_for(engine, "connect")
    def leave_transactions_alone(connection: Any, _: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        render_item=render_item,
        compare_type=True,
        transaction_per_migration=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_online() -> None:
    engine = create_async_engine(database_url(), poolclass=pool.NullPool)
    if engine.dialect.name == "sqlite":
        whole_or_not_at_all(engine.sync_engine)
    async with engine.connect() as connection:
        await connection.run_sync(run)
    await engine.dispose()


if context.is_offline_mode():
    raise SystemExit("alembic: --sql is not supported; migrations run against a database")
asyncio.run(run_online())
