"""Whatever goes wrong leaves as problem+json: stable codes, the caller's language, and nothing of our insides."""

import json

import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response
from structlog.testing import capture_logs

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
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
)
from app.domain.refusals import WORDINGS, Refusal
from app.web.errors import STATUS, status_of
from app.web.languages import preferred
from app.web.schemas.problems import Problem as ProblemSchema
from tests.support.frame import KNOWN


def problem(response: Response, status: int, code: str) -> dict[str, object]:
    """The body, once it is the one shape of every error."""
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    body: dict[str, object] = response.json()
    ProblemSchema.model_validate(body)
    assert body["status"] == status
    assert body["code"] == code
    assert body["type"] == f"/problems/{code}"
    assert body["request_id"] == response.headers["x-request-id"]
    return body


@pytest.mark.parametrize(
    ("raised", "status"),
    [
        (Unauthenticated(), 401),
        (NotVisible(), 404),
        (Stale(), 412),
        (PayloadTooLarge(5), 413),
        (UnsupportedMediaType("application/json"), 415),
        (Invalid(FieldError("/a", "missing", "Wajib.", "Required.")), 422),
        (KeyReused(), 422),
        (PreconditionRequired(), 428),
        (TooManyRequests(60), 429),
        (Unavailable(), 503),
        (Refused([Refusal("not_a_performer"), Refusal("wrong_step"), Refusal("reason_missing")]), 403),
        (Refused([Refusal("reason_missing"), Refusal("wrong_step")]), 409),
        (Refused([Refusal("reason_missing")]), 422),
        (Problem(), 500),
    ],
)
def test_each_problem_of_the_domain_has_one_status(raised: Problem, status: int) -> None:
    assert status_of(raised) == status


def test_no_problem_of_the_domain_was_forgotten() -> None:
    known = set(STATUS) | {Refused}
    assert [kind for kind in Problem.__subclasses__() if kind.__module__ == "app.domain.problems" and kind not in known] == []


async def test_all_refusals_are_listed_the_callers_own_first_and_the_first_gives_its_code(stranger: AsyncClient) -> None:
    answer = await stranger.get("/v1/odd/refusals?codes=reason_missing,wrong_step,not_a_performer")
    body = problem(answer, 403, "not_a_performer")
    assert body["refusals"] == [
        {"code": "not_a_performer", "message": "Langkah 3 dikerjakan oleh Camat."},
        {"code": "wrong_step", "message": "Yang sedang berjalan langkah 2, bukan langkah 3."},
        {"code": "reason_missing", "message": WORDINGS["reason_missing"].id},
    ]
    assert str(body["detail"]).startswith("Langkah 3 dikerjakan oleh Camat. Yang sedang berjalan")


async def test_words_follow_the_language_and_codes_do_not(stranger: AsyncClient) -> None:
    indonesian = await stranger.get("/nowhere")
    english = await stranger.get("/nowhere", headers={"Accept-Language": "en-GB,id;q=0.5"})
    assert problem(indonesian, 404, "route_not_found")["title"] == "Alamat tidak dikenal"
    assert problem(english, 404, "route_not_found")["title"] == "Unknown address"
    assert (indonesian.headers["content-language"], english.headers["content-language"]) == ("id", "en")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "id"),
        ("", "id"),
        ("*", "id"),
        ("en", "en"),
        ("en-US,en;q=0.9", "en"),
        ("ID-id", "id"),
        ("id;q=0.3, en;q=0.8", "en"),
        ("id;q=0.8, en;q=0.8", "id"),
        ("en;q=0", "id"),
        ("de, fr;q=0.9", "id"),
        ("de, en;q=0.1", "en"),
        ("en;q=nonsense", "id"),
        ("en;q=nan", "id"),
        ("in", "id"),
        (";;;,,,", "id"),
    ],
)
def test_the_preferred_language(header: str | None, language: str) -> None:
    assert preferred(header) == language


async def test_an_unknown_method_is_told_every_method_of_the_path_over_all_its_routes(stranger: AsyncClient) -> None:
    answer = await stranger.put(f"/v1/things/{KNOWN}")  # GET and PATCH in one router, DELETE in another
    problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "DELETE, GET, HEAD, PATCH"
    answer = await stranger.request("OPTIONS", "/v1/things")
    problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, HEAD, POST"


async def test_a_trailing_slash_is_another_address(sari: AsyncClient) -> None:
    problem(await sari.get("/v1/things/"), 404, "route_not_found")


async def test_an_unexpected_error_says_nothing_and_is_logged_under_the_request_id(stranger: AsyncClient) -> None:
    with capture_logs() as logs:
        answer = await stranger.get("/v1/odd/boom", headers={"X-Request-Id": "r-42"})
    problem(answer, 500, "internal_error")
    assert "hunter2" not in answer.text
    assert "RuntimeError" not in answer.text
    assert answer.json()["request_id"] == "r-42"
    assert [(line["event"], line["log_level"]) for line in logs] == [("unhandled", "error"), ("request", "info")]
    assert logs[1]["status"] == 500


async def test_what_is_out_for_the_moment_says_when_to_come_again(stranger: AsyncClient) -> None:
    answer = await stranger.get("/v1/odd/unavailable")
    problem(answer, 503, "unavailable")
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("authorization", "code", "challenge"),
    [
        (None, "token_missing", 'Bearer realm="alur"'),
        ("Basic c2FyaTpzYXJp", "token_missing", 'Bearer realm="alur"'),
        ("Bearer ", "token_missing", 'Bearer realm="alur"'),
        ("Bearer wrong", "token_invalid", 'Bearer realm="alur", error="invalid_token"'),
        ("bearer wrong", "token_invalid", 'Bearer realm="alur", error="invalid_token"'),
    ],
)
async def test_who_is_not_signed_in_is_challenged(stranger: AsyncClient, authorization: str | None, code: str, challenge: str) -> None:
    answer = await stranger.get("/v1/things", headers={"Authorization": authorization} if authorization else {})
    problem(answer, 401, code)
    assert answer.headers["www-authenticate"] == challenge


async def test_a_wrong_password_is_not_a_wrong_token(stranger: AsyncClient) -> None:
    for headers in ({}, {"Authorization": "Bearer of-an-earlier-session"}):
        answer = await stranger.get("/v1/odd/sign-in", headers=headers)
        problem(answer, 401, "bad_credentials")
        assert answer.headers["www-authenticate"] == 'Bearer realm="alur"'


async def test_every_code_that_was_answered_is_explained(frame: FastAPI, stranger: AsyncClient) -> None:
    for code in ("token_missing", "not_found", "slot_closed", "cursor_invalid"):
        answer = await stranger.get(f"/problems/{code}", headers={"Accept-Language": "en"})
        assert answer.status_code == 200
        assert json.loads(answer.text)["meaning"]
    problem(await stranger.get("/problems/never_heard_of"), 404, "not_found")
