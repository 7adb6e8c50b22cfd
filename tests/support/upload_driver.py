"""Servers that take uploads and are killed (SIGKILL), each somewhere else on the way from the first byte to the answer.

    python -m tests.support.upload_driver < ORDERS

Orders are one JSON object: `settings` (environment of the server), `token`, `instances`, `notes` (a file), `kills`, `seed`.
Each upload is noted before it is sent, and again once its answer has come; one in three goes in parts, and each offset that was answered is
noted too. Notes outlive who writes them. Prints what killed how many.

Half of them die at a named point, the others by the clock, wherever they are just then. None of this needs the wall clock to be right.
"""

import asyncio
import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import event
from starlette.types import Message, Receive, Scope, Send

from app.domain import resumable_uploads
from app.main import create_app
from app.outside.storage import DiskBlobs, TemporaryBlob, disk
from app.settings import Settings
from tests.support.office import MONDAY, Clock
from tests.support.tus import BYTES, TUS, metadata

AT_ONCE = 2
LONGEST_LIFE = 0.12
"""Seconds: some uploads long. By then who dies by the clock is dead."""

POINTS = ("received", "linked", "kept", "row", "commit", "answering", "answered")
"""All bytes are on this disk · they have their lasting name, not synced · durable · a row is about to name them · about to be committed ·
about to be answered · answered, and not noted yet.
"""

SLOTS = ("struktur_organisasi", "draf_tim")


@dataclass(frozen=True, slots=True)
class Sent:
    """One upload, made again from its number."""

    number: int
    instances: tuple[str, ...]

    @property
    def content(self) -> bytes:
        chance = random.Random(self.number)
        size = chance.choice((10, 3000, 3000, 40_000, 40_000, 560_000))
        return b"%PDF-1.7 " + chance.randbytes(size).hex().encode()

    @property
    def instance(self) -> str:
        return f"/v1/instances/{self.instances[self.number % len(self.instances)]}"

    @property
    def slot(self) -> str:
        return SLOTS[self.number // len(self.instances) % len(SLOTS)]

    @property
    def key(self) -> dict[str, str]:
        return {"Idempotency-Key": f"kirim-{self.number}"}

    @property
    def in_parts(self) -> bool:
        return self.number % 3 == 1

    async def whole(self, client: httpx.AsyncClient) -> None:
        files = {"file": (f"{self.number}.pdf", self.content, "application/pdf")}
        answer = await client.post(f"{self.instance}/documents", data={"slot": self.slot}, files=files, headers=self.key)
        assert answer.status_code == 201, answer.text

    async def begin(self, client: httpx.AsyncClient) -> str:
        """Where the parts go; also when it was begun before under this key."""
        said = {"Upload-Length": str(len(self.content)), "Upload-Metadata": metadata(slot=self.slot, filename=f"{self.number}.pdf")}
        answer = await client.post(f"{self.instance}/uploads", headers=TUS | said | self.key)
        assert answer.status_code == 201, answer.text
        return str(answer.headers["Location"])

    async def go_on(self, client: httpx.AsyncClient, at: str, offset: int, *, noting: Callable[[int], None]) -> None:
        """From there to the end in thirds; each offset that was answered is noted."""
        content = self.content
        while offset < len(content):
            part = content[offset : offset + len(content) // 3 + 1]
            said = {"Upload-Offset": str(offset), "Content-Type": BYTES}
            answer = await client.patch(at, content=part, headers=TUS | said)
            assert answer.status_code == 204, answer.text
            offset += len(part)
            assert int(answer.headers["Upload-Offset"]) == offset
            noting(offset)


@dataclass(frozen=True, slots=True)
class Orders:
    settings: dict[str, str]
    token: str
    instances: tuple[str, ...]
    notes: str
    kills: int
    seed: str


def main(orders: Orders) -> Counter[str]:
    resumable_uploads.MAX_UNFINISHED = 1000
    app = create_app(Settings.load(orders.settings), clock=Clock(MONDAY))
    asyncio.run(_warmed_up(app, orders))
    chance, killed = random.Random(orders.seed), Counter[str]()
    living: dict[int, tuple[str, float]] = {}
    begun = 0
    while begun < orders.kills or living:
        while begun < orders.kills and len(living) < AT_ONCE:
            begun += 1
            point = "clock" if begun % 2 else POINTS[begun // 2 % len(POINTS)]
            pid = _child(app, orders, point=point, number=1000 * begun, passes=chance.randint(1, 3))
            living[pid] = point, time.monotonic() + chance.uniform(0, LONGEST_LIFE) if point == "clock" else float("inf")
        _end_those_whose_time_has_come(living)
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid:
            point, _ = living.pop(pid)
            assert os.WIFSIGNALED(status), f"a server failed: {status}"
            assert os.WTERMSIG(status) == signal.SIGKILL
            killed[point] += 1
        else:
            time.sleep(0.001)
    return killed


def _end_those_whose_time_has_come(living: dict[int, tuple[str, float]]) -> None:
    for pid, (_, end) in living.items():
        if time.monotonic() > end:
            os.kill(pid, signal.SIGKILL)


async def _warmed_up(app: FastAPI, orders: Orders) -> None:
    """One upload of each kind, so that who is forked has all that is compiled at the first one."""
    for number in (0, 1):
        await _upload(app, orders, Sent(number, orders.instances))
    await app.state.database.close()


def _child(app: FastAPI, orders: Orders, *, point: str, number: int, passes: int) -> int:
    pid = os.fork()
    if pid == 0:
        if point != "clock":
            _die_at(app, point, passes)
        asyncio.run(_upload_until_the_end(app, orders, number))
        os._exit(1)
    return pid


async def _upload_until_the_end(app: FastAPI, orders: Orders, number: int) -> None:
    while True:
        await _upload(app, orders, Sent(number, orders.instances))
        number += 1


async def _upload(app: FastAPI, orders: Orders, sent: Sent) -> None:
    _note(orders, {"sent": sent.number, "sha256": sha256(sent.content).hexdigest()})
    signed_in = {"Authorization": f"Bearer {orders.token}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(_through(app)), base_url="http://alur.example", headers=signed_in) as client:
        if sent.in_parts:
            at = await sent.begin(client)
            await sent.go_on(client, at, 0, noting=lambda offset: _note(orders, {"reached": sent.number, "at": at, "offset": offset}))
        else:
            await sent.whole(client)
    _pass("answered")
    _note(orders, {"answered": sent.number})


def _note(orders: Orders, note: dict[str, Any]) -> None:
    """One write to the end of the file: whole, or not there."""
    descriptor = os.open(orders.notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(descriptor, (json.dumps(note) + "\n").encode())
    os.close(descriptor)


# ── the points ──────────────────────────────────────────────────────────────────────────────────────────────────────

_deadly: list[str] = []
"""The point at which this process dies, as often as it still passes it."""


def _pass(point: str) -> None:
    if _deadly and _deadly[-1] == point:
        _deadly.pop()
        if not _deadly:
            os.kill(os.getpid(), signal.SIGKILL)


def _die_at(app: FastAPI, point: str, passes: int) -> None:
    _deadly.extend([point] * passes)
    _passing(TemporaryBlob, "_finish", "received")
    _passing(disk, "_link", "linked")
    _passing(DiskBlobs, "_keep", "kept")
    engine = app.state.database._writer.sync_engine

    def about_to_write(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "document_version" in statement and ("INSERT" in statement or "UPDATE" in statement):
            _pass("row")

    event.listen(engine, "before_cursor_execute", about_to_write)
    event.listen(engine, "commit", lambda _: _pass("commit"))


def _passing(owner: Any, name: str, point: str) -> None:
    """That function, and then the point."""
    real: Callable[..., Any] = getattr(owner, name)

    def and_then(*given: Any) -> Any:
        done = real(*given)
        _pass(point)
        return done

    setattr(owner, name, and_then)


def _through(app: FastAPI) -> Callable[[Scope, Receive, Send], Any]:
    async def through(scope: Scope, receive: Receive, send: Send) -> None:
        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                _pass("answering")
            await send(message)

        await app(scope, receive, watched)

    return through


if __name__ == "__main__":
    given = json.load(sys.stdin)
    print(json.dumps(main(Orders(**given | {"instances": tuple(given["instances"])}))))
