"""A real clamd on a unix socket of its own, with one signature: that of the EICAR test string, which nobody has to fear.

The repository holds neither the string nor its signature whole: scanners of those who clone it would take the file away.
"""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

CLAMD = which("clamd") or which("clamd", path="/usr/sbin:/usr/local/sbin")
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
THREAT = "Alur.Eicar.UNOFFICIAL"
"""clamd calls so what a database that is not its makers' finds."""

MOST_STREAM_BYTES = 1024 * 1024

_DIES_WITH_ITS_PARENT = [setpriv, "--pdeathsig", "KILL"] if (setpriv := which("setpriv")) else []

_CONFIGURATION = """\
DatabaseDirectory {directory}/signatures
TemporaryDirectory {directory}
LocalSocket {socket}
Foreground yes
StreamMaxLength {most}
MaxThreads 4
SelfCheck 0
ConcurrentDatabaseReload no
Debug no
"""


@contextmanager
def clamd(directory: Path) -> Iterator[Path]:
    """The path of its socket, once it answers."""
    assert CLAMD is not None
    where = directory / "clamd.ctl"
    (directory / "signatures").mkdir(parents=True)
    (directory / "signatures" / "eicar.ndb").write_text(f"Alur.Eicar:0:*:{EICAR.hex()}\n")
    configuration = directory / "clamd.conf"
    configuration.write_text(_CONFIGURATION.format(directory=directory, socket=where, most=MOST_STREAM_BYTES))
    log = directory / "clamd.log"
    command = [*_DIES_WITH_ITS_PARENT, CLAMD, "--config-file", str(configuration), "--foreground"]
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        try:
            _wait(process, where, log)
            yield where
        finally:
            process.kill()
            where.unlink(missing_ok=True)


def _wait(process: "subprocess.Popen[bytes]", where: Path, log: Path) -> None:
    give_up = time.monotonic() + 30
    while not _pong(where):
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < give_up, log.read_text()
        time.sleep(0.02)


def _pong(where: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as talk:
        try:
            talk.connect(str(where))
            talk.sendall(b"zPING\0")
            return talk.recv(16) == b"PONG\0"
        except OSError:
            return False
