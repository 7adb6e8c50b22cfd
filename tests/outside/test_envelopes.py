"""What is sealed opens as it was, for whom it was sealed, and in no other shape; and it takes no more memory than a piece."""

import io
import random
import tracemalloc
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.outside.envelopes import (
    CHUNK_BYTES,
    PREFIX_BYTES,
    SEALED_CHUNK,
    Envelope,
    PlainReader,
    SealingSink,
    new_data_key,
    opened_chunks,
    sealed_size,
)
from app.outside.restricted_keys import DoesNotOpen
from app.outside.storage import DiskBlobs

KEY, ABOUT = bytes(range(32)), "record instance office"
BESIDES = (HealthCheck.function_scoped_fixture,)


async def sealed(directory: Path, plain: bytes, *, key: bytes = KEY, about: str = ABOUT, piece: int = 100_000) -> bytes:
    async with DiskBlobs(directory).receive(sealed_size(len(plain))) as temporary:
        sink = SealingSink(temporary, Envelope(key, about))
        for start in range(0, len(plain), piece):
            await sink.write(plain[start : start + piece])
        await sink.finish()
        assert (sink.size, temporary.size) == (len(plain), sealed_size(len(plain)))
        return temporary.path.read_bytes()


def opened(content: bytes, size: int, *, key: bytes = KEY, about: str = ABOUT) -> bytes:
    return opened_chunks(Envelope(key, about), content[:PREFIX_BYTES], content[PREFIX_BYTES:], first=0, size=size)


def reader(content: bytes, size: int) -> io.BufferedReader:
    return io.BufferedReader(PlainReader(io.BytesIO(content), Envelope(KEY, ABOUT), size))


@pytest.mark.parametrize("size", [1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 3 * CHUNK_BYTES + 77])
@pytest.mark.parametrize("piece", [65_536, CHUNK_BYTES, 10**7])
async def test_it_opens_as_it_was(tmp_path: Path, size: int, piece: int) -> None:
    plain = random.Random(size).randbytes(size)
    content = await sealed(tmp_path, plain, piece=piece)
    assert len(content) == PREFIX_BYTES + -(-size // CHUNK_BYTES) * SEALED_CHUNK
    assert opened(content, size) == plain
    assert reader(content, size).read() == plain


async def test_the_same_paper_is_never_sealed_to_the_same_bytes_and_none_of_it_shows(tmp_path: Path) -> None:
    plain = b"gaji pokok 4.123.400 " * 1000
    one, other = await sealed(tmp_path, plain), await sealed(tmp_path, plain)
    assert one[PREFIX_BYTES:] != other[PREFIX_BYTES:]
    assert len(one) == len(await sealed(tmp_path, b"x"))
    assert b"gaji" not in one


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return anyio.run(sealed, tmp_path_factory.mktemp("three"), PLAIN)


PLAIN = b"abc" * (2 * CHUNK_BYTES // 3) + b"the end"
"""Two whole chunks and a part."""
THREE = len(PLAIN)


@given(at=st.integers(0, PREFIX_BYTES + 3 * SEALED_CHUNK - 1), bit=st.integers(0, 7))
@settings(max_examples=60, deadline=None, suppress_health_check=BESIDES)
def test_no_bit_of_it_can_be_another(three: bytes, at: int, bit: int) -> None:
    changed = bytearray(three)
    changed[at] ^= 1 << bit
    with pytest.raises(DoesNotOpen):
        opened(bytes(changed), THREE)
    with pytest.raises(DoesNotOpen):
        reader(bytes(changed), THREE).read()


@given(length=st.integers(0, PREFIX_BYTES + 3 * SEALED_CHUNK - 1))
@settings(max_examples=40, deadline=None, suppress_health_check=BESIDES)
def test_cut_anywhere_it_does_not_open(three: bytes, length: int) -> None:
    with pytest.raises(DoesNotOpen):
        reader(three[:length], THREE).read()


def chunk(content: bytes, number: int) -> bytes:
    return content[PREFIX_BYTES + number * SEALED_CHUNK : PREFIX_BYTES + (number + 1) * SEALED_CHUNK]


@pytest.mark.parametrize(
    ("change", "size"),
    [
        (lambda c: c[:PREFIX_BYTES] + chunk(c, 1) + chunk(c, 0) + chunk(c, 2), THREE),
        (lambda c: c[:PREFIX_BYTES] + chunk(c, 0) + chunk(c, 0) + chunk(c, 2), THREE),
        (lambda c: c[:PREFIX_BYTES] + chunk(c, 0) + chunk(c, 1), 2 * CHUNK_BYTES),  # cut after a chunk, by who also knows the size
        (lambda c: c[:PREFIX_BYTES] + chunk(c, 0) + chunk(c, 2), 2 * CHUNK_BYTES),
        (lambda c: c + chunk(c, 2), THREE + CHUNK_BYTES),
    ],
    ids=["swapped", "twice", "cut", "one left out", "longer"],
)
def test_chunks_stay_where_they_were_sealed(three: bytes, change: Callable[[bytes], bytes], size: int) -> None:
    with pytest.raises(DoesNotOpen):
        reader(change(three), size).read()


@pytest.mark.parametrize(("key", "about"), [(KEY, "another instance office"), (bytes(32), ABOUT)])
async def test_what_is_another_records_does_not_open(tmp_path: Path, key: bytes, about: str) -> None:
    theirs = await sealed(tmp_path, b"gaji", key=key, about=about)
    assert opened(theirs, 4, key=key, about=about) == b"gaji"
    with pytest.raises(DoesNotOpen):
        opened(theirs, 4)


@given(offset=st.integers(0, THREE + 10), length=st.integers(0, 2 * CHUNK_BYTES))
@settings(max_examples=30, deadline=None, suppress_health_check=BESIDES)
def test_it_is_read_from_anywhere(three: bytes, offset: int, length: int) -> None:
    file = reader(three, THREE)
    assert file.seek(offset) == offset
    assert file.read(length) == PLAIN[offset : offset + length]
    assert file.seek(-3, io.SEEK_END) == THREE - 3
    assert file.read() == b"end"


@given(words=st.binary(max_size=5000))
@settings(max_examples=40, deadline=None)
def test_words_open_as_they_were_and_their_length_is_not_told(words: bytes) -> None:
    envelope = Envelope(KEY, ABOUT)
    text = envelope.seal_words(words)
    assert envelope.open_words(text) == words
    assert len(b64decode(text, altchars=b"-_")) == 12 + 16 + -(-(4 + len(words)) // 1024) * 1024
    for other in (Envelope(new_data_key(), ABOUT), Envelope(KEY, "another")):
        with pytest.raises(DoesNotOpen):
            other.open_words(text)
    for wrong in ("", "!", text[:-4], text[:20] + ("A" if text[20] != "A" else "B") + text[21:]):
        with pytest.raises(DoesNotOpen):
            envelope.open_words(wrong)


async def test_a_large_file_takes_no_more_memory_than_a_few_pieces(tmp_path: Path) -> None:
    piece, pieces = bytes(65_536), 16 * 64
    async with DiskBlobs(tmp_path).receive(sealed_size(len(piece) * pieces)) as temporary:
        sink = SealingSink(temporary, Envelope(KEY, ABOUT))
        tracemalloc.start()
        for _ in range(pieces):
            await sink.write(piece)
        await sink.finish()
        with io.BufferedReader(PlainReader(temporary.path.open("rb"), Envelope(KEY, ABOUT), sink.size)) as file:
            read = sum(len(found) for found in iter(lambda: file.read(65_536), b""))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert read == 64 * 2**20
    assert most < 6 * 2**20
