"""From a multipart form to a restricted record: its kind, its file, a note."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.problems import FieldError, Invalid
from app.web.multipart import Form, ReceivedFile
from app.web.upload_forms import check_digest, long_note, no_digest, unknown_parts

FIELDS = frozenset({"record", "note", "sha256"})


@dataclass(frozen=True, slots=True)
class NewRecord:
    record: str
    file: ReceivedFile
    note: str | None


def record_in(form: Form) -> NewRecord:
    """Raises Invalid with every mistake at once, Refused."""
    mistakes = [*unknown_parts(form, FIELDS), *_record(form), *long_note(form), *_file(form), *no_digest(form)]
    if mistakes or form.file is None:
        raise Invalid(*mistakes)
    check_digest(form)
    return NewRecord(form.fields["record"], form.file, form.fields.get("note") or None)


def _record(form: Form) -> Iterator[FieldError]:
    if not form.fields.get("record"):
        yield FieldError("/record", "missing", "Sebutkan jenis pencatatannya (record).", "Name the kind of record (record).")


def _file(form: Form) -> Iterator[FieldError]:
    if form.file is None:
        yield FieldError("/file", "missing", "Kirim berkasnya (file).", "Send the file.")
    elif form.file.size == 0:
        yield FieldError("/file", "empty_file", "Berkas ini kosong.", "This file is empty.")
