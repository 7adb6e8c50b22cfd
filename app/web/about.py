"""What a client reads about the API itself: the document in both versions, and what each problem's code means."""

import json
from functools import partial
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response

from app.domain.problems import NotVisible
from app.web.answers import answer
from app.web.etags import etag
from app.web.languages import Lang
from app.web.openapi import openapi_30
from app.web.schemas.base import AnswerModel
from app.web.wording import explained

router = APIRouter(include_in_schema=False)


class Explanation(AnswerModel):
    code: str
    meaning: str


@router.get("/openapi.json")
async def get_document(request: Request) -> Response:
    return await _document(request, "openapi.json")


@router.get("/openapi-3.0.json")
async def get_document_30(request: Request) -> Response:
    return await _document(request, "openapi-3.0.json")


@router.get("/problems/{code}")
async def get_problem(code: str, language: Lang) -> Response:
    words = explained(code)
    if words is None:
        raise NotVisible
    return answer(Explanation(code=code, meaning=words[language]))


def rendered(app: FastAPI) -> dict[str, bytes]:
    """Both documents by file name, as served and as committed under openapi/."""
    document = app.openapi()
    return {"openapi.json": _bytes(document), "openapi-3.0.json": _bytes(openapi_30(document))}


async def _document(request: Request, name: str) -> Response:
    """Made once, when somebody asks; who asks meanwhile waits for the same."""
    state = request.app.state
    async with state.documenting:
        if not state.documents:
            state.documents = await to_thread.run_sync(partial(state.make_documents, request.app))
    body = state.documents[name]
    return Response(body, media_type="application/json", headers={"ETag": etag(1, body), "Cache-Control": "public, no-cache"})


def _bytes(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()
