"""A real S3 server for the tests: OpenStack Swift, started when the first test asks, one for all workers of the run.

It watches the process that controls the run, not the worker that happened to start it, and ends with that.
"""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from app.outside.storage.s3 import S3Access, S3Blobs
from tests.support.postgres import only_one

START_SECONDS = 30
BUCKET, FULL_BUCKET = "documents", "full"
SECRET = "not-to-be-told"


@dataclass(frozen=True, slots=True)
class S3Server:
    port: int

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def access(self, *, endpoint: str | None = None, key: str = "alur:office", secret: str = SECRET) -> S3Access:
        return S3Access(endpoint=endpoint or self.endpoint, region="us-east-1", access_key_id=key, secret_access_key=secret)


def blobs_on(server: S3Server, directory: Path, *, bucket: str = BUCKET, access: S3Access | None = None) -> S3Blobs:
    """In a folder of the bucket that nobody else uses."""
    return S3Blobs(bucket, f"tests/{uuid4()}", access=access or server.access(), incoming=directory / "incoming")


def s3_server(run_directory: Path, controller: int) -> S3Server:
    """Skips the test where it cannot run: no Linux, no extended attributes, or it did not start."""
    ready, failed = run_directory / "swift" / "ready", run_directory / "swift.failed"
    with only_one(run_directory / "swift.lock"):
        if not ready.exists() and not failed.exists():
            _start(run_directory, controller)
    if not ready.exists():
        pytest.skip(f"there is no S3 server to test with: {failed.read_text()}")
    return S3Server(int(ready.read_text()))


def _start(run_directory: Path, controller: int) -> None:
    reason = _missing(run_directory)
    if not reason:
        with (run_directory / "swift.log").open("wb") as log:
            command = [sys.executable, "-W", "ignore", str(Path(__file__).with_name("swift_program.py"))]
            process = subprocess.Popen([*command, str(run_directory / "swift"), str(controller), SECRET], stdout=log, stderr=subprocess.STDOUT)
        reason = _wait(process, run_directory)
    if reason:
        (run_directory / "swift.failed").write_text(reason)


def _wait(process: subprocess.Popen[bytes], run_directory: Path) -> str:
    end = time.monotonic() + START_SECONDS
    while not (run_directory / "swift" / "ready").exists():
        if process.poll() is not None or time.monotonic() > end:
            process.kill()
            return f"Swift did not start: {(run_directory / 'swift.log').read_text(errors='replace')[-2000:]}"
        time.sleep(0.03)
    process.returncode = 0  # nobody waits for it: it ends after this process
    return ""


def _missing(directory: Path) -> str:
    if sys.platform != "linux":
        return "Swift runs on Linux only"
    probe = directory / "attributes"
    probe.touch()
    try:
        os.setxattr(probe, "user.swift", b"x" * 255)
    except OSError:
        return f"{directory} is on a file system without extended attributes, which Swift needs; set TMPDIR to one that has them"
    return ""
