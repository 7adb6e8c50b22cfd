"""Forms that are refused, each at its place and with its code."""

import asyncio

import pytest

from app.domain.problems import UnsupportedMediaType
from app.web.multipart import MAX_FIELD_BYTES, MAX_FIELDS, read_form
from tests.support.multipart import BOUNDARY, CAP, END, VALID, Memory, file, part, read, refused, request, text


@pytest.mark.parametrize(
    "content_type", ["application/json", "multipart/mixed; boundary=x", "application/x-www-form-urlencoded", "text/plain", "; boundary=x"]
)
def test_another_kind_of_body_is_unsupported(content_type: str) -> None:
    with pytest.raises(UnsupportedMediaType) as refusal:
        read(VALID, content_type)
    assert refusal.value.accepted == "multipart/form-data"


def test_a_request_without_content_type_is_unsupported() -> None:
    bare = request([VALID])
    bare.scope["headers"] = []
    with pytest.raises(UnsupportedMediaType):
        asyncio.run(read_form(bare, Memory(), max_file_bytes=CAP))


@pytest.mark.parametrize(
    "parameters",
    ["", "; boundary=", '; boundary=""', "; boundary=" + "x" * 71, "; boundary=é", '; boundary="x "', "; boundary=a\x01b", "; charset=utf-8"],
)
def test_a_boundary_is_needed(parameters: str) -> None:
    assert refused(VALID, "multipart/form-data" + parameters) == ("", "boundary_missing")


@pytest.mark.parametrize("parameters", [f"; boundary={BOUNDARY}; boundary=other", f'; boundary="{BOUNDARY}', f"; boundary={BOUNDARY}; = ;"])
def test_a_content_type_that_can_be_read_in_two_ways_is_malformed(parameters: str) -> None:
    assert refused(VALID, "multipart/form-data" + parameters) == ("", "malformed_multipart")


@pytest.mark.parametrize("length", [*range(0, len(VALID) - 3, 7), len(VALID) - 3])
def test_a_body_cut_anywhere_is_refused(length: int) -> None:
    assert refused(VALID[:length]) == ("", "truncated")


NAMED = 'Content-Disposition: form-data; name="slot"'


@pytest.mark.parametrize(
    ("body", "place", "code"),
    [
        pytest.param(file() + file() + END, "/file", "duplicate_field", id="a second file"),
        pytest.param(text("slot") + text("slot") + END, "/slot", "duplicate_field", id="a field twice"),
        pytest.param(part("Content-Disposition: form-data", b"x") + END, "", "part_unnamed", id="a part without a name"),
        pytest.param(text("", b"x") + END, "", "part_unnamed", id="a part with an empty name"),
        pytest.param(part("Content-Type: text/plain", b"x") + END, "", "part_unnamed", id="a part without disposition"),
        pytest.param(part('Content-Disposition: attachment; name="slot"', b"x") + END, "", "part_unnamed", id="a part of another disposition"),
        pytest.param(b"--" + BOUNDARY.encode() + b"\r\n\r\nx\r\n" + END, "", "part_unnamed", id="a part without headers"),
        pytest.param(part(NAMED + '; name="note"') + END, "", "malformed_multipart", id="two names"),
        pytest.param(part(NAMED + "\r\n" + NAMED) + END, "", "malformed_multipart", id="two dispositions"),
        pytest.param(part(NAMED + " x") + END, "", "malformed_multipart", id="a name with a tail"),
        pytest.param(part('Content-Disposition: form-data; name="slot') + END, "", "malformed_multipart", id="an open quote"),
        pytest.param(part(NAMED + "\r\nContent-Transfer-Encoding: base64", b"eA==") + END, "/slot", "transfer_encoding", id="base64"),
        pytest.param(text("file", "laporan.pdf") + END, "/file", "not_a_file", id="the file as text"),
        pytest.param(file(disposition='name="slot"; filename="x"') + END, "/slot", "unexpected_file", id="a file of another name"),
        pytest.param(file(disposition="name=\"a/b~c\"; filename*=UTF-8''x") + END, "/a~1b~0c", "unexpected_file", id="a pointer is escaped"),
        pytest.param(text("note", b"\xff") + END, "/note", "not_text", id="a field not UTF-8"),
        pytest.param(text("note", b"\xed\xa0\x80") + END, "/note", "not_text", id="a field with half a surrogate pair"),
        pytest.param(text("note", b"a\0b") + END, "/note", "not_text", id="a field with NUL"),
        pytest.param(text("note", b"x" * (MAX_FIELD_BYTES + 1)) + END, "/note", "too_long", id="a field over 16 KiB"),
        pytest.param(b"".join(text(f"f{n}") for n in range(MAX_FIELDS + 1)) + END, "", "too_many_fields", id="17 fields"),
        pytest.param(part(NAMED + "\r\nX: " + "x" * 5000) + END, "", "malformed_multipart", id="an oversize header"),
        pytest.param(part(NAMED + "\r\n" + "X" * 5000 + ": x") + END, "", "malformed_multipart", id="an oversize header name"),
        pytest.param(part("\r\n".join([NAMED, *(f"X{n}: x" for n in range(8))])) + END, "", "malformed_multipart", id="nine headers"),
        pytest.param(part("X Y: x") + END, "", "malformed_multipart", id="a header name with a space"),
        pytest.param(part(": x") + END, "", "malformed_multipart", id="a header without name"),
        pytest.param(b"garbage", "", "malformed_multipart", id="garbage"),
        pytest.param(VALID.replace(BOUNDARY.encode(), b"other"), "", "malformed_multipart", id="another boundary"),
        pytest.param(VALID.replace(b"\r\n", b"\n"), "", "malformed_multipart", id="line feeds alone"),
        pytest.param(b"", "", "truncated", id="nothing"),
    ],
)
def test_a_wrong_form_is_refused_at_its_place(body: bytes, place: str, code: str) -> None:
    assert refused(body) == (place, code)
    assert refused([body[i : i + 1] for i in range(len(body))]) == (place, code)
