"""The kinds of documents that come in: how each is called, and what a stored file is named."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import get_args

from app.domain.procedures import DocumentType

MAX_NAME_BYTES = 255
"""Of UTF-8: what every common file system takes for one name."""

UNNAMED = "dokumen"
_TRAILING = " ."  # Windows drops them

ALL_TYPES: tuple[DocumentType, ...] = get_args(DocumentType)


@dataclass(frozen=True, slots=True)
class TypeFacts:
    """`label` is understood in both languages. `endings`: the first is given to a file that has none of them."""

    media_type: str
    label: str
    endings: tuple[str, ...]


_OFFICE = "application/vnd.openxmlformats-officedocument"

FACTS: Mapping[DocumentType, TypeFacts] = {
    "pdf": TypeFacts("application/pdf", "PDF", (".pdf",)),
    "docx": TypeFacts(f"{_OFFICE}.wordprocessingml.document", "Word (.docx)", (".docx",)),
    "xlsx": TypeFacts(f"{_OFFICE}.spreadsheetml.sheet", "Excel (.xlsx)", (".xlsx",)),
    "png": TypeFacts("image/png", "PNG", (".png",)),
    "jpeg": TypeFacts("image/jpeg", "JPEG", (".jpg", ".jpeg")),
    "csv": TypeFacts("text/csv", "CSV", (".csv",)),
}


def labels(types: Iterable[DocumentType]) -> str:
    return ", ".join(FACTS[key].label for key in types)


def ends_as(filename: str, key: DocumentType) -> bool:
    return filename.lower().endswith(FACTS[key].endings)


def named_as(filename: str, key: DocumentType) -> str:
    """The sender's name, whose ending says what the file is: where it says something else, the right one is put behind it."""
    if ends_as(filename, key):
        return filename
    ending = FACTS[key].endings[0]
    room = MAX_NAME_BYTES - len(ending)
    stem = filename.encode()[:room].decode(errors="ignore").rstrip(_TRAILING)
    return (stem or UNNAMED) + ending
