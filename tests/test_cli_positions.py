"""`alur account` in an office with its procedures: what is odd is said, what cannot be is refused, what was given is taken back."""

import re

import anyio
import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from app.cli.accounts import accounts_app
from app.store.accounts import ACCOUNT
from app.store.database import Database

SAMBOJA = "64.02.13"
PLH = ("--capacity", "plh", "--from", "2027-01-05", "--to", "2999-12-31", "--letter", "800/1", "--letter-date", "2027-01-04")


@pytest.fixture(autouse=True)
def environment(office_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALUR_DATABASE_URL", office_url)


def account(*arguments: str) -> Result:
    return CliRunner().invoke(accounts_app, list(arguments))


def done(*arguments: str) -> Result:
    result = account(*arguments)
    assert result.exit_code == 0, result.output
    return result


def assign(username: str, *more: str, role: str = "camat") -> Result:
    return account("assign", username, "--office", SAMBOJA, "--role", role, *more)


def listed(*filters: str) -> dict[str, str]:
    lines = [line.split("\t") for line in done("list", *filters).stdout.splitlines()]
    return {username: f"{name}: {held}" for username, name, held in lines}


def column(url: str, name: str, username: str = "ratna") -> object:
    async def look() -> object:
        database = Database(url)
        async with database.read() as connection:
            found = await connection.scalar(select(ACCOUNT.c[name]).where(ACCOUNT.c.username == username))
        await database.close()
        return found

    return anyio.run(look)


def create(*more: str) -> Result:
    return account("create", "--username", "ratna", "--name", "Ratna Dewi", "--office", SAMBOJA, "--one-time-secret", *more)


def test_an_account_begins_with_a_one_time_secret_in_place_of_a_password(office_url: str) -> None:
    made = create("--role", "pegawai", "--from", "2027-01-04", "--nip", "198001172005011004")
    assert made.exit_code == 0, made.output
    assert re.fullmatch(r"\S+\t\d{4}-\d\d-\d\dT\d\d:\d\d\S+\n", made.stdout)  # a script reads the secret alone
    assert (column(office_url, "password_hash"), column(office_url, "nip")) == ("!", "198001172005011004")
    secret = made.stdout.split("\t")[0]
    assert secret not in str(column(office_url, "reset_hash"))


def test_an_odd_nip_is_said_and_an_impossible_one_refused(office_url: str) -> None:
    refused = create("--nip", "198013172005011004")
    assert (refused.exit_code, "alur: nip: " in refused.stderr) == (1, True)
    odd = create("--nip", "198001172005019004")
    assert (odd.exit_code, "NIP" in odd.stderr) == (0, True)
    assert column(office_url, "nip") == "198001172005019004"


def test_a_mistyped_role_is_noticed_and_given() -> None:
    odd = assign("tim1", "--from", "2027-01-04", role="cammat")
    assert odd.exit_code == 0
    assert "periksa ejaannya" in odd.stderr
    assert "64.02.13:cammat" in listed()["tim1"]


def test_one_definitive_camat_at_a_time() -> None:
    refused = assign("tim1", "--from", "2027-01-04")
    assert refused.exit_code == 1
    assert "Wiraja Tanumaheswara" in refused.stderr
    assert "camat" not in listed()["tim1"]
    assert assign("tim1", *PLH).exit_code == 0
    assert assign("tim1", *PLH).exit_code == 1


def test_a_stand_in_without_letter_or_end_is_told_so() -> None:
    odd = assign("tim1", "--capacity", "plh", "--from", "2027-01-04")
    assert odd.exit_code == 0
    assert "surat perintah" in odd.stderr
    assert "hari terakhir" in odd.stderr


def test_the_permission_of_machines_is_not_for_people() -> None:
    assert account("assign", "tim1", "--office", SAMBOJA, "--permission", "integration").exit_code == 2
    refused = assign("tim1", "--from", "2027-01-04", role="integration")
    assert (refused.exit_code, "akun layanan" in refused.stderr) == (1, True)


def test_what_was_given_is_taken_back() -> None:
    assign("tim1", *PLH)
    revoked = done("revoke", "tim1", "--office", SAMBOJA, "--role", "camat")
    assert "camat plh (2027-01-05..2999-12-31)" in revoked.stdout
    assert "camat" not in listed()["tim1"]
    again = account("revoke", "tim1", "--office", SAMBOJA, "--role", "camat")
    assert (again.exit_code, "alur: role: tim1 tidak memegangnya" in again.stderr) == (1, True)


def test_an_account_is_closed_and_reopened(office_url: str) -> None:
    done("close", "tim1", "--reason", "Pensiun")
    assert "(closed)" in listed()["tim1"]
    assert column(office_url, "closed_at", "tim1") is not None
    refused = account("close", "tim1")
    assert (refused.exit_code, "sudah ditutup" in refused.stderr) == (1, True)
    assert assign("tim1", *PLH).exit_code == 1
    done("reopen", "tim1")
    assert "(closed)" not in listed()["tim1"]
    assert account("reopen", "tim1").exit_code == 1
    assert account("close", "tiada").exit_code == 1


def test_the_list_is_narrowed() -> None:
    assert set(listed("--role", "camat")) == {"camat", "camat.muarajawa"}
    assert set(listed("--role", "camat", "--office", SAMBOJA)) == {"camat"}
    assert set(listed("--office", "64.02.14")) == {"camat.muarajawa"}
    assert listed("--role", "lurah") == {}
