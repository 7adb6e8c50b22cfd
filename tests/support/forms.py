"""multipart/form-data byte by byte, as hostile and clumsy clients send it; and bodies that count what was taken of them."""

from collections.abc import AsyncIterator, Awaitable, Callable

BOUNDARY = "batas-7f3a"
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
PDF = b"%PDF-1.7 draf"


def part(name: str, value: str | bytes, *headers: str, filename: str | None = None) -> bytes:
    """A field; with a `filename`, a file."""
    disposition = f'form-data; name="{name}"' + ("" if filename is None else f'; filename="{filename}"')
    lines = [f"Content-Disposition: {disposition}", *headers]
    content = value.encode() if isinstance(value, str) else value
    return f"--{BOUNDARY}\r\n".encode() + "\r\n".join(lines).encode() + b"\r\n\r\n" + content + b"\r\n"


def a_file(content: bytes = PDF, filename: str = "draf.pdf") -> bytes:
    return part("file", content, "Content-Type: application/pdf", filename=filename)


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


class Feed:
    """A body without a declared length that counts how many of its chunks were taken. `midway` runs after the first one."""

    def __init__(self, *chunks: bytes, midway: Callable[[], Awaitable[object]] | None = None) -> None:
        self.chunks = chunks
        self.midway = midway
        self.taken = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            self.taken += 1
            yield chunk
            if self.taken == 1 and self.midway is not None:
                await self.midway()


def feed(slot: str, *, size: int = 0, midway: Callable[[], Awaitable[object]] | None = None) -> Feed:
    """An upload of a PDF of `size` bytes (of a small one without it), in chunks of 4 KiB."""
    body = form(part("slot", slot), a_file(PDF.ljust(size, b"x")))
    return Feed(*(body[at : at + 4096] for at in range(0, len(body), 4096)), midway=midway)
