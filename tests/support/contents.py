"""Small files of every kind that is taken, made by hand, and what hides in them where somebody means harm."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
CSV = b'No;Indikator;Realisasi\n1;Nilai "SAKIP";70,5\n2;Aduan tertangani;+62 (541) 123\n'

_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SHEET_MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def types(main: str = WORD_MAIN, part: str = "/word/document.xml", more: str = "", *, before: str = "") -> bytes:
    ends = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    override = f'<Override PartName="{part}" ContentType="{main}"/>'
    return f'{_XML}{before}<Types xmlns="{_TYPES}">{ends}<Default Extension="xml" ContentType="application/xml"/>{override}{more}</Types>'.encode()


def relations(*given: tuple[str, str, bool]) -> bytes:
    """Each: what it is to the part, where it leads, whether outside."""
    lines = (
        f'<Relationship Id="r{n}" Type="{OFFICE}/{kind}" Target="{target}"{" TargetMode=" + chr(34) + "External" + chr(34) if outside else ""}/>'
        for n, (kind, target, outside) in enumerate(given)
    )
    return f'{_XML}<Relationships xmlns="{_RELATIONS}">{"".join(lines)}</Relationships>'.encode()


DOCX_PARTS: Mapping[str, bytes] = {
    "[Content_Types].xml": types(),
    "_rels/.rels": relations(("officeDocument", "word/document.xml", False)),
    "word/document.xml": b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body/></w:document>',
    "word/_rels/document.xml.rels": relations(("hyperlink", "https://kukar.example/", True)),
}


def zipped(parts: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2027, 1, 4, 8, 0, 0)), content, method)
    return made.getvalue()


def docx(more: Mapping[str, bytes] | None = None, *, without: str = "") -> bytes:
    parts = {**DOCX_PARTS, **(more or {})}
    return zipped({name: content for name, content in parts.items() if name != without})


def xlsx(rows: int = 2) -> bytes:
    import xlsxwriter  # noqa: PLC0415

    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    sheet = book.add_worksheet("Kinerja")
    for row in range(rows):
        sheet.write_row(row, 0, [row, "Nilai SAKIP", row * 1.5])
    sheet.write_formula(rows, 2, "=SUM(C1:C2)")
    book.close()
    return made.getvalue()


def png(width: int = 1, height: int = 1) -> bytes:
    header = struct.pack(">2I5B", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\x00\x00")), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def jpeg(width: int = 1, height: int = 1, *, before: bytes = b"") -> bytes:
    frame = struct.pack(">BHHBBBB", 8, height, width, 1, 1, 0x11, 0)
    app0 = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    return (
        b"\xff\xd8" + app0 + before + b"\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame + b"\xff\xda\x00\x08\x01\x01\x00\x00?\x00\x00\xff\xd9"
    )


VALID = {"pdf": PDF, "docx": docx(), "xlsx": xlsx(), "png": png(), "jpeg": jpeg(), "csv": CSV}

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
EVIL: Mapping[str, bytes] = {
    "a Windows program": b"MZ\x90\x00\x03" + bytes(100),
    "a Linux program": b"\x7fELF\x02\x01\x01" + bytes(100),
    "a script": b"#!/bin/sh\nrm -rf /\n",
    "HTML": b"<!DOCTYPE html><script>alert(1)</script>",
    "an SVG": b'\xef\xbb\xbf <svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "an HTA": b"\r\n<hta:application id=x><script>1</script>",
    "a shortcut": b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(100),
    "an old Word document": OLE,
    "RTF": b"{\\rtf1\\object}",
    "a GIF": b"GIF89a\x01\x00\x01\x00",
    "a GIF that is an archive": b"GIF89a\x01\x00\x01\x00" + zipped({"a.class": b"x"}),
    "a plain archive": zipped({"a.exe": b"MZ"}),
    "an empty archive": b"PK\x05\x06" + bytes(18),
    "an archive with something before it": b"x" + docx(),
    "an archive with something behind it": docx() + b"x",
    "a PDF that is an archive": PDF + docx(),
    "a PNG that is an archive": png() + zipped({"a.exe": b"MZ"}),
    "a JPEG that is an archive": jpeg() + zipped({"a.exe": b"MZ"}),
    "a JPEG that is a PDF": jpeg(before=b"\xff\xfe\x00\x0a%PDF-1.4"),
    "a PDF after a byte": b" " + PDF,
    "a document with macros": docx({"word/vbaProject.bin": OLE}),
    "gzip": b"\x1f\x8b\x08" + bytes(50),
    "7z": b"7z\xbc\xaf\x27\x1c" + bytes(50),
    "nothing but zeros": bytes(100),
    "nothing at all": b"",
}


def overlapping(entries: int = 200, unpacked: int = 10_000_000) -> bytes:
    """Many entries in the directory that share the bytes of one."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = packer.compress(bytes(unpacked)) + packer.flush()
    crc, name = zlib.crc32(bytes(unpacked)), b"[Content_Types].xml"
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 0, crc, len(data), unpacked, len(name), 0) + name + data
    names = [name, *(f"word/{n}.xml".encode() for n in range(entries))]
    rows = [struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, crc, len(data), unpacked, len(n), 0, 0, 0, 0, 0, 0) + n for n in names]
    directory = b"".join(rows)
    return local + directory + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, len(rows), len(rows), len(directory), len(local), 0)
