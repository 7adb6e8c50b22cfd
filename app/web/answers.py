"""Answers: one serialiser call, and the bytes that were hashed are the bytes that are sent."""

from pydantic import BaseModel
from starlette.responses import Response

from app.domain.retries import StoredAnswer
from app.web.etags import etag


def freeze(model: BaseModel, *, status: int = 200, version: int | None = None, headers: dict[str, str] | None = None) -> StoredAnswer:
    """The answer as a value, so that it can be stored beside the act that it reports. `version` gives it an ETag."""
    body = model.model_dump_json(by_alias=True)
    tag = {} if version is None else {"ETag": etag(version, body.encode())}
    return StoredAnswer(status=status, headers=tag | (headers or {}), body=body)


def respond(stored: StoredAnswer) -> Response:
    return Response(stored.body, status_code=stored.status, headers=stored.headers, media_type="application/json")


def answer(model: BaseModel, *, status: int = 200, version: int | None = None, headers: dict[str, str] | None = None) -> Response:
    return respond(freeze(model, status=status, version=version, headers=headers))
