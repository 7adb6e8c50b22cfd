"""The timeliness report as a file: the same rows, read back by readers that are not the writer."""

import csv
from io import BytesIO, StringIO
from typing import Any

import httpx
import pytest
from python_calamine import CalamineWorkbook

from tests.support.calendars import at
from tests.support.contract import check_answer
from tests.support.office import KEY, SAMBOJA, Office, Run
from tests.support.replies import made
from tests.web.test_frame_errors import problem

PATH = "/v1/reports/timeliness"
NAME = "attachment; filename=\"{0}\"; filename*=UTF-8''{1}"


@pytest.fixture(scope="module")
async def worked(office: Office) -> Office:
    """Step 1 of two instances: 10 minutes, and 50 of the 30 that it has; step 2 is under way."""
    runs = [await Run.start(office, quarter=quarter) for quarter in (1, 2)]
    for run, moment, more in ((runs[0], "2027-01-04 07:40", {}), (runs[1], "2027-01-04 08:20", {"late_reason": "Rapat."})):
        await office.at(at(moment))
        await run.take(1, **more)
    return office


async def exported(office: Office, language: str = "id", **query: str) -> httpx.Response:
    answer = await (await office.as_("auditor")).get(f"{PATH}/export", params=query, headers={"Accept-Language": language})
    check_answer("downloadTimelinessReport", answer)
    assert answer.status_code == 200, answer.text
    return answer


def rows_of(answer: httpx.Response) -> list[dict[str, Any]]:
    """By heading; numbers as numbers."""
    if answer.headers["Content-Type"] == "text/csv; charset=utf-8":
        headings, *rows = csv.reader(StringIO(answer.content.decode("utf-8-sig"), newline=""), strict=True)
        return [{heading: _number(cell) for heading, cell in zip(headings, row, strict=True)} for row in rows]
    top, *found = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    return [dict(zip(map(str, top), row, strict=True)) for row in found]


def _number(cell: str) -> str | float:
    try:
        return float(cell)
    except ValueError:
        return cell


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_the_rows_are_those_of_the_report(worked: Office, kind: str) -> None:
    answer = await exported(worked, format=kind)
    name = "Ketepatan waktu 2027-01-01 - 2027-12-31"
    assert answer.headers["Content-Disposition"] == NAME.format(f"{name}.{kind}", f"{name}.{kind}".replace(" ", "%20"))
    first, second = rows_of(answer)
    assert first == {
        "Kunci prosedur": KEY,
        "Prosedur": "Pengumpulan Data Kinerja",
        "Langkah": 1,
        "Kegiatan": first["Kegiatan"],
        "Waktu menurut SOP": "30 menit",
        "Selesai": 2,
        "Tepat waktu": 1,
        "Terlambat": 1,
        "Tepat waktu (%)": 50,
        "Dikembalikan": 0,
        "Tidak terukur": 0,
        "Terpakai, median (menit kantor)": 30,
        "Terpakai, P90 (menit kantor)": 46,
        "Terpakai, median (hari kerja)": 0,
        "Terpakai, P90 (hari kerja)": 0,
        "Terlambat, median (menit kantor)": 20,
        "Terlambat, P90 (menit kantor)": 20,
        "Terlambat, median (hari kerja)": 0,
        "Terlambat, P90 (hari kerja)": 0,
        "Masih berjalan": 0,
        "Di antaranya lewat tenggat": 0,
    }
    assert (second["Langkah"], second["Selesai"], second["Tepat waktu (%)"], second["Masih berjalan"]) == (2, 0, "", 2)


async def test_every_dimension_has_its_columns_in_the_order_asked(worked: Office) -> None:
    answer = await exported(worked, "en", group_by="period,office,role", step="1", format="xlsx")
    rows = rows_of(answer)
    assert [list(row)[:5] for row in rows] == [["Period", "Office code", "Office", "Performer", "Allowance"]] * 2
    assert [list(row.values())[:5] for row in rows] == [
        [f"2026-Q{quarter}", SAMBOJA, "Kecamatan Samboja", "Camat", "30 minutes"] for quarter in (1, 2)
    ]
    shown = made(await (await worked.as_("auditor")).get(PATH, params={"group_by": "period,office,role", "step": "1"}), 200)["items"]
    assert [row["Used, median (office minutes)"] for row in rows] == [float(item["used"]["office_minutes"]["median"]) for item in shown]


async def test_an_empty_report_is_a_file_too(worked: Office) -> None:
    for kind in ("csv", "xlsx"):
        assert rows_of(await exported(worked, format=kind, procedure="sop-lain")) == []


async def test_other_formats_are_refused(worked: Office) -> None:
    answer = await (await worked.as_("auditor")).get(f"{PATH}/export", params={"format": "pdf"})
    check_answer("downloadTimelinessReport", answer)
    problem(answer, 422, "invalid_request")
