"""`python -m app`: the bare server, what `alur serve` becomes once all is prepared.

structlog would load rich and pygments for tracebacks that a server never draws: 4.4 MB that stay. uvicorn would load watchfiles to start
anew when a file changes: 0.7 MB. FastAPI would load the whole of pydantic's first version to refuse its models, and says itself that it can do
without: 1.4 MB. So for this process there is none of them.
"""

import sys

for unwanted in ("rich", "watchfiles", "pydantic.v1"):
    sys.modules[unwanted] = None  # type: ignore[assignment]

from app.main import run  # noqa: E402 - after that line, or it would be of no use
from app.settings import SettingsRefused  # noqa: E402

if __name__ == "__main__":
    try:
        run()
    except (SettingsRefused, ValueError) as refused:
        sys.exit(f"alur: {refused}")
