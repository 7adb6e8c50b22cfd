"""Mistakes are named by our own codes, in two languages, with a pointer to the place; what was sent is never repeated."""

from typing import Any

import pytest
from httpx import AsyncClient

from tests.support.frame import KNOWN
from tests.web.test_frame_errors import problem

GOOD: dict[str, Any] = {"name": "meja", "period": {"year": 2026}}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, [("/name", "missing"), ("/period", "missing")]),
        (GOOD | {"id": 1}, [("/id", "unknown_field")]),
        (GOOD | {"a/b~c": 1}, [("/a~1b~0c", "unknown_field")]),
        (GOOD | {"name": ""}, [("/name", "too_short")]),
        (GOOD | {"name": "x" * 21}, [("/name", "too_long")]),
        (GOOD | {"name": 5}, [("/name", "not_text")]),
        (GOOD | {"name": None}, [("/name", "not_text")]),
        (GOOD | {"name": "sialan"}, [("/name", "impolite")]),
        (GOOD | {"period": {"year": 1999}}, [("/period/year", "too_small")]),
        (GOOD | {"period": {"year": 2101}}, [("/period/year", "too_large")]),
        (GOOD | {"period": {"year": "soon"}}, [("/period/year", "not_an_integer")]),
        (GOOD | {"period": {"year": 2026.5}}, [("/period/year", "not_an_integer")]),
        (GOOD | {"period": {}}, [("/period/year", "missing")]),
        (GOOD | {"period": []}, [("/period", "not_an_object")]),
        (GOOD | {"at": "yesterday"}, [("/at", "not_a_timestamp")]),
        (GOOD | {"colours": "red"}, [("/colours", "not_a_list")]),
        (GOOD | {"colours": ["red", "blue"]}, [("/colours/1", "not_allowed")]),
        ([], [("", "not_an_object")]),
        ("text", [("", "not_an_object")]),
    ],
)
async def test_each_mistake_has_its_code_and_place(sari: AsyncClient, body: Any, expected: list[tuple[str, str]]) -> None:
    answer = problem(await sari.post("/v1/things", json=body), 422, "invalid_request")
    assert [(error["pointer"], error["code"]) for error in answer["errors"]] == expected  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("language", "words"),
    [("id", "Harus salah satu dari 'red' atau 'green'."), ("en", "Must be one of 'red' or 'green'.")],
)
async def test_what_is_allowed_is_listed_in_one_language(sari: AsyncClient, language: str, words: str) -> None:
    answer = await sari.post("/v1/things", json=GOOD | {"colours": ["blue"]}, headers={"Accept-Language": language})
    assert [error["message"] for error in answer.json()["errors"]] == [words]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, [("/action", "missing")]),
        ({"action": "eat"}, [("/action", "not_allowed")]),
        ({"action": "paint"}, [("/colour", "missing")]),
        ({"action": "sell", "price": "much"}, [("/price", "not_an_integer")]),
        ({"action": "paint", "colour": "red", "price": 1}, [("/price", "unknown_field")]),
    ],
)
async def test_a_union_leaves_no_trace_in_the_pointer(sari: AsyncClient, body: Any, expected: list[tuple[str, str]]) -> None:
    answer = problem(await sari.post(f"/v1/things/{KNOWN}/deeds", json=body), 422, "invalid_request")
    assert [(error["pointer"], error["code"]) for error in answer["errors"]] == expected  # type: ignore[attr-defined]


async def test_the_query_is_pointed_at_by_name(sari: AsyncClient) -> None:
    for limit, code in (("0", "too_small"), ("201", "too_large"), ("many", "not_an_integer")):
        body = problem(await sari.get(f"/v1/things?limit={limit}"), 422, "invalid_request")
        assert [(error["pointer"], error["code"]) for error in body["errors"]] == [("?limit", code)]  # type: ignore[attr-defined]


async def test_sentences_come_in_both_languages_and_never_repeat_what_was_sent(sari: AsyncClient) -> None:
    body = {"name": "kata-sandi-saya-{secret}", "period": {"year": 1999}}
    indonesian = problem(await sari.post("/v1/things", json=body), 422, "invalid_request")
    english = problem(await sari.post("/v1/things", json=body, headers={"Accept-Language": "en"}), 422, "invalid_request")
    assert [error["message"] for error in indonesian["errors"]] == ["Paling banyak 20 karakter.", "Sedikitnya 2000."]  # type: ignore[attr-defined]
    assert [error["message"] for error in english["errors"]] == ["At most 20 characters.", "Must be at least 2000."]  # type: ignore[attr-defined]
    assert "kata-sandi" not in str(indonesian)
    polite = await sari.post("/v1/things", json=GOOD | {"name": "sialan"}, headers={"Accept-Language": "en"})
    assert polite.json()["errors"] == [{"pointer": "/name", "code": "impolite", "message": "Impolite."}]
