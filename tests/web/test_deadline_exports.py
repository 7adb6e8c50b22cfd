"""Deadline lists as files: the same rows as the lists, read back by readers that are not the writer."""

import csv
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import Any

import httpx
import pytest
from python_calamine import CalamineWorkbook

from tests.support.office import KEY, MONDAY, MUARA_JAWA, SAMBOJA, Office, Run
from tests.support.replies import made, refused

LIST = "/v1/deadlines/export"
FORMULA = '=HYPERLINK("https://elsewhere.example","Data, triwulan")'


async def started(office: Office, quarter: int, title: str = "Pengumpulan data") -> Run:
    body = {"procedure": KEY, "office": SAMBOJA, "period": {"year": 2026, "quarter": quarter}, "title": title}
    return Run(office, made(await (await office.as_("camat")).post("/v1/instances", json=body)))


async def exported(where: Office, path: str = LIST, username: str = "camat", language: str = "id", **query: Any) -> httpx.Response:
    answer = await (await where.as_(username)).get(path, params=query, headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    return answer


def lines(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"), newline="")))


def cells(answer: httpx.Response) -> list[list[Any]]:
    assert answer.headers["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return [list(row) for row in CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()]


async def test_a_row_says_what_the_list_says(each_office: Office) -> None:
    run = await started(each_office, 1, FORMULA)
    (shown,) = made(await (await each_office.as_("camat")).get("/v1/deadlines"), 200)["items"]

    (row,) = lines(await exported(each_office))
    assert row == {
        "Kode kantor": SAMBOJA,
        "Kantor": "Kecamatan Samboja",
        "Prosedur": "Pengumpulan Data Kinerja",
        "Pelaksanaan": "'" + FORMULA,
        "Periode": "2026-Q1",
        "Langkah": "1",
        "Putaran": "1",
        "Kegiatan": shown["activity"],
        "Pelaksana": "Camat",
        "Mulai (WITA)": shown["started_at"],
        "Segera jatuh tempo (WITA)": shown["due_soon_at"],
        "Tenggat (WITA)": shown["due_at"],
        "Keadaan": "Dalam waktu",
        "Zona waktu": "Asia/Makassar",
    }
    heading, only = cells(await exported(each_office, format="xlsx", language="en"))
    assert heading[:3] + heading[11:] == ["Office code", "Office", "Procedure", "Due (WITA)", "State", "Time zone"]
    assert only[3] == FORMULA
    assert only[9] == datetime.fromisoformat(shown["started_at"]).replace(tzinfo=None)
    assert only[12] == "On time"
    assert (await exported(each_office, f"/v1/instances/{run.id}/deadlines/export")).is_success


async def test_it_is_an_attachment_named_for_the_day_at_the_office(own_office: Office) -> None:
    await started(own_office, 1)

    for kind in ("csv", "xlsx"):
        answer = await exported(own_office, format=kind)
        assert f'filename="Tenggat 2027-01-04.{kind}"' in answer.headers["Content-Disposition"]  # half past seven there is the day before in UTC
        assert answer.headers["Content-Disposition"].startswith("attachment; ")
        assert answer.headers["Cache-Control"] == "no-store"


async def test_filters_are_those_of_the_list(each_office: Office) -> None:
    first, second = await started(each_office, 1), await started(each_office, 2)
    await first.take(1)
    assert (await second.act("camat", "suspend", reason="Banjir.")).is_success
    cases: list[tuple[dict[str, str], list[str]]] = [
        ({}, ["1", "2"]),
        ({"office": SAMBOJA}, ["1", "2"]),
        ({"procedure": KEY}, ["1", "2"]),
        ({"procedure": "sop-lain"}, []),
        ({"role": "sekretaris"}, ["2"]),
        ({"state": "on_time"}, ["2"]),
        ({"state": "overdue"}, []),
    ]
    for query, steps in cases:
        listed = made(await (await each_office.as_("auditor")).get("/v1/deadlines", params=query), 200)["items"]
        assert sorted(row["Langkah"] for row in lines(await exported(each_office, username="auditor", **query))) == steps, query
        assert sorted(str(item["step"]) for item in listed) == steps
    assert [row["Keadaan"] for row in lines(await exported(each_office)) if row["Langkah"] == "1"] == ["Ditangguhkan"]
    assert lines(await exported(each_office, username="camat.muarajawa")) == []
    client = await each_office.as_("camat")
    assert refused(await client.get(LIST, params={"office": MUARA_JAWA})) == (404, ["not_found"])


async def test_offices_of_several_zones_each_keep_their_own_clock(own_office: Office) -> None:
    await started(own_office, 1)
    heading = next(iter(lines(await exported(own_office, username="auditor"))[0]))
    assert heading == "Kode kantor"  # the mark of the bytes' order is no part of it
    empty = await exported(own_office, username="camat.muarajawa")
    assert "Tenggat (waktu setempat)" in empty.text


@pytest.mark.parametrize("query", [{"format": "pdf"}, {"format": ""}, {"state": "open"}])
async def test_what_means_nothing_is_said_to(own_office: Office, query: dict[str, str]) -> None:
    answer = await (await own_office.as_("camat")).get(LIST, params=query)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == f"?{next(iter(query))}"


async def test_too_many_rows_are_refused_and_never_cut(own_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.web.deadline_exports.MOST_ROWS", 2)
    for quarter in (1, 2):
        await started(own_office, quarter)
    assert len(lines(await exported(own_office))) == 2
    await started(own_office, 3)

    client = await own_office.as_("camat")
    assert refused(await client.get(LIST)) == (422, ["too_many_rows"])
    assert lines(await exported(own_office, state="overdue")) == []


async def test_one_instance_with_every_round_there_has_been(own_office: Office) -> None:
    run = await (await started(own_office, 1)).until(5)
    await own_office.at(MONDAY.replace(day=28))
    assert (await run.act("camat", "return", step=5, to_step=4, reason="Data belum lengkap.")).is_success
    path = f"/v1/instances/{run.id}/deadlines/export"

    rows = lines(await exported(own_office, path))
    assert [(row["Langkah"], row["Putaran"]) for row in rows] == [("1", "1"), ("2", "1"), ("3", "1"), ("4", "1"), ("4", "2"), ("5", "1")]
    assert [row["Keadaan"] for row in rows[:3]] == ["Selesai tepat waktu"] * 3
    assert rows[0]["Waktu menurut SOP"] == "30 menit"
    assert int(rows[5]["Terlambat (hari kerja)"]) > 0
    answer = await exported(own_office, path, format="xlsx", language="en")
    sheet = cells(answer)
    assert sheet[0][3] == "Allowance"
    assert isinstance(sheet[1][6], datetime | date)
    assert 'filename="Deadlines Pengumpulan data.xlsx"' in answer.headers["Content-Disposition"]
    stranger = await own_office.as_("camat.muarajawa")
    assert refused(await stranger.get(path)) == (404, ["not_found"])


@pytest.mark.parametrize("title", ["../../etc/passwd", "a\u202egnp.exe", "x" * 300, "…", 'kutip" dan; titik koma'])
async def test_no_title_makes_a_harmful_name(own_office: Office, title: str) -> None:
    run = await started(own_office, 1, title)

    disposition = (await exported(own_office, f"/v1/instances/{run.id}/deadlines/export")).headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="')
    assert disposition.isascii()
    assert "/" not in disposition.split("filename*=")[0].removeprefix("attachment; ")
    assert disposition.endswith(".csv")
