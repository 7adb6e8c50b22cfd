"""Every error leaves as RFC 9457 problem+json: one status for each problem of the domain, one shape, two languages."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.domain.people import Actor
from app.domain.problems import (
    FieldError,
    Invalid,
    KeyReused,
    NotVisible,
    PayloadTooLarge,
    PreconditionRequired,
    Problem,
    Refused,
    Stale,
    StorageFull,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
)
from app.domain.refusals import Concern, Language, Refusal
from app.domain.resumable_uploads import FileTooLarge, OffsetMismatch
from app.domain.unclaimed import with_waiting
from app.web.judgement import judge
from app.web.languages import preferred
from app.web.ranges import RangeNotSatisfiable
from app.web.security import bearer_token
from app.web.tus import VERSION as TUS_VERSION
from app.web.tus import ChecksumMismatch, ChecksumUnsupported, TusVersionUnsupported, UploadSilent
from app.web.validation import field_errors
from app.web.wording import text_of

MEDIA_TYPE = "application/problem+json"

STATUS: dict[type[Problem], int] = {
    Unauthenticated: 401,
    ChecksumUnsupported: 400,
    NotVisible: 404,
    UploadSilent: 408,
    OffsetMismatch: 409,
    Stale: 412,
    TusVersionUnsupported: 412,
    PayloadTooLarge: 413,
    UnsupportedMediaType: 415,
    RangeNotSatisfiable: 416,
    Invalid: 422,
    KeyReused: 422,
    PreconditionRequired: 428,
    TooManyRequests: 429,
    ChecksumMismatch: 460,
    Unavailable: 503,
    StorageFull: 507,
}

_BY_CONCERN: dict[Concern, int] = {"caller": 403, "state": 409, "input": 422}


class MalformedBody(Invalid):
    """The bytes are not what they say they are; there is no place in them to point at."""

    def __init__(self, code: str = "malformed_json") -> None:
        super().__init__()
        self.code = code


class BodyFault(HTTPException):
    """Raised while the body is being read: of all exceptions FastAPI lets only this kind through."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(status_code=status_of(problem))
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Answer:
    """What a problem says, before it is put into words."""

    status: int
    code: str
    errors: Iterable[FieldError] = ()
    refusals: Iterable[Refusal] = ()
    params: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    variant: str = ""


def status_of(problem: Problem) -> int:
    if isinstance(problem, Refused):
        return _BY_CONCERN[problem.refusals[0].concern]
    return next((STATUS[kind] for kind in type(problem).__mro__ if kind in STATUS), 500)


def answer_of(problem: Problem, request: Request) -> Answer:
    """A refusal's own code stands at the top: the first one, since the caller's come first."""
    refusals = _refusals(problem, request)
    return Answer(
        status=status_of(problem),
        code=refusals[0].code if refusals else problem.code,
        errors=problem.errors if isinstance(problem, (Invalid, NotVisible)) else (),
        refusals=refusals,
        params=vars(problem),
        headers=_headers(problem, request),
        variant=problem.variant if isinstance(problem, (Unauthenticated, FileTooLarge)) else "",
    )


def _refusals(problem: Problem, request: Request) -> tuple[Refusal, ...]:
    """With what a refresh, or a second factor, would bring the caller."""
    if not isinstance(problem, Refused):
        return ()
    actor: Actor | None = getattr(request.state, "actor", None)
    return problem.refusals if actor is None else with_waiting(problem.refusals, actor)


def _headers(problem: Problem, request: Request) -> dict[str, str]:
    if isinstance(problem, Unauthenticated):
        fault = ', error="invalid_token"' if bearer_token(request) and problem.code != "bad_credentials" else ""
        return {"WWW-Authenticate": f'Bearer realm="alur"{fault}'}
    if isinstance(problem, (Unavailable, TooManyRequests)):
        return {"Retry-After": str(problem.retry_after)}
    if isinstance(problem, RangeNotSatisfiable):
        return {"Content-Range": f"bytes */{problem.size}"}
    if isinstance(problem, TusVersionUnsupported):
        return {"Tus-Version": TUS_VERSION, "Tus-Resumable": TUS_VERSION}
    return {"Connection": "close"} if isinstance(problem, (PayloadTooLarge, UploadSilent)) else {}


def problem_response(request: Request, answer: Answer) -> Response:
    language = preferred(request.headers.get("accept-language"))
    request.state.problem = answer.code  # for the access log
    text = text_of(answer.code, answer.status, variant=answer.variant)
    refusals = [{"code": refusal.code, "message": refusal.message(language)} for refusal in answer.refusals]
    body = {
        "type": f"/problems/{answer.code}",
        "title": text.title[language],
        "status": answer.status,
        "detail": " ".join(refusal["message"] for refusal in refusals) or text.detail[language].format_map(answer.params),
        "code": answer.code,
        "request_id": request.scope.get("state", {}).get("request_id"),
        "errors": [_shown(error, language) for error in answer.errors],
        "refusals": refusals,
    }
    tus = {"Tus-Resumable": TUS_VERSION} if "tus-resumable" in request.headers else {}
    headers = {"Content-Language": language, **tus, **answer.headers}
    return Response(json.dumps(body, ensure_ascii=False).encode(), status_code=answer.status, headers=headers, media_type=MEDIA_TYPE)


def _shown(error: FieldError, language: Language) -> dict[str, str]:
    return {"pointer": error.pointer, "code": error.code, "message": error.en if language == "en" else error.id}


async def _on_problem(request: Request, problem: Problem) -> Response:
    return problem_response(request, answer_of(problem, request))


async def _on_malformed(request: Request, problem: Problem) -> Response:
    """Who sends this, and may they see what it is about? Then what is wrong with it."""
    try:
        await judge(request)
    except Problem as earlier:
        problem = earlier
    return await _on_problem(request, problem)


async def _on_validation(request: Request, error: RequestValidationError) -> Response:
    return await _on_malformed(request, _problem_in(error))


def _problem_in(error: RequestValidationError) -> Problem:
    """A path parameter that cannot be is not looked for here: `judge` has said 404."""
    findings = error.errors()
    if any(finding["type"] == "json_invalid" for finding in findings):
        return MalformedBody()
    if isinstance(error.body, bytes):
        return UnsupportedMediaType("application/json")
    return Invalid(*field_errors(findings, error.body))


async def _on_http(request: Request, error: HTTPException) -> Response:
    if isinstance(error, BodyFault):
        return await _on_malformed(request, error.problem)
    if error.status_code == 400:
        return await _on_malformed(request, MalformedBody())
    if error.status_code == 405:
        allow = ", ".join(request.app.state.routes.allowed(request.scope["path"]))
        return problem_response(request, Answer(405, "method_not_allowed", headers={"Allow": allow}))
    code = "route_not_found" if error.status_code == 404 else f"http_{error.status_code}"
    return problem_response(request, Answer(error.status_code, code, headers=error.headers or {}))


def internal_error(request: Request) -> Response:
    """Says nothing of what went wrong: the log does, under the same request id."""
    return problem_response(request, Answer(500, "internal_error"))


def install(app: FastAPI) -> None:
    handlers: dict[type[Exception], Any] = {
        Problem: _on_problem,
        Invalid: _on_malformed,
        RequestValidationError: _on_validation,
        HTTPException: _on_http,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
