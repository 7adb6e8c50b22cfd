"""One office for all tests of a module, each test with an instance of its own; and proof that a refused request saved nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import func, literal, select, union_all
from sqlmodel import SQLModel

from app.outside.storage import DiskBlobs
from app.store.database import Database
from app.store.tables import InstanceRow, table
from tests.support.office import Office, Run

INSTANCE = table(InstanceRow)


async def fresh(office: Office, *, at_step: int = 1) -> Run:
    """An instance for a period that no other test uses, with that step active."""
    number = next(office.periods)
    run = await Run.start(office, year=2000 + number // 4, quarter=number % 4 + 1)
    return await run.until(at_step)


async def saved(database: Database) -> dict[str, int]:
    """How many rows each table holds, and how many acts all instances have seen."""
    counts = [select(literal(name), func.count()).select_from(found) for name, found in sorted(SQLModel.metadata.tables.items())]
    acts = select(literal("acts"), func.coalesce(func.sum(INSTANCE.c.version), 0))
    async with database.read() as connection:
        return {name: int(number) for name, number in await connection.execute(union_all(*counts, acts))}


def blobs_of(office: Office) -> DiskBlobs:
    found: DiskBlobs = office.app.state.reception.blobs
    return found


def files(office: Office) -> set[Path]:
    """Every file in the document store, kept or under way."""
    return {path for path in blobs_of(office).root.rglob("*") if path.is_file()}


@asynccontextmanager
async def nothing_saved(office: Office) -> AsyncIterator[None]:
    """Neither a row nor a file is there afterwards that was not there before. The callers must be signed in by then."""
    before, stored = await saved(office.database), files(office)
    yield
    assert (await saved(office.database), files(office)) == (before, stored)
