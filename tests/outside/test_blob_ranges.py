"""Reading: exactly the bytes of a range, in pieces, and what is missing is told before the first of them."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.outside.storage import BATCH_BYTES, READ_BYTES, BlobMissing, Blobs, DiskBlobs
from tests.support.blobs import EVERYWHERE, read, run, upload

pytestmark = EVERYWHERE
LONG = 5 * READ_BYTES
"""More than one piece on a disk (256 KiB each) and in a bucket (1 MiB each)."""


@pytest.mark.parametrize(
    ("start", "length"),
    [(0, 0), (0, 1), (5, 0), (3, 4), (9, 1), (0, 10), (10, 0)],
)
def test_a_range_is_exactly_its_bytes(store: Blobs, start: int, length: int) -> None:
    key = run(upload, store, b"0123456789")
    assert b"".join(run(read, store, key, start, length)) == b"0123456789"[start : start + length]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bounds=st.tuples(st.integers(0, LONG), st.integers(0, LONG)).map(sorted))
@example(bounds=[0, LONG])
def test_a_long_range_comes_in_pieces(store: Blobs, bounds: list[int]) -> None:
    content = bytes(range(256)) * (LONG // 256)
    key = run(upload, store, content)
    pieces = run(read, store, key, bounds[0], bounds[1] - bounds[0])
    assert b"".join(pieces) == content[bounds[0] : bounds[1]]
    most = READ_BYTES if isinstance(store, DiskBlobs) else BATCH_BYTES
    assert all(0 < len(piece) <= most for piece in pieces)


@pytest.mark.parametrize(("start", "length"), [(-1, 1), (0, -1), (0, 11), (10, 1), (11, 0)])
def test_a_range_outside_the_blob_is_refused_before_the_first_byte(store: Blobs, start: int, length: int) -> None:
    key = run(upload, store, b"0123456789")
    with pytest.raises(ValueError, match="outside"):
        run(store.open_range, key, start, length)


def test_a_missing_blob_is_told_before_the_first_byte(store: Blobs) -> None:
    with pytest.raises(BlobMissing):
        run(store.open_range, "ab/cd/019aab3c-0000-7000-8000-00000000cdab", 0, 1)
