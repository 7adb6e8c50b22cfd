"""What a resumable upload costs: `python -m tests.speed.uploads [megabytes]`. Prints, and judges nothing.

The CPU of a raw 20 MB body against a bare SHA-256 of the same bytes: of the application alone, from the first piece that it is given to its
answer, and of the whole server process, sockets and parsing too. And the server's resident size while a large file goes up in one request.
"""

import asyncio
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from app.outside.tokens import generate_key_pem
from tests.support.office import Run, open_office
from tests.support.server import Server, serving
from tests.support.tus import BYTES, TUS, Tus, metadata
from tests.support.workload import Crew, crew, resident_megabytes

MEGABYTE = 1_000_000
HEAD = b"%PDF-1.7 "
PIECE = bytes(range(256)) * 256
RAW = 20 * MEGABYTE


async def body(length: int) -> AsyncIterator[bytes]:
    yield HEAD
    left = length - len(HEAD)
    while left:
        piece = PIECE[: min(left, len(PIECE))]
        left -= len(piece)
        yield piece


async def sent(people: Crew, instance: str, length: int) -> None:
    camat = people.clients["camat"]
    said = {"Upload-Length": str(length), "Upload-Metadata": metadata(slot="draf_tim", filename="besar.pdf")}
    begun = await camat.post(f"/v1/instances/{instance}/uploads", headers=TUS | said)
    assert begun.status_code == 201, begun.text
    headers = TUS | {"Upload-Offset": "0", "Content-Type": BYTES, "Content-Length": str(length)}
    answer = await camat.patch(begun.headers["Location"], content=body(length), headers=headers, timeout=httpx.Timeout(300))
    assert answer.status_code == 204, answer.text


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def bare_sha256(times: int) -> float:
    content, began = os.urandom(RAW), time.process_time()
    for _ in range(times):
        hashlib.sha256(content).hexdigest()
    return (time.process_time() - began) / times


async def raw_bodies(server: Server, people: Crew, instance: str, *, times: int = 10) -> None:
    await sent(people, instance, RAW)
    before = cpu_seconds(server.pid)
    for _ in range(times):
        await sent(people, instance, RAW)
    used, bare = (cpu_seconds(server.pid) - before) / times, bare_sha256(times)
    print(f"{RAW // MEGABYTE} MB: {used:.3f} s of CPU, a bare SHA-256 {bare:.3f} s: {used / bare:.1f} times")


async def application_alone(directory: Path, *, times: int = 10) -> None:
    url, settings = f"sqlite:///{directory}/alone.db", {"ALUR_DATA_DIR": str(directory), "ALUR_SIGNING_KEY": generate_key_pem()}
    command = [sys.executable, "-m", "app.cli", "migrate"]
    subprocess.run(command, env=os.environ | settings | {"ALUR_DATABASE_URL": url}, check=True, capture_output=True)  # noqa: ASYNC221
    async with open_office(url, directory) as office:
        client = await Tus.of(office, await Run.start(office))
        content, used = HEAD.ljust(RAW, b"x"), 0.0
        for number in range(times + 1):
            at = await client.begun(RAW)
            began = time.process_time()
            assert (await client.send(at, _pieces(content))).status_code == 204
            used += (time.process_time() - began) if number else 0
        bare = bare_sha256(times)
        print(f"the application alone: {used / times:.3f} s of CPU, a bare SHA-256 {bare:.3f} s: {used / times / bare:.1f} times")


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), len(PIECE)):
        yield content[start : start + len(PIECE)]


async def one_large_file(server: Server, people: Crew, instance: str, *, megabytes: int) -> None:
    before, most = resident_megabytes(server.pid), 0.0

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, resident_megabytes(server.pid))
            await asyncio.sleep(0.02)

    watching, began = asyncio.create_task(watch()), time.perf_counter()
    await sent(people, instance, megabytes * MEGABYTE)
    watching.cancel()
    took = time.perf_counter() - began
    print(f"{megabytes} MB in {took:.1f} s: resident {before:.1f} MB before, {most:.1f} at most, {resident_megabytes(server.pid):.1f} after")


async def main(megabytes: int) -> None:
    with tempfile.TemporaryDirectory() as directory:
        await application_alone(Path(directory))
    with tempfile.TemporaryDirectory() as directory, serving(Path(directory)) as server:
        async with crew(server) as people:
            instance = await people.start()
            await one_large_file(server, people, instance, megabytes=megabytes)
            await one_large_file(server, people, instance, megabytes=megabytes)
            await raw_bodies(server, people, instance)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
