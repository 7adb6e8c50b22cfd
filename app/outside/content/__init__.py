"""What a file is, by its content: six kinds are taken, each looked through so far that it carries nothing else. Its name is only a claim.

All of it blocks: call it in a thread. Time and memory are bounded, whatever the bytes.
"""

from collections.abc import Sequence
from typing import BinaryIO

from app.domain.content import ALL_TYPES, FACTS, labels, named_as
from app.domain.procedures import DocumentType
from app.domain.refusals import Refusal
from app.outside.content.found import Examined, NotTakenError
from app.outside.content.images import check_jpeg, check_png
from app.outside.content.ooxml import check_ooxml
from app.outside.content.sniffing import HEAD_BYTES, first_look, refuse_archive, refuse_open_document, refuse_pdf, refuse_unknown
from app.outside.content.text import check_csv

__all__ = ["Examined", "examine"]


def examine(file: BinaryIO, *, filename: str, accepts: Sequence[DocumentType] = ()) -> Examined | Refusal:
    """From the file's start, whatever its position; `accepts` empty: all kinds. Only what fails in reading the file raises."""
    taken = tuple(accepts) or ALL_TYPES
    try:
        kind = _kind_of(file, filename, taken)
    except NotTakenError as not_taken:
        return not_taken.refusal
    return Examined(kind, FACTS[kind].media_type, named_as(filename, kind))


def _kind_of(file: BinaryIO, filename: str, taken: Sequence[DocumentType]) -> DocumentType:
    file.seek(0)
    head = file.read(HEAD_BYTES)
    kind = first_look(head, filename)
    if kind is None:
        refuse_unknown(head, filename, taken)
    if kind == "ooxml":
        refuse_pdf(head)
        refuse_open_document(head)
        found = check_ooxml(file)
        _in(found, taken)
        return found
    _in(kind, taken)
    refuse_archive(file, anywhere=kind != "pdf")
    if kind != "pdf":
        refuse_pdf(head)
    if kind == "png":
        check_png(file)
    elif kind == "jpeg":
        check_jpeg(file)
    elif kind == "csv":
        check_csv(file)
    return kind


def _in(kind: DocumentType, taken: Sequence[DocumentType]) -> None:
    if kind not in taken:
        raise NotTakenError("type_not_accepted", found=FACTS[kind].label, accepted=labels(taken))
