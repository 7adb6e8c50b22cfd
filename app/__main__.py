"""`python -m app`: the bare server, what `alur serve` becomes once all is prepared.

structlog would load rich and pygments for tracebacks that a server never draws: 4.4 MB that stay. So for this process there is no rich.
"""

import sys

sys.modules["rich"] = None  # type: ignore[assignment]

from app.main import run  # noqa: E402 - after that line, or it would be of no use
from app.settings import SettingsRefused  # noqa: E402

if __name__ == "__main__":
    try:
        run()
    except (SettingsRefused, ValueError) as refused:
        sys.exit(f"alur: {refused}")
