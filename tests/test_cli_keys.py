"""`alur keys`: what it does to files and database, and the sentences when it cannot."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import anyio
import pytest
from click.testing import Result
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from typer.testing import CliRunner

from app.cli import keys as cli
from app.domain.events import NewEvent
from app.outside.key_files import KeyFile, retired_files, retired_path
from app.outside.key_rotation import rotate as rotate_files
from app.outside.sealing import Seal
from app.outside.tokens import Keys, SigningKey
from app.settings import DEMO_KEY
from app.store.accounts import ACCOUNT
from app.store.database import Database
from app.store.events import EVENT, append_office_events
from app.usecases.audit import verify
from tests.support.course import SAMBOJA
from tests.support.key_files import key_file, kid_in
from tests.support.server import free_port
from tests.support.tokens import KEY, OTHER_PEM, PEM, public

T = TypeVar("T")

NOW = datetime(2027, 1, 4, 7, 30, tzinfo=UTC)


class Wall:
    """The clock on the wall beside the terminal."""

    now = NOW

    def forward(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    wall = Wall()
    monkeypatch.setattr(cli, "wall_clock", lambda: wall.now)
    return wall


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wall: Wall) -> Path:
    path = key_file(tmp_path)
    monkeypatch.setenv("ALUR_SIGNING_KEY_FILE", str(path))
    monkeypatch.setenv("ALUR_DATABASE_URL", f"postgresql://alur@127.0.0.1:{free_port()}/alur")
    return path


class Filled:
    """A database with people in it, some of them with a second factor."""

    def __init__(self, url: str, path: Path) -> None:
        self.url, self.path = url, path

    def enrol(self, username: str, column: str, secret: bytes) -> None:
        async def work(connection: AsyncConnection) -> None:
            account_id = (await connection.execute(select(ACCOUNT.c.id).where(ACCOUNT.c.username == username))).scalar_one()
            if column == "totp_secret":
                enabled = NewEvent("account.second_factor_enabled", {"account_id": str(account_id)})
                await append_office_events(connection, SAMBOJA, NOW, actor=None, events=[enabled])
            sealed = Seal(Keys(KeyFile(self.path))).seal(secret, about=f"totp:{account_id}")
            await connection.execute(update(ACCOUNT).where(ACCOUNT.c.id == account_id).values({column: sealed}))

        self._write(work)

    def spoil(self, username: str, text: str) -> None:
        async def work(connection: AsyncConnection) -> None:
            await connection.execute(update(ACCOUNT).where(ACCOUNT.c.username == username).values(totp_secret=text, totp_pending=None))

        self._write(work)

    def sealed(self) -> dict[str, tuple[UUID, str]]:
        async def work(connection: AsyncConnection) -> dict[str, tuple[UUID, str]]:
            rows = await connection.execute(select(ACCOUNT.c.username, ACCOUNT.c.id, ACCOUNT.c.totp_secret, ACCOUNT.c.totp_pending))
            return {name: (account_id, secret or pending) for name, account_id, secret, pending in rows if secret or pending}

        return self._write(work)

    def opened(self) -> dict[str, bytes]:
        """With the signing key alone."""
        seal = Seal(Keys.of(SigningKey(self.path.read_text())))
        return {name: seal.open(sealed, about=f"totp:{account_id}") for name, (account_id, sealed) in self.sealed().items()}

    def rotations(self) -> list[tuple[str, str]]:
        async def work(connection: AsyncConnection) -> list[tuple[str, str]]:
            rows = await connection.execute(select(EVENT.c.data).where(EVENT.c.type == "key.rotated", EVENT.c.stream == "office:ID"))
            return [(data["kid"], data["previous_kid"]) for data in rows.scalars()]

        return self._write(work)

    def intact(self) -> bool:
        async def work() -> bool:
            database = Database(self.url)
            verdict = await verify(database, None)
            await database.close()
            return verdict.intact

        return anyio.run(work)

    def _write(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        async def go() -> T:
            database = Database(self.url)
            async with database.write() as connection:
                done = await work(connection)
            await database.close()
            return done

        return anyio.run(go)


@pytest.fixture
def filled(office_url: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> Filled:
    monkeypatch.setenv("ALUR_DATABASE_URL", office_url)
    filled = Filled(office_url, path)
    filled.enrol("camat", "totp_secret", b"secret of the camat")
    filled.enrol("sekretaris", "totp_pending", b"pending of the sekretaris")
    return filled


def keys(*arguments: str) -> Result:
    return CliRunner().invoke(cli.keys_app, list(arguments))


def rotate(*arguments: str) -> Result:
    done = keys("rotate", *arguments)
    assert done.exit_code == 0, done.output
    return done


SECRETS = {"camat": b"secret of the camat", "sekretaris": b"pending of the sekretaris"}


# ── with the database ──


def test_a_rotation_seals_anew_and_is_written_into_the_log(filled: Filled) -> None:
    done = rotate()
    kid = kid_in(filled.path)
    assert done.stdout.splitlines() == [f"{kid}\tsigns", f"{KEY.kid}\tverifies until 2027-01-04T07:41:00+00:00", "sealed anew: 2"]
    assert filled.opened() == SECRETS
    assert filled.rotations() == [(kid, KEY.kid)]
    assert filled.intact()


def test_sealing_anew_is_safe_to_repeat(filled: Filled) -> None:
    rotate()
    before = filled.sealed()
    again = keys("reseal")
    assert (again.exit_code, again.stdout) == (0, "sealed anew: 0\n")
    assert filled.sealed() == before
    assert len(filled.rotations()) == 1


def test_a_key_is_deleted_by_a_later_rotation_when_its_time_is_over(filled: Filled, wall: Wall) -> None:
    rotate()
    first = kid_in(filled.path)
    wall.forward(minutes=5)
    rotate()
    assert len(retired_files(filled.path)) == 2
    wall.forward(minutes=6)
    done = rotate()
    assert f"{retired_path(filled.path, NOW).name}\tdeleted" in done.stdout
    assert [kid_in(file) for _, file in retired_files(filled.path)][1] == first
    assert filled.opened() == SECRETS
    assert [kid for kid, _ in filled.rotations()][:1] == [first]
    assert len(filled.rotations()) == 3


def test_without_the_database_files_are_rotated_and_nothing_is_deleted(filled: Filled, wall: Wall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALUR_DATABASE_URL", f"postgresql://alur@127.0.0.1:{free_port()}/alur")
    for _ in range(2):
        done = rotate()
        assert "the database did not take part (Unavailable). Run: alur keys reseal" in done.stderr
        wall.forward(days=1)
    assert len(retired_files(filled.path)) == 2
    monkeypatch.setenv("ALUR_DATABASE_URL", filled.url)
    assert keys("reseal").stdout == "sealed anew: 2\n"
    assert filled.opened() == SECRETS
    assert filled.rotations() == [(kid_in(filled.path), kid_in(retired_files(filled.path)[0][1]))]
    rotate()
    assert len(retired_files(filled.path)) == 1


def test_what_nothing_opens_is_named_and_keeps_the_old_keys(filled: Filled, wall: Wall) -> None:
    filled.spoil("sekretaris", "v1.gonegone.AAAA")
    rotate()
    wall.forward(days=1)
    done = rotate()
    assert "the second factor of sekretaris;" in done.stderr
    assert "sealed anew: 1" in done.stdout
    assert len(retired_files(filled.path)) == 2
    assert keys("reseal").exit_code == 1


def test_a_key_given_in_the_environment_is_followed_by_hand(filled: Filled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old one, private, in a file of ALUR_PREVIOUS_KEY_FILES; the new one in ALUR_SIGNING_KEY; then reseal."""
    monkeypatch.delenv("ALUR_SIGNING_KEY_FILE")
    monkeypatch.setenv("ALUR_SIGNING_KEY", OTHER_PEM)
    monkeypatch.setenv("ALUR_PREVIOUS_KEY_FILES", str(filled.path))
    refused = keys("rotate")
    assert refused.exit_code == 1
    assert "run: alur keys reseal" in str(refused.exception)
    assert keys("reseal").stdout == "sealed anew: 2\n"
    filled.path.write_text(OTHER_PEM)
    assert filled.opened() == SECRETS
    assert filled.rotations() == [(SigningKey(OTHER_PEM).kid, KEY.kid)]


def test_a_first_key_was_never_rotated(filled: Filled) -> None:
    assert keys("reseal").stdout == "sealed anew: 0\n"
    assert filled.rotations() == []


# ── files alone ──


def test_the_list_says_what_each_key_does(path: Path, tmp_path: Path, wall: Wall, monkeypatch: pytest.MonkeyPatch) -> None:
    named = tmp_path / "named.pem"
    named.write_bytes(public(Encoding.PEM, OTHER_PEM))
    monkeypatch.setenv("ALUR_PREVIOUS_KEY_FILES", str(named))
    first = rotate_files(path, NOW - timedelta(minutes=11))
    second = rotate_files(path, NOW - timedelta(minutes=1))
    assert keys("list").stdout.splitlines() == [
        f"{second.kid}\tES256\tsigns",
        f"{first.kid}\tES256\tverifies until 2027-01-04T07:40:00+00:00",
        f"{SigningKey(OTHER_PEM).kid}\tES256\tverifies, public",
        f"{KEY.kid}\tES256\tover since 2027-01-04T07:30:00+00:00",
    ]


def test_a_key_made_elsewhere_is_rotated_to(path: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.pem"
    new.write_text(OTHER_PEM)
    rotate("--to", str(new))
    assert kid_in(path) == SigningKey(OTHER_PEM).kid


def test_a_key_that_is_nowhere_is_a_sentence(path: Path, tmp_path: Path) -> None:
    refused = keys("rotate", "--to", str(tmp_path / "nowhere.pem"))
    assert refused.exit_code == 1
    assert "cannot be read" in str(refused.exception)
    assert path.read_text() == PEM


def test_no_private_key_is_ever_printed(path: Path) -> None:
    said = rotate().output + keys("list").output
    assert "PRIVATE" not in said
    assert not any(line in said for line in path.read_text().splitlines())


def test_without_any_key_it_is_said_how_to_make_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALUR_SIGNING_KEY_FILE", raising=False)
    for command in ("list", "rotate", "reseal"):
        assert "There is no signing key" in str(keys(command).exception)


def test_beside_a_running_demo_it_is_said_how_to_mean_its_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALUR_SIGNING_KEY_FILE", raising=False)
    monkeypatch.setenv("ALUR_DATA_DIR", str(tmp_path))
    assert "ALUR_DEMO=1" not in str(keys("rotate").exception)
    (tmp_path / DEMO_KEY).write_text(PEM)
    assert "set ALUR_DEMO=1" in str(keys("rotate").exception)


def test_in_demo_mode_the_key_of_the_data_directory_is_rotated(tmp_path: Path, wall: Wall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALUR_DEMO", "1")
    monkeypatch.setenv("ALUR_DATA_DIR", str(tmp_path))
    assert DEMO_KEY in str(keys("rotate").exception)
    (tmp_path / DEMO_KEY).write_text(PEM)
    rotate()
    assert [kid_in(file) for _, file in retired_files(tmp_path / DEMO_KEY)] == [KEY.kid]
