"""The document: what routers say of their operations, and what the frame says for all of them."""

from app.web.openapi.declare import BINARY, SCOPE, headed, problems, requires, tagged
from app.web.openapi.document import build_document, faults
from app.web.openapi.down import openapi_30

__all__ = ["BINARY", "SCOPE", "build_document", "faults", "headed", "openapi_30", "problems", "requires", "tagged"]
