"""The document that clients count on: it is the running application's, and it keeps the contract's conventions."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.cli.openapi import documents
from app.web.openapi import faults
from tests.support.contract import document, operations, schema_at
from tests.support.contract import faults as mistakes
from tests.support.office import Office

COMMITTED = Path(__file__).resolve().parents[2] / "openapi"
PUBLIC = {"getLiveness", "getReadiness", "getVersion", "signIn", "refreshSession", "resetPassword"}
PUBLIC |= {"issueServiceToken", "getKeySet", "getOpenIdConfiguration", "getCalendarEvents", "getCalendarTasks", "getUploadTerms"}
SECRETS = {"signIn", "refreshSession", "resetPassword", "changePassword"}
SECRETS |= {
    "issueServiceToken",
    "issueServiceAccountSecret",
    "issuePasswordReset",
    "beginSecondFactor",
    "confirmSecondFactor",
    "renewRecoveryCodes",
    "removeSecondFactor",
    "createCalendarFeed",
}
ONE_PAGE = {"listDocuments", "listCalendarDays", "listSignings"}
"""The slots of an instance are few, tries to sign a document too, and days are asked for by their dates."""
IGNORE_KEYS = SECRETS | {"signThroughGateway", "calculateDeadline", "planProcedure", "checkProcedure", "checkDeadlines"}
"""They hand out secrets, save nothing, or do nothing twice by themselves (contract.md, Retries)."""
GUARDED = set(operations()) - PUBLIC
SCHEMAS: dict[str, dict[str, Any]] = document()["components"]["schemas"]


def walk(node: Any, at: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield at, node
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, part in inner:
        yield from walk(part, (*at, str(name)))


def reachable(*roots: Any) -> set[str]:
    """The names of all schemas that these parts of the document refer to, at any depth."""
    found: set[str] = set()
    pending = list(roots)
    while pending:
        for _, node in walk(pending.pop()):
            if isinstance(node, dict) and str(node.get("$ref", "")).startswith("#/components/schemas/"):
                name = node["$ref"].rpartition("/")[2]
                if name not in found:
                    found.add(name)
                    pending.append(SCHEMAS[name])
    return found


REQUESTED = reachable(*(op["requestBody"] for _, _, op in operations().values() if "requestBody" in op))
ANSWERED = reachable(*(op["responses"] for _, _, op in operations().values()), document()["components"]["responses"])


@pytest.mark.parametrize("name", ["openapi.json", "openapi-3.0.json"])
async def test_the_committed_document_is_the_one_that_is_served(office: Office, name: str) -> None:
    committed = (COMMITTED / name).read_text(encoding="utf-8")
    assert committed == documents()[name], "run `make openapi` and look at the difference"
    client = office.client()
    assert (await client.get(f"/{name}")).text == committed
    await client.aclose()


def test_it_keeps_the_houses_rules() -> None:
    assert document()["openapi"].startswith("3.1.")
    assert json.loads(documents()["openapi-3.0.json"])["openapi"] == "3.0.3"
    assert faults(document()) == []


def test_every_route_is_in_it(office: Office) -> None:
    served = {(facts.template, method.lower()) for facts in office.app.state.routes._by_route.values() for method in facts.methods}
    described = {(path, method) for path, method, _ in operations().values()}
    assert {path for path, _ in served - described} == {"/openapi.json", "/openapi-3.0.json", "/problems/{code}"}
    assert described <= served


@pytest.mark.parametrize("name", operations())
def test_every_operation_says_who_may_call_it(name: str) -> None:
    _, _, operation = operations()[name]
    if name in PUBLIC:
        assert operation["security"] == []
        return
    assert operation["security"] == [{"bearer": []}, {"openIdConnect": []}]
    assert operation["x-required-permissions"]
    for needed in operation["x-required-permissions"]:
        assert re.fullmatch(r"signed_in|admin|auditor|integration|(role|permission):[a-z0-9_]+", needed)
        assert f"`{needed}`" in operation["description"]


@pytest.mark.parametrize("name", operations())
def test_every_operation_declares_the_errors_that_it_can_answer(name: str) -> None:
    path, method, operation = operations()[name]
    wanted = {"422", "500"}
    wanted |= {"401"} if name in GUARDED else set()
    wanted |= {"404"} if "{" in path else set()
    wanted |= {"413", "415"} if "requestBody" in operation else set()
    wanted |= {"503"} if not name.startswith("get") or "/v1/" in path else set()
    wanted |= {"403", "409"} if method == "post" and name in GUARDED - IGNORE_KEYS else set()
    wanted |= {"507"} if method not in {"get", "options"} else set()
    assert wanted <= set(operation["responses"])
    for status, answer in operation["responses"].items():
        if status >= "400":
            response = document()["components"]["responses"][answer["$ref"].rpartition("/")[2]]
            assert response["content"] == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


@pytest.mark.parametrize("name", operations())
def test_every_operation_takes_the_headers_of_its_kind(name: str) -> None:
    _, method, operation = operations()[name]
    headers = {parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "header"}
    assert ("Idempotency-Key" in headers) == (method == "post" and name not in IGNORE_KEYS)
    in_a_calendar = operation["tags"] == ["calendars"]  # which has one version for all its rows, also those to come
    is_new = name in IGNORE_KEYS or (name.startswith(("start", "create")) and not in_a_calendar)
    by_offset = operation["tags"] == ["uploads"]
    changes = (method in {"patch", "put"} and not by_offset) or (in_a_calendar and method == "delete")
    assert ("If-Match" in headers) == (changes or (method == "post" and not is_new))
    assert (
        ("If-None-Match" in headers) == ("304" in operation["responses"]) == (method == "get" and "ETag" in operation["responses"]["200"]["headers"])
    )


def test_operation_ids_are_unique_verbs() -> None:
    names = [op["operationId"] for item in document()["paths"].values() for op in item.values()]
    assert len(set(names)) == len(names)
    verbs = "get|list|start|take|add|upload|download|initial|sign|refresh|calculate|plan|check|publish|verify"
    verbs += "|create|change|rename|move|close|reopen|assign|revoke|issue|reset|end|begin|confirm|renew|remove|put|import"
    assert [name for name in names if not re.fullmatch(rf"({verbs})[A-Z][A-Za-z]+", name)] == []


def test_schemas_have_clean_names() -> None:
    assert [name for name in SCHEMAS if not re.fullmatch(r"([A-Z][a-z]+)+", name)] == []
    assert [name for name in SCHEMAS if re.search(r"^Body|Input$|Output$|^HTTP|Row$|Shown$", name)] == []


def test_no_model_is_both_asked_for_and_answered() -> None:
    assert REQUESTED.isdisjoint(ANSWERED)
    assert set(SCHEMAS) == REQUESTED | ANSWERED


@pytest.mark.parametrize("name", sorted(REQUESTED))
def test_what_is_asked_for_refuses_unknown_fields(name: str) -> None:
    if "oneOf" not in SCHEMAS[name]:
        assert SCHEMAS[name]["additionalProperties"] is False


@pytest.mark.parametrize("name", sorted(ANSWERED))
def test_what_is_answered_is_always_complete(name: str) -> None:
    assert SCHEMAS[name].get("required", []) == list(SCHEMAS[name]["properties"])


@pytest.mark.parametrize("name", [name for name in operations() if name.startswith("list")])
def test_every_list_is_a_page(name: str) -> None:
    _, _, operation = operations()[name]
    shown = SCHEMAS[operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]]
    page = SCHEMAS[shown["properties"]["page"]["$ref"].rpartition("/")[2]]
    assert list(shown["properties"]) == ["items", "page"]
    assert list(page["properties"])[:2] == ["next_cursor", "limit"]
    taken = {parameter["name"]: parameter["schema"] for parameter in operation["parameters"]}
    if name not in ONE_PAGE:
        assert taken["limit"]["maximum"] == 200
        assert {"cursor", "after"} & set(taken)


def test_optional_parameters_may_be_left_out_and_are_never_null() -> None:
    for path, method, operation in operations().values():
        for parameter in operation.get("parameters", []):
            assert "null" not in json.dumps(parameter["schema"]), (method, path, parameter["name"])
            assert re.fullmatch(r"[a-z][a-z0-9_]*", parameter["name"]) or parameter["in"] == "header"


def test_files_are_typed_as_files() -> None:
    assert "contentMediaType" not in json.dumps(document())
    upload = operations()["uploadDocument"][2]["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert (upload["properties"]["file"]["type"], upload["properties"]["file"]["format"]) == ("string", "binary")
    for status in ("200", "206"):
        (content,) = operations()["downloadDocument"][2]["responses"][status]["content"].values()
        assert content["schema"] == {"type": "string", "format": "binary"}


def test_examples_are_valid_where_they_stand() -> None:
    judged = 0
    for at, node in walk(document()):
        if isinstance(node, dict) and isinstance(node.get("examples"), list) and at[-1] not in {"properties", "examples"}:
            for example in node["examples"]:
                assert mistakes(schema_at(*at), example) == [], (at, example)
                judged += 1
        if isinstance(node, dict) and "example" in node and "schema" in node:
            assert mistakes(schema_at(*at, "schema"), node["example"]) == [], at
    assert judged > 40


def test_it_names_nothing_of_one_machine() -> None:
    assert document()["servers"] == [{"url": "/"}]
    assert re.findall(r"localhost|127\.0\.0\.1|file://|/(?:root|home|tmp)/", json.dumps(document())) == []
