"""Bodies that are wrong: whatever the schema does not allow is refused by the schema's own operation, and nothing is saved."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx import AsyncClient, Response

from app.web.bodies import MAX_BODY
from tests.support.contract import body_of, check_answer, document, faults, operations
from tests.support.office import Office
from tests.support.shared_office import nothing_saved
from tests.support.valid_requests import NATIONAL_ADMIN, PLAIN, REQUESTS, Sent, names_of_paths, places, value_at, with_value, without
from tests.web.test_frame_errors import problem

JSON = {"Content-Type": "application/json"}
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 1.5, 7.0, 10**30, -(10**400), 1e308, "", " ", "1", "true", "x" * 10_001, "2027-01-04", "2027-01-04T07:30:00",
    "0000-00-00T00:00:00Z", "9999-12-31T23:59:59-23:59", "1999-12-31T23:59:59Z", "1800000000", "🦆", [], [[]], [1], {}, {"a": {"b": 1}},
)  # fmt: skip


@pytest.fixture(scope="module")
async def names(office: Office) -> dict[str, str]:
    await office.enrol(NATIONAL_ADMIN)
    return await names_of_paths(office)


async def client_of(office: Office, sent: Sent) -> AsyncClient:
    """Whoever has no token signs in with this request."""
    return await office.as_(sent.who) if sent.who else await office.as_("camat")


async def send(office: Office, sent: Sent, names: dict[str, str], body: Any) -> Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    client = await client_of(office, sent)
    return await client.request(sent.method, sent.path.format_map(names), content=content, headers=JSON | sent.guard)


def required_of(operation_id: str) -> list[str]:
    """The fields without which the body is refused."""
    schema = operations()[operation_id][2]["requestBody"]["content"]["application/json"]["schema"]
    named = schema["anyOf"][0] if "anyOf" in schema else schema  # a body that may be left out may be null
    found: list[str] = document()["components"]["schemas"][named["$ref"].rpartition("/")[2]].get("required", [])
    return found


def may_be_left_out(operation_id: str) -> bool:
    return not operations()[operation_id][2]["requestBody"].get("required", False)


@pytest.mark.parametrize("sent", REQUESTS, ids=lambda sent: sent.name)
async def test_the_request_itself_is_sound(office: Office, names: dict[str, str], sent: Sent) -> None:
    """What follows would prove nothing otherwise: it is at most refused for what the state is, or for a wrong password, never as malformed."""
    assert faults(body_of(sent.operation), sent.body) == []
    answer = await send(office, sent, names, sent.body)
    check_answer(sent.operation, answer)
    assert answer.status_code in {200, 201, 401, 409} or answer.json()["code"] == "wrong_password", answer.text


@pytest.mark.parametrize("sent", PLAIN, ids=lambda sent: sent.name)
async def test_a_body_that_the_schema_refuses_is_malformed(office: Office, names: dict[str, str], sent: Sent) -> None:
    await client_of(office, sent)
    schema = body_of(sent.operation)
    changed = [with_value(sent.body, place, odd) for place in ((), *places(sent.body)) for odd in ODD]
    changed += [without(sent.body, place) for place in places(sent.body)]
    objects = [(), *(place for place in places(sent.body) if isinstance(value_at(sent.body, place), dict))]
    changed += [
        with_value(sent.body, place, {**value_at(sent.body, place), name: 1}) for place in objects for name in ("id", "a/b~c", "", "__class__")
    ]
    wrong = [body for body in changed if not schema.is_valid(body)]
    assert len(wrong) > len(changed) / 2
    async with nothing_saved(office):
        for body in wrong:
            answer = await send(office, sent, names, body)
            assert answer.status_code == 422, (body, answer.text)
            check_answer(sent.operation, answer)
            assert answer.json()["code"] in {"invalid_request", "malformed_json"}, (body, answer.text)


@pytest.mark.parametrize("sent", PLAIN, ids=lambda sent: sent.name)
async def test_each_missing_or_unknown_field_is_named_at_its_place(office: Office, names: dict[str, str], sent: Sent) -> None:
    answer = await send(office, sent, names, sent.body | {"aneh": 1})
    found = problem(answer, 422, "invalid_request")["errors"]
    assert [(error["pointer"], error["code"]) for error in found] == [("/aneh", "unknown_field")]  # type: ignore[attr-defined]
    required = ["action"] if "action" in sent.body else required_of(sent.operation)
    if required:
        codes = {(error["pointer"], error["code"]) for error in (await send(office, sent, names, {})).json()["errors"]}
        assert codes == {(f"/{name}", "missing") for name in required}


BROKEN: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "invalid_request"),
    "half": (b'{"office": ', "malformed_json"),
    "two": (b"{}{}", "malformed_json"),
    "not UTF-8": (b'{"office": "\xff"}', "malformed_json"),
    "UTF-16": ('{"office": "x"}'.encode("utf-16"), "malformed_json"),
    "NaN": (b'{"office": NaN}', "malformed_json"),
    "-Infinity": (b"[-Infinity]", "malformed_json"),
    "single quotes": (b"{'office': 'x'}", "malformed_json"),
    "a comment": (b"{} // selesai", "malformed_json"),
    "deep": (b'{"a":' * 100_000, "malformed_json"),
    "deep and closed": (b"[" * 100_000 + b"]" * 100_000, "malformed_json"),
    "endless digits": (b'{"office": ' + b"9" * 10_000 + b"}", "malformed_json"),
    "null": (b"null", "invalid_request"),
    "a list": (b"[]", "invalid_request"),
    "a text": (b'"{}"', "invalid_request"),
    "a number": (b"5", "invalid_request"),
}


@pytest.mark.parametrize("sent", REQUESTS, ids=lambda sent: sent.name)
async def test_what_is_no_json_object_is_told_so(office: Office, names: dict[str, str], sent: Sent) -> None:
    await client_of(office, sent)
    async with nothing_saved(office):
        for name, (content, code) in BROKEN.items():
            if name in {"nothing", "null"} and may_be_left_out(sent.operation):
                continue
            answer = await send(office, sent, names, content)
            check_answer(sent.operation, answer)
            assert (answer.status_code, answer.json()["code"]) == (422, code), (name, answer.text)


@pytest.mark.parametrize("sent", REQUESTS, ids=lambda sent: sent.name)
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application", "", None])
async def test_another_kind_of_body_is_told_the_right_one(office: Office, names: dict[str, str], sent: Sent, kind: str | None) -> None:
    client = await client_of(office, sent)
    headers = {} if kind is None else {"Content-Type": kind}
    async with nothing_saved(office):
        answer = await client.request(sent.method, sent.path.format_map(names), content=json.dumps(sent.body).encode(), headers=headers | sent.guard)
    check_answer(sent.operation, answer)
    problem(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize("kind", ["application/json", "APPLICATION/JSON", "application/problem+JSON", 'Application/Json; charset="utf-8"'])
async def test_json_is_looked_through_however_its_type_is_written(office: Office, names: dict[str, str], kind: str) -> None:
    client, path = await office.as_("staf"), f"/v1/instances/{names['instance_id']}/comments"
    async with nothing_saved(office):
        for text in (b"a\\u0000b", b"\\ud800"):
            problem(await client.post(path, content=b'{"body": "' + text + b'"}', headers={"Content-Type": kind}), 422, "unstorable_text")


async def chunks(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 65_536):
        yield content[start : start + 65_536]


@pytest.mark.parametrize("sent", REQUESTS, ids=lambda sent: sent.name)
async def test_a_body_over_the_cap_is_refused(office: Office, names: dict[str, str], sent: Sent) -> None:
    client, path = await client_of(office, sent), sent.path.format_map(names)
    large = json.dumps(sent.body).encode() + b" " * MAX_BODY
    async with nothing_saved(office):
        for content in (large, chunks(large)):
            answer = await client.request(sent.method, path, content=content, headers=JSON | sent.guard)
            check_answer(sent.operation, answer)
            problem(answer, 413, "payload_too_large")


MOMENT = {"office": "64.02.13", "duration": {"value": 1, "unit": "hour"}}


@pytest.mark.parametrize(
    ("starts_at", "code"),
    [
        ("2027-01-04T07:30:00", "offset_missing"),
        ("2027-01-04", "not_a_timestamp"),
        ("besok pagi", "not_a_timestamp"),
        ("2027-02-30T07:30:00+08:00", "not_a_timestamp"),
        ("2027-01-04T25:00:00+08:00", "not_a_timestamp"),
        (1_800_000_000, "not_a_timestamp"),
        ("1800000000", "not_a_timestamp"),
        ("1999-12-31T23:59:59+08:00", "year_out_of_reach"),
        ("2101-01-01T00:00:00+08:00", "year_out_of_reach"),
        ("9999-12-31T23:59:59-23:59", "year_out_of_reach"),
        ("0001-01-01T00:00:00+23:59", "year_out_of_reach"),
    ],
)
async def test_a_moment_that_cannot_be_meant_is_refused(office: Office, starts_at: object, code: str) -> None:
    camat = await office.as_("camat")
    for path in ("/v1/deadlines/calculate", "/v1/procedures/pengumpulan-data-kinerja/plan"):
        body = MOMENT | {"starts_at": starts_at} if path.endswith("calculate") else {"office": "64.02.13", "starts_at": starts_at}
        answer = await camat.post(path, json=body)
        assert [(e["pointer"], e["code"]) for e in problem(answer, 422, "invalid_request")["errors"]] == [("/starts_at", code)]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("period", "pointer", "code"),
    [
        ({"year": 1999}, "/period/year", "too_small"),
        ({"year": 2101}, "/period/year", "too_large"),
        ({"year": 10**30}, "/period/year", "too_large"),
        ({"year": "2026"}, "/period/year", "not_an_integer"),
        ({"year": True}, "/period/year", "not_an_integer"),
        ({"year": 2026.5}, "/period/year", "not_an_integer"),
        ({"year": 2026, "quarter": 0}, "/period/quarter", "too_small"),
        ({"year": 2026, "quarter": 5}, "/period/quarter", "too_large"),
        ({"year": 2026, "quarter": "Q4"}, "/period/quarter", "not_an_integer"),
        ("2026-Q4", "/period", "not_an_object"),
    ],
)
async def test_a_period_that_cannot_be_is_refused(office: Office, period: object, pointer: str, code: str) -> None:
    camat = await office.as_("camat")
    async with nothing_saved(office):
        answer = await camat.post("/v1/instances", json={"procedure": "pengumpulan-data-kinerja", "office": "64.02.13", "period": period})
    assert [(e["pointer"], e["code"]) for e in problem(answer, 422, "invalid_request")["errors"]] == [(pointer, code)]  # type: ignore[attr-defined]
