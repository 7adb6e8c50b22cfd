"""Office files: what makes one a Word or Excel document without macros, and what must not be inside."""

from collections.abc import Mapping
from io import BytesIO
from typing import BinaryIO, Literal
from zipfile import ZipInfo

from app.outside.content.dde import DdeSearch
from app.outside.content.found import NotTakenError
from app.outside.content.packages import Package, content_types, main_part, refuse_relations
from app.outside.content.zips import Budget, damaged, entries_of, unpacked

MOST_XML = 1024 * 1024
"""Of a part that is read whole: the list of content types, and each list of relations."""

MOST_EMBEDDED = 8 * 1024 * 1024
"""Of an Office file within one (the figures of a chart): held in memory, since what is opened may not lie on a disk."""

_WITHIN = ("xlsx", "docx")
_HARMLESS = frozenset(
    {
        *("xml", "rels", "vml", "psmdcp", "sigs", "cer", "txt", "odttf", "ttf", "otf"),
        *("png", "jpg", "jpeg", "jpe", "jfif", "gif", "bmp", "dib", "tif", "tiff", "emf", "emz", "wmf", "wmz", "svg", "wdp", "webp", "ico"),
    }
)
_SETTINGS = ("printersettings", "customproperty")
_MACROS = ("vbaproject", "vbadata", "macrosheets/", "activex")
_EXECUTABLE = (b"MZ", b"\x7fELF", b"\xd0\xcf\x11\xe0", b"PK\x03\x04", b"#!", b"L\x00\x00\x00\x01\x14\x02\x00", b"%PDF", b"Rar!", b"7z\xbc\xaf")
_CONTENT_TYPES = "[content_types].xml"


def check_ooxml(file: BinaryIO) -> Literal["docx", "xlsx"]:
    """Every byte of it is unpacked once, in pieces. Raises NotTakenError."""
    return _check(file, Budget(), within=False)


def _check(file: BinaryIO, budget: Budget, *, within: bool) -> Literal["docx", "xlsx"]:
    entries = entries_of(file)
    budget.take(entries=len(entries))
    by_name = {entry.filename.lower(): entry for entry in entries}
    if _CONTENT_TYPES not in by_name:
        raise NotTakenError("type_unknown", variant="archive")
    for name in by_name:
        _refuse_part(name)
    package = _read_parts(file, by_name, budget, within=within)
    for name, text in package.items():
        if name.endswith(".rels"):
            refuse_relations(text, at=name)
    return main_part(Package(content_types(package[_CONTENT_TYPES]), frozenset(by_name), package.get("_rels/.rels", b"")))


def _refuse_part(name: str) -> None:
    if any(mark in name for mark in _MACROS):
        raise NotTakenError("macros")
    last = name.rpartition("/")[2]
    ending = last.rpartition(".")[2]
    is_setting = ending == "bin" and last.startswith(_SETTINGS)
    is_within = ending in _WITHIN and "/embeddings/" in name
    if name.endswith("/") or ending in _HARMLESS or is_setting or is_within:
        return
    raise NotTakenError("embedded_object", part=name[-100:])


def _read_parts(file: BinaryIO, by_name: Mapping[str, ZipInfo], budget: Budget, *, within: bool) -> dict[str, bytes]:
    """The parts that say what the others are; the others are unpacked and looked at only."""
    kept: dict[str, bytes] = {}
    for name, entry in by_name.items():
        if name == _CONTENT_TYPES or name.endswith(".rels"):
            kept[name] = _whole(file, entry, budget, most=MOST_XML)
            budget.take(parsed=len(kept[name]))
        elif name.endswith(tuple(f".{ending}" for ending in _WITHIN)):
            _check_embedded(_whole(file, entry, budget, most=MOST_EMBEDDED), name, budget, within=within)
        else:
            _look_through(file, entry, budget)
    return kept


def _whole(file: BinaryIO, entry: ZipInfo, budget: Budget, *, most: int) -> bytes:
    if entry.file_size > most:
        raise NotTakenError("archive_too_large")
    return b"".join(unpacked(file, entry, budget))


def _check_embedded(content: bytes, name: str, budget: Budget, *, within: bool) -> None:
    if within:
        raise NotTakenError("embedded_object", part=name[-100:])
    if not content.startswith(b"PK\x03\x04"):
        raise NotTakenError("embedded_object", part=name[-100:])
    _check(BytesIO(content), budget, within=True)


def _look_through(file: BinaryIO, entry: ZipInfo, budget: Budget) -> None:
    name, search = entry.filename.lower(), DdeSearch(budget)
    for number, piece in enumerate(unpacked(file, entry, budget)):
        if number == 0:
            _refuse_beginning(piece, name)
        search.feed(piece)
    search.end()


def _refuse_beginning(piece: bytes, name: str) -> None:
    if name.endswith("/") and piece:
        raise damaged()
    if piece.startswith(_EXECUTABLE):
        raise NotTakenError("embedded_object", part=name[-100:])
    if name.endswith((".xml", ".vml")) and (b"<!DOCTYPE" in piece or b"<!ENTITY" in piece):
        raise damaged()
