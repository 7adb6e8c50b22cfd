"""`alur office` on both databases, as whoever runs the server types it."""

import anyio
import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from app.cli import edge
from app.cli.offices import offices_app
from app.store.database import Database
from app.store.events import EVENT
from tests.support.people import NOW, seed_at

ADD = ("add", "64.02.15", "Kecamatan Anggana", "--parent", "64.02", "--zone", "Asia/Makassar")


@pytest.fixture(autouse=True)
def offices(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALUR_DATABASE_URL", database_url)
    monkeypatch.setattr(edge, "wall_clock", lambda: NOW)
    seed_at(database_url)


def office(*arguments: str) -> Result:
    return CliRunner().invoke(offices_app, list(arguments))


def done(*arguments: str) -> list[str]:
    result = office(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def refused(*arguments: str) -> str:
    result = office(*arguments)
    assert (result.exit_code, result.stdout) == (1, ""), result.output
    return result.stderr


def told(database_url: str, code: str) -> list[tuple[str, object, dict[str, object]]]:
    async def work() -> list[tuple[str, object, dict[str, object]]]:
        database = Database(database_url)
        async with database.read() as connection:
            found = await connection.execute(
                select(EVENT.c.type, EVENT.c.actor, EVENT.c.data).where(EVENT.c.office_code == code).order_by(EVENT.c.sequence)
            )
            rows = [(row.type, row.actor, row.data) for row in found]
        await database.close()
        return rows

    return anyio.run(work)


def test_an_office_is_added_under_another() -> None:
    for _ in range(2):
        assert done(*ADD) == ["64.02.15: Kecamatan Anggana"]
    assert done("list", "--q", "anggana") == ["64.02.15\tKecamatan Anggana\t64.02\tAsia/Makassar"]


def test_an_office_elsewhere_than_it_was_is_refused() -> None:
    assert "alur: code: 64.02.14 sudah ada" in refused("add", "64.02.14", "Kecamatan Muara Jawa", "--zone", "Asia/Makassar")
    assert "alur: parent: Tidak ada kantor 99" in refused("add", "64.02.15", "Kecamatan Anggana", "--parent", "99", "--zone", "Asia/Makassar")


def test_offices_are_listed_by_code() -> None:
    assert [line.split("\t")[::2] for line in done("list")] == [
        ["31", "ID"],
        ["64", "ID"],
        ["64.02", "64"],
        ["64.02.13", "64.02"],
        ["64.02.14", "64.02"],
        ["ID", "-"],
    ]
    assert [line.split("\t")[0] for line in done("list", "--parent", "64.02")] == ["64.02.13", "64.02.14"]


def test_an_office_is_renamed(database_url: str) -> None:
    assert done("rename", "64.02.13", "Kecamatan Samboja Barat") == ["64.02.13: Kecamatan Samboja Barat"]
    assert done("rename", "64.02.13", "Kecamatan Samboja Barat")
    assert told(database_url, "64.02.13")[1:] == [
        ("office.renamed", None, {"code": "64.02.13", "from": "Kecamatan Samboja", "to": "Kecamatan Samboja Barat"})
    ]
    assert "alur: name: " in refused("rename", "64.02.13", " ")
    assert "alur: code: Tidak ada kantor 99" in refused("rename", "99", "Lain")


def test_an_office_is_moved_from_a_day_on(database_url: str) -> None:
    moved = done("move", "64.02.13", "--parent", "31", "--from", "2027-07-01", "--letter", "PP 12/2027", "--letter-date", "2026-12-30")
    assert moved == ["64.02.13: 31 (2027-07-01..)"]
    assert "64.02.13\tKecamatan Samboja\t64.02\tAsia/Makassar" in done("list")
    (_, (kind, actor, data)) = told(database_url, "64.02.13")
    assert (kind, actor, data["from"], data["to"], data["valid_from"]) == ("office.moved", None, "64.02", "31", "2027-07-01")


@pytest.mark.parametrize(
    ("code", "parent", "day", "said"),
    [
        ("64.02.13", "99", "2027-07-01", "alur: parent: Tidak ada kantor 99"),
        ("99", "64.02", "2027-07-01", "alur: code: Tidak ada kantor 99"),
        ("64.02.13", "64.02", "2027-07-01", "64.02.13 stands under 64.02 already"),
        ("64.02", "64.02.13", "2027-07-01", "no office can stand under itself"),
        ("64.02.13", "31", "2000-01-01", "History is not rewritten"),
    ],
)
def test_a_move_that_cannot_be_is_said_so(code: str, parent: str, day: str, said: str) -> None:
    assert said in refused("move", code, "--parent", parent, "--from", day)


def test_a_day_that_no_calendar_holds_is_refused() -> None:
    assert office("move", "64.02.13", "--parent", "31", "--from", "9999-12-31").exit_code == 2
