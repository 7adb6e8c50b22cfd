"""The first look at a file: its beginning, and whether an archive hangs at its end."""

import re
from collections.abc import Sequence
from os import SEEK_END
from typing import BinaryIO, Literal, NoReturn, TypeAlias

from app.domain.content import ends_as, labels
from app.domain.procedures import DocumentType
from app.outside.content.found import NotTakenError

HEAD_BYTES = 8192
"""As many as `filetype` looks at."""

Look: TypeAlias = DocumentType | Literal["ooxml"]

END_OF_ARCHIVE = b"PK\x05\x06"
END_BYTES = 22
MOST_COMMENT = 0xFFFF

_PDF = re.compile(rb"%PDF-\d\.\d")
_PDF_STARTS_WITHIN = 1024
"""Readers of PDF look for its first words so far."""

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_ZIP = b"PK"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OPEN_DOCUMENT = b"mimetypeapplication/vnd.oasis.opendocument."
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_MARKS = (
    (b"MZ", "EXE (Windows)"),
    (b"\x7fELF", "ELF (Linux)"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "LNK"),
    (b"#!", "skrip · script"),
    (b"{\\rtf", "RTF"),
    (b"<", "HTML/XML/SVG"),
)
"""What `filetype` does not name. Understood in both languages."""


def first_look(head: bytes, filename: str) -> Look | None:
    """None: nothing that is taken. Text has nothing that tells what it is, so there the name decides."""
    if _PDF.match(head):
        return "pdf"
    if head.startswith(_PNG):
        return "png"
    if head.startswith(_JPEG):
        return "jpeg"
    if head.startswith(b"PK\x03\x04"):
        return "ooxml"
    if head and ends_as(filename, "csv") and b"\x00" not in head and not head.startswith(_OLE):
        return "csv"
    return None


def refuse_unknown(head: bytes, filename: str, taken: Sequence[DocumentType]) -> NoReturn:
    if not head:
        raise NotTakenError("type_unknown", variant="empty")
    if head.startswith(_OLE):
        raise NotTakenError("type_unknown", variant="old_office")
    if _PDF.search(head, 0, _PDF_STARTS_WITHIN):
        raise NotTakenError("type_unknown", variant="late_pdf")
    if ends_as(filename, "csv") and (head.startswith(_UTF_16) or b"\x00" in head[:2]):
        raise NotTakenError("csv_encoding")
    seems = _seems(head)
    if seems is None and ends_as(filename, "csv"):
        raise NotTakenError("csv_not_text", line=head.count(b"\n", 0, head.find(b"\x00")) + 1)
    if seems is None:
        raise NotTakenError("type_unknown", accepted=labels(taken))
    raise NotTakenError("type_unknown", variant="seems", seems=seems, accepted=labels(taken))


def _seems(head: bytes) -> str | None:
    for mark, name in _MARKS:
        if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(mark):
            return name
    if head.startswith(_ZIP):
        return "ZIP"
    import filetype  # noqa: PLC0415  two megabytes, for refused files alone

    try:
        found = filetype.guess(head)
    except Exception:  # its matchers index into what may end early; a refusal needs no name
        return None
    return None if found is None else str(found.extension).upper()


def refuse_pdf(head: bytes) -> None:
    """A picture, a table or an archive can be one too."""
    if b"%PDF-" in head[:_PDF_STARTS_WITHIN]:
        raise NotTakenError("also_an_archive", variant="pdf")


def refuse_open_document(head: bytes) -> None:
    if head[30:].startswith(_OPEN_DOCUMENT):
        raise NotTakenError("type_unknown", variant="open_document")


def refuse_archive(file: BinaryIO, *, anywhere: bool) -> None:
    """Whatever ends like a ZIP archive is opened as one by some program, however it begins: then two programs see two files.

    `anywhere`: also where something stands behind it that is not its comment; Java and others do not mind. A PDF may have a document attached there.
    """
    size = file.seek(0, SEEK_END)
    file.seek(max(0, size - END_BYTES - MOST_COMMENT))
    tail = file.read()
    at = tail.find(END_OF_ARCHIVE)
    while at >= 0:
        comment = int.from_bytes(tail[at + 20 : at + 22], "little")
        length = int.from_bytes(tail[at + 12 : at + 16], "little")
        if at + END_BYTES + comment == len(tail) or (anywhere and _is_directory(file, size - len(tail) + at - length)):
            raise NotTakenError("also_an_archive")
        at = tail.find(END_OF_ARCHIVE, at + 1)


def _is_directory(file: BinaryIO, at: int) -> bool:
    if at < 0:
        return False
    file.seek(at)
    return file.read(4) == b"PK\x01\x02"
