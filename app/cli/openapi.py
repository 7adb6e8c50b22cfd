"""The OpenAPI documents of the application, as text. The application is only built, never run: no database, no key of anyone's.

`python -m app.cli.openapi` writes both as one JSON object: so the server has them made, which keeps neither docstrings nor the schemas they take.
"""

import json
import sys
import tempfile

from app.main import create_app
from app.outside.tokens import generate_key_pem
from app.settings import Settings
from app.web.about import rendered


def documents() -> dict[str, str]:
    """File name → content."""
    with tempfile.TemporaryDirectory() as directory:
        settings = Settings.load({"ALUR_DATA_DIR": directory, "ALUR_SIGNING_KEY": generate_key_pem()})
        return {name: content.decode() for name, content in rendered(create_app(settings)).items()}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(documents()))
