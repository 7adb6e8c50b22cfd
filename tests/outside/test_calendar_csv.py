"""Days off as spreadsheets write them, and every mistake with its line."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.calendars import DayOff
from app.domain.problems import Invalid
from app.outside.calendar_csv import days_off_of_csv

PLAIN = "date,kind,name,provisional,source,decree\n2025-08-18,joint_leave,Cuti bersama,false,SKB Tiga Menteri,SKB 933/2025\n"
ROW = DayOff(date(2025, 8, 18), "joint_leave", "Cuti bersama", False, "SKB Tiga Menteri", "SKB 933/2025")
BARE = DayOff(date(2025, 8, 18), "public", "Libur")


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (PLAIN, [("/lines/2", ROW)]),
        ("\ufeff" + PLAIN.replace(",", ";").replace("\n", "\r\n"), [("/lines/2", ROW)]),
        ("Kind;NAME ; Date\npublic;Libur;2025-08-18", [("/lines/2", BARE)]),
        ("date,kind,name\n\n2025-08-18,public,Libur\n,,\n", [("/lines/3", BARE)]),
        ("date,kind,name,,\n2025-08-18,public,Libur,,\n", [("/lines/2", BARE)]),
        ("date,kind,name,provisional,source\n2025-08-18,public,Libur\n", [("/lines/2", BARE)]),
        ('date,kind,name\n2025-08-18,public,"Libur, nasional"\n', [("/lines/2", DayOff(date(2025, 8, 18), "public", "Libur, nasional"))]),
        ("date;kind;name\n2025-08-18;public;Libur, nasional\n", [("/lines/2", DayOff(date(2025, 8, 18), "public", "Libur, nasional"))]),
        ("date,kind,name,provisional\n2025-08-18,public,Libur,TRUE\n", [("/lines/2", DayOff(date(2025, 8, 18), "public", "Libur", True))]),
        ("date,kind,name\n", []),
    ],
)
def test_a_spreadsheet_is_read(text: str, rows: list[tuple[str, DayOff]]) -> None:
    assert list(days_off_of_csv(text.encode()).days_off) == rows


HEADER = "date,kind,name,provisional,source,decree\n"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", [("", "missing_header")]),
        (b"\xef\xbb\xbf\r\n\r\n", [("", "missing_header")]),
        (HEADER.encode("utf-16"), [("", "encoding_invalid")]),
        (b"date,kind,name\n2025-08-18,public,\xff\n", [("", "encoding_invalid")]),
        (b"tanggal,kind,name,name\n", [("/lines/1", "missing_column"), ("/lines/1", "unknown_column"), ("/lines/1", "duplicate_column")]),
        (b'date,kind,name\n2025-08-18,public,"Libur\n', [("/lines/2", "csv_invalid")]),
        (
            (HEADER + "18/08/2025,libur,X,mungkin,,\n2025-02-30,public,,,,\n").encode(),
            [
                ("/lines/2/date", "not_a_date"),
                ("/lines/2/kind", "not_allowed"),
                ("/lines/2/provisional", "not_a_boolean"),
                ("/lines/3/date", "not_a_date"),
                ("/lines/3/name", "malformed"),
            ],
        ),
        ((HEADER + "2025-08-18,public,X,,,,lagi\n").encode(), [("/lines/2", "too_many_cells")]),
        # a line that can be read is judged beside those that cannot
        (
            (HEADER + "1999-08-18,public,,,,\nx,public,X,,,\n2025-08-18,public,X,,,\n2025-08-18,public,Y,,,\n").encode(),
            [
                ("/lines/2/date", "year_out_of_range"),
                ("/lines/2/name", "malformed"),
                ("/lines/3/date", "not_a_date"),
                ("/lines/5/date", "day_off_exists"),
            ],
        ),
        ((HEADER + '2025-08-18,public,"dua\nbaris",,,\nx,public,X,,,\n').encode(), [("/lines/2/name", "malformed"), ("/lines/4/date", "not_a_date")]),
        ((HEADER + "2025-08-18,public,a\0b,,,\nx,public,X,,,\n").encode(), [("/lines/2/name", "malformed"), ("/lines/3/date", "not_a_date")]),
        (("date,kind,name\n" + "x,x,x\n" * 1001).encode(), [("", "rows_out_of_range")]),
        (("date,kind,name\n2025-08-18,public," + "x" * 200_000 + "\n").encode(), [("/lines/2", "csv_invalid")]),
    ],
)
def test_every_mistake_is_told_with_its_line(data: bytes, expected: list[tuple[str, str]]) -> None:
    with pytest.raises(Invalid) as invalid:
        days_off_of_csv(data)
    assert [(error.pointer, error.code) for error in invalid.value.errors] == expected


@given(st.one_of(st.binary(), st.text(alphabet='date,kind;nampublic2025-081"\r\n\0\ufeff', max_size=200).map(lambda text: (HEADER + text).encode())))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(Invalid):
        days_off_of_csv(data)
