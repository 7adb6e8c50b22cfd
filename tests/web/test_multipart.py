import asyncio
import hashlib
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from fastapi import Request
from hypothesis import example, given, settings
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect

from app.domain.problems import Invalid, PayloadTooLarge, Problem, UnsupportedMediaType
from app.outside.blobs import BlobTooLarge, DiskBlobs
from app.web.multipart import MAX_FIELD_BYTES, MAX_FIELDS, OVERHEAD_BYTES, Form, ReceivedFile, read_form

BOUNDARY = "----batas7MA4YWxkTrZu0gW"
CAP = 100_000


@dataclass
class Memory:
    """A sink that keeps what it gets."""

    content: bytes = b""
    finished: bool = False
    pieces: list[int] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.content)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    async def write(self, chunk: bytes) -> None:
        assert not self.finished
        self.content += chunk
        self.pieces.append(len(chunk))

    async def finish(self) -> None:
        self.finished = True


def request(chunks: Iterable[bytes], content_type: str | None = None, *, headers: dict[str, str] | None = None, leaves: bool = False) -> Request:
    sent: Iterator[bytes] = iter(chunks)
    given = {"content-type": content_type or f"multipart/form-data; boundary={BOUNDARY}", **(headers or {})}

    async def receive() -> dict[str, Any]:
        chunk = next(sent, None)
        if chunk is None and leaves:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": chunk or b"", "more_body": chunk is not None}

    scope = {"type": "http", "method": "POST", "path": "/", "headers": [(name.encode(), value.encode("latin-1")) for name, value in given.items()]}
    return Request(scope, receive)


def read(body: bytes | Iterable[bytes], content_type: str | None = None, *, sink: Any = None, cap: int = CAP, **kwargs: Any) -> tuple[Form, Memory]:
    sink = sink or Memory()
    chunks = [body] if isinstance(body, bytes) else body
    return asyncio.run(read_form(request(chunks, content_type, **kwargs), sink, max_file_bytes=cap)), sink


def part(headers: str | bytes, content: bytes = b"") -> bytes:
    headers = headers if isinstance(headers, bytes) else headers.encode()
    return b"--" + BOUNDARY.encode() + b"\r\n" + headers + b"\r\n\r\n" + content + b"\r\n"


def text(name: str, content: bytes | str = b"x") -> bytes:
    return part(f'Content-Disposition: form-data; name="{name}"', content.encode() if isinstance(content, str) else content)


def file(content: bytes = b"isi", *, disposition: str | bytes = 'name="file"; filename="laporan.pdf"', media_type: str = "application/pdf") -> bytes:
    disposition = disposition if isinstance(disposition, bytes) else disposition.encode()
    return part(b"Content-Disposition: form-data; " + disposition + b"\r\nContent-Type: " + media_type.encode(), content)


END = b"--" + BOUNDARY.encode() + b"--\r\n"
VALID = text("slot", "draf_tim") + file(b"%PDF-1.7\r\n--isi\r\n" + bytes(range(256))) + text("note", "catatan: é") + END


def refused(body: bytes | Iterable[bytes], content_type: str | None = None, **kwargs: Any) -> tuple[str, str]:
    with pytest.raises(Invalid) as refusal:
        read(body, content_type, **kwargs)
    (error,) = refusal.value.errors
    assert error.id
    assert error.en
    return error.pointer, error.code


# ── what is read ──


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


# ── names and types of the file ──


@pytest.mark.parametrize(
    ("parameters", "filename"),
    [
        ('filename="laporan.pdf"', "laporan.pdf"),
        ("filename=laporan.pdf", "laporan.pdf"),
        ("filename=laporan kinerja.pdf", "laporan kinerja.pdf"),
        ('filename="Résumé 🙂.pdf"', "Résumé 🙂.pdf"),
        ('filename="Re\u0301sume\u0301.pdf"', "Résumé.pdf"),
        (b'filename="R\xe9sum\xe9.pdf"', "Résumé.pdf"),
        (r'filename="a\"b.pdf"', 'a"b.pdf'),
        (r'filename="a\\\\b.pdf"', "b.pdf"),
        ('filename="a%22b.pdf"', 'a"b.pdf'),
        (r'filename="a; name=x.pdf"', "a; name=x.pdf"),
        ('filename="a\\"; size=3', "dokumen"),
        (r'filename="C:\Users\camat\laporan.pdf"', "laporan.pdf"),
        ('filename="../../etc/passwd"', "passwd"),
        ('filename="../../etc/passwd%00.pdf"', "passwd.pdf"),
        ('filename="..%2F..%2Fetc%2Fpasswd"', "passwd"),
        ('filename="%252e%252e%252fpasswd"', "%2e%2e%2fpasswd"),
        ('filename="a%0D%0ASet-Cookie: b.pdf"', "aSet-Cookie: b.pdf"),
        ('filename="100%.pdf"', "100%.pdf"),
        ('filename="100%25.pdf"', "100%.pdf"),
        ('filename="%E9.pdf"', "%E9.pdf"),
        ("filename=\"x.pdf\"; filename*=UTF-8''R%C3%A9sum%C3%A9.pdf", "Résumé.pdf"),
        ("filename*=utf-8'id'R%C3%A9sum%C3%A9.pdf; filename=\"x.pdf\"", "Résumé.pdf"),
        ("filename*=iso-8859-1''R%E9sum%E9.pdf", "Résumé.pdf"),
        ("filename*=UTF-8''..%2F..%2Fpasswd%00", "passwd"),
        ("filename=\"x.pdf\"; filename*=UTF-8''%FF", "x.pdf"),
        ("filename=\"x.pdf\"; filename*=koi8-r''%C1", "x.pdf"),
        ('filename="x.pdf"; filename*=garbage', "x.pdf"),
        ('filename=".."', "dokumen"),
        ('filename="laporan\u202efdp.exe"', "laporanfdp.exe"),
        (b'filename="a\0b.pdf"', "ab.pdf"),
    ],
)
def test_a_filename_is_decoded_and_kept_as_data(parameters: str | bytes, filename: str) -> None:
    parameters = parameters if isinstance(parameters, bytes) else parameters.encode()
    form, _ = read(file(disposition=b'name="file"; ' + parameters) + END)
    assert form.file is not None
    assert form.file.filename == filename


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("application/pdf", "application/pdf"),
        ("Application/PDF", "application/pdf"),
        ("text/csv; charset=utf-8", "text/csv"),
        (
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("", "application/octet-stream"),
        ("pdf", "application/octet-stream"),
        ("text/html\u00a0", "application/octet-stream"),
        ("text/html, text/plain", "application/octet-stream"),
        ("a/" + "b" * 148, "a/" + "b" * 148),
        ("a/" + "b" * 149, "application/octet-stream"),
        ("text/<script>", "application/octet-stream"),
    ],
)
def test_a_media_type_is_kept_if_it_looks_like_one(sent: str, kept: str) -> None:
    form, _ = read(file(media_type=sent) + END)
    assert form.file is not None
    assert form.file.media_type == kept


def test_a_part_without_media_type_is_bytes() -> None:
    form, _ = read(part('Content-Disposition: form-data; name="file"; filename="x"', b"isi") + END)
    assert form.file is not None
    assert form.file.media_type == "application/octet-stream"


# ── what is refused ──


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


def test_a_body_cut_off_does_not_finish_the_sink() -> None:
    sink = Memory()
    refused(file(b"x" * 500)[:-40], sink=sink)
    assert not sink.finished


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


def test_16_fields_and_a_file_are_taken() -> None:
    assert len(read(b"".join(text(f"f{n}") for n in range(MAX_FIELDS)) + file() + END)[0].fields) == MAX_FIELDS


# ── caps ──


def test_the_cap_is_met_exactly_and_one_byte_more_is_too_large() -> None:
    assert read(file(b"x" * 1000) + END, cap=1000)[1].size == 1000
    with pytest.raises(PayloadTooLarge) as refusal:
        read(file(b"x" * 1001) + END, cap=1000)
    assert refusal.value.limit == 1000


def test_a_declared_length_over_the_cap_is_refused_unread() -> None:
    def nothing_may_be_read() -> Iterator[bytes]:
        pytest.fail("the body was read")
        yield b""

    for declared in (str(CAP + OVERHEAD_BYTES + 1), "9" * 5000):
        with pytest.raises(PayloadTooLarge) as refusal:
            read(nothing_may_be_read(), headers={"content-length": declared})
        assert refusal.value.limit == CAP


@pytest.mark.parametrize("declared", ["", "-1", "many", "1", "²"])
def test_a_declared_length_that_lies_does_not_help(declared: str) -> None:
    with pytest.raises(PayloadTooLarge):
        read(file(b"x" * (CAP + 1)) + END, headers={"content-length": declared})


@pytest.mark.parametrize("endless", [b"\r\n" * 500, END + b"x" * 1000], ids=["preamble", "epilogue"])
def test_a_body_without_end_is_too_large_at_last(endless: bytes) -> None:
    read_bytes = 0

    def pieces() -> Iterator[bytes]:
        nonlocal read_bytes
        yield endless
        while True:
            read_bytes += 1000
            yield b"\r\n" * 500

    with pytest.raises(PayloadTooLarge):
        read(pieces())
    assert read_bytes <= CAP + OVERHEAD_BYTES + 1000


def test_nothing_is_read_beyond_the_mistake() -> None:
    def pieces() -> Iterator[bytes]:
        yield text("slot") + text("slot")
        pytest.fail("the body was read on")

    assert refused(pieces()) == ("/slot", "duplicate_field")


def test_a_header_made_to_be_slow_is_not() -> None:
    started = time.process_time()
    for evil in ('\\"' * 1900, "\\" * 3900, '\\" ' * 1200, "." * 3900 + "x", "\u0301" * 1900, "%2e" * 1200, "; a" * 1200, " " * 3900 + "x"):
        for closing in ("", '"'):
            with suppress(Problem):
                read(file(disposition=f'name="file"; filename="{evil}{closing}') + END)
    for evil in ('\\"' * 30_000, "; a=b" * 10_000, " " * 60_000, '"' * 60_000):
        with pytest.raises(Problem):
            read(b"", f"multipart/form-data; boundary={evil}")
    assert time.process_time() - started < 2


# ── the sink ──


def test_pieces_reach_the_sink_while_the_body_still_comes() -> None:
    sink = Memory()

    def pieces() -> Iterator[bytes]:
        yield file(b"x" * 500)[:-2]
        yield b"x" * 500
        assert sink.size >= 500
        yield b"\r\n" + END

    assert read(pieces(), sink=sink)[1].size == 1000


def test_the_disk_is_a_sink(tmp_path: Path) -> None:
    async def receive() -> None:
        store = DiskBlobs(tmp_path)
        async with store.receive(1000) as temporary:
            form = await read_form(request([VALID]), temporary, max_file_bytes=1000)
            key = await store.keep(temporary)
        assert form.file is not None
        content = b"".join([piece async for piece in await store.open_range(key, 0, form.file.size)])
        assert hashlib.sha256(content).hexdigest() == form.file.sha256

    asyncio.run(receive())


def test_what_the_sink_refuses_is_refused(tmp_path: Path) -> None:
    async def receive() -> None:
        async with DiskBlobs(tmp_path).receive(10) as temporary:
            await read_form(request([VALID]), temporary, max_file_bytes=1000)

    with pytest.raises(BlobTooLarge):
        asyncio.run(receive())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_client_who_goes_away_is_no_malformed_body(tmp_path: Path) -> None:
    async def receive() -> None:
        async with DiskBlobs(tmp_path).receive(10_000_000) as temporary:
            await read_form(request([file(b"x" * 5_000_000)[:-20]], leaves=True), temporary, max_file_bytes=10_000_000)

    with pytest.raises(ClientDisconnect):
        asyncio.run(receive())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


# ── properties ──


def cut(body: bytes, places: list[int]) -> list[bytes]:
    """`body` in chunks; equal places make empty ones."""
    edges = [0, *sorted(place % (len(body) + 1) for place in places), len(body)]
    return [body[start:end] for start, end in pairwise(edges)]


contents = st.lists(
    st.sampled_from([b"\r", b"\n", b"-", b"--", b"\r\n--", BOUNDARY[:9].encode(), b"x", b"\0"]) | st.binary(max_size=9), max_size=30
).map(b"".join)


@settings(deadline=None)
@given(
    content=contents,
    note=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=50),
    places=st.lists(st.integers(0), max_size=20),
)
@example(content=b"\r\n--" + BOUNDARY[:-1].encode(), note="", places=list(range(400)))
def test_however_the_body_is_cut_the_form_is_the_same(content: bytes, note: str, places: list[int]) -> None:
    body = text("slot", "draf_tim") + file(content) + text("note", note) + END
    form, sink = read(cut(body, places))
    assert (form, sink.content) == (read(body)[0], content)
    assert form.fields == {"slot": "draf_tim", "note": note}


def answered_or_refused(chunks: list[bytes], content_type: str | None = None) -> None:
    with suppress(Problem):
        read(chunks, content_type)


@settings(deadline=None)
@given(body=st.binary(max_size=300), places=st.lists(st.integers(0), max_size=5))
def test_random_bytes_are_refused_with_a_problem(body: bytes, places: list[int]) -> None:
    answered_or_refused(cut(body, places))


FRAGMENTS = [
    b"--" + BOUNDARY.encode(),
    b"\r\n--" + BOUNDARY.encode(),
    b"\r\n",
    b"--",
    b" ",
    b"\t",
    b"\r",
    b"\n",
    b":",
    b";",
    b'"',
    b"Content-Disposition",
    b": form-data",
    b'; name="file"',
    b'; name="x"',
    b'; filename="x"',
    b"; filename*=UTF-8''x",
    b"Content-Type: a/b",
    b"\xff",
    b"\0",
]


@settings(deadline=None, max_examples=300)
@given(fragments=st.lists(st.sampled_from(FRAGMENTS), max_size=40), places=st.lists(st.integers(0), max_size=5))
def test_fragments_of_a_form_are_read_or_refused_with_a_problem(fragments: list[bytes], places: list[int]) -> None:
    answered_or_refused(cut(b"".join(fragments), places))


@settings(deadline=None, max_examples=300)
@given(place=st.integers(0, len(VALID) - 1), byte=st.integers(0, 255), places=st.lists(st.integers(0), max_size=5))
def test_a_form_with_one_byte_changed_is_read_or_refused_with_a_problem(place: int, byte: int, places: list[int]) -> None:
    answered_or_refused(cut(VALID[:place] + bytes([byte]) + VALID[place + 1 :], places))


@settings(deadline=None)
@given(st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=80))
def test_a_random_content_type_is_refused_with_a_problem(parameters: str) -> None:
    answered_or_refused([VALID], parameters or "x")
    answered_or_refused([VALID], "multipart/form-data;" + parameters)
