"""The order of judgement on the real routers: who are you, does it exist for you, is it well-formed, and only then what speaks against it."""

from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient, Response

from app.web.bodies import MAX_BODY
from tests.support.contract import check_answer, operations
from tests.support.forms import FORM, a_file, form, part
from tests.support.office import SAMBOJA, Office
from tests.support.shared_office import fresh, nothing_saved
from tests.support.valid_requests import NATIONAL_ADMIN, names_of_paths
from tests.web.test_frame_errors import problem

JSON = {"Content-Type": "application/json"}
MALFORMED: dict[str, tuple[dict[str, Any], int]] = {
    "nothing": ({}, 422),
    "an empty object": ({"json": {}}, 422),
    "broken JSON": ({"content": b"{", "headers": JSON}, 422),
    "a NUL": ({"content": b'{"a": "\\u0000"}', "headers": JSON}, 422),
    "deep": ({"content": b"[" * 50_000, "headers": JSON}, 422),
    "text": ({"content": b"x", "headers": {"Content-Type": "text/plain"}}, 415),
    "large": ({"content": b" " * (MAX_BODY + 1), "headers": JSON}, 413),
    "a NUL in the query": ({"json": {}, "params": {"x": "\0"}}, 422),
    "a bad key": ({"json": {}, "headers": {"Idempotency-Key": "x" * 300}}, 422),
}
GUARDED = [name for name, (_, _, operation) in operations().items() if operation["security"]]
OWNED = [name for name in GUARDED if "{instance_id}" in operations()[name][0] or "{document_id}" in operations()[name][0]]
"""What an office owns."""
NO_JSON = {"uploadDocument", "createRestrictedRecord", "createUpload"}
"""Forms, and headers alone."""


@pytest.fixture(scope="module")
async def names(office: Office) -> dict[str, str]:
    await office.enrol(NATIONAL_ADMIN)
    return await names_of_paths(office) | {"version": "1"}


async def ask(client: AsyncClient, operation_id: str, names: dict[str, str], **arguments: Any) -> Response:
    path, method, _ = operations()[operation_id]
    answer = await client.request(method, path.format_map(names), **arguments)
    check_answer(operation_id, answer)
    return answer


@pytest.mark.parametrize("operation_id", GUARDED)
async def test_first_who_are_you(office: Office, names: dict[str, str], operation_id: str) -> None:
    nowhere = dict.fromkeys(names, "x") | {"instance_id": str(uuid4()), "key": "%00", "version": "0"}
    no_token, bad_token = office.client(), office.client(Authorization="Bearer x")
    for arguments, _ in MALFORMED.values():
        for path in (names, nowhere):
            problem(await ask(no_token, operation_id, path, **arguments), 401, "token_missing")
        problem(await ask(bad_token, operation_id, names, **arguments), 401, "token_invalid")
    await no_token.aclose()
    await bad_token.aclose()


@pytest.mark.parametrize("operation_id", OWNED)
async def test_then_does_it_exist_for_you(office: Office, names: dict[str, str], operation_id: str) -> None:
    neighbour, camat = await office.as_("camat.muarajawa"), await office.as_("camat")
    unknown = names | {"instance_id": str(uuid4()), "document_id": str(uuid4())}
    no_ids = names | {"instance_id": "x", "document_id": "x"}
    async with nothing_saved(office):
        for arguments, _ in MALFORMED.values():
            answers = [await ask(neighbour, operation_id, names, **arguments)]
            answers += [await ask(camat, operation_id, path, **arguments) for path in (unknown, no_ids)]
            for answer in answers:
                problem(answer, 404, "not_found")
            assert len({answer.json()["detail"] for answer in answers}) == 1


@pytest.mark.parametrize("operation_id", [name for name in OWNED if operations()[name][1] == "post" and name not in NO_JSON])
@pytest.mark.parametrize("malformed", MALFORMED)
async def test_then_is_it_well_formed(office: Office, names: dict[str, str], operation_id: str, malformed: str) -> None:
    """Whoever asks: that the auditor may not is said of a well-formed request only."""
    arguments, status = MALFORMED[malformed]
    client = await office.as_("auditor")
    async with nothing_saved(office):
        assert (await ask(client, operation_id, names, **arguments)).status_code == status


async def test_then_all_that_speaks_against_it_the_callers_own_first(office: Office) -> None:
    run = await fresh(office, at_step=4)
    staf, camat, tim1 = await office.as_("staf"), await office.as_("camat"), await office.as_("tim1")
    path, odd = f"/v1/instances/{run.id}/transitions", {"action": "return", "step": 6, "to_step": 9}

    async def codes(client: AsyncClient, body: dict[str, object], status: int) -> list[str]:
        answer = await client.post(path, json=body)
        assert answer.status_code == status, answer.text
        found = [refusal["code"] for refusal in answer.json()["refusals"]]
        assert answer.json()["code"] == found[0]
        return found

    assert await codes(staf, odd, 403) == ["not_a_performer", "wrong_step", "reason_missing"]
    assert await codes(tim1, odd, 409) == ["wrong_step", "reason_missing"]
    assert await codes(camat, {"action": "suspend"}, 422) == ["reason_missing"]
    assert await codes(staf, {"action": "suspend"}, 403) == ["not_in_control", "reason_missing"]
    assert await codes(tim1, {"action": "complete", "step": 4}, 409) == ["input_missing", "output_missing"]
    assert (await run.act("camat", "cancel", reason="Selesai")).status_code == 201
    assert await codes(staf, {"action": "suspend"}, 403) == ["not_in_control", "instance_closed", "reason_missing"]


async def test_a_start_says_everything_at_once(office: Office) -> None:
    run = await fresh(office)
    shown = await run.get()
    body = {"procedure": shown["procedure"]["key"], "office": SAMBOJA, "period": shown["period"]}
    staf = await office.as_("staf")
    problem(await staf.post("/v1/instances", json=body | {"period": {"year": 1999}}), 422, "invalid_request")
    answer = await staf.post("/v1/instances", json=body)
    codes = [refusal["code"] for refusal in problem(answer, 403, "may_not_start")["refusals"]]  # type: ignore[attr-defined]
    assert codes == ["may_not_start", "instance_already_open"]
    problem(await (await office.as_("camat")).post("/v1/instances", json=body), 409, "instance_already_open")


async def test_an_upload_is_judged_before_its_form_is_read(office: Office) -> None:
    """Who may is known without the body, and it may be large; so here 403 and 409 come before 415 and 422."""
    run = await fresh(office)
    path = f"/v1/instances/{run.id}/documents"
    staf, camat = await office.as_("staf"), await office.as_("camat")
    for headers, content in ((FORM, b"nonsense"), (JSON, b"{}"), ({}, b"")):
        problem(await staf.post(path, content=content, headers=headers), 403, "not_a_performer")
    problem(await camat.post(path, content=b"{}", headers=JSON), 415, "unsupported_media_type")
    problem(await camat.post(path, content=form(part("slot", "x")), headers=FORM), 422, "invalid_request")
    problem(await camat.post(path, content=form(part("slot", "x"), a_file()), headers=FORM), 422, "unknown_slot")


async def test_the_log_is_for_its_auditors_and_what_they_cannot_see_does_not_exist(office: Office, names: dict[str, str]) -> None:
    path, instance = "/v1/audit/verify", names["instance_id"]
    for username, query, status in (
        ("camat", {}, 403),
        ("camat", {"instance": instance}, 403),
        ("camat", {"instance": str(uuid4())}, 404),
        ("camat.muarajawa", {"instance": instance}, 404),
        ("camat.muarajawa", {"instance": "x"}, 422),
        ("auditor", {"instance": instance}, 200),
        ("auditor", {"instance": str(uuid4())}, 404),
        ("admin", {}, 200),
    ):
        answer = await (await office.as_(username)).get(path, params=query)
        check_answer("verifyAudit", answer)
        assert answer.status_code == status, (username, query, answer.text)


@pytest.mark.parametrize("operation_id", [name for name, (_, _, operation) in operations().items() if not operation["security"]])
async def test_a_public_operation_asks_for_no_token_and_minds_no_bad_one(office: Office, names: dict[str, str], operation_id: str) -> None:
    method = operations()[operation_id][1]
    body: dict[str, Any] = {"json": {}} if method == "post" else {}
    status = {"post": 422, "options": 204}.get(method, 200)
    for client in (office.client(), office.client(Authorization="Bearer x"), office.client(Authorization="Basic eDp4")):
        assert (await ask(client, operation_id, names, **body)).status_code == status
        await client.aclose()
