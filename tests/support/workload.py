"""Work for a real server over HTTP: instances started, moved along and cancelled, by several people at once."""

import asyncio
import itertools
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx

from tests.support.course import COURSE, KEY, SAMBOJA, TEAM
from tests.support.server import PASSWORD, Server

T = TypeVar("T")

PEOPLE = ("camat", "sekretaris", "tim1", "tim2", "staf")
PERIODS = 505
AT_ONCE = 8


class Crew:
    """The people of the demo, signed in at one server. `seconds` keeps how long each kind of request took."""

    def __init__(self, clients: dict[str, httpx.AsyncClient]) -> None:
        self.clients = clients
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self._periods = itertools.cycle(range(PERIODS))

    async def post(self, username: str, path: str, kind: str, **more: Any) -> Any:
        began = time.perf_counter()
        answer = await self.clients[username].post(path, **more)
        self.seconds[kind].append(time.perf_counter() - began)
        assert answer.status_code == 201, f"{kind} {answer.status_code} {answer.text}"
        return answer.json()

    async def start(self) -> str:
        year, part = divmod(next(self._periods), 5)
        period = {"year": 2000 + year} | ({"quarter": part} if part else {})
        made = await self.post("camat", "/v1/instances", "start", json={"procedure": KEY, "office": SAMBOJA, "period": period})
        return str(made["id"])

    async def fill(self, instance: str, step: int) -> None:
        slots, performers = COURSE[step]
        for slot in slots:
            files = {"file": (f"{slot}.pdf", b"%PDF-1.7 " + b"x" * 20_000, "application/pdf")}
            await self.post(performers[0], f"/v1/instances/{instance}/documents", "upload", data={"slot": slot}, files=files)

    async def act(self, username: str, instance: str, action: str, **body: Any) -> None:
        await self.post(username, f"/v1/instances/{instance}/transitions", action, json={"action": action, **body})

    async def complete(self, instance: str, step: int) -> None:
        team = {"team": TEAM} if step == 2 else {}
        for username in COURSE[step][1]:
            await self.act(username, instance, "complete", step=step, **team)


async def spread(items: Iterable[T], work: Callable[[T], Awaitable[None]]) -> None:
    """The work on each item, `AT_ONCE` at a time."""
    waiting = list(items)[::-1]

    async def worker() -> None:
        while waiting:
            await work(waiting.pop())

    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))


@asynccontextmanager
async def crew(server: Server) -> AsyncIterator[Crew]:
    clients = {}
    for username in PEOPLE:
        client = httpx.AsyncClient(base_url=server.url, timeout=30, limits=httpx.Limits(max_connections=8))
        answer = await client.post("/v1/auth/sessions", json={"username": username, "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        clients[username] = client
    try:
        yield Crew(clients)
    finally:
        await asyncio.gather(*(client.aclose() for client in clients.values()))


def resident_megabytes(pid: int) -> float:
    """VmRSS."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(kilobytes) / 1024


def cpu_seconds(pid: int) -> float:
    """User and system time of the process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100
