"""However much is sent, and however it is declared: a body costs no more than it may."""

import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from app.domain.problems import PayloadTooLarge, Problem
from app.web.multipart import OVERHEAD_BYTES
from tests.support.multipart import CAP, END, file, read, refused, text


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
