"""401 before 404 before 422, whatever else is wrong with the request."""

import pytest
from httpx import AsyncClient

from tests.support.frame import HIDDEN, KNOWN
from tests.web.test_frame_errors import problem

MALFORMED: dict[str, dict[str, object]] = {
    "broken JSON": {"content": b'{"action": ', "headers": {"Content-Type": "application/json"}},
    "not UTF-8": {"content": b'{"action": "\xff"}', "headers": {"Content-Type": "application/json"}},
    "deep as a well": {"content": b"[" * 100_000, "headers": {"Content-Type": "application/json"}},
    "another content type": {"content": b'{"action": "paint"}', "headers": {"Content-Type": "text/plain"}},
    "no content type": {"content": b'{"action": "paint"}'},
    "no body": {},
    "a missing field": {"json": {"action": "paint"}},
    "an unknown field": {"json": {"action": "paint", "colour": "red", "id": 1}},
    "a NUL": {"json": {"action": "paint", "colour": "\0"}},
    "too large": {"json": {"action": "paint", "colour": "x" * 1_100_000}},
    "a wrong query": {"json": {"action": "paint", "colour": "red"}, "params": {"dry_run": "perhaps"}},
    "a NUL in the query": {"json": {"action": "paint", "colour": "red"}, "params": {"x": "\0"}},
}
MALFORMED_CODES = {
    "broken JSON": (422, "malformed_json"),
    "not UTF-8": (422, "malformed_json"),
    "deep as a well": (422, "malformed_json"),
    "another content type": (415, "unsupported_media_type"),
    "no content type": (415, "unsupported_media_type"),
    "a NUL": (422, "unstorable_text"),
    "too large": (413, "payload_too_large"),
}


@pytest.mark.parametrize("request_arguments", MALFORMED.values(), ids=MALFORMED)
async def test_a_stranger_learns_only_that_nobody_is_signed_in(stranger: AsyncClient, request_arguments: dict[str, object]) -> None:
    for thing in (KNOWN, HIDDEN, "no-uuid"):
        problem(await stranger.post(f"/v1/things/{thing}/deeds", **request_arguments), 401, "token_missing")  # type: ignore[arg-type]


@pytest.mark.parametrize("request_arguments", MALFORMED.values(), ids=MALFORMED)
async def test_what_is_not_visible_stays_so_for_malformed_requests(sari: AsyncClient, request_arguments: dict[str, object]) -> None:
    for thing in (HIDDEN, "no-uuid"):
        problem(await sari.post(f"/v1/things/{thing}/deeds", **request_arguments), 404, "not_found")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", MALFORMED)
async def test_only_then_is_the_mistake_named(sari: AsyncClient, name: str) -> None:
    status, code = MALFORMED_CODES.get(name, (422, "invalid_request"))
    problem(await sari.post(f"/v1/things/{KNOWN}/deeds", **MALFORMED[name]), status, code)  # type: ignore[arg-type]


async def test_a_malformed_path_parameter_is_of_nothing(sari: AsyncClient) -> None:
    problem(await sari.get("/v1/things/no-uuid"), 404, "not_found")
    problem(await sari.get("/v1/things/%00"), 404, "not_found")


async def test_a_name_that_no_database_can_hold_is_of_nothing(stranger: AsyncClient, sari: AsyncClient) -> None:
    problem(await stranger.get("/v1/odd/named/a%00b"), 401, "token_missing")
    problem(await sari.get("/v1/odd/named/a%00b"), 404, "not_found")
    assert (await sari.get("/v1/odd/named/ab")).text == "ab"


async def test_a_bad_cursor_or_key_comes_after_401_too(stranger: AsyncClient, sari: AsyncClient) -> None:
    problem(await stranger.get("/v1/things?cursor=x"), 401, "token_missing")
    problem(await sari.get("/v1/things?cursor=x"), 422, "cursor_invalid")
    broken = {"Idempotency-Key": "x" * 256}
    thing = {"name": "a", "period": {"year": 2026}}
    problem(await stranger.post("/v1/things", json=thing, headers=broken), 401, "token_missing")
    body = problem(await sari.post("/v1/things", json=thing, headers=broken), 422, "invalid_request")
    assert body["errors"] == [{"pointer": "Idempotency-Key", "code": "too_long", "message": "Paling banyak 255 karakter."}]


async def test_a_precondition_is_judged_after_the_body(sari: AsyncClient) -> None:
    problem(await sari.patch(f"/v1/things/{KNOWN}", json={}), 422, "invalid_request")
    problem(await sari.patch(f"/v1/things/{KNOWN}", json={"name": "a", "period": {"year": 2026}}), 428, "precondition_required")


async def test_public_routes_judge_nobody(stranger: AsyncClient) -> None:
    problem(await stranger.get("/v1/odd/refusals"), 422, "invalid_request")
