"""The same request sent twice is recognised, another one under the same key too."""

from uuid import UUID

import pytest
from fastapi import Request

from app.domain.retries import Retry, StoredAnswer
from app.store.database import Database
from app.web.idempotency import replay, retry_of
from tests.support.frame import frame_app, prepare_scratch, visiting

CALLER = UUID(int=7)


async def recognised(
    body: bytes = b"{}", *, method: str = "POST", path: str = "/v1/things", query: bytes = b"", parts: tuple[str, ...] = ()
) -> Retry:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query,
        "headers": [],
        "scheme": "http",
        "server": ("alur.example", 80),
        "root_path": "",
    }
    retry = await retry_of(Request(scope, receive), CALLER, "k-1", *parts)  # type: ignore[arg-type]
    assert retry is not None
    return retry


async def test_without_a_key_there_is_nothing_to_recognise() -> None:
    assert await retry_of(Request({"type": "http"}), CALLER, None) is None


async def test_the_same_json_written_otherwise_is_the_same_request() -> None:
    assert await recognised(b'{"a": 1, "b": [2, 3]}') == await recognised(b'{ "b":[2,3],\n"a":1 }')


async def test_each_difference_makes_another_request() -> None:
    made = [
        await recognised(),
        await recognised(b'{"a": 1}'),
        await recognised(b'{"a": "1"}'),
        await recognised(b'{"a": [1, 2]}'),
        await recognised(b'{"a": [2, 1]}'),
        await recognised(method="PUT"),
        await recognised(path="/v1/others"),
        await recognised(query=b"x=1"),
        await recognised(b"not json"),
        await recognised(parts=("draf_tim", "a.pdf", "ff")),
        await recognised(parts=("draf_tima", ".pdf", "ff")),
    ]
    assert len({retry.fingerprint for retry in made}) == len(made)
    assert {(retry.caller, retry.key) for retry in made} == {(CALLER, "k-1")}


def test_a_replayed_answer_is_the_first_one_and_says_so() -> None:
    response = replay(StoredAnswer(status=201, headers={"ETag": '"1.a"', "Location": "/v1/things/1"}, body='{"a":1}'))
    assert (response.status_code, response.body, response.headers["idempotency-replayed"]) == (201, b'{"a":1}', "true")
    assert (response.headers["etag"], response.headers["location"]) == ('"1.a"', "/v1/things/1")


async def test_a_retry_over_http_acts_once(sqlite_database: Database) -> None:
    await prepare_scratch(sqlite_database)
    async with visiting(frame_app(sqlite_database)) as client:
        first = await client.post("/v1/odd/acts", headers={"Idempotency-Key": "k"})
        second = await client.post("/v1/odd/acts", headers={"Idempotency-Key": "k"})
        assert (second.status_code, second.content) == (first.status_code, first.content)
        assert ("idempotency-replayed" in first.headers, second.headers["idempotency-replayed"]) == (False, "true")
        assert (await client.get("/v1/odd/reading")).text == "1"


@pytest.mark.parametrize(("key", "status"), [("x", 201), ("x" * 255, 201), ("a key ~ with !", 201), ("x" * 256, 422), ("ké", 422), ("a\tb", 422)])
async def test_a_key_is_at_most_255_printable_characters(sqlite_database: Database, key: str, status: int) -> None:
    await prepare_scratch(sqlite_database)
    async with visiting(frame_app(sqlite_database)) as client:
        answer = await client.post("/v1/odd/acts", headers=[(b"Idempotency-Key", key.encode("latin-1"))])  # type: ignore[arg-type]
        assert answer.status_code == status
