"""`alur account` on both databases, as whoever runs the server types them."""

import anyio
import pytest
from typer.testing import CliRunner, Result

from app.cli.accounts import PASSWORD_VARIABLE, accounts_app
from app.outside.passwords import verify_password
from app.store import accounts
from app.store.database import Database
from app.usecases.demo import create_demo
from tests.support.people import NOW, seed_at

PASSWORD = "kata sandi yang panjang"


@pytest.fixture
def environment(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALUR_DATABASE_URL", database_url)
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)


@pytest.fixture
def offices(database_url: str) -> None:
    seed_at(database_url)


def account(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(accounts_app, list(arguments), input=typed)


def create(*more: str, username: str = "camat", office: str = "64.02.13", typed: str | None = None) -> Result:
    return account("create", "--username", username, "--name", "Camat Baru", "--office", office, *more, typed=typed)


async def opens(database_url: str, password: str) -> bool:
    database = Database(database_url)
    async with database.read() as connection:
        account = await accounts.find_account(connection, "camat")
    await database.close()
    return account is not None and await verify_password(account.password_hash, password)


def listed() -> list[list[str]]:
    return [line.split("\t") for line in account("list").stdout.splitlines()]


@pytest.mark.usefixtures("environment", "offices")
def test_an_account_is_created_with_what_it_holds() -> None:
    made = create("--role", "camat", "--role", "pegawai", "--permission", "auditor", "--from", "2026-01-01")
    assert made.exit_code == 0, made.output
    held = "64.02.13:auditor (2026-01-01..), 64.02.13:camat (2026-01-01..), 64.02.13:pegawai (2026-01-01..)"
    assert listed() == [["camat", "Camat Baru", held]]


@pytest.mark.usefixtures("environment", "offices")
def test_a_stand_in_is_assigned_for_a_time() -> None:
    create()
    assert listed() == [["camat", "Camat Baru", "-"]]
    dates = ("--from", "2026-12-07", "--to", "2026-12-09")
    assigned = account("assign", "camat", "--office", "64.02.14", "--role", "camat", "--capacity", "plh", *dates)
    assert assigned.exit_code == 0, assigned.output
    assert listed() == [["camat", "Camat Baru", "64.02.14:camat plh (2026-12-07..2026-12-09)"]]


@pytest.mark.usefixtures("environment", "offices")
def test_the_password_comes_from_standard_input_too(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PASSWORD_VARIABLE)
    assert create(typed="diketik lewat pipa\n").exit_code == 0
    assert anyio.run(opens, database_url, "diketik lewat pipa")


@pytest.mark.usefixtures("environment", "offices")
@pytest.mark.parametrize(
    ("made", "said"),
    [
        ({"username": "Camat"}, "alur: username: "),
        ({"office": "64.99"}, "alur: office: Tidak ada kantor 64.99;"),
    ],
)
def test_what_cannot_be_entered_is_said_and_nothing_is_kept(made: dict[str, str], said: str) -> None:
    refused = create("--role", "camat", **made)
    assert refused.exit_code == 1
    assert said in refused.stderr
    assert listed() == []


@pytest.mark.usefixtures("environment")
def test_a_name_that_a_demo_account_holds_is_said_to_be_so(database_url: str) -> None:
    async def work() -> None:
        database = Database(database_url)
        async with database.write() as connection:
            await create_demo(connection, NOW, PASSWORD)
        await database.close()

    anyio.run(work)
    refused = create("--role", "camat")
    assert refused.exit_code == 1
    assert "alur: username: Nama camat dipakai akun demo" in refused.stderr
    assert "A demo account of this database holds the name camat." in refused.stderr
    assert ["camat", "Wiraja Tanumaheswara (demo)"] in [line[:2] for line in listed()]


@pytest.mark.usefixtures("environment", "offices")
def test_an_account_whose_position_cannot_be_is_not_created_either() -> None:
    refused = create("--role", "Camat")
    assert refused.exit_code == 1
    assert "alur: role: " in refused.stderr
    assert listed() == []


@pytest.mark.usefixtures("environment", "offices")
def test_a_name_that_cannot_be_is_said_before_a_password_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PASSWORD_VARIABLE)
    refused = create(username="Camat2")
    assert (refused.exit_code, refused.stderr.startswith("alur: username: Nama pengguna terdiri atas huruf kecil")) == (1, True)
    assert "password" not in refused.stderr


@pytest.mark.usefixtures("environment", "offices")
def test_an_account_is_created_with_the_letter_of_its_position() -> None:
    letter = ("--letter", "800/1", "--letter-date", "2026-12-01")
    made = create("--role", "camat", "--capacity", "plh", "--from", "2026-12-07", "--to", "2026-12-09", *letter)
    assert (made.exit_code, "surat perintah" in made.stderr) == (0, False)


@pytest.mark.usefixtures("environment", "offices")
def test_one_person_is_named_and_something_is_given() -> None:
    create()
    to = ("--office", "64.02.14")
    assert account("assign", "--username", "camat", *to, "--role", "staf").exit_code == 0
    for wrong, said in (
        ((*to, "--role", "staf"), "Name one person"),
        (("camat", *to), "--permission"),
        (("camat", "--username", "camat", *to, "--role", "a"), "one"),
    ):
        refused = account("assign", *wrong)
        assert refused.exit_code == 2
        assert said in refused.stderr


@pytest.mark.usefixtures("environment", "offices")
def test_the_list_of_an_office_that_is_none_is_no_empty_list() -> None:
    refused = account("list", "--office", "99")
    assert (refused.exit_code, refused.stdout, "Tidak ada kantor 99" in refused.stderr) == (1, "", True)


@pytest.mark.usefixtures("environment", "offices")
def test_a_short_password_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PASSWORD_VARIABLE)
    refused = create(typed="pendek\n")
    assert refused.exit_code == 1
    assert "alur: password: " in refused.stderr
    assert "pendek" not in refused.output
