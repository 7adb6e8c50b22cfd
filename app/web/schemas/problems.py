"""The one shape of every error (RFC 9457)."""

from typing import Annotated

from pydantic import ConfigDict, Field

from app.web.schemas.base import AnswerModel


class FieldProblem(AnswerModel):
    """One mistake in the request."""

    pointer: Annotated[str, Field(description="JSON pointer (`/period/year`), `?query`, or a header's name")]
    code: str
    message: str


class RefusalProblem(AnswerModel):
    """One rule that says no."""

    code: str
    message: str


class Problem(AnswerModel):
    """RFC 9457. `code` is stable; `title`, `detail` and the messages follow Accept-Language."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "/problems/input_missing",
                    "title": "Keadaan tidak mengizinkan",
                    "status": 409,
                    "detail": "Kelengkapan belum ada: Struktur Organisasi (slot struktur_organisasi).",
                    "code": "input_missing",
                    "request_id": "019aab3e-6c1a-7c52-9d0e-3f1f0a0b6c11",
                    "errors": [],
                    "refusals": [{"code": "input_missing", "message": "Kelengkapan belum ada: Struktur Organisasi (slot struktur_organisasi)."}],
                }
            ]
        }
    )

    type: Annotated[str, Field(description="`/problems/<code>`: a page that explains it", json_schema_extra={"format": "uri-reference"})]
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    detail: str
    code: str
    request_id: str
    errors: Annotated[list[FieldProblem], Field(description="What is wrong in the request; empty otherwise")]
    refusals: Annotated[list[RefusalProblem], Field(description="All rules that say no, the caller's own first; empty otherwise")]
