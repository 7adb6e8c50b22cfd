"""Forms that are read: fields and a file, however they are written."""

import hashlib

import pytest

from app.web.multipart import MAX_FIELD_BYTES, MAX_FIELDS, Form, ReceivedFile
from tests.support.multipart import BOUNDARY, END, VALID, file, read, text


@pytest.mark.parametrize(
    "body",
    [
        text("slot", "draf_tim") + text("note", "n") + file() + END,
        text("slot", "draf_tim") + file() + text("note", "n") + END,
        file() + text("slot", "draf_tim") + text("note", "n") + END,
    ],
    ids=["file last", "file between", "file first"],
)
def test_fields_and_file_come_in_any_order(body: bytes) -> None:
    form, sink = read(body)
    assert form == Form({"slot": "draf_tim", "note": "n"}, ReceivedFile("laporan.pdf", "application/pdf", 3, hashlib.sha256(b"isi").hexdigest()))
    assert (sink.content, sink.finished) == (b"isi", True)


def test_a_form_without_file_leaves_the_sink_untouched() -> None:
    form, sink = read(text("slot", "draf_tim") + text("copy_of", "1") + END)
    assert form == Form({"slot": "draf_tim", "copy_of": "1"}, None)
    assert not sink.finished


def test_an_empty_form_is_a_form() -> None:
    assert read(END)[0] == Form({}, None)


@pytest.mark.parametrize(
    "content", [b"", b"\r\n", b"\r", b"--", b"\r\n--", f"\r\n--{BOUNDARY[:-1]}".encode(), f"--{BOUNDARY}--".encode(), b"\0" * 999]
)
def test_contents_that_look_like_structure_are_contents(content: bytes) -> None:
    form, sink = read(file(content) + END)
    assert sink.content == content
    assert form.file is not None
    assert form.file.size == len(content)


def test_an_empty_file_with_a_name_is_a_file() -> None:
    form, sink = read(file(b"") + END)
    assert form.file == ReceivedFile("laporan.pdf", "application/pdf", 0, hashlib.sha256().hexdigest())
    assert sink.finished


def test_a_file_field_left_alone_in_a_browser_is_no_file() -> None:
    form, sink = read(file(b"", disposition='name="file"; filename=""', media_type="application/octet-stream") + END)
    assert form.file is None
    assert not sink.finished


def test_a_file_without_a_name_gets_one() -> None:
    form, _ = read(file(b"isi", disposition='name="file"; filename=""') + END)
    assert form.file is not None
    assert form.file.filename == "dokumen"


def test_what_comes_after_the_end_is_passed_over() -> None:
    assert read(VALID + b"\r\nepilogue")[0].fields["slot"] == "draf_tim"


@pytest.mark.parametrize(
    "content_type",
    [
        f"multipart/form-data; boundary={BOUNDARY}",
        f'multipart/form-data; boundary="{BOUNDARY}"',
        f"Multipart/Form-Data;boundary={BOUNDARY}",
        f"multipart/form-data; charset=utf-8; BOUNDARY={BOUNDARY} ",
        f"multipart/form-data ; boundary={BOUNDARY};",
    ],
)
def test_the_content_type_may_be_written_in_many_ways(content_type: str) -> None:
    assert read(VALID, content_type)[0].fields["slot"] == "draf_tim"


def test_a_boundary_of_java_needs_no_quotes() -> None:
    boundary = "----=_Part_1/2:3"
    body = VALID.replace(BOUNDARY.encode(), boundary.encode())
    assert read(body, f"multipart/form-data; boundary={boundary}")[0].fields["slot"] == "draf_tim"


def test_a_field_keeps_its_text_as_it_is() -> None:
    assert read(text("note", " baris satu\r\nbaris dua é 🙂 ") + END)[0].fields == {"note": " baris satu\r\nbaris dua é 🙂 "}


@pytest.mark.parametrize("size", [MAX_FIELD_BYTES - 1, MAX_FIELD_BYTES])
def test_a_field_may_be_16_kib(size: int) -> None:
    assert len(read(text("note", "x" * size) + END)[0].fields["note"]) == size


def test_16_fields_and_a_file_are_taken() -> None:
    assert len(read(b"".join(text(f"f{n}") for n in range(MAX_FIELDS)) + file() + END)[0].fields) == MAX_FIELDS
