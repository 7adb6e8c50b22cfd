"""Whatever bytes come: an answer, soon, in little memory, and nothing is taken for what it is not."""

import io
import time
import tracemalloc
import zlib
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.domain.content import ALL_TYPES
from app.domain.refusals import Refusal
from app.outside.content import examine
from tests.support.contents import DOCX_PARTS, EVIL, VALID, docx, overlapping, zipped
from tests.support.examined import refused, seen

NAMES = st.sampled_from(["a.pdf", "a.docx", "a.xlsx", "a.png", "a.jpg", "a.csv", "a.exe", "a"])
KEYS = st.sampled_from(ALL_TYPES)
BINARY = st.sampled_from([key for key in ALL_TYPES if key != "csv"])
STARTS = {"pdf": b"%PDF-", "docx": b"PK\x03\x04", "xlsx": b"PK\x03\x04", "png": b"\x89PNG\r\n\x1a\n", "jpeg": b"\xff\xd8\xff"}


def honest(content: bytes, filename: str) -> None:
    """Never an exception; what is taken begins like its kind, and a program reads it only as that."""
    found = seen(content, filename)
    if isinstance(found, Refusal):
        return
    assert content.startswith(STARTS.get(found.kind, b""))
    if found.kind == "csv":
        assert filename.endswith(".csv")
        content.decode()
        assert b"\x00" not in content


@given(content=st.binary(max_size=400), filename=NAMES)
def test_any_bytes(content: bytes, filename: str) -> None:
    honest(content, filename)


@given(key=BINARY, more=st.binary(max_size=200), filename=NAMES)
def test_anything_behind_the_right_beginning(key: str, more: bytes, filename: str) -> None:
    honest(STARTS[key] + more, filename)


@given(key=KEYS, data=st.data(), filename=NAMES)
def test_a_file_that_breaks_off_anywhere(key: str, data: st.DataObject, filename: str) -> None:
    content = VALID[key][: data.draw(st.integers(0, len(VALID[key]) - 1))]
    honest(content, filename)
    if key in {"docx", "xlsx", "png"}:
        assert isinstance(seen(content, filename), Refusal)


def test_no_word_file_that_breaks_off_is_taken() -> None:
    whole = docx()
    assert all(isinstance(seen(whole[:end]), Refusal) for end in range(len(whole)))


@settings(max_examples=300)
@given(key=KEYS, places=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=6), filename=NAMES)
def test_a_file_with_other_bytes_in_places(key: str, places: list[tuple[int, int]], filename: str) -> None:
    content = bytearray(VALID[key])
    for at, byte in places:
        content[at % len(content)] = byte
    honest(bytes(content), filename)


@given(first=st.sampled_from([*VALID.values(), *EVIL.values()]), between=st.binary(max_size=20), second=st.sampled_from([docx(), VALID["xlsx"]]))
@example(first=b"", between=b"x", second=docx())
def test_nothing_that_another_program_opens_as_an_archive(first: bytes, between: bytes, second: bytes) -> None:
    for filename in ("a.pdf", "a.csv", "a.docx"):
        content = first + between + second
        assert isinstance(seen(content, filename), Refusal) or content == second


@given(name=st.text(min_size=1, max_size=30), content=st.binary(max_size=60))
def test_a_part_of_any_name_and_content(name: str, content: bytes) -> None:
    try:
        made = docx({name: content})
    except (UnicodeEncodeError, ValueError):
        return
    honest(made, "a.docx")


def _nested(depth: int) -> bytes:
    """As 42.zip: archives of archives of archives."""
    inner = docx()
    for _ in range(depth):
        inner = zipped({**DOCX_PARTS, **{f"word/embeddings/{n}.docx": inner for n in range(16)}})
    return inner


def _long_entry() -> bytes:
    """One entry whose bytes go on long after the size that it says."""
    content = docx({"word/isi.xml": b"a" * 20_000_000})
    said = (20_000_000).to_bytes(4, "little")
    return content.replace(said, (1000).to_bytes(4, "little"))


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        pytest.param(lambda: _nested(4), {"embedded_object", "archive_too_large"}, id="nested"),
        pytest.param(overlapping, {"archive_too_large", "archive_damaged"}, id="overlapping"),
        pytest.param(lambda: overlapping(entries=20, unpacked=10_000), {"archive_damaged"}, id="overlapping, small"),
        pytest.param(_long_entry, {"archive_damaged"}, id="more than it says"),
        pytest.param(lambda: docx({"word/isi.xml": bytes(40_000_000)}), {"archive_too_large"}, id="one large entry"),
        pytest.param(lambda: docx({f"word/{n}.xml": bytes(1_000_000) for n in range(40)}), {"archive_too_large"}, id="many entries of a megabyte"),
    ],
)
def test_bombs_are_refused_at_once_in_little_memory(content: Callable[[], bytes], codes: set[str]) -> None:
    bomb = content()
    seen(docx())  # what is imported lazily is not the bomb's
    tracemalloc.start()
    before = time.process_time()
    try:
        assert refused(bomb) in codes
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4_000_000
    assert time.process_time() - before < 5


class _Counting(io.BytesIO):
    """How many bytes were read of it."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data


def test_of_a_large_pdf_or_picture_only_the_ends_are_read() -> None:
    for key in ("pdf", "jpeg"):
        file = _Counting(VALID[key] + zlib.compress(bytes(5_000_000), 0))
        assert not isinstance(examine(file, filename="a"), Refusal)
        assert file.taken < 100_000
