"""Office files: what makes one a Word or Excel document, what must not be inside, and a container that every program reads alike."""

import io
import struct
import zipfile
from collections.abc import Mapping

import pytest

from app.domain.content import FACTS
from app.outside.content import Examined
from tests.support.contents import DOCX_PARTS, OLE, SHEET_MAIN, VALID, docx, jpeg, relations, types, xlsx, zipped
from tests.support.examined import refused, seen

MACRO = "application/vnd.ms-word.document.macroEnabled.main+xml"
TEMPLATE = "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"
SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
CONTENT_TYPES, SETTINGS = "[Content_Types].xml", "word/_rels/settings.xml.rels"
CHART = "word/charts/_rels/chart1.xml.rels"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({CONTENT_TYPES: types(MACRO)}, "macros"),
        ({CONTENT_TYPES: types(TEMPLATE)}, "office_template"),
        ({CONTENT_TYPES: types(SLIDES)}, "type_unknown:archive"),
        ({CONTENT_TYPES: types(more='<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>')}, "macros"),
        ({CONTENT_TYPES: types(more='<Default Extension="xml" ContentType="text/html"/>')}, "archive_damaged"),
        ({CONTENT_TYPES: types(before='<!DOCTYPE a [<!ENTITY b "c">]>')}, "archive_damaged"),
        ({CONTENT_TYPES: types().decode().replace("UTF-8", "UTF-7").encode()}, "archive_damaged"),
        ({CONTENT_TYPES: types().decode().encode("utf-16")}, "archive_damaged"),
        ({CONTENT_TYPES: b"<Types"}, "archive_damaged"),
        ({CONTENT_TYPES: types(part="/word/other.xml")}, "type_unknown:archive"),
        ({"_rels/.rels": relations()}, "archive_damaged"),
        ({"_rels/.rels": relations(("officeDocument", "word/none.xml", False))}, "archive_damaged"),
        ({"_rels/.rels": relations(*[("officeDocument", "word/document.xml", False)] * 2)}, "archive_damaged"),
        ({"word/vbaData.xml": b"<a/>"}, "macros"),
        ({"word/activeX/activeX1.xml": b"<a/>"}, "macros"),
        ({"xl/macrosheets/sheet1.xml": b"<a/>"}, "macros"),
        ({"word/embeddings/oleObject1.bin": OLE}, "embedded_object"),
        ({"word/embeddings/setup.exe": b"x"}, "embedded_object"),
        ({"word/afchunk.html": b"x"}, "embedded_object"),
        ({"word/media/image1.png": b"MZ\x90"}, "embedded_object"),
        ({"word/media/image1.png": OLE}, "embedded_object"),
        ({"word/media/image1.png": zipped({"a": b"b"})}, "embedded_object"),
        ({"word/embeddings/a.xlsx": zipped({"a": b"b"})}, "type_unknown:archive"),
        ({"word/embeddings/a.docx": docx({"word/vbaProject.bin": OLE})}, "macros"),
        ({"word/embeddings/a.docx": docx({"word/embeddings/b.docx": docx()})}, "embedded_object"),
        ({"word/embeddings/a.docx": b"x"}, "embedded_object"),
        ({SETTINGS: relations(("attachedTemplate", "https://jahat.example/a.dotm", True))}, "external_content"),
        ({SETTINGS: relations(("attachedTemplate", r"\\10.0.0.1\a.dotm", True))}, "external_content"),
        ({SETTINGS: relations(("attachedTemplate", "file://10.0.0.1/a.dotm", True))}, "external_content"),
        ({SETTINGS: relations(("attachedTemplate", "%5C%5C10.0.0.1%5Ca.dotm", True))}, "external_content"),
        ({SETTINGS: relations(("aFChunk", "chunk.txt", False)), "word/chunk.txt": b"<html>"}, "embedded_object"),
        ({SETTINGS: relations(("oleObject", r"file:///C:\a.xlsx", True))}, "external_content"),
        ({CHART: relations(("oleObject", r"file:///\\10.0.0.1\a.xlsx", True))}, "external_content"),
        ({CHART: relations(("oleObject", "script:https://jahat.example/a", True))}, "external_content"),
        ({CHART: relations(("package", r"file:///C:\a.xlsx", True))}, "external_content"),
        ({SETTINGS: relations(("oleObject", "https://jahat.example/a", True))}, "external_content"),
        ({SETTINGS: relations(("image", r"\\10.0.0.1\a\b.png", True))}, "external_content:picture"),
        ({SETTINGS: relations(("image", "//10.0.0.1/a/b.png", True))}, "external_content:picture"),
        ({SETTINGS: relations(("image", "file://server/a/b.png", True))}, "external_content:picture"),
        ({SETTINGS: relations(("image", r"file:///\\server\a\b.png", True))}, "external_content:picture"),
        ({SETTINGS: relations(("image", r"FILE:\\server\a.png", True))}, "external_content:picture"),
        ({SETTINGS: relations(("image", "%5C%5Cserver%5Ca.png", True))}, "external_content:picture"),
        ({SETTINGS: relations(("image", r"\\?\UNC\server\a.png", True))}, "external_content:picture"),
        ({SETTINGS: relations(("image", r" \\server@80\a.png", True))}, "external_content:picture"),
        ({SETTINGS: relations(("frame", "https://jahat.example/a", True))}, "external_content"),
        ({SETTINGS: relations(("vbaProject", "x", False))}, "macros"),
        ({SETTINGS: b'<!DOCTYPE a SYSTEM "http://jahat.example/a.dtd">' + relations()}, "archive_damaged"),
        ({"xl/externalLinks/externalLink1.xml": b'<externalLink><ddeLink ddeService="cmd"/></externalLink>'}, "external_content:dde"),
        ({"word/styles.xml": b"<!DOCTYPE a><a/>"}, "archive_damaged"),
        ({"../a.xml": b"<a/>"}, "archive_damaged"),
        ({"word/../a.xml": b"<a/>"}, "archive_damaged"),
        ({"/etc/a.xml": b"<a/>"}, "archive_damaged"),
        ({"C:/a.xml": b"<a/>"}, "archive_damaged"),
        ({"word\\a.xml": b"<a/>"}, "archive_damaged"),
        ({"WORD/document.xml": b"<a/>"}, "archive_damaged"),
        ({"word/nol.xml": bytes(2_000_000)}, "archive_too_large"),
        ({f"word/{n}.xml": b"" for n in range(2000)}, "archive_too_large"),
        ({CONTENT_TYPES: types() + b" " * 1_100_000}, "archive_too_large"),
    ],
)
def test_what_an_office_file_must_not_carry(more: Mapping[str, bytes], code: str) -> None:
    assert refused(docx(more)) == code


@pytest.mark.parametrize(
    "more",
    [
        {SETTINGS: relations(("attachedTemplate", r"file:///C:\Users\staf\Kop%20Surat.dotx", True), ("hyperlink", "https://a.example", True))},
        {SETTINGS: relations(("image", "https://samboja.example/logo.png", True), ("image", r"file:///C:\Users\staf\logo.png", True))},
        {SETTINGS: relations(("image", "file:///srv/berkas/logo.png", True), ("image", r"C:\logo.png", True), ("image", "media/a.png", False))},
        {SETTINGS: relations(("hyperlink", r"\\server\Berbagi\Rencana.docx", True), ("externalLinkPath", r"\\server\Data.xlsx", True))},
        {CHART: relations(("oleObject", r"file:///C:\Users\staf\Data%20Kinerja.xlsx", True))},
        {"word/media/image1.emf": b"\x01\x00", "docProps/thumbnail.jpeg": jpeg(), "customXml/item1.xml": b"<a/>"},
        {"word/printerSettings/printerSettings1.bin": b"P\x00r\x00i\x00n\x00t"},
        {"word/embeddings/Microsoft_Excel_Sheet1.xlsx": VALID["xlsx"]},
        {"word/": b"", "word/media/": b""},
        {CONTENT_TYPES: types(more='<Default Extension="PNG" ContentType="image/png"/><Default Extension="png" ContentType="image/png"/>')},
        {"word/isi.xml": b"".join(b"<w:t>%d</w:t>" % n for n in range(100_000))},
    ],
)
def test_what_office_programs_write_is_taken(more: Mapping[str, bytes]) -> None:
    assert isinstance(seen(docx(more), "a.docx"), Examined)


def test_the_kind_is_that_of_the_main_part() -> None:
    found = seen(docx({CONTENT_TYPES: types(SHEET_MAIN)}), "a.docx")
    assert found == Examined("xlsx", FACTS["xlsx"].media_type, "a.docx.xlsx")
    assert refused(docx(without=CONTENT_TYPES)) == "type_unknown:archive"


def test_sheets_as_programs_write_them() -> None:
    assert isinstance(seen(xlsx(5000), "a.xlsx"), Examined)
    assert isinstance(seen(zipped(DOCX_PARTS, method=zipfile.ZIP_STORED), "a.docx"), Examined)
    streamed = io.BytesIO()
    with zipfile.ZipFile(_Unseekable(streamed), "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]  # sizes behind the bytes
        for name, content in DOCX_PARTS.items():
            with archive.open(name, "w", force_zip64=True) as part:
                part.write(content)
    assert isinstance(seen(streamed.getvalue(), "a.docx"), Examined)


class _Unseekable:
    def __init__(self, file: io.BytesIO) -> None:
        self.write, self.flush = file.write, file.flush


# ── the container, byte by byte ─────────────────────────────────────────────────────────────────────────────────────


def _changed(at: int, *, to: bytes, start: bytes = b"PK\x03\x04") -> bytes:
    """The Word file, with other bytes at that place of its first local header or directory row."""
    content = bytearray(docx())
    found = content.index(start)
    content[found + at : found + at + len(to)] = to
    return bytes(content)


ROW, END = b"PK\x01\x02", b"PK\x05\x06"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"PK\x03\x04" + docx(), "archive_damaged", id="something before it"),
        pytest.param(docx() + bytes(10), "archive_damaged", id="something behind it"),
        pytest.param(docx()[: docx().index(ROW)] + b"hidden" + docx()[docx().index(ROW) :], "archive_damaged", id="something between"),
        pytest.param(_changed(8, to=b"\x01\x00", start=ROW), "archive_encrypted", id="encrypted"),
        pytest.param(_changed(10, to=b"\x0c\x00", start=ROW), "archive_damaged", id="another method"),
        pytest.param(_changed(8, to=b"\x00\x00"), "archive_damaged", id="another method in the local header"),
        pytest.param(_changed(30, to=b"X"), "archive_damaged", id="another name in the local header"),
        pytest.param(_changed(16, to=b"\x00\x00\x00\x00", start=ROW), "archive_damaged", id="another checksum"),
        pytest.param(_changed(24, to=b"\x05\x00\x00\x00", start=ROW), "archive_damaged", id="more than it says"),
        pytest.param(_changed(24, to=b"\xff\xff\x00\x00", start=ROW), "archive_damaged", id="less than it says"),
        pytest.param(_changed(24, to=b"\xff\xff\xff\x7f", start=ROW), "archive_too_large", id="says that it is huge"),
        pytest.param(_changed(4, to=b"\x01\x00", start=END), "archive_damaged", id="several disks"),
        pytest.param(_changed(8, to=b"\x88\x13\x88\x13", start=END), "archive_too_large", id="says that it has 5000 entries"),
        pytest.param(_changed(12, to=struct.pack("<I", 2**20), start=END), "archive_too_large", id="a directory of a megabyte"),
        pytest.param(_changed(16, to=b"\x00\x00\x00\x00", start=END), "archive_damaged", id="a directory elsewhere"),
        pytest.param(_changed(20, to=b"\x01\x00", start=END), "archive_damaged", id="a comment that is not there"),
        pytest.param(_changed(8, to=b"\x03\x00\x03\x00", start=END), "archive_damaged", id="says that it has fewer entries"),
        pytest.param(_changed(14, to=b"\x00\x00\x00\x00"), "archive_damaged", id="another checksum in the local header"),
        pytest.param(_changed(18, to=b"\x05\x00\x00\x00"), "archive_damaged", id="another packed size in the local header"),
        pytest.param(_changed(22, to=b"\x05\x00\x00\x00"), "archive_damaged", id="another size in the local header"),
    ],
)
def test_a_container_that_two_programs_might_read_differently(content: bytes, code: str) -> None:
    assert refused(content) == code


def _long_ended(short: tuple[int, int, int] | None = None) -> bytes:
    """With the end of 64 bits, which says what is so; `short`: entries, length and offset in the end that other programs believe."""
    content = docx()
    end = content.rindex(END)
    here = struct.unpack("<H2I", content[end + 10 : end + 20])
    said = here if short is None else short
    long = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, here[0], *here)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
    return content[:end] + long + locator + struct.pack("<4s4H2IH", END, 0, 0, said[0], *said, 0)


def test_two_directories_in_one_archive() -> None:
    assert isinstance(seen(_long_ended()), Examined)
    assert isinstance(seen(_long_ended((0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF))), Examined)
    for elsewhere in ((1, 0xFFFFFFFF, 0xFFFFFFFF), (0xFFFF, 60, 0xFFFFFFFF), (0xFFFF, 0xFFFFFFFF, 30), (1, 60, 30)):
        assert refused(_long_ended(elsewhere)) == "archive_damaged"


def test_one_name_for_two_entries() -> None:
    content = docx({"word/documenu.xml": b"<other/>"}).replace(b"word/documenu.xml", b"word/document.xml")
    assert refused(content) == "archive_damaged"
