"""Tables as files, read back by readers that are not the writer: `csv` and calamine."""

import csv
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
from python_calamine import CalamineWorkbook

from app.render.sheets import Cell, as_csv, as_xlsx

WITA = timezone(timedelta(hours=8))
COLUMNS = ["Judul", "Langkah", "Tenggat (WITA)"]


def read_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


def read_xlsx(content: bytes) -> list[list[object]]:
    return [list(row) for row in CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()]


def inside(content: bytes, name: str) -> str:
    with ZipFile(BytesIO(content)) as archive:
        return archive.read(name).decode()


def test_csv_is_what_rfc_4180_and_excel_want() -> None:
    due = datetime(2027, 1, 12, 16, 0, tzinfo=WITA)

    content = as_csv("Tenggat", COLUMNS, [['Data, "triwulan"\nIV', 3, due], ["é 😀", None, date(2027, 1, 12)]])

    assert content.startswith(b"\xef\xbb\xbfJudul,Langkah,Tenggat (WITA)\r\n")
    assert content.endswith(b"\r\n")
    assert read_csv(content)[1:] == [['Data, "triwulan"\nIV', "3", "2027-01-12T16:00:00+08:00"], ["é 😀", "", "2027-01-12"]]


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\u00a0@", "\t="])
def test_no_text_begins_a_formula_in_csv(begins: str) -> None:
    formula = f'{begins}HYPERLINK("https://elsewhere.example","x")'

    assert read_csv(as_csv("", [formula], [[formula]])) == [[f"'{formula}"], [f"'{formula}"]]


@pytest.mark.parametrize("text", ["a=1", "Laporan -", "'=1+1", "", "3 hari", "_x0041_"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert read_csv(as_csv("", ["x", "y"], [[text, 1]]))[1] == [text, "1"]
    assert read_xlsx(as_xlsx("", ["x", "y"], [[text, 1]]))[1] == [text, 1.0]


@pytest.mark.parametrize(("cell", "written"), [(-3, "-3"), (2.5, "2.5"), (Decimal("-1.50"), "-1.50"), (None, "")])
def test_numbers_may_be_below_zero(cell: Cell, written: str) -> None:
    assert read_csv(as_csv("", ["x", "y"], [[cell, "."]]))[1] == [written, "."]


@pytest.mark.parametrize("text", ["=1+1", "+62 541", "-", "@SUM(A1)", "https://elsewhere.example", "mailto:a@b.example", "0012", "{=1}", "\t=1"])
def test_text_is_text_in_xlsx(text: str) -> None:
    content = as_xlsx("Tenggat", [text], [[text]])

    assert read_xlsx(content) == [[text], [text]]
    sheet = inside(content, "xl/worksheets/sheet1.xml")
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet


def test_moments_and_days_are_dates_in_xlsx_at_their_own_wall_clock() -> None:
    due = datetime(2027, 1, 12, 16, 0, tzinfo=WITA)

    rows = read_xlsx(as_xlsx("Tenggat", ["a", "b", "c"], [[due, due.astimezone(UTC), due.date()]]))

    assert rows[1] == [datetime(2027, 1, 12, 16, 0), datetime(2027, 1, 12, 8, 0), date(2027, 1, 12)]  # noqa: DTZ001 - a sheet knows no zones


def test_what_no_spreadsheet_can_date_is_written_out() -> None:
    ancient = datetime(1899, 12, 31, 7, 0, tzinfo=UTC)

    assert read_xlsx(as_xlsx("", ["a", "b"], [[ancient, ancient.date()]]))[1] == ["1899-12-31 07:00:00+00:00", "1899-12-31"]


def test_the_heading_stays_and_columns_are_as_wide_as_what_they_hold() -> None:
    sheet = inside(as_xlsx("Tenggat", ["No", "Judul", "Uraian"], [[1, "x" * 30, "y " * 150]]), "xl/worksheets/sheet1.xml")

    assert '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' in sheet
    assert '<autoFilter ref="A1:C2"/>' in sheet
    assert [part.split('"')[0].split(".")[0] for part in sheet.split('width="')[1:]] == ["11", "33", "48"]


def test_rows_are_as_high_as_their_longest_text() -> None:
    rows = [["Judul", 1], ["Judul yang panjang " * 10, 1], ["satu\ndua\n\nempat", 1], ["x" * 5000, None]]
    sheet = inside(as_xlsx("Tenggat", ["Judul dan masih banyak lagi", "Segera jatuh tempo (WITA)"], rows), "xl/worksheets/sheet1.xml")

    assert [part.partition('"')[0] for part in sheet.split(' ht="')[1:]] == ["60", "75", "60", "300"]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Tenggat", "Tenggat"),
        ("Ketepatan waktu 2026/2027: [semua]", "Ketepatan waktu 2026 2027 semua"),
        ("'x" * 20, "x'x'x'x'x'x'x'x'x'x'x'x'x'x'x"),
        ("[]", "Alur"),
        ("", "Alur"),
    ],
)
def test_the_sheet_has_a_name_that_excel_takes(title: str, name: str) -> None:
    content = as_xlsx(title, ["x"], [])

    assert CalamineWorkbook.from_filelike(BytesIO(content)).sheet_names == [name]
    assert read_xlsx(content) == [["x"]]
