"""`alur keys rotate-restricted`: every record opens afterwards with the new key alone, however often it was broken off."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import anyio
import pytest
from click.testing import Result
from sqlalchemy import select, update
from typer.testing import CliRunner

from app.cli import keys as cli
from app.cli import serving
from app.outside.restricted_keys import RestrictedKey, RestrictedKeys
from app.settings import DEMO_RESTRICTED_KEY, Settings, SettingsRefused
from app.store import restricted_records as store
from app.store.restricted_records import RESTRICTED
from tests.support.office import Office, open_office
from tests.support.restricted_records import KEEPER, KEY_TEXT, OTHER_KEY_TEXT, PAPER, added
from tests.support.shared_office import fresh

T = TypeVar("T")
OLD, NEW = RestrictedKey.of(KEY_TEXT, name="old"), RestrictedKey.of(OTHER_KEY_TEXT, name="new")


class Kept:
    """An office with three records under the old key."""

    def __init__(self, url: str, directory: Path) -> None:
        self.url, self.directory = url, directory
        self.records: list[str] = []

    async def add(self, key: str = KEY_TEXT, number: int = 1) -> None:
        async def work(office: Office) -> None:
            if KEEPER.username not in office.accounts:
                await office.enrol(KEEPER)
            run = await fresh(office)
            self.records += [await added(office, run) for _ in range(number)]

        await self.at(work, ALUR_RESTRICTED_KEY=key)

    async def at(self, work: Callable[[Office], Awaitable[T]], **given: str) -> T:
        async with open_office(self.url, self.directory, **given) as office:
            office._people[KEEPER.username] = KEEPER
            office.periods = iter(range(len(self.records) * 4, 400))  # type: ignore[assignment]
            return await work(office)

    async def read(self, **given: str) -> list[int]:
        """The statuses of all records' bytes."""

        async def work(office: Office) -> list[int]:
            keeper = await office.as_(KEEPER.username)
            answers = [await keeper.get(f"/v1/restricted-records/{record}/content") for record in self.records]
            assert {answer.content for answer in answers if answer.is_success} <= {PAPER}
            return [answer.status_code for answer in answers]

        return await self.at(work, **given)

    async def under(self) -> dict[str, int]:
        async def work(office: Office) -> dict[str, int]:
            async with office.database.read() as connection:
                return await store.counts_by_key(connection)

        return await self.at(work)


@pytest.fixture
def kept(office_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kept:
    kept = Kept(office_url, tmp_path)
    anyio.run(kept.add, KEY_TEXT, 3)
    old = tmp_path / "old.txt"
    old.write_text(KEY_TEXT)
    monkeypatch.setenv("ALUR_DATABASE_URL", office_url)
    monkeypatch.setenv("ALUR_RESTRICTED_KEY", OTHER_KEY_TEXT)
    monkeypatch.setenv("ALUR_PREVIOUS_RESTRICTED_KEY_FILES", str(old))
    return kept


def rotate() -> Result:
    return CliRunner().invoke(cli.keys_app, ["rotate-restricted"])


def reads(kept: Kept, key: str, *files: str) -> list[int]:
    return anyio.run(lambda: kept.read(ALUR_RESTRICTED_KEY=key, ALUR_PREVIOUS_RESTRICTED_KEY_FILES=":".join(files)))


def test_afterwards_the_new_key_alone_opens_everything(kept: Kept) -> None:
    assert reads(kept, OTHER_KEY_TEXT) == [503] * 3
    assert reads(kept, OTHER_KEY_TEXT, str(kept.directory / "old.txt")) == [200] * 3
    done = rotate()
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[:2] == [f"{NEW.id}\tseals", "wrapped anew: 3"]
    assert f"{OLD.id}\topens nothing any more; its file may go" in done.output
    assert KEY_TEXT not in done.output + OTHER_KEY_TEXT
    assert anyio.run(kept.under) == {NEW.id: 3}
    assert reads(kept, OTHER_KEY_TEXT) == [200] * 3
    again = rotate()
    assert (again.exit_code, "wrapped anew: 0" in again.output) == (0, True)


def test_broken_off_on_the_way_and_done_again(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """One record a batch, and the process ends in the second."""
    written, rewrap = [], store.rewrap
    monkeypatch.setattr(store, "REWRAP_BATCH", 1)

    async def dies(*arguments: object, **named: object) -> bool:
        written.append(1)
        if len(written) == 2:
            raise KeyboardInterrupt
        return await rewrap(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "rewrap", dies)
    assert rotate().exit_code != 0
    assert anyio.run(kept.under) == {OLD.id: 2, NEW.id: 1}
    assert reads(kept, OTHER_KEY_TEXT, str(kept.directory / "old.txt")) == [200] * 3
    done = rotate()
    assert (done.exit_code, "wrapped anew: 2" in done.output) == (0, True), done.output
    assert reads(kept, OTHER_KEY_TEXT) == [200] * 3


def test_what_an_old_server_added_meanwhile_is_found_the_next_time(kept: Kept) -> None:
    assert rotate().exit_code == 0
    anyio.run(kept.add)
    done = rotate()
    assert (done.exit_code, "wrapped anew: 1" in done.output) == (0, True)
    assert reads(kept, OTHER_KEY_TEXT) == [200] * 4


def test_what_nothing_here_opens_is_named_and_the_old_key_stays(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    async def spoil(office: Office) -> None:
        async with office.database.write() as connection:
            ids = (await connection.execute(select(RESTRICTED.c.id).order_by(RESTRICTED.c.id))).scalars().all()
            await connection.execute(update(RESTRICTED).where(RESTRICTED.c.id == ids[0]).values(wrapped_key="A" * 80))
            await connection.execute(update(RESTRICTED).where(RESTRICTED.c.id == ids[1]).values(key_id="0" * 16))

    anyio.run(kept.at, spoil)
    done = rotate()
    assert done.exit_code == 1
    assert f"The data key of record {kept.records[0]} is damaged" in done.output
    assert f"1 still under {'0' * 16}: no key here opens them" in done.output
    assert f"1 still under {OLD.id}" in done.output
    assert "may go" not in done.output
    assert "wrapped anew: 1" in done.output
    monkeypatch.delenv("ALUR_PREVIOUS_RESTRICTED_KEY_FILES")
    assert (rotate().exit_code, rotate().exit_code) == (1, 1)


def test_without_a_key_there_is_nothing_to_rotate_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALUR_RESTRICTED_KEY", raising=False)
    assert isinstance(rotate().exception, SettingsRefused)
    monkeypatch.setenv("ALUR_RESTRICTED_KEY", "rahasia")
    assert "openssl rand -base64 32" in str(rotate().exception)


async def test_without_a_key_nothing_can_be_added_and_nothing_else_breaks(sqlite_office_url: str, tmp_path: Path) -> None:
    async with open_office(sqlite_office_url, tmp_path) as office:
        await office.enrol(KEEPER)
        run, keeper = await fresh(office), await office.as_("arsip")
        path = f"/v1/instances/{run.id}/restricted-records"
        answer = await keeper.post(path, data={"record": "daftar_gaji"}, files={"file": ("a.pdf", PAPER)})
        assert (answer.status_code, answer.json()["code"]) == (409, "restricted_key_not_configured")
        assert (await keeper.get(path)).json()["items"] == []
        assert (await keeper.get("/readyz")).status_code == 200


def test_the_demo_makes_its_own_key_once_and_only_the_demo_uses_it(tmp_path: Path) -> None:
    given, path = {"ALUR_DATA_DIR": str(tmp_path), "ALUR_DEMO": "1"}, tmp_path / DEMO_RESTRICTED_KEY
    assert Settings.load(given).restricted_key is None
    for _ in range(2):
        serving._with_demo_secrets(Settings.load(given))
    assert RestrictedKeys.of(Settings.load(given).restricted_key).current is not None
    assert Settings.load(given | {"ALUR_RESTRICTED_KEY": KEY_TEXT}).restricted_key == KEY_TEXT
    assert Settings.load(given | {"ALUR_DEMO": "0"}).restricted_key is None
    assert (path.stat().st_mode & 0o777, len(path.read_text())) == (0o600, 45)
