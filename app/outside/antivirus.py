"""The virus scanner: clamd, over its INSTREAM command. It is asked, never trusted to be there: whatever goes wrong is a finding too.

clamd takes bytes up to its StreamMaxLength; above that it says so and drops the connection, so its answer may be lost on the way.
"""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO, Protocol
from urllib.parse import unquote, urlsplit

from anyio import to_thread

from app.domain.scanning import CLEAN, Finding

PIECE_BYTES = 256 * 1024
"""In memory at a time, whatever the size of the file."""

_MOST_ANSWER_BYTES = 4096
_LIMITS = "Heuristics.Limits.Exceeded"
"""With AlertExceedsMax clamd calls so what it did not scan whole. That is no malware, and not clean either."""

_FOUND = re.compile(r"stream: (.{1,1000}) FOUND")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """In seconds: for the connection, for each piece to be taken, for the answer after the last."""

    connect: float = 2
    send: float = 10
    answer: float = 20


WHILE_SOMEBODY_WAITS = Patience()
NOBODY_WAITS = Patience(connect=5, send=30, answer=150)
"""Longer than clamd's MaxScanTime (120 s by default)."""


class Scanner(Protocol):
    async def scan(self, file: BinaryIO, *, patience: Patience = WHILE_SOMEBODY_WAITS) -> Finding:
        """From the file's start, whatever its position. Only what fails in reading the file raises."""

    async def scan_pieces(self, pieces: AsyncIterator[bytes], *, patience: Patience = WHILE_SOMEBODY_WAITS) -> Finding:
        """Only what fails in `pieces` raises."""

    async def answers(self) -> bool:
        """Whether it is there at all."""


class Clamd:
    """`address`: the path of a unix socket, or host and port."""

    def __init__(self, address: str | tuple[str, int]) -> None:
        self.address = address

    async def scan(self, file: BinaryIO, *, patience: Patience = WHILE_SOMEBODY_WAITS) -> Finding:
        return await self.scan_pieces(_pieces_of(file), patience=patience)

    async def scan_pieces(self, pieces: AsyncIterator[bytes], *, patience: Patience = WHILE_SOMEBODY_WAITS) -> Finding:
        talk = _Talk(self.address, patience)
        try:
            failed = await talk.begin(b"zINSTREAM\0")
            if failed is not None:
                return failed
            whole = False
            async for piece in pieces:
                if piece and not await talk.send(len(piece).to_bytes(4, "big") + piece):
                    break
            else:
                whole = await talk.send(bytes(4))
            finding = await talk.finding()
            return finding if whole or finding != CLEAN else Finding("quarantined", reason="dropped")
        finally:
            talk.end()

    async def answers(self) -> bool:
        talk = _Talk(self.address, WHILE_SOMEBODY_WAITS)
        try:
            return await talk.begin(b"zPING\0") is None and await talk.answer() == "PONG"
        except OSError:  # TimeoutError is one
            return False
        finally:
            talk.end()


class _Talk:
    """One connection: one command, one answer. Sockets by hand: after a broken write a stream of asyncio forgets what was still to be read."""

    def __init__(self, address: str | tuple[str, int], patience: Patience) -> None:
        self._address = address
        self._patience = patience
        self._socket: socket.socket | None = None

    @property
    def _open(self) -> socket.socket:
        assert self._socket is not None
        return self._socket

    async def begin(self, command: bytes) -> Finding | None:
        """None when the command was taken."""
        try:
            async with asyncio.timeout(self._patience.connect):
                await self._connect()
                await asyncio.get_running_loop().sock_sendall(self._open, command)
        except OSError:
            return Finding("quarantined", reason="unreachable")
        return None

    async def _connect(self) -> None:
        """To the first of its addresses where somebody listens: `localhost` is ::1 too, where clamd often is not."""
        loop = asyncio.get_running_loop()
        refused: OSError = ConnectionRefusedError()
        for family, target in await self._targets(loop):
            self.end()
            try:
                self._socket = socket.socket(family, socket.SOCK_STREAM)
                self._socket.setblocking(False)
                return await loop.sock_connect(self._socket, target)
            except OSError as error:
                refused = error
        raise refused

    async def _targets(self, loop: asyncio.AbstractEventLoop) -> Sequence[tuple[int, str | tuple[object, ...]]]:
        if isinstance(self._address, str):
            return [(socket.AF_UNIX, self._address)]
        found = await loop.getaddrinfo(*self._address, type=socket.SOCK_STREAM)
        return [(family, target) for family, _, _, _, target in found]

    async def send(self, piece: bytes) -> bool:
        """False when it takes no more: what it had to say may still be there to read."""
        try:
            async with asyncio.timeout(self._patience.send):
                await asyncio.get_running_loop().sock_sendall(self._open, piece)
        except OSError:
            return False
        return True

    async def answer(self) -> str:
        """Up to its NUL, or to the end of the connection. Raises OSError, TimeoutError among them."""
        loop, said = asyncio.get_running_loop(), bytearray()
        async with asyncio.timeout(self._patience.answer):
            while b"\0" not in said and len(said) < _MOST_ANSWER_BYTES:
                more = await loop.sock_recv(self._open, _MOST_ANSWER_BYTES)
                if not more:
                    break
                said += more
        return bytes(said).partition(b"\0")[0].decode("utf-8", "replace").strip()

    async def finding(self) -> Finding:
        try:
            return finding_of(await self.answer())
        except TimeoutError:
            return Finding("quarantined", reason="silent")
        except OSError:
            return Finding("quarantined", reason="dropped")

    def end(self) -> None:
        if self._socket is not None:
            self._socket.close()


def finding_of(answer: str) -> Finding:
    """What clamd's answer means: only its own words for clean are clean."""
    if answer == "stream: OK":
        return CLEAN
    found = _FOUND.fullmatch(answer)
    if found is not None and not found[1].startswith(_LIMITS):
        return Finding("infected", threat=_printable(found[1]))
    if found is not None or "size limit exceeded" in answer:
        return Finding("quarantined", reason="too_large")
    return Finding("quarantined", reason="unclear" if answer else "dropped")


def _printable(name: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in name)[:200]


async def _pieces_of(file: BinaryIO) -> AsyncIterator[bytes]:
    await to_thread.run_sync(file.seek, 0)
    while piece := await to_thread.run_sync(file.read, PIECE_BYTES):
        yield piece


def scanner_from_url(url: str | None) -> Scanner | None:
    """`unix:///run/clamav/clamd.ctl`, `tcp://host:3310`, or None: nobody scans. Raises ValueError."""
    if url is None:
        return None
    parts = urlsplit(url)
    if parts.scheme == "unix" and parts.netloc == "" and len(parts.path) > 1:
        return Clamd(unquote(parts.path))
    if parts.scheme == "tcp" and parts.hostname and parts.path in {"", "/"}:
        with suppress(ValueError):  # a port that is no number, or none that exists
            if parts.port:
                return Clamd((parts.hostname, parts.port))
    raise ValueError("ALUR_CLAMD_URL names where clamd listens: unix:///run/clamav/clamd.ctl or tcp://host:3310")
