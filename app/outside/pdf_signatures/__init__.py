"""Electronic signatures in a PDF, read by pyHanko in a child process with limits of its own.

A hostile PDF can end that process, not the server; and pyHanko's memory is given back with it. Nothing is fetched over the network:
lists of revoked certificates are not asked for.
"""

import json
import os
import signal
import subprocess
import sys
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal

import structlog
from anyio import CapacityLimiter, to_thread
from cryptography.x509 import load_pem_x509_certificates

from app.domain.signatures import PdfSignature

Reason = Literal["damaged", "encrypted", "forms", "costly", "crashed"]
"""damaged: no PDF that can be read; encrypted; forms: made of XFA forms, whose looks no signature holds; costly: more work than a PDF is worth;
crashed: what reads it broke down, over this file or for a reason of its own, so nothing is known of the file.
"""

_LIMITS_OF_TIME = {-signal.SIGALRM, -signal.SIGXCPU, -signal.SIGKILL}
"""How the child ends where it took too long: its own limits, the last of which is the kernel's."""

SECONDS = 40
"""On the clock. The child has its own, shorter one for the processor (`__main__`)."""

COMMAND = ("-B", "-m", "app.outside.pdf_signatures")

_NEEDED = ("PATH", "LD_LIBRARY_PATH", "LANG")
"""A process that reads what others send has no use for keys and passwords."""

_two_at_a_time = CapacityLimiter(2)

log = structlog.get_logger("alur.pdf_signatures")


class PdfUnreadable(Exception):
    """Nothing can be said of this file's signatures. `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        self.reason: Reason = reason
        super().__init__(reason)


async def verify(path: Path, *, trust_roots: Path | None, at: datetime) -> tuple[PdfSignature, ...]:
    """All signatures in the PDF, in the order in which they were put; none for one without. Raises PdfUnreadable.

    `trust_roots`: a file of PEM certificates. `at`: when the file is known to have existed; certificates are judged at that moment, or at that
    of a trusted time stamp inside the signature.
    """
    ask = partial(_ask_child, path, trust_roots=trust_roots, at=at, seconds=SECONDS)
    return await to_thread.run_sync(ask, limiter=_two_at_a_time)


def check_trust_roots(path: Path) -> None:
    """When a server starts. Raises ValueError for a file that is no list of PEM certificates."""
    try:
        load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ValueError(f"ALUR_TRUST_ROOTS_FILE names {path}, which is no file of PEM certificates: {error}") from error


def _ask_child(path: Path, *, trust_roots: Path | None, at: datetime, seconds: float) -> tuple[PdfSignature, ...]:
    roots = "" if trust_roots is None else str(trust_roots.absolute())
    command = [sys.executable, *COMMAND, str(path.absolute()), at.isoformat(), roots]
    try:
        done = subprocess.run(  # noqa: S603 (our own module; the arguments are paths and a moment)
            command,
            cwd=Path(__file__).parents[3],
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PdfUnreadable("costly") from error
    if done.returncode != 0:
        log.error("verification ended", returncode=done.returncode)
        raise PdfUnreadable("costly" if done.returncode in _LIMITS_OF_TIME else "crashed")
    return _understood(done.stdout)


def environment() -> dict[str, str]:
    """What the child is told of ours."""
    return {name: os.environ[name] for name in _NEEDED if name in os.environ}


def _understood(said: bytes) -> tuple[PdfSignature, ...]:
    answer = json.loads(said)
    if answer["unreadable"] is not None:
        raise PdfUnreadable(answer["unreadable"])
    return tuple(map(_signature, answer["signatures"]))


def _signature(said: dict[str, Any]) -> PdfSignature:
    signed_at = said.pop("signed_at")
    return PdfSignature(**said, signed_at=None if signed_at is None else datetime.fromisoformat(signed_at))
