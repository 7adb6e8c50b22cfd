"""The schema goes up, down and up again on both databases, and says the same as app/store/tables."""

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event, text

from app.store import migrations
from app.store.database import Database
from tests.support.databases import Databases


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, databases: Databases, worker: str, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        with databases.empty_postgres(worker) as url:
            yield url


def config(url: str) -> Config:
    return Config(migrations.ROOT / "alembic.ini", attributes={"url": url})


async def is_head(url: str) -> bool:
    database = Database(url)
    try:
        async with database.read() as connection:
            return await migrations.current_is_head(connection)
    finally:
        await database.close()


def test_migrations_go_up_down_and_up_again(empty_url: str) -> None:
    migrations.upgrade(empty_url)
    command.downgrade(config(empty_url), "base")
    migrations.upgrade(empty_url)


@pytest.mark.parametrize("statements", [5, 25, 60])
def test_a_migration_that_is_cut_off_is_taken_up_again(empty_url: str, statements: int) -> None:
    left = statements

    def cut_off(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise KeyboardInterrupt

    event.listen(Engine, "before_cursor_execute", cut_off)
    try:
        with pytest.raises(KeyboardInterrupt):
            migrations.upgrade(empty_url)
    finally:
        event.remove(Engine, "before_cursor_execute", cut_off)
    migrations.upgrade(empty_url)


def test_the_migrations_make_exactly_the_tables(database_url: str) -> None:
    with warnings.catch_warnings():  # on SQLite indexes on expressions cannot be compared; on PostgreSQL they are
        warnings.filterwarnings("ignore", ".* expression-based index")
        command.check(config(database_url))


async def test_a_migrated_database_is_at_the_head(database_url: str) -> None:
    assert await is_head(database_url)


async def test_an_empty_database_is_not_at_the_head(empty_url: str) -> None:
    assert not await is_head(empty_url)


async def test_a_database_of_another_version_is_not_at_the_head(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    async with database.read() as connection:
        assert not await migrations.current_is_head(connection)


def test_the_head_is_the_one_that_alembic_names() -> None:
    assert migrations.head() == ScriptDirectory.from_config(config("sqlite://")).get_current_head()


def test_missing_migrations_are_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(migrations, "ROOT", tmp_path)
    with pytest.raises(migrations.MigrationsMissing, match=r"alembic\.ini"):
        migrations.upgrade("sqlite://")


async def test_an_event_knows_its_transaction(postgres_database: Database) -> None:
    async with postgres_database.read() as connection:
        found = await connection.execute(
            text("SELECT column_default, is_nullable, udt_name FROM information_schema.columns WHERE table_name = 'event' AND column_name = 'xid'")
        )
        assert found.one() == ("pg_current_xact_id()", "NO", "xid8")
