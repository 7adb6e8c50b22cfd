"""Where the tests' own files lie when the machine has a file system in memory for them: what they test survives a process, not a machine.

SQLite's fsyncs and PostgreSQL's copies of whole databases cost a disk much and memory nothing. Swift stays on the disk, for its extended attributes.
"""

import os
from pathlib import Path

_SHARED_MEMORY = Path("/dev/shm")
_ENOUGH = 2 * 1024**3
"""Bytes; a run keeps some hundred million at a time."""


def in_memory() -> Path | None:
    """None where there is none, where it is as small as a container's (64 MB), or where no program may be run from it."""
    if not os.access(_SHARED_MEMORY, os.W_OK | os.X_OK):
        return None
    found = os.statvfs(_SHARED_MEMORY)
    roomy = found.f_bavail * found.f_frsize >= _ENOUGH
    return None if not roomy or found.f_flag & os.ST_NOEXEC else _SHARED_MEMORY
