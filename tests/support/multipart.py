"""Forms for `read_form` alone, without an application: any bytes in any chunks, and a sink in memory."""

import asyncio
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi import Request

from app.domain.problems import Invalid
from app.web.multipart import Form, read_form

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
