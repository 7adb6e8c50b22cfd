"""clamd as it answers, and as it fails: against the real one where it is installed, and against one on loopback that says and does as told."""

import asyncio
import io
import random
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from app.domain.scanning import CLEAN, Finding
from app.outside.antivirus import PIECE_BYTES, Clamd, Patience, finding_of, scanner_from_url
from tests.support.clamd import CLAMD, EICAR, MOST_STREAM_BYTES, THREAT, clamd

HASTY = Patience(connect=0.2, send=0.2, answer=0.2)
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

real = pytest.mark.skipif(CLAMD is None, reason="clamd is not installed (Debian: clamav-daemon), so nothing was scanned for real")


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with clamd(tmp_path_factory.mktemp("clamd")) as socket:
        yield socket


# ── the real one ────────────────────────────────────────────────────────────────────────────────────────────────────


@real
@pytest.mark.parametrize(
    ("content", "finding"),
    [
        (b"", CLEAN),
        (b"%PDF-1.7 rencana", CLEAN),
        (EICAR, Finding("infected", THREAT)),
        (b"%PDF-1.7 " + EICAR + b" rencana", Finding("infected", THREAT)),
        (bytes(3 * PIECE_BYTES) + EICAR, Finding("infected", THREAT)),
        (bytes(4 * MOST_STREAM_BYTES), Finding("quarantined", reason="too_large")),
    ],
    ids=["empty", "clean", "eicar", "within", "late", "over its limit"],
)
async def test_what_clamd_finds(where: Path, content: bytes, finding: Finding) -> None:
    file = io.BytesIO(content)
    file.seek(len(content) // 2)  # it is read from its start all the same
    assert await Clamd(str(where)).scan(file) == finding


@real
async def test_many_at_once_are_each_told_their_own(where: Path) -> None:
    scanner = Clamd(str(where))
    contents = [EICAR if number % 3 == 0 else random.Random(number).randbytes(PIECE_BYTES) for number in range(12)]
    found = await asyncio.gather(*(scanner.scan(io.BytesIO(content)) for content in contents))
    assert [finding.scan for finding in found] == ["infected" if content == EICAR else "clean" for content in contents]
    assert await scanner.answers()


# ── one that fails as told ──────────────────────────────────────────────────────────────────────────────────────────


@asynccontextmanager
async def told(talk: Talk, *, comes: int = 1) -> AsyncIterator[Clamd]:
    """`comes`: how often somebody will connect, all of whom are talked to before it is gone."""
    talks: list[asyncio.Event] = []
    begun = asyncio.Semaphore(0)

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.append(over := asyncio.Event())
        begun.release()
        with suppress(OSError, EOFError):
            await talk(reader, writer)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        over.set()

    server = await asyncio.start_server(one, "127.0.0.1", 0)
    async with server:
        yield Clamd(("127.0.0.1", server.sockets[0].getsockname()[1]))
        for _ in range(comes):
            await begun.acquire()
        for over in talks:
            await over.wait()


def saying(answer: bytes, *, after: int | None = None) -> Talk:
    """Answers and hangs up: at the end of what is sent, or after so many bytes of it."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await (reader.readexactly(after) if after is not None else _to_the_end(reader))
        writer.write(answer)

    return talk


async def _to_the_end(reader: asyncio.StreamReader) -> None:
    assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
    while size := int.from_bytes(await reader.readexactly(4), "big"):
        await reader.readexactly(size)


async def _silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


@pytest.mark.parametrize(
    ("answer", "finding"),
    [
        (b"stream: OK\0", CLEAN),
        (b"stream: OK\n", CLEAN),
        (b"stream: Win.Test.EICAR_HDB-1 FOUND\0", Finding("infected", "Win.Test.EICAR_HDB-1")),
        (b"stream: a\x07\xff b FOUND\0", Finding("infected", "a?\N{REPLACEMENT CHARACTER} b")),
        (b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0", Finding("quarantined", reason="too_large")),
        (b"INSTREAM size limit exceeded. ERROR\0", Finding("quarantined", reason="too_large")),
        (b"stream: Can't allocate memory ERROR\0", Finding("quarantined", reason="unclear")),
        (b"UNKNOWN COMMAND\0", Finding("quarantined", reason="unclear")),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", Finding("quarantined", reason="unclear")),
        (b"stream: OK FOUND ERROR\0", Finding("quarantined", reason="unclear")),
        (b"x" * 100_000, Finding("quarantined", reason="unclear")),
        (b"\xff\xfe\x00", Finding("quarantined", reason="unclear")),
        (b"", Finding("quarantined", reason="dropped")),
    ],
)
async def test_only_its_own_words_for_clean_are_clean(answer: bytes, finding: Finding) -> None:
    async with told(saying(answer)) as scanner:
        assert await scanner.scan(io.BytesIO(b"rencana" * 1000), patience=HASTY) == finding


@pytest.mark.parametrize("answer", [b"", b"INSTREAM size limit exceeded. ERROR\0"])
async def test_a_connection_dropped_midway_is_no_verdict(answer: bytes) -> None:
    """Over TCP its last words may be lost with the connection."""
    async with told(saying(answer, after=1000)) as scanner:
        finding = await scanner.scan(io.BytesIO(bytes(40 * PIECE_BYTES)), patience=HASTY)
    assert finding.scan == "quarantined"
    assert finding.reason in {"dropped", "too_large"}


async def test_clean_before_it_took_everything_is_no_verdict() -> None:
    """What it says of a part says nothing of the rest."""
    said = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1000)
        writer.write(b"stream: OK\0")
        await writer.drain()
        said.set()
        await given.wait()  # and takes no more of it

    async def pieces() -> AsyncIterator[bytes]:
        yield bytes(PIECE_BYTES)
        await said.wait()
        for _ in range(256):
            yield bytes(PIECE_BYTES)

    given = asyncio.Event()
    async with told(talk) as scanner:
        finding = await scanner.scan_pieces(pieces(), patience=HASTY)
        given.set()
    assert finding == Finding("quarantined", reason="dropped")


async def test_a_name_with_several_addresses_is_tried_at_each(monkeypatch: pytest.MonkeyPatch) -> None:
    async with told(saying(b""), comes=0) as gone:
        pass
    async with told(saying(b"stream: OK\0")) as there:

        async def both(*_: object, **__: object) -> list[tuple[object, ...]]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", scanner.address) for scanner in (gone, there)]

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", both)
        assert await Clamd(("clamd.example", 3310)).scan(io.BytesIO(b"rencana"), patience=HASTY) == CLEAN


async def test_silence_is_not_waited_for_long() -> None:
    async with told(_silent) as scanner:
        finding = await scanner.scan(io.BytesIO(b"rencana"), patience=Patience(answer=0.05))
        assert finding == Finding("quarantined", reason="silent")


async def test_nobody_there(tmp_path: Path) -> None:
    async with told(saying(b""), comes=0) as gone:
        pass
    for scanner in (gone, Clamd(str(tmp_path / "clamd.ctl"))):
        assert await scanner.scan(io.BytesIO(b"rencana"), patience=HASTY) == Finding("quarantined", reason="unreachable")
        assert not await scanner.answers()


async def test_who_hangs_up_on_a_ping_is_not_there() -> None:
    async with told(saying(b"PONG\0", after=6)) as there, told(saying(b"", after=6)) as not_there:
        assert (await there.answers(), await not_there.answers()) == (True, False)


async def test_what_fails_in_the_file_is_the_callers() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"rencana"
        raise EOFError

    async with told(saying(b"stream: OK\0")) as scanner:
        with pytest.raises(EOFError):
            await scanner.scan_pieces(pieces())


def test_a_name_is_never_too_long_to_keep() -> None:
    assert finding_of(f"stream: {'x' * 900} FOUND") == Finding("infected", "x" * 200)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("unix:///run/clamav/clamd.ctl", "/run/clamav/clamd.ctl"),
        ("tcp://clamd:3311", ("clamd", 3311)),
        ("tcp://[::1]:3310", ("::1", 3310)),
    ],
)
def test_where_it_listens(url: str, address: object) -> None:
    scanner = scanner_from_url(url)
    assert isinstance(scanner, Clamd)
    assert scanner.address == address


@pytest.mark.parametrize(
    "url",
    [
        "unix://",
        "unix:///",
        "unix://run/clamd.ctl",
        "tcp://",
        "tcp://clamd",
        "tcp://clamd:x",
        "tcp://clamd:99999",
        "tcp://clamd/path",
        "http://clamd",
    ],
)
def test_an_address_that_names_nothing_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="ALUR_CLAMD_URL names"):
        scanner_from_url(url)


def test_without_an_address_nobody_scans() -> None:
    assert scanner_from_url(None) is None
