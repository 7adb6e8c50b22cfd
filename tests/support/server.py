"""The real server as a process of its own, as a newcomer starts it."""

import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PASSWORD = "samboja-demo-1"


@dataclass(frozen=True)
class Server:
    url: str
    pid: int
    log: Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(directory: Path, *, program: str | None = None, **settings: str) -> Iterator[Server]:
    """`alur serve` in demo mode on SQLite, ready; stopped with SIGTERM at the end.

    `program` is Python to be run instead, over what an earlier `alur serve` left in the directory.
    """
    port = free_port()
    given = {"ALUR_DATA_DIR": str(directory), "ALUR_DEMO": "1", "ALUR_DEMO_PASSWORD": PASSWORD, "ALUR_HOST": "127.0.0.1", "ALUR_PORT": str(port)}
    given |= settings
    log = directory / "serve.log"
    serve = ["-m", "app.cli", "serve", "--host", "127.0.0.1", "--port", str(port)]
    command = [sys.executable, *(serve if program is None else ["-c", program])]
    with log.open("wb") as output, subprocess.Popen(command, env=_without_ours() | given, stdout=output, stderr=output) as process:
        try:
            wait_until_ready(port, process, log)
            yield Server(f"http://127.0.0.1:{port}", process.pid, log)
        finally:
            process.terminate()
            process.wait(timeout=30)


def wait_until_ready(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Asks until it answers; a server that ended says why in its log."""
    while process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
        with suppress(OSError), closing(connection):
            connection.request("GET", "/readyz")
            if connection.getresponse().status == http.client.OK:
                return
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.05)
    raise AssertionError(f"the server ended with {process.returncode}:\n{log.read_text()}")


def _without_ours() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("ALUR_")}
