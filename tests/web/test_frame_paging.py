"""Pages: every row once, in order; and a cursor opens only the query that it came from."""

import json
from base64 import urlsafe_b64encode
from contextlib import suppress
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from httpx import AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from app.web.paging import CursorInvalid, PageQuery, _encode
from tests.web.test_frame_errors import problem

ALL = [str(UUID(int=n)) for n in range(1, 8)]


async def test_following_the_cursor_shows_every_row_once(sari: AsyncClient) -> None:
    seen: list[str] = []
    url = "/v1/things?limit=3&colour=red"
    for _ in range(3):
        answer = await sari.get(url)
        body = answer.json()
        seen += [item["id"] for item in body["items"]]
        assert body["page"]["limit"] == 3
        if body["page"]["next_cursor"] is None:
            assert "link" not in answer.headers
            break
        assert answer.links["next"]["url"].startswith("/v1/things?colour=red&limit=3&cursor=")
        url = answer.links["next"]["url"]
    assert seen == ALL


async def test_a_last_page_that_is_full_has_no_next(sari: AsyncClient) -> None:
    body = (await sari.get("/v1/things?limit=7")).json()
    assert (len(body["items"]), body["page"]) == (7, {"next_cursor": None, "limit": 7})


async def test_fifty_are_shown_unless_asked_otherwise(sari: AsyncClient) -> None:
    assert (await sari.get("/v1/things")).json()["page"]["limit"] == 50
    assert (await sari.get("/v1/things?limit=200")).json()["page"]["limit"] == 200


async def test_a_cursor_of_another_query_is_refused(sari: AsyncClient) -> None:
    cursor = (await sari.get("/v1/things?limit=2&colour=red")).json()["page"]["next_cursor"]
    assert (await sari.get(f"/v1/things?colour=red&cursor={cursor}")).status_code == 200  # another limit is the same query
    for query in ("", "colour=blue&", "colour=red&colour=red&", "colour=red&x=&"):
        problem(await sari.get(f"/v1/things?{query}cursor={cursor}"), 422, "cursor_invalid")


def page_query(cursor: str) -> PageQuery:
    return PageQuery(path="/v1/things", filters=(), limit=50, cursor=cursor)


def written(keys: object, **more: object) -> str:
    fingerprint = page_query("")._fingerprint()
    return urlsafe_b64encode(json.dumps({"q": fingerprint, "k": keys} | more).encode()).decode()


MOMENT = "2026-11-23T04:00:00+00:00"


def test_a_cursor_brings_back_each_value_as_its_type() -> None:
    values = (datetime(2026, 11, 23, 4, 0, 0, 123456, tzinfo=UTC), date(2026, 11, 23), UUID(int=5), 7, "meja,\n日")
    cursor = _encode(values, page_query("")._fingerprint())
    assert page_query(cursor).after(datetime, date, UUID, int, str) == values


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "é",
        "====",
        urlsafe_b64encode(b"not json").decode(),
        urlsafe_b64encode(b"[]").decode(),
        urlsafe_b64encode(b"{}").decode(),
        urlsafe_b64encode(b"[" * 1400).decode(),
        written(None),
        written([]),
        written([MOMENT]),
        written([MOMENT, str(UUID(int=1)), 1]),
        written([1, str(UUID(int=1))]),
        written([MOMENT, "no-uuid"]),
        written([MOMENT, ["a"]]),
        written([MOMENT, {"a": 1}]),
        written([MOMENT, 1]),
        written(["2026-11-23T04:00:00", str(UUID(int=1))]),
        written(["soon", str(UUID(int=1))]),
        written([None, str(UUID(int=1))]),
        written([MOMENT, None]),
        written(["0001-01-01T00:00:00+23:59", str(UUID(int=1))]),
        written(["9999-12-31T23:59:59-23:59", str(UUID(int=1))]),
        written([MOMENT, str(UUID(int=1))], q="another"),
        written([MOMENT, str(UUID(int=1))], q=None),
    ],
)
def test_a_tampered_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(CursorInvalid):
        page_query(cursor).after(datetime, UUID)


@pytest.mark.parametrize("keys", [[2**63], [True], ["1"], [1.5]])
def test_a_number_in_a_cursor_is_one_that_a_database_holds(keys: list[object]) -> None:
    with pytest.raises(CursorInvalid):
        page_query(written(keys)).after(int)


def test_text_in_a_cursor_is_text_that_a_database_holds() -> None:
    for text in ("\0", "\ud800"):
        with pytest.raises(CursorInvalid):
            page_query(written([text])).after(str)


@given(st.text(max_size=60))
def test_no_cursor_breaks_anything_but_itself(cursor: str) -> None:
    with suppress(CursorInvalid):
        assert page_query(cursor).after(datetime, UUID) is None or cursor
