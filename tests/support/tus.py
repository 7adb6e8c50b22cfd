"""A small tus client over a test's own: it begins uploads, sends bytes, and can lose its line after any of them."""

import base64
import hashlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
from fastapi import FastAPI

from tests.support.office import Office, Run

TUS = {"Tus-Resumable": "1.0.0"}
BYTES = "application/offset+octet-stream"


def metadata(**values: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items())


def checksum(content: bytes, algorithm: str = "sha1") -> dict[str, str]:
    digest = hashlib.new(algorithm, content, usedforsecurity=False).digest()
    return {"Upload-Checksum": f"{algorithm} {base64.b64encode(digest).decode()}"}


class Tus:
    """One person's uploads into one instance."""

    def __init__(self, office: Office, run: Run, client: httpx.AsyncClient) -> None:
        self.office, self.run, self.client = office, run, client

    @classmethod
    async def of(cls, office: Office, run: Run, username: str = "camat") -> "Tus":
        return cls(office, run, await office.as_(username))

    async def create(self, length: int, *, headers: dict[str, str] | None = None, slot: str = "draf_tim", **more: str) -> httpx.Response:
        said = {"Upload-Length": str(length), "Upload-Metadata": metadata(slot=slot, filename="draf.pdf", **more)}
        return await self.client.post(f"/v1/instances/{self.run.id}/uploads", headers=TUS | said | (headers or {}))

    async def begun(self, length: int, **more: str) -> str:
        answer = await self.create(length, **more)
        assert answer.status_code == 201, answer.text
        return str(answer.headers["Location"])

    async def send(self, at: str, content: bytes | AsyncIterator[bytes], offset: int = 0, headers: dict[str, str] | None = None) -> httpx.Response:
        said = {"Upload-Offset": str(offset), "Content-Type": BYTES}
        return await self.client.patch(at, content=content, headers=TUS | said | (headers or {}))

    async def offset(self, at: str) -> int:
        answer = await self.client.head(at, headers=TUS)
        assert answer.status_code == 200, answer.status_code
        return int(answer.headers["Upload-Offset"])

    async def shown(self, at: str) -> dict[str, Any]:
        found: dict[str, Any] = (await self.client.get(at)).json()
        return found

    async def lose(self, at: str, *pieces: bytes, offset: int = 0, announced: int, headers: dict[str, str] | None = None) -> int | None:
        """The status of an answer that nobody reads; None where there is none. The line is lost after these pieces."""
        said = TUS | {"Upload-Offset": str(offset), "Content-Type": BYTES, "Content-Length": str(announced)} | (headers or {})
        return await broken_off(self.office.app, at, [*pieces], dict(self.client.headers) | said)

    async def content(self, document_id: str, version: int) -> bytes:
        answer = await self.client.get(f"/v1/documents/{document_id}/versions/{version}/content")
        assert answer.status_code == 200, answer.text
        return answer.content


async def broken_off(app: FastAPI, path: str, pieces: list[bytes], headers: dict[str, str]) -> int | None:
    sent: list[dict[str, Any]] = []

    async def messages() -> AsyncIterator[dict[str, Any]]:
        for piece in pieces:
            yield {"type": "http.request", "body": piece, "more_body": True}
        while True:
            yield {"type": "http.disconnect"}

    incoming = messages()

    async def receive() -> dict[str, Any]:
        return await anext(incoming)

    async def send(message: Any) -> None:
        sent.append(message)

    encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "http_version": "1.1", "method": "PATCH", "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": ""}
    await app({**scope, "headers": encoded, "client": ("127.0.0.1", 1), "server": ("alur.example", 80), "scheme": "http"}, receive, send)
    return next((message["status"] for message in sent if message["type"] == "http.response.start"), None)


async def begun_upload(office: Office, instance_id: str) -> str:
    """The id of an upload of the staff at step 7, of which nothing came yet."""
    said = {"Upload-Length": "9", "Upload-Metadata": metadata(slot="laporan_ditandatangani", filename="a.pdf")}
    answer = await (await office.as_("staf")).post(f"/v1/instances/{instance_id}/uploads", headers=TUS | said)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])
