"""What looking into bytes comes to, for tests."""

import io

from app.domain.procedures import DocumentType
from app.domain.refusals import Refusal
from app.outside.content import Examined, examine


def seen(content: bytes, filename: str = "laporan.pdf", accepts: tuple[DocumentType, ...] = ()) -> Examined | Refusal:
    found = examine(io.BytesIO(content), filename=filename, accepts=accepts)
    if isinstance(found, Refusal):
        assert found.concern == "input"
        assert found.message("id") != found.message("en")
    return found


def refused(content: bytes, filename: str = "laporan.docx") -> str:
    found = seen(content, filename)
    assert isinstance(found, Refusal), found
    return f"{found.code}:{found.variant}" if found.variant else found.code
