"""`alur calendar` on both databases, as whoever runs the server types it."""

import json
from pathlib import Path
from typing import Any

import anyio
import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from app.cli import edge
from app.cli.calendars import calendars_app
from app.store.database import Database
from app.store.events import EVENT
from app.usecases.audit import verify
from tests.support.people import KUTAI, NOW, SAMBOJA, seed_at

HEADER = "date;kind;name;provisional;source;decree\n"


@pytest.fixture(autouse=True)
def offices(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALUR_DATABASE_URL", database_url)
    monkeypatch.setattr(edge, "wall_clock", lambda: NOW)
    seed_at(database_url)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "libur.csv"


def calendar(*arguments: object) -> Result:
    return CliRunner().invoke(calendars_app, [str(argument) for argument in arguments])


def done(*arguments: object) -> list[str]:
    result = calendar(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def refused(*arguments: object) -> list[str]:
    result = calendar(*arguments)
    assert (result.exit_code, result.stdout) == (1, ""), result.output
    return result.stderr.splitlines()


def changes(database_url: str, code: str) -> list[dict[str, Any]]:
    """The calendar's events of an office; the log and the tables say the same."""

    async def work() -> list[dict[str, Any]]:
        database = Database(database_url)
        assert (await verify(database, None)).intact
        async with database.read() as connection:
            wanted = select(EVENT.c.actor, EVENT.c.data).where(EVENT.c.type == "calendar.changed", EVENT.c.office_code == code)
            rows = (await connection.execute(wanted.order_by(EVENT.c.sequence))).all()
        await database.close()
        assert all(row.actor is None for row in rows)
        return [row.data for row in rows]

    return anyio.run(work)


def test_a_year_is_seeded_once(database_url: str) -> None:
    lines = done("seed", 2026)
    assert "+ 2026-08-17\tpublic\tHari Kemerdekaan Republik Indonesia" in lines
    assert done("seed", 2026) == ["ID: +0"]
    assert "+ 2027-12-24\tjoint_leave\tCuti Bersama Hari Raya Natal" in done("seed", 2027)
    assert [(data["reason"], data["years"]) for data in changes(database_url, "ID")] == [("seeded", [2026]), ("seeded", [2027])]
    shown = done("show", SAMBOJA, "--year", 2026)
    assert shown[0] == f"{SAMBOJA}\tAsia/Makassar\tversion 3"
    assert "ID\t2026-12-25\tpublic\tHari Raya Natal" in shown
    assert any(line.startswith("ID\tschedule\t-\t2023-01-01..\tSen 07:30-12:00 13:00-16:00; ") for line in shown)
    assert "ID\tseason\tramadan\t2026-02-19..2026-03-20" in shown
    assert not any("2027" in line for line in shown)


@pytest.mark.parametrize("year", ["1999", "2101", "besok"])
def test_no_such_year_is_seeded(year: str) -> None:
    assert calendar("seed", year).exit_code == 2


def test_a_listed_year_is_not_seeded_over(database_url: str, file: Path) -> None:
    """The package knows more days than the decree: they are not added."""
    file.write_text(HEADER + "2026-12-24;joint_leave;Cuti bersama Natal;;SKB;933/2025\n")
    assert done("import", file, "--office", "ID", "--year", 2026)[0] == "ID: +1 ~0 -0, version 2"
    added = done("seed", 2026)
    assert not any(line.startswith("+ 2026") for line in added)
    assert changes(database_url, "ID")[0]["years"] == [2026]


def test_days_off_are_imported_from_csv(database_url: str, file: Path) -> None:
    file.write_text("\ufeff" + HEADER + "2027-01-12;local;Hari jadi;true\n2027-08-18;joint_leave;Cuti bersama;;SKB;933/2027\n")
    told = [
        "+ 2027-01-12\tlocal\tHari jadi (perkiraan)",
        "+ 2027-08-18\tjoint_leave\tCuti bersama",
    ]
    assert done("import", file, "--office", KUTAI, "--dry-run") == [f"{KUTAI}: +2 ~0 -0, version 2 (dry run)", *told, "0 / 0 deadlines would move"]
    assert changes(database_url, KUTAI) == []
    assert done("import", file, "--office", KUTAI) == [f"{KUTAI}: +2 ~0 -0, version 2", *told]
    assert done("import", file, "--office", KUTAI) == [f"{KUTAI}: +0 ~0 -0, version 2"]
    file.write_text(HEADER + "2027-01-12;local;Hari jadi;false\n")
    assert done("import", file, "--office", KUTAI) == [f"{KUTAI}: +0 ~1 -0, version 3", "~ 2027-01-12\tlocal\tHari jadi"]
    assert [data["reason"] for data in changes(database_url, KUTAI)] == ["imported", "imported"]
    assert done("show", SAMBOJA) == [
        f"{SAMBOJA}\tAsia/Makassar\tversion 3",
        f"{KUTAI}\t2027-01-12\tlocal\tHari jadi",
        f"{KUTAI}\t2027-08-18\tjoint_leave\tCuti bersama",
    ]


def test_every_mistake_is_told_with_its_line(file: Path) -> None:
    file.write_text(HEADER + "18/08/2027;libur;Cuti bersama\n2027-08-18;public;\n")
    assert [line.split(": ")[1] for line in refused("import", file, "--office", KUTAI)] == ["lines/2/date", "lines/2/kind", "lines/3/name"]
    file.write_text(HEADER + "2027-08-18;local;Hari jadi\n2026-08-18;public;Lain\n")
    found = [line.split(": ")[1] for line in refused("import", file, "--office", KUTAI, "--year", 2027)]
    assert found == ["lines/2/kind", "lines/3/date"]
    assert "alur: office: Tidak ada kantor 99" in refused("import", file, "--office", "99")[0]
    assert "alur: office: Tidak ada kantor 99" in refused("show", "99")[0]


HOURS = [{"from": "08:00", "to": "12:00"}]
WEEK = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), HOURS) | {"saturday": [], "sunday": []}
ROWS = {
    "days_off": [{"date": "2027-01-12", "kind": "working", "name": "Tetap bekerja"}],
    "seasons": [{"name": "banjir", "starts_on": "2027-01-04", "ends_on": "2027-01-15"}],
    "schedules": [{"valid_from": "2027-01-01", "valid_to": "2027-12-31", "season": "banjir", "week": WEEK, "source": "SK Camat"}],
}


def test_rows_of_every_kind_are_imported_from_json(database_url: str, file: Path) -> None:
    file = file.with_suffix(".json")
    file.write_text(json.dumps(ROWS))
    assert done("import", file, "--office", SAMBOJA) == [
        f"{SAMBOJA}: +3 ~0 -0, version 2",
        "+ schedule\tbanjir\t2027-01-01..2027-12-31\tSen 08:00-12:00; Sel 08:00-12:00; Rab 08:00-12:00; Kam 08:00-12:00; Jum 08:00-12:00",
        "+ season\tbanjir\t2027-01-04..2027-01-15",
        "+ 2027-01-12\tworking\tTetap bekerja",
    ]
    file.write_text(json.dumps({"source": "SKB", "days": [{"date": "2027-08-17", "kind": "public", "name": "Proklamasi"}]}))
    assert done("import", file, "--office", SAMBOJA, "--year", 2027)[0] == f"{SAMBOJA}: +1 ~0 -0, version 3"
    assert [data["reason"] for data in changes(database_url, SAMBOJA)] == ["imported", "year_list"]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ('{"days_off": [{"date": "2027-02-30", "kind": "public", "name": "X"}]}', "days_off/0/date"),
        ('{"days_off": [{"date": "1999-02-03", "kind": "public", "name": "X"}]}', "days_off/0/date"),
        ('{"hari": []}', "hari"),
        ('{"days_off": [{"date": "2027-02-03", "kind": "public", "name": "\\ud800"}]}', "days_off/0/name"),
        ("{", ""),
        ("[" * 100_000, ""),
        ("\xff", ""),
        ("[]", ""),
        ("{}", ""),
    ],
)
def test_a_json_file_that_cannot_be_is_said_so(file: Path, content: str, place: str) -> None:
    file = file.with_suffix(".json")
    file.write_bytes(content.encode("latin-1"))
    said = refused("import", file, "--office", SAMBOJA)[0]
    assert said.startswith(f"alur: {place}: " if place else "alur: ")
    assert not said.startswith("alur: :")


def test_a_file_of_another_kind_is_refused(file: Path) -> None:
    file = file.with_suffix(".xlsx")
    file.write_text("")
    assert refused("import", file, "--office", SAMBOJA) == ["alur: libur.xlsx: Harus .csv atau .json. · It must be .csv or .json."]
