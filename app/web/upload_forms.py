"""From a multipart form to an upload: exactly one of `file` and `copy_of`, into one slot."""

import re

from app.domain.documents import StoredFile, Upload
from app.domain.problems import FieldError, Invalid
from app.usecases.receiving import check_sha256
from app.web.multipart import Form
from app.web.patterns import SAID, SHA256

FIELDS = frozenset({"slot", "copy_of", "note", "sha256"})
MAX_NOTE = 4000


def upload_of(form: Form) -> Upload:
    """The upload that the form asks for; its file is still without a storage key. Raises Invalid with every mistake at once, Refused."""
    mistakes = [*unknown_parts(form, FIELDS), *_slot(form), *_source(form), *long_note(form), *no_digest(form)]
    if mistakes:
        raise Invalid(*mistakes)
    check_digest(form)
    received = form.file
    file = None
    if received is not None:
        file = StoredFile(storage_key="", sha256=received.sha256, size=received.size, media_type=received.media_type, filename=received.filename)
    copy_of = form.fields.get("copy_of")
    return Upload(slot=form.fields["slot"], file=file, copy_of=None if copy_of is None else int(copy_of), note=form.fields.get("note") or None)


def fingerprint_parts(upload: Upload) -> tuple[str, ...]:
    """What makes two uploads the same: slot, name and SHA-256, or the version copied."""
    source = (f"copy {upload.copy_of}",) if upload.file is None else (upload.file.filename, upload.file.sha256)
    return (upload.slot, *source, upload.note or "")


def unknown_parts(form: Form, known: frozenset[str]) -> list[FieldError]:
    return [
        FieldError(f"/{name}", "unknown_field", f"Bagian {name} tidak dikenal.", f"There is no part {name}.")
        for name in sorted(form.fields.keys() - known)
    ]


def _slot(form: Form) -> list[FieldError]:
    if form.fields.get("slot"):
        return []
    return [FieldError("/slot", "missing", "Sebutkan slot yang diisi.", "Name the slot to fill.")]


def _source(form: Form) -> list[FieldError]:
    copy_of = form.fields.get("copy_of")
    if (form.file is None) == (copy_of is None):
        return [FieldError("/file", "file_or_copy_of", "Kirim file atau copy_of, salah satu.", "Send either file or copy_of.")]
    if form.file is not None and form.file.size == 0:
        return [FieldError("/file", "empty_file", "Berkas ini kosong.", "This file is empty.")]
    if copy_of is not None and not (copy_of.isascii() and copy_of.isdecimal() and 0 < len(copy_of) < 7 and int(copy_of) > 0):
        return [FieldError("/copy_of", "not_a_version", "copy_of adalah nomor versi.", "copy_of is a version number.")]
    return []


def long_note(form: Form) -> list[FieldError]:
    if len(form.fields.get("note", "")) <= MAX_NOTE:
        return []
    return [FieldError("/note", "too_long", f"Catatan paling panjang {MAX_NOTE} huruf.", f"A note has at most {MAX_NOTE} characters.")]


def no_digest(form: Form) -> list[FieldError]:
    """`sha256` is what the sender says of the file; it may be left out."""
    said = form.fields.get("sha256", "")
    if said and form.file is None:
        return [FieldError("/sha256", "without_file", "sha256 menyertai file.", "sha256 goes with a file.")]
    if said and not re.fullmatch(SHA256, said):
        return [FieldError("/sha256", "not_a_digest", SAID[SHA256].id, SAID[SHA256].en)]
    return []


def check_digest(form: Form) -> None:
    """Whether what came is what was sent, where its sender says so. Raises Refused."""
    if form.file is not None:
        check_sha256(form.fields.get("sha256", "").lower() or None, form.file.sha256)
