"""The OpenAPI document as a judge: is this body valid for that operation, and is this answer one that it may give?"""

import json
import re
from functools import cache
from typing import Any

import jsonschema
from httpx import Response
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from app.cli.openapi import documents

Operation = dict[str, Any]

_HERE = "urn:alur"
_FORMATS = jsonschema.FormatChecker(formats=["uuid", "date"])
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)


@_FORMATS.checks("date-time")
def _is_a_moment(value: object) -> bool:
    return not isinstance(value, str) or bool(_MOMENT.fullmatch(value))


@cache
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(documents()["openapi.json"])
    return found


@cache
def operations() -> dict[str, tuple[str, str, Operation]]:
    """operationId → path, method, operation."""
    return {op["operationId"]: (path, method, op) for path, item in document()["paths"].items() for method, op in item.items()}


@cache
def _registry() -> Registry[Any]:
    return Registry().with_resource(_HERE, Resource(contents=document(), specification=DRAFT202012))


@cache
def schema_at(*pointer: str) -> jsonschema.Draft202012Validator:
    """The judge of one schema of the document, where it stands there, so that its references hold."""
    path = "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in pointer)
    return jsonschema.Draft202012Validator({"$ref": f"{_HERE}#{path}"}, registry=_registry(), format_checker=_FORMATS)


def body_of(operation_id: str) -> jsonschema.Draft202012Validator:
    path, method, _ = operations()[operation_id]
    return schema_at("paths", path, method, "requestBody", "content", "application/json", "schema")


def faults(schema: jsonschema.Draft202012Validator, value: object) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in schema.iter_errors(value)]


def check_answer(operation_id: str, answer: Response) -> None:
    """The status is one that the operation declares, with the content, the schema and the headers that it declares."""
    path, method, operation = operations()[operation_id]
    status = str(answer.status_code)
    said = f"{operation_id} {answer.request.url} → {status} {answer.text[:300]}"
    assert status in operation["responses"], said
    declared, at = operation["responses"][status], ("paths", path, method, "responses", status)
    if "$ref" in declared:
        at = ("components", "responses", declared["$ref"].rpartition("/")[2])
        declared = document()["components"]["responses"][at[-1]]
    content = declared.get("content", {})
    kind = answer.headers.get("content-type", "").partition(";")[0]
    assert kind in content or (not content and not answer.content) or "*/*" in content, said
    if kind in content and kind.endswith("json"):
        assert faults(schema_at(*at, "content", kind, "schema"), answer.json()) == [], said
    if status >= "400":
        assert (kind, answer.json()["request_id"]) == ("application/problem+json", answer.headers["x-request-id"]), said
        assert answer.json()["status"] == answer.status_code, said
    for name in ("X-Request-Id", "API-Version"):
        assert name in declared["headers"], said
        assert name in answer.headers, said
    for name in answer.headers.keys() & {"etag", "link", "idempotency-replayed", "content-range", "www-authenticate", "retry-after", "location"}:
        assert name in {known.lower() for known in declared["headers"]}, f"{name}: {said}"
