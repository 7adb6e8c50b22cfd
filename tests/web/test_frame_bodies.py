"""How much is read, and what JSON may hold."""

from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient
from starlette.types import Message

from app.web.bodies import MAX_BODY, bounded
from app.web.errors import BodyFault
from tests.support.frame import KNOWN
from tests.web.test_frame_errors import problem

JSON = {"Content-Type": "application/json"}


async def in_pieces(size: int) -> AsyncIterator[bytes]:
    """A body whose length nobody declares."""
    for _ in range(size // 65536):
        yield b" " * 65536


async def test_a_body_over_the_cap_is_refused_whether_or_not_it_declares_its_length(sari: AsyncClient) -> None:
    declared = await sari.post("/v1/things", content=b" " * (MAX_BODY + 1), headers=JSON)
    undeclared = await sari.post("/v1/things", content=in_pieces(2 * MAX_BODY), headers=JSON)
    for answer in (declared, undeclared):
        body = problem(answer, 413, "payload_too_large")
        assert str(MAX_BODY) in str(body["detail"])
        assert answer.headers["connection"] == "close"


async def test_what_declares_itself_too_large_is_not_even_read() -> None:
    async def receive() -> Message:
        raise AssertionError("read")

    scope = {"type": "http", "headers": [(b"content-length", str(MAX_BODY + 1).encode())]}
    with pytest.raises(BodyFault):
        await bounded(scope, receive)()


async def test_a_body_of_just_the_cap_is_read(sari: AsyncClient) -> None:
    problem(await sari.post("/v1/things", content=b" " * MAX_BODY, headers=JSON), 422, "malformed_json")


async def test_a_route_that_reads_nothing_is_never_too_large(sari: AsyncClient) -> None:
    answer = await sari.request("GET", "/v1/things", content=b" " * (MAX_BODY + 1), headers=JSON)
    assert answer.status_code == 200


async def test_a_route_that_streams_caps_itself(sari: AsyncClient) -> None:
    answer = await sari.post(f"/v1/things/{KNOWN}/content", content=in_pieces(2 * MAX_BODY))
    assert (answer.status_code, answer.json()["name"]) == (201, str(2 * MAX_BODY))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"name": "a\\u0000b", "period": {"year": 2026}}', "unstorable_text"),
        (b'{"name": "\\ud83d", "period": {"year": 2026}}', "unstorable_text"),
        (b'{"\\u0000": 1}', "unstorable_text"),
        (b'{"name": "a", "period": {"year": NaN}}', "malformed_json"),
        (b'{"name": "a", "period": {"year": -Infinity}}', "malformed_json"),
        ('{"name": "a"}'.encode("utf-16"), "malformed_json"),
        ('{"name": "a"}'.encode("utf-32"), "malformed_json"),
        (b'{"name": "a\x00"}', "malformed_json"),
    ],
)
async def test_json_that_no_database_can_hold_is_refused(sari: AsyncClient, body: bytes, code: str) -> None:
    problem(await sari.post("/v1/things", content=body, headers=JSON), 422, code)


@pytest.mark.parametrize("name", ["\\\\u0000", "NaN", "\\ud83d\\ude00", "\\\\ud800", "Infinity"])
async def test_text_that_only_looks_like_it_is_taken(sari: AsyncClient, name: str) -> None:
    body = f'{{"name": "{name}", "period": {{"year": 2026}}}}'
    answer = await sari.post("/v1/things", content=body.encode(), headers=JSON)
    assert answer.status_code == 201
