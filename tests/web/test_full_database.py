"""A database without room: 507 as with the documents' own disk, and nothing is lost."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy import text

from app.domain.problems import StorageFull
from tests.support.office import Office
from tests.support.shared_office import fresh
from tests.support.tus import Tus
from tests.web.test_frame_errors import problem

PDF = b"%PDF-1.7 " + b"x" * 3000
FULL = (
    "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'No space left' USING ERRCODE = 'disk_full'; END $$",
    "CREATE TRIGGER full_disk BEFORE INSERT ON blob FOR EACH ROW EXECUTE FUNCTION no_room()",
)


@asynccontextmanager
async def without_room(office: Office) -> AsyncIterator[None]:
    """SQLite may take no further page; PostgreSQL says what it says when a table cannot grow."""
    if office.database.is_postgres:
        await written(office, *FULL)
        yield
        await written(office, "DROP TRIGGER full_disk ON blob")
    else:
        await written(office, "CREATE TABLE filler (content BLOB)", "PRAGMA max_page_count = 1")  # SQLite makes it as many as there are
        with suppress(StorageFull):
            while True:
                await written(office, "INSERT INTO filler VALUES (zeroblob(4000))")
        yield
        await written(office, "PRAGMA max_page_count = 1000000", "DROP TABLE filler")


async def written(office: Office, *statements: str) -> None:
    async with office.database.write() as connection:
        for statement in statements:
            await connection.execute(text(statement))


async def test_a_database_without_room_is_507_and_what_came_is_kept(each_office: Office) -> None:
    office = each_office
    run = await fresh(office)
    client = await Tus.of(office, run)
    at = await client.begun(len(PDF), note="n" * 4000)
    assert (await client.send(at, PDF[:1000])).status_code == 204
    async with without_room(office):
        for _ in range(20):  # a page or two may be left
            answer = await run.upload("camat", "draf_tim", PDF, note="n" * 4000)
            if not answer.is_success:
                break
        for refused in (answer, await client.send(at, PDF[1000:], 1000)):
            problem(refused, 507, "storage_full")
            assert refused.headers["Retry-After"] == "60"
        assert await client.offset(at) == 1000
    assert (await client.send(at, PDF[1000:], 1000)).status_code == 204
    shown = await client.shown(at)
    assert await client.content(shown["document_id"], shown["version"]) == PDF
