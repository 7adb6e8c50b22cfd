"""The OpenAPI documents of the application, as text. The application is only built, never run: no database, no key of anyone's."""

import json
import tempfile

from app.main import create_app
from app.outside.tokens import generate_key_pem
from app.settings import Settings
from app.web.openapi import openapi_30


def documents() -> dict[str, str]:
    """File name → content."""
    with tempfile.TemporaryDirectory() as directory:
        settings = Settings.load({"ALUR_DATA_DIR": directory, "ALUR_SIGNING_KEY": generate_key_pem()})
        document = create_app(settings).openapi()
    return {"openapi.json": _written(document), "openapi-3.0.json": _written(openapi_30(document))}


def _written(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
