"""What every answer carries, and what is written down about it."""

import asyncio
import json

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from structlog.testing import capture_logs

from tests.support.frame import KNOWN


async def test_every_answer_carries_the_same_headers(sari: AsyncClient) -> None:
    for method, path in (("GET", "/livez"), ("GET", "/nowhere"), ("PUT", "/v1/things"), ("GET", "/v1/odd/boom"), ("GET", "/v1/things")):
        answer = await sari.request(method, path)
        assert answer.headers["api-version"] == "1.2.3"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["vary"] == "Authorization, Accept-Language"
        assert answer.headers["cache-control"] == "no-store"
        assert len(answer.headers["x-request-id"]) == 36


@pytest.mark.parametrize(("sent", "kept"), [("abc-1.2_3", True), ("x" * 128, True), ("x" * 129, False), ("a b", False), ('a"b', False), ("", False)])
async def test_a_sane_request_id_is_kept(stranger: AsyncClient, sent: str, kept: bool) -> None:
    answer = await stranger.get("/livez", headers={"X-Request-Id": sent})
    assert (answer.headers["x-request-id"] == sent) is kept


async def test_what_has_an_etag_may_be_kept_by_its_reader_but_not_unasked(sari: AsyncClient) -> None:
    assert (await sari.get(f"/v1/things/{KNOWN}")).headers["cache-control"] == "private, no-cache"
    created = await sari.post("/v1/things", json={"name": "a", "period": {"year": 2026}})
    assert (created.headers["etag"][:3], created.headers["cache-control"]) == ('"1.', "no-store")


async def test_head_is_get_without_the_body(sari: AsyncClient) -> None:
    got = await sari.get(f"/v1/things/{KNOWN}")
    head = await sari.head(f"/v1/things/{KNOWN}")
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", got.headers["etag"])
    assert head.headers["content-length"] == str(len(got.content))


async def test_a_stream_without_an_end_sees_that_only_its_head_was_wanted(frame: FastAPI, stranger: AsyncClient) -> None:
    async with asyncio.timeout(5):
        head = await stranger.head("/v1/odd/endless")
    assert (head.status_code, head.content, frame.state.happenings.stream_closed) == (200, b"", True)


async def test_half_an_answer_is_not_finished_by_another(frame: FastAPI, stranger: AsyncClient) -> None:
    """The server cuts the connection then: what the client has got must not look whole."""
    with capture_logs() as logs, pytest.raises(RuntimeError):
        await stranger.get("/v1/odd/halfway")
    assert [line["event"] for line in logs] == ["unhandled", "request"]


async def test_the_log_names_the_route_and_neither_path_nor_query_nor_token(sari: AsyncClient) -> None:
    with capture_logs() as logs:
        await sari.get(f"/v1/things/{KNOWN}?token=hidden")
        await sari.get("/nowhere/at/all")
        await sari.get("/livez")
    lines = [(line["method"], line["route"], line["status"]) for line in logs]
    assert lines == [("GET", "/v1/things/{thing_id}", 200), ("GET", None, 404)]  # probes are below the level that is written
    assert all(line["duration_ms"] >= 0 for line in logs)
    written = json.dumps(logs)
    assert not any(word in written for word in ("hidden", str(KNOWN), "sari", "nowhere"))


async def test_a_problem_too_follows_the_language_of_who_reads_it(sari: AsyncClient) -> None:
    assert (await sari.get(f"/v1/things/{KNOWN}", headers={"Accept-Language": "en"})).json()["name"] == "en"
