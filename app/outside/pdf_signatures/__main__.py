"""The child: `python -m app.outside.pdf_signatures FILE MOMENT ROOTS` writes what it found as JSON. It ends itself where it takes too much."""

import json
import logging
import resource
import signal
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

MEMORY_BYTES = 1024**3
"""Of addresses, libraries included; a PDF is read in pieces, so its size is not the measure."""

PROCESSOR_SECONDS = 20
CLOCK_SECONDS = 35


def limit() -> None:
    """Before anything of the file is read, and before what reads it is loaded."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, PROCESSOR_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        _, hard = resource.getrlimit(what)
        given = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (given, given))
    signal.alarm(CLOCK_SECONDS)  # also where the one who asked is gone


def answer(path: Path, at: datetime, roots: Path | None) -> dict[str, Any]:
    from app.outside.pdf_signatures import PdfUnreadable  # noqa: PLC0415 (after the limits)
    from app.outside.pdf_signatures.examining import examine  # noqa: PLC0415

    try:
        with path.open("rb") as file:
            found = examine(file, roots=roots, at=at)
    except PdfUnreadable as unreadable:
        return {"unreadable": unreadable.reason}
    except MemoryError:
        return {"unreadable": "costly"}
    said = [asdict(s) | {"signed_at": None if s.signed_at is None else s.signed_at.isoformat()} for s in found]
    return {"unreadable": None, "signatures": said}


def main() -> None:
    path, at, roots = sys.argv[1:]
    limit()
    logging.disable(logging.CRITICAL)  # pyHanko tells a lot of what it reads
    sys.stdout.write(json.dumps(answer(Path(path), datetime.fromisoformat(at), Path(roots) if roots else None)))


if __name__ == "__main__":
    main()
