"""Whatever bytes come, cut anywhere: the same form, or a problem."""

from contextlib import suppress
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.domain.problems import Problem
from tests.support.multipart import BOUNDARY, END, VALID, file, read, text


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
