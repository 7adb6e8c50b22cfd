"""The document says of every operation what the frame does for it."""

import json
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from httpx import AsyncClient

from app.store.database import Database
from app.web.about import rendered
from app.web.application import operation_id
from app.web.openapi import faults
from tests.support.frame import frame_app


@pytest.fixture
def document(frame: FastAPI) -> dict[str, Any]:
    return frame.openapi()


def operation(document: dict[str, Any], path: str, method: str) -> dict[str, Any]:
    found: dict[str, Any] = document["paths"][path][method]
    return found


def parameter(found: dict[str, Any], name: str) -> dict[str, Any]:
    (only,) = [parameter for parameter in found["parameters"] if parameter["name"] == name]
    return only  # type: ignore[no-any-return]


def test_operations_are_named_as_a_client_calls_them(document: dict[str, Any]) -> None:
    assert operation(document, "/v1/things", "post")["operationId"] == "createThing"
    assert operation(document, "/v1/things/{thing_id}", "patch")["operationId"] == "renameThing"


@pytest.mark.parametrize(("name", "wanted"), [("start_instance", "startInstance"), ("startInstance", "startInstance"), ("get_me", "getMe")])
def test_an_operation_id_is_camel_case(name: str, wanted: str) -> None:
    router = APIRouter()
    router.add_api_route("/x", lambda: None, name=name)
    assert operation_id(router.routes[0]) == wanted  # type: ignore[arg-type]


def test_schemas_have_clean_names_and_none_is_fastapis_own(document: dict[str, Any]) -> None:
    names = set(document["components"]["schemas"])
    assert names == {
        "FieldProblem", "Liveness", "NewThing", "PageInfo", "Paint", "Period", "Problem", "Readiness", "RefusalProblem", "Sell", "Thing",
        "ThingList", "Version",
    }  # fmt: skip


def test_each_operation_names_its_security_as_its_signature_does(document: dict[str, Any]) -> None:
    assert operation(document, "/v1/things", "get")["security"] == [{"bearer": []}, {"openIdConnect": []}]
    assert operation(document, "/livez", "get")["security"] == []
    schemes = document["components"]["securitySchemes"]
    assert (schemes["bearer"]["type"], schemes["bearer"]["scheme"], schemes["bearer"]["bearerFormat"]) == ("http", "bearer", "JWT")
    assert schemes["openIdConnect"]["openIdConnectUrl"] == "/.well-known/openid-configuration"


@pytest.mark.parametrize(
    ("path", "method", "statuses"),
    [
        ("/livez", "get", "200 422 500"),
        ("/readyz", "get", "200 422 500 503"),
        ("/v1/things", "get", "200 401 403 422 500 503"),
        ("/v1/things", "post", "201 401 403 409 413 415 422 500 503 507"),
        ("/v1/things/{thing_id}", "get", "200 304 401 403 404 422 500 503"),
        ("/v1/things/{thing_id}", "patch", "200 401 403 404 412 413 415 422 428 500 503 507"),
        ("/v1/things/{thing_id}/deeds", "post", "201 401 403 404 412 413 415 422 500 503 507"),
    ],
)
def test_each_operation_declares_what_it_can_answer(document: dict[str, Any], path: str, method: str, statuses: str) -> None:
    assert sorted(operation(document, path, method)["responses"]) == statuses.split()


def test_every_error_is_problem_json(document: dict[str, Any]) -> None:
    for item in document["paths"].values():
        for found in item.values():
            for status, answer in found["responses"].items():
                if status >= "400":
                    name = answer["$ref"].rpartition("/")[2]
                    (kind,) = document["components"]["responses"][name]["content"].items()
                    assert kind == ("application/problem+json", {"schema": {"$ref": "#/components/schemas/Problem"}})
    assert "WWW-Authenticate" in document["components"]["responses"]["Unauthenticated"]["headers"]
    assert "Retry-After" in document["components"]["responses"]["Unavailable"]["headers"]


def test_optional_parameters_may_be_left_out_and_are_not_null(document: dict[str, Any]) -> None:
    colour = parameter(operation(document, "/v1/things", "get"), "colour")
    assert (colour["required"], colour["schema"]) == (False, {"type": "string"})
    key = parameter(operation(document, "/v1/things", "post"), "Idempotency-Key")
    assert (key["required"], key["schema"]) == (False, {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"})


def test_if_match_is_required_on_changes_and_optional_on_acts(document: dict[str, Any]) -> None:
    assert parameter(operation(document, "/v1/things/{thing_id}", "patch"), "If-Match")["required"] is True
    assert parameter(operation(document, "/v1/things/{thing_id}", "delete"), "If-Match")["required"] is True
    assert parameter(operation(document, "/v1/things/{thing_id}/deeds", "post"), "If-Match")["required"] is False
    assert '"x-required":' not in json.dumps(document)


def test_what_carries_an_etag_takes_if_none_match(document: dict[str, Any]) -> None:
    found = operation(document, "/v1/things/{thing_id}", "get")
    assert parameter(found, "If-None-Match")["schema"] == {"type": "string"}
    assert {"ETag", "X-Request-Id", "API-Version"} <= set(found["responses"]["200"]["headers"])
    assert "ETag" in found["responses"]["304"]["headers"]


def test_success_is_described_with_its_headers(document: dict[str, Any]) -> None:
    assert operation(document, "/v1/things", "post")["responses"]["201"]["description"] == "Created"
    assert "Idempotency-Replayed" in operation(document, "/v1/things", "post")["responses"]["201"]["headers"]
    assert "Link" in operation(document, "/v1/things", "get")["responses"]["200"]["headers"]


def test_who_may_call_it_stands_in_the_description_too(document: dict[str, Any]) -> None:
    found = operation(document, "/v1/things", "post")
    assert found["x-required-permissions"] == ["role:camat"]
    assert found["description"].endswith("`role:camat`.")


def test_every_field_of_an_answer_is_always_present(document: dict[str, Any]) -> None:
    assert document["components"]["schemas"]["Thing"]["required"] == ["id", "name", "note"]
    assert document["components"]["schemas"]["NewThing"]["required"] == ["name", "period"]
    assert document["components"]["schemas"]["NewThing"]["additionalProperties"] is False


def test_files_are_binary(document: dict[str, Any]) -> None:
    content = operation(document, "/v1/things/{thing_id}/content", "get")["responses"]["200"]["content"]
    assert content == {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}


def test_titles_that_only_repeat_a_name_are_left_out(document: dict[str, Any]) -> None:
    assert '"title": "Note"' not in json.dumps(document)


def test_the_document_keeps_the_houses_rules(document: dict[str, Any]) -> None:
    assert faults(document) == []


async def test_breaches_of_the_rules_are_named(tmp_path: Any) -> None:
    bad = APIRouter(prefix="/v1/Bad_things", tags=["unheard-of"])

    @bad.delete("/{thingId}", name="Remove-it")
    async def remove(thingId: str, someThing: int = 1) -> None:  # noqa: N803
        """Breaks every rule at once."""

    database = Database(f"sqlite:///{tmp_path}/empty.db")
    found = faults(frame_app(database, routers=[bad]).openapi())
    await database.close()
    place = "DELETE /v1/Bad_things/{thingId}"
    assert found == [f"{place}: path", f"{place}: operationId", f"{place}: tags", f"{place}: thingId", f"{place}: someThing", f"{place}: If-Match"]


async def test_both_documents_are_served_as_they_are_written_down(frame: FastAPI, stranger: AsyncClient) -> None:
    for name, body in rendered(frame).items():
        answer = await stranger.get(f"/{name}")
        assert (answer.status_code, answer.content) == (200, body)
        again = await stranger.get(f"/{name}", headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304
    assert json.loads(rendered(frame)["openapi.json"])["openapi"] == "3.1.0"
    assert json.loads(rendered(frame)["openapi-3.0.json"])["openapi"] == "3.0.3"


async def test_pages_that_would_load_scripts_from_elsewhere_are_off(stranger: AsyncClient) -> None:
    assert [(await stranger.get(path)).status_code for path in ("/docs", "/redoc", "/docs/oauth2-redirect")] == [404, 404, 404]
