"""`alur storage check` names whatever is not as it was stored; `alur storage sweep` removes what nothing names, and nothing else."""

import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import anyio
import pytest
from click.testing import Result
from sqlalchemy import delete, insert, select, update
from typer.testing import CliRunner

from app.cli import storage as cli
from app.outside.storage import DiskBlobs
from app.store.blobs import BLOB
from app.store.database import Database
from app.store.stored_content import RESTRICTED, UPLOAD
from app.usecases.audit import verify
from app.usecases.storage_sweep import remove_orphans
from tests.support.blobs import upload
from tests.support.office import SAMBOJA, Office, open_office
from tests.support.people import KUTAI
from tests.support.restricted_records import KEEPER, KEY_TEXT, added
from tests.support.shared_office import blobs_of, fresh
from tests.support.tus import Tus

T = TypeVar("T")
MIB = 1024 * 1024
CONTENT = b"%PDF-1.7" + bytes(n % 251 for n in range(MIB + 1000))
LATER = datetime(2999, 1, 1, tzinfo=UTC)


class Storage:
    """An office with a document and a copy of it, a part of an unfinished upload, and a restricted record: a key each."""

    def __init__(self, url: str, directory: Path) -> None:
        self.url, self.directory = url, directory
        self.keys: dict[str, str] = {}
        self.document = self.instance = ""

    async def fill(self, office: Office) -> None:
        await office.enrol(KEEPER)
        run = await fresh(office)
        self.instance = run.id
        self.document = (await self._named(office, "version", run.upload("camat", "draf_tim", CONTENT))).json()["id"]
        camat, copy = await office.as_("camat"), {"slot": (None, "draf_tim"), "copy_of": (None, "1")}
        assert (await camat.post(f"/v1/instances/{run.id}/documents", files=copy)).status_code == 201
        await self._named(office, "record", added(office, run))
        tus = await Tus.of(office, run)
        at = await tus.begun(3 * MIB)
        await self._named(office, "part", tus.send(at, CONTENT[:MIB]))

    async def hold_back(self, office: Office) -> None:
        """A part of which fewer bytes count than lie there: the file came whole while its instance was suspended."""
        next(office.periods)  # the one that was filled
        tus = await Tus.of(office, await fresh(office))
        at = await tus.begun(len(CONTENT))
        assert (await tus.run.act("camat", "suspend", reason="Banjir.")).status_code == 201
        held = await self._named(office, "held", tus.send(at, CONTENT))
        assert (held.status_code, await tus.offset(at)) == (409, MIB)

    async def _named(self, office: Office, name: str, call: Awaitable[T]) -> T:
        before = await self.listed(office)
        answer = await call
        (self.keys[name],) = await self.listed(office) - before
        return answer

    async def listed(self, office: Office) -> set[str]:
        return {key async for keys in blobs_of(office).listed(LATER) for key in keys}

    def at(self, work: Callable[[Office], Awaitable[T]]) -> T:
        async def go() -> T:
            async with open_office(self.url, self.directory, ALUR_RESTRICTED_KEY=KEY_TEXT) as office:
                return await work(office)

        return anyio.run(go)

    def path(self, name: str) -> Path:
        return self.directory / "documents" / self.keys[name]

    def write(self, *statements: Any) -> None:
        async def work(office: Office) -> None:
            async with office.database.write() as connection:
                for statement in statements:
                    await connection.execute(statement)

        self.at(work)

    def told(self) -> list[tuple[str, Any]]:
        """Events about storage, while the log is intact."""

        async def work(office: Office) -> list[tuple[str, Any]]:
            assert (await verify(office.database, None)).intact
            answer = await (await office.as_("auditor")).get(f"/v1/instances/{self.instance}/events?limit=200")
            kinds = {"document.damaged", "document.restored"}
            return [(event["type"], event["data"]["versions"]) for event in answer.json()["items"] if event["type"] in kinds]

        return self.at(work)


@pytest.fixture
def storage(sqlite_office_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Storage:
    return filled(sqlite_office_url, tmp_path, monkeypatch)


@pytest.fixture
def on_both(office_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Storage:
    return filled(office_url, tmp_path, monkeypatch)


def filled(url: str, directory: Path, monkeypatch: pytest.MonkeyPatch) -> Storage:
    made = Storage(url, directory)
    made.at(made.fill)
    monkeypatch.setenv("ALUR_DATABASE_URL", url)
    monkeypatch.setenv("ALUR_DATA_DIR", str(directory))
    monkeypatch.setenv("ALUR_RESTRICTED_KEY", KEY_TEXT)
    return made


def alur(*words: str) -> Result:
    return CliRunner().invoke(cli.storage_app, list(words))


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


SPOILT = [
    ("version", flip, "content; noted"),
    ("version", cut, "size; noted"),
    ("version", Path.unlink, "missing"),
    ("record", flip, "content; noted"),
    ("record", cut, "size; noted"),
    ("record", Path.unlink, "missing"),
    ("part", cut, "size"),
    ("part", Path.unlink, "missing"),
]


def test_whatever_is_different_is_named(storage: Storage) -> None:
    assert alur("check").output == "checked 3, different 0\n"
    for name, spoil, what in SPOILT:
        path = storage.path(name)
        content = path.read_bytes()
        spoil(path)
        done = alur("check", "--office", SAMBOJA)
        assert done.exit_code == 1
        line, counts = done.output.splitlines()
        assert counts.startswith("checked 3, different 1")
        office, instance, _, key, said = line.split("\t")
        assert (office, instance, key, said) == (SAMBOJA, storage.instance, storage.keys[name], what)
        path.write_bytes(content)
        assert alur("check").exit_code == 0
    assert storage.told() == [("document.damaged", [1, 2]), ("document.restored", [1, 2])] * 2
    assert alur("check").output == "checked 3, different 0\n"


def test_a_part_of_which_not_every_byte_counts_is_whole(storage: Storage) -> None:
    storage.at(storage.hold_back)
    assert alur("check").output == "checked 4, different 0\n"
    os.truncate(storage.path("held"), MIB - 1)
    assert alur("check").output.splitlines()[0].endswith("\tsize")


def test_damage_is_noted_once_and_its_end_too(on_both: Storage) -> None:
    storage = on_both
    path = storage.path("version")
    content = path.read_bytes()
    flip(path)
    assert "content; noted" in alur("check").output
    again = alur("check")
    assert (again.exit_code, "noted" in again.output) == (1, False)
    assert storage.told() == [("document.damaged", [1, 2])]
    path.write_bytes(content)
    done = alur("check")
    assert (done.exit_code, "whole; whole again, noted" in done.output) == (0, True)
    assert storage.told() == [("document.damaged", [1, 2]), ("document.restored", [1, 2])]
    assert alur("check").output == "checked 3, different 0\n"


def test_a_version_shows_its_damage_and_so_does_its_tag(storage: Storage) -> None:
    async def shown(office: Office) -> tuple[str, list[bool]]:
        answer = await (await office.as_("camat")).get(f"/v1/documents/{storage.document}")
        return answer.headers["ETag"], [version["damaged_at"] is not None for version in answer.json()["versions"]]

    before, damaged = storage.at(shown)
    assert damaged == [False, False]
    flip(storage.path("version"))
    alur("check")
    after, damaged = storage.at(shown)
    assert (damaged, after != before) == ([True, True], True)


WRONG = [{"sha256": "0" * 64}, {"size": 1}, {"digests": "0" * 128}, {"digests": "0"}, {"chunk_bytes": 0}, {"chunk_bytes": MIB // 2}]


def test_a_row_that_says_otherwise_is_named(storage: Storage) -> None:
    async def row(office: Office) -> dict[str, Any]:
        async with office.database.read() as connection:
            return dict((await connection.execute(select(BLOB))).mappings().one())

    right = storage.at(row)
    for said in WRONG:
        storage.write(update(BLOB).values(right | said))
        done = alur("check")
        assert (done.exit_code, done.output.splitlines()[0].split("\t")[-1]) == (1, "row"), said
    assert storage.told() == []


@pytest.mark.parametrize("how", ["no row", "no digests"])
def test_old_rows_get_their_digests_once_the_whole_is_right(on_both: Storage, how: str) -> None:
    storage = on_both

    async def rows(office: Office) -> list[Any]:
        async with office.database.read() as connection:
            return [tuple(row)[:-1] for row in await connection.execute(select(*BLOB.c))]

    before = storage.at(rows)
    storage.write(delete(BLOB) if how == "no row" else update(BLOB).values(digests=None))
    flip(storage.path("version"))
    assert alur("check").exit_code == 1
    assert storage.at(rows) != before
    flip(storage.path("version"))
    assert "digests 1" in alur("check").output
    assert storage.at(rows) == before
    assert "digests" not in alur("check").output


def test_an_office_of_its_own_and_one_that_is_not_there(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """And pages of one row each bring every key once."""
    monkeypatch.setattr("app.store.stored_content.PAGE", 1)
    assert alur("check", "--office", SAMBOJA).output == "checked 3, different 0\n"
    flip(storage.path("version"))
    other = alur("check", "--office", KUTAI)
    assert (other.exit_code, other.output) == (0, "checked 0, different 0\n")
    assert alur("check", "--office", "99").exit_code == 1


# ── sweeping ────────────────────────────────────────────────────────────────────────────────────────────────────────


def swept(storage: Storage, age: timedelta) -> tuple[int, set[str]]:
    """How many, seen from `age` after now; and what is left."""

    async def work(office: Office) -> tuple[int, set[str]]:
        newest = max((blobs_of(office).root / key).stat().st_mtime for key in await storage.listed(office))
        removed = await remove_orphans(office.database, blobs_of(office), datetime.fromtimestamp(newest, UTC) + age)
        return removed, await storage.listed(office)

    return storage.at(work)


def test_what_nothing_names_goes_after_a_day_and_nothing_else(on_both: Storage) -> None:
    """Each of the rows keeps its own key: a version without a blob row, too."""
    storage = on_both

    async def orphan(office: Office) -> str:
        return await upload(blobs_of(office), b"left behind")

    left, named = storage.at(orphan), set(storage.keys.values())
    storage.write(delete(BLOB))
    assert swept(storage, timedelta(hours=23, minutes=59)) == (0, {left} | named)
    assert swept(storage, timedelta(hours=24, minutes=1)) == (1, named)
    assert swept(storage, timedelta(days=1000)) == (0, named)
    for name, gone in (("record", delete(RESTRICTED)), ("part", update(UPLOAD).values(parts=[]))):
        storage.write(gone)
        named.remove(storage.keys[name])
        assert swept(storage, timedelta(days=2)) == (1, named)


async def test_a_blob_row_alone_is_enough_and_a_database_that_names_nothing_removes_nothing(database: Database, tmp_path: Path) -> None:
    blobs = DiskBlobs(tmp_path / "documents")
    keys = [await upload(blobs, b"x") for _ in range(2)]
    assert await remove_orphans(database, blobs, LATER) == 0
    row = {"storage_key": keys[0], "sha256": "0" * 64, "size": 1, "chunk_bytes": MIB, "digests": None, "stored_at": LATER}
    async with database.write() as connection:
        await connection.execute(insert(BLOB).values(row))
    assert await remove_orphans(database, blobs, LATER) == 1
    assert [await blobs.exists(key) for key in keys] == [True, False]


def test_by_hand_it_says_how_many(storage: Storage) -> None:
    storage.write(delete(RESTRICTED))
    assert alur("sweep").output == "removed 0\n"
    old = datetime.now(UTC) - timedelta(hours=25)
    os.utime(storage.path("record"), times=(old.timestamp(),) * 2)
    assert alur("sweep").output == "removed 1\n"
    assert alur("check").output == "checked 2, different 0\n"
