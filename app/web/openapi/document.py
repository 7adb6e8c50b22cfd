"""From what FastAPI finds in the routes to the document that clients count on."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.web.openapi.components import TAGS, components, header_refs, problem_ref
from app.web.openapi.declare import SCOPE
from app.web.openapi.walk import map_schema, map_schemas

Operation = dict[str, Any]

_NULL = {"type": "null"}
_FASTAPIS_OWN = ("HTTPValidationError", "ValidationError")
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "ETag yang sudah dipegang; bila masih sama, jawabannya 304. The ETag at hand; 304 when it still holds.",
    "schema": {"type": "string"},
}


def build_document(app: FastAPI, *, open_id_url: str) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        webhooks=app.webhooks.routes,
        tags=app.openapi_tags or TAGS,
        servers=app.servers or [{"url": "/"}],
    )
    document = map_schemas(document, _plain)
    for _, method, operation in operations(document):
        _complete(operation, method)
    for _, _, operation in operations(document, "webhooks"):
        operation.setdefault("security", [])
        operation["responses"].pop("422", None)
    _add_components(document, components(open_id_url))
    return _named_for_clients(_pruned(document))


def _named_for_clients(document: dict[str, Any]) -> dict[str, Any]:
    """`InstanceShown` is `Instance` to a client: the suffix only tells our bodies apart from the domain's values."""
    schemas: dict[str, Any] = document["components"]["schemas"]
    names = {name: name.removesuffix("Shown") for name in schemas}
    if len(set(names.values())) != len(names):
        raise ValueError("Two schemas would have one name.")
    document["components"]["schemas"] = {new: schemas[old] for old, new in sorted(names.items(), key=lambda pair: pair[1])}
    references = {f"#/components/schemas/{old}": f"#/components/schemas/{new}" for old, new in names.items()}
    renamed: dict[str, Any] = _renamed(document, references)
    return renamed


def _renamed(node: Any, references: dict[str, str]) -> Any:
    """References stand under `$ref`, and as plain values in a discriminator's mapping."""
    if isinstance(node, dict):
        return {key: _renamed(part, references) for key, part in node.items()}
    if isinstance(node, list):
        return [_renamed(part, references) for part in node]
    return references.get(node, node) if isinstance(node, str) else node


def operations(document: dict[str, Any], where: str = "paths") -> Iterator[tuple[str, str, Operation]]:
    for path, item in document.get(where, {}).items():
        for method, operation in item.items():
            if method in {"get", "put", "post", "delete", "patch", "head", "options", "trace"}:
                yield path, method, operation


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """No titles that only repeat the field's name; a file is `format: binary`, so that clients type it as one."""
    made = {key: value for key, value in schema.items() if key != "title" or not isinstance(value, str)}
    if made.get("type") == "string" and made.get("contentMediaType") == "application/octet-stream":
        del made["contentMediaType"]
        made["format"] = "binary"
    return made


def _complete(operation: Operation, method: str) -> None:
    operation["security"] = [{"bearer": []}, {"openIdConnect": []}] if operation.get("security") else []
    parameters = [_parameter(parameter) for parameter in operation.get("parameters", [])]
    if_match = next((parameter for parameter in parameters if parameter["name"] == "If-Match"), None)
    _say_who(operation)
    _responses(operation, parameters, if_match, reads=method in {"get", "head", "options"})
    if method == "get" and any("ETag" in answer.get("headers", {}) for answer in operation["responses"].values()):
        parameters.append(_IF_NONE_MATCH)
        operation["responses"]["304"] = {"description": "Not Modified", "headers": header_refs("ETag")}
        operation["responses"] = dict(sorted(operation["responses"].items()))
    if parameters:
        operation["parameters"] = parameters


def _parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    """Optional means that it may be left out, not that it may be null. `x-required`: we judge its absence ourselves, after 404."""
    made = dict(parameter)
    schema = dict(made["schema"])
    schema.pop("description", None)
    branches = [branch for branch in schema.get("anyOf", []) if branch != _NULL]
    if len(branches) == 1:
        del schema["anyOf"]
        schema = branches[0] | schema
    elif branches:
        schema["anyOf"] = branches
    if schema.pop("x-required", False):
        made["required"] = True
    return made | {"schema": schema}


def _say_who(operation: Operation) -> None:
    needed = operation.get("x-required-permissions")
    if needed:
        names = ", ".join(f"`{name}`" for name in needed)
        scope = operation.get(SCOPE)
        machines = f" Mesin · Machines: `{scope}`." if scope else ""
        operation["description"] = f"{operation.get('description', '')}\n\nWewenang · Required: {names}.{machines}".strip()


def _responses(operation: Operation, parameters: list[dict[str, Any]], if_match: dict[str, Any] | None, *, reads: bool) -> None:
    """507: whatever writes may find the disk of the database full."""
    declared = operation["responses"]
    made = {status: _success(status, answer, parameters) for status, answer in declared.items() if status < "400"}
    named = {int(status) for status in declared if status >= "400" and status != "default"}
    for status in sorted(named | _own_problems(operation, parameters, if_match) | (set() if reads else {507})):
        made[str(status)] = problem_ref(status)
    operation["responses"] = made


def _success(status: str, answer: dict[str, Any], parameters: list[dict[str, Any]]) -> dict[str, Any]:
    names = {parameter["name"] for parameter in parameters}
    extra = (["Link"] if "cursor" in names else []) + (["Idempotency-Replayed"] if "Idempotency-Key" in names else [])
    made = answer | {"headers": header_refs(*extra) | answer.get("headers", {})}
    if made.get("description") in (None, "", "Successful Response"):
        made["description"] = HTTPStatus(int(status)).phrase
    if "content" in made:
        made["content"] = {kind: _without_item_schema(content) for kind, content in made["content"].items()}
    return made


def _without_item_schema(content: dict[str, Any]) -> dict[str, Any]:
    """FastAPI describes streams with a keyword of OpenAPI 3.2."""
    if "itemSchema" not in content:
        return content
    return {key: value for key, value in content.items() if key != "itemSchema"} | {"schema": {"type": "string"}}


def _own_problems(operation: Operation, parameters: list[dict[str, Any]], if_match: dict[str, Any] | None) -> set[int]:
    """What the frame itself may answer here. 422: any query may hold what no database can."""
    found = {422, 500} if operation.get("tags") == ["health"] else {422, 500, 503}
    if operation["security"]:
        found |= {401, 403}  # 403: a machine without the scope, a person whose position waits for a second factor
    if any(parameter["in"] == "path" for parameter in parameters):
        found.add(404)
    if "requestBody" in operation:
        found |= {413, 415}
    if if_match:
        found |= {412, 428} if if_match["required"] else {412}
    return found


def _add_components(document: dict[str, Any], ours: dict[str, Any]) -> None:
    existing = document.setdefault("components", {})
    for kind, parts in ours.items():
        existing[kind] = parts | existing.get(kind, {})
    existing["schemas"] = {name: existing["schemas"][name] for name in sorted(existing["schemas"]) if name not in _FASTAPIS_OWN}
    existing["schemas"] = {name: map_schema(schema, _plain) for name, schema in existing["schemas"].items()}


def _pruned(document: dict[str, Any]) -> dict[str, Any]:
    """Without components that nothing refers to."""
    parts = document["components"]
    while True:
        used = set(_references(document))
        spare = [(kind, name) for kind in ("responses", "headers", "schemas") for name in parts[kind] if f"#/components/{kind}/{name}" not in used]
        if not spare:
            return {key: document[key] for key in ("openapi", "info", "servers", "tags", "paths", "webhooks", "components") if key in document}
        for kind, name in spare:
            del parts[kind][name]


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, part in node.items():
            if key == "$ref" and isinstance(part, str):
                yield part
            else:
                yield from _references(part)
    elif isinstance(node, list):
        for part in node:
            yield from _references(part)


_PATH = re.compile(r"(/(\.?[a-z0-9]+([-.][a-z0-9]+)*|\{[a-z][a-z0-9_]*\}))+")


def faults(document: dict[str, Any]) -> list[str]:
    """Where the document breaks the house's rules (contract.md, Conventions); a test keeps it empty."""
    found = [f"schema {name}" for name in document["components"]["schemas"] if re.search(r"^Body_|-Input$|-Output$|^HTTPValidation|_", name)]
    names = [operation["operationId"] for _, _, operation in operations(document)]
    found += [f"operationId {name} twice" for name in sorted(set(names)) if names.count(name) > 1]
    known = {tag["name"] for tag in document["tags"]}
    for path, method, operation in operations(document):
        place = f"{method.upper()} {path}"
        found += [] if _PATH.fullmatch(path) else [f"{place}: path"]
        found += [] if re.fullmatch(r"[a-z]+([A-Z0-9][a-z0-9]*)*", operation["operationId"]) else [f"{place}: operationId"]
        found += [] if known.issuperset(operation.get("tags") or ["none"]) else [f"{place}: tags"]
        found += [f"{place}: {parameter['name']}" for parameter in operation.get("parameters", []) if not _named_well(parameter)]
        found += [f"{place}: If-Match"] if _unguarded_change(method, operation) else []
    return found


def _named_well(parameter: dict[str, Any]) -> bool:
    return parameter["in"] == "header" or re.fullmatch(r"[a-z][a-z0-9_]*", parameter["name"]) is not None


def _unguarded_change(method: str, operation: Operation) -> bool:
    """PATCH, PUT and DELETE of a stored resource require If-Match; sessions aside, one's own too, and uploads, which go by offset."""
    return (
        method in {"put", "patch", "delete"}
        and "428" not in operation["responses"]
        and operation.get("tags") not in (["sessions"], ["me"], ["uploads"])
    )
