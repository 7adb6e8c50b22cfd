"""What a file is and what it must not carry: one small file for each rule."""

import io

import pytest

from app.domain.content import ALL_TYPES, FACTS
from app.domain.procedures import DocumentType
from app.domain.refusals import WORDINGS, Refusal
from app.outside.content import Examined, examine
from tests.support.contents import CSV, DOCX_PARTS, EVIL, OLE, PDF, VALID, jpeg, png, zipped
from tests.support.examined import refused, seen


@pytest.mark.parametrize("key", ALL_TYPES)
def test_each_kind_is_known_by_its_content_and_named_for_it(key: DocumentType) -> None:
    name = "tabel.csv" if key == "csv" else "unduhan.exe"
    ending = "" if key == "csv" else FACTS[key].endings[0]
    assert seen(VALID[key], name) == Examined(key, FACTS[key].media_type, name + ending)


@pytest.mark.parametrize("key", ALL_TYPES)
def test_a_slot_takes_what_it_says_and_nothing_else(key: DocumentType) -> None:
    name = "tabel.csv"
    assert isinstance(seen(VALID[key], name, (key,)), Examined)
    others: tuple[DocumentType, ...] = tuple(other for other in ALL_TYPES if other != key)
    found = seen(VALID[key], name, others)
    assert isinstance(found, Refusal)
    assert found.code == "type_not_accepted"
    assert FACTS[others[0]].label in found.message("id")


def test_the_position_of_the_file_does_not_matter_and_it_stays_open() -> None:
    for key in ALL_TYPES:
        file = io.BytesIO(VALID[key])
        file.seek(0, io.SEEK_END)
        assert isinstance(examine(file, filename="a.csv", accepts=(key,)), Examined)
        assert not file.closed


@pytest.mark.parametrize("filename", ["laporan.pdf", "laporan.docx", "laporan.csv", "laporan.png", "laporan"])
@pytest.mark.parametrize("what", EVIL)
def test_nothing_else_is_taken_whatever_its_name(what: str, filename: str) -> None:
    assert isinstance(seen(EVIL[what], filename), Refusal)


@pytest.mark.parametrize(
    ("content", "filename", "code", "word"),
    [
        (EVIL["a plain archive"], "a.zip", "type_unknown", "ZIP"),
        (EVIL["a Windows program"], "a.pdf", "type_unknown", "EXE"),
        (EVIL["a GIF"], "a.png", "type_unknown", "GIF"),
        (EVIL["7z"], "a.docx", "type_unknown", "7Z"),
        (OLE, "a.doc", "type_unknown", ".docx"),
        (b"sekadar teks", "catatan.txt", "type_unknown", ".csv"),
        (b"", "tabel.csv", "type_unknown", "0 byte"),
        (b"\xef\xbb\xbf" + PDF, "a.pdf", "type_unknown", "PDF"),
        (b"\x1b%-12345X@PJL JOB\r\n" + PDF, "a.pdf", "type_unknown", "PDF"),
        (zipped({"mimetype": b"application/vnd.oasis.opendocument.text"}, method=0), "a.odt", "type_unknown", "LibreOffice"),
        (b"a,b\n1,\x00\n", "tabel.csv", "csv_not_text", "2"),
        ("a;b".encode("utf-16-be"), "tabel.csv", "csv_encoding", "UTF-8"),
    ],
)
def test_a_refusal_says_what_the_file_seems_to_be_and_what_to_do(content: bytes, filename: str, code: str, word: str) -> None:
    found = seen(content, filename)
    assert isinstance(found, Refusal)
    assert found.code == code
    assert word in found.message("id")
    assert word in found.message("en")


# ── PDF and pictures ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_document_that_is_a_pdf_too() -> None:
    assert refused(zipped({"a.xml": b"<a>%PDF-1.4</a>", **DOCX_PARTS}, method=0)) == "also_an_archive:pdf"


def test_an_end_of_archive_that_does_not_fit_the_end_is_a_part_of_the_document() -> None:
    assert isinstance(seen(PDF + b"PK\x05\x06" + bytes(18) + b"%%EOF"), Examined)
    assert refused(PDF + b"PK\x05\x06" + bytes(16) + b"\x05\x00%%EOF") == "also_an_archive"
    assert isinstance(seen(PDF + zipped({"a": b"b"}) + b"%%EOF"), Examined)
    assert refused(PDF + b"PK\x05\x06" * 9 + bytes(18)) == "also_an_archive"
    assert isinstance(seen(jpeg() + b"PK\x05\x06" + bytes(30)), Examined)
    for archive in (zipped({"a.class": b"x"}), zipped({"a" * 60_000: b"x", "b" * 60_000: b"x"})):
        assert refused(jpeg() + archive + b"1234") == "also_an_archive"
        assert refused(png()[:-12] + archive + png()[-12:]) == "also_an_archive"
    assert refused(png() + b"PK\x05\x06" + bytes(16) + b"\x0c\x00" + png()[-12:]) == "also_an_archive"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (png()[:-1], "image_damaged"),
        (png() + b"x", "image_damaged"),
        (png()[:20], "image_damaged"),
        (png()[:17] + b"\x09" + png()[18:], "image_damaged"),
        (png(0, 1), "image_damaged"),
        (png(20_001, 1), "image_too_large"),
        (png(8000, 8000), "image_too_large"),
        (jpeg()[:25], "image_damaged"),
        (jpeg(0, 5), "image_damaged"),
        (jpeg(60_000, 2), "image_too_large"),
        (jpeg(10_000, 5001), "image_too_large"),
        (b"\xff\xd8\xff\xda\x00\x08" + bytes(9), "image_damaged"),
        (jpeg(before=b"\xff\xe1\x00\x01"), "image_damaged"),
        (b"\xff\xd8" + b"\xff" * 5000, "image_damaged"),
        (b"\xff\xd8" + b"\xff\x01" * 5000, "image_damaged"),
    ],
)
def test_pictures_that_are_no_pictures_or_unpack_to_too_much(content: bytes, code: str) -> None:
    assert refused(content, "foto.png") == code


@pytest.mark.parametrize("content", [png(10_000, 5000), png(20_000, 2500), jpeg(5000, 10_000), jpeg(before=b"\xff\xff\xe1\x00\x08Exif\x00\x00")])
def test_pictures_within_the_limits(content: bytes) -> None:
    assert isinstance(seen(content, "foto"), Examined)


# ── tables as text ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "content",
    [
        CSV,
        b"\xef\xbb\xbf" + CSV,
        b"sep=;\na;b\n",
        b"a\tb\r\n1\t2\r\n",
        b"a,b\r1,2\r",
        b'nama,catatan\nSari,"dua\nbaris (rapat)"\n',
        b"a,b\n-5,+7\n=A1+B1,@nama\n",
        b"nama,telepon\nUd. Maju,+62 (541) 661-234\n",
        b"PK,nama\n1,2\n",
        b"No;Kendala\n1;- Kurang staf (2 orang)\n2;-3 poin (dari 70 ke 67)\n3;-5% (turun)\n",
        b'No;Kendala\n1;"- Kurang staf (2 orang)\n- Anggaran (triwulan III) belum cair"\n',
        b"Nama;HP\nSari;+62 812-345 (WA)\nBudi;@budi (Instagram)\n",
        b"a\n- Rapat | Laporan\n- call (pusat)\n",
        b'Laporan Kinerja\nNo;Uraian\n1;"Rapat; ""intern"""\n"a";"b"\n',
        b'a, b, c;d\n1;"- Rapat\n- Apel (pagi)"\n"x";2\n',
        b'a,b\n1,"- Rapat ""intern""\n- Apel"\n"-2","-3"\n',
        b'Nama, NIP, Jabatan;;\n"Sari; Ud.";"Sekretaris";1\n',
        ("x," * 1000 + "\n").encode() * 100,
    ],
)
def test_tables_that_are_taken(content: bytes) -> None:
    assert isinstance(seen(content, "Tabel.CSV"), Examined)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("a,b\n1,é\n".encode("latin-1"), "csv_encoding"),
        (b"a,b\n" * 10_000 + b"\xff", "csv_encoding"),
        (b"a,b\n" * 10_000 + b"\xc3", "csv_encoding"),
        ("a;b".encode("utf-16"), "csv_encoding"),
        ("a;b".encode("utf-16-le"), "csv_encoding"),
        (b"a,b\n" * 10_000 + b"\x00", "csv_not_text"),
        (b"a,b\x1b[31m\n", "csv_not_text"),
        (b"a,b\x7f\n", "csv_not_text"),
        (b"\n\n <html>", "csv_not_text"),
        (b"\xef\xbb\xbf  <svg/>", "csv_not_text"),
        (b"#!/bin/sh\n", "csv_not_text"),
        (b"{\\rtf1}", "csv_not_text"),
        (b"a,b\n" * (8 * 1024 * 1024 + 1), "csv_too_large"),
        (b'a,"b\n', "csv_invalid"),
        (b'a,"b"c\n', "csv_invalid"),
        (b"a" * 1_100_000, "csv_invalid"),
        (b"a," * 600_000, "csv_invalid"),
        (b'"a\n",' * 400_000, "csv_invalid"),
        (b"a,b\n=cmd|'/c calc'!A0,1\n", "csv_formula"),
        (b"a,b\n1,+cmd|'/c calc'!A0\n", "csv_formula"),
        (b'a,b\n1,"  -2+3+cmd|x"\n', "csv_formula"),
        (b'a,b\n1,"=HYPERLINK(""http://jahat.example"",""x"")"\n', "csv_formula"),
        (b"a,b\n1,@SUM(1+9)*cmd|x\n", "csv_formula"),
        (b"a,b\n1;=cmd|x!A0\n", "csv_formula"),
        (b"a;b\n1,=cmd|x!A0\n", "csv_formula"),
        (b'a,b\n"1\n2",=cmd|x!A0\n', "csv_formula"),
        (b'a,b\n1,"=\ncmd|x!A0"\n', "csv_formula"),
        (b'a,b\n1,"=cmd\n|x!A0"\n', "csv_formula"),
        (b"a,b\n\t=cmd|x!A0,1\n", "csv_formula"),
        (b"a,b\n1,-cmd |'/c calc'!A0\n", "csv_formula"),
        (b"a,b\n1,-1+WebService (A1)\n", "csv_formula"),
        (b'a,b\n1,"@hyperlink\n(A1)"\n', "csv_formula"),
        (b"a,b\n1,+SUM(A1)\n", "csv_formula"),
        (b"a;b\n- Rapat (tim);-1,+cmd|x!A0\n", "csv_formula"),
        (b'Judul\na;b\n"c";"=cmd|x!A0"\n', "csv_formula"),
        (b'Judul\n"c";"d\n', "csv_invalid"),
        (b'a,b,c;d\n1;"=cmd\n|x!A0";2\n', "csv_formula"),
        (b'a,b,c;d\n1;"-1+\nSUM(A1)";2\n', "csv_formula"),
        (b"a\n" * 1_048_577, "csv_too_large:lines"),
        ("a,b\n1,＝cmd|x!A0\n".encode(), "csv_formula"),
    ],
)
def test_tables_that_are_not(content: bytes, code: str) -> None:
    assert refused(content, "tabel.csv") == code


def test_text_that_is_not_called_csv_is_not_taken() -> None:
    assert refused(CSV, "tabel.txt") == "type_unknown"


def test_every_refusal_says_what_to_do_in_both_languages() -> None:
    from app.domain.refusal_words import content  # noqa: PLC0415

    ours = [code for code in content.WORDINGS if WORDINGS[code].concern == "input"]
    assert all(WORDINGS[code].id != WORDINGS[code].en for code in ours)
