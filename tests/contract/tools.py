"""npm's tools for the contract tests: installed once per lock, under the git-ignored node_modules."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
MISSING = [name for name in ("node", "npm") if shutil.which(name) is None]
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}
"""Nothing is reported to, or asked of, the tools' makers."""


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    said: str


def run(name: str, *arguments: str | Path, cwd: Path = HERE, settings: Mapping[str, str] = QUIET) -> Ended:
    """A tool from node_modules, or `node` and `npm` themselves."""
    installed = MODULES / ".bin" / name
    command = [str(installed) if installed.exists() else name, *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, env=os.environ | settings, capture_output=True, text=True, timeout=600, check=False)
    return Ended(done.returncode, done.stdout, done.stdout + done.stderr)


def must(name: str, *arguments: str | Path, cwd: Path = HERE, settings: Mapping[str, str] = QUIET) -> str:
    ended = run(name, *arguments, cwd=cwd, settings=settings)
    assert ended.code == 0, f"{name} ended with {ended.code}:\n{ended.said}"
    return ended.out


def install() -> None:
    """`npm ci` when what is installed is not what the lock says; pytest's workers and other runs wait for the one that installs."""
    asked = b"".join((HERE / name).read_bytes() for name in ("package.json", "package-lock.json", ".npmrc"))
    stamp, wanted = MODULES / ".installed", hashlib.sha256(asked).hexdigest()
    with (HERE / "package-lock.json").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text(encoding="ascii") != wanted:
            must("npm", "ci")
            stamp.write_text(wanted, encoding="ascii")
