"""OpenAPI 3.1 → 3.0.3, for gateways that cannot read 3.1. What 3.0 cannot say is widened, never narrowed: whatever was valid stays valid."""

from typing import Any

from app.web.openapi.walk import Json, map_schemas

_NOT_IN_30 = (
    "$schema", "$id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$comment", "$defs", "$vocabulary",
    "if", "then", "else", "contains", "minContains", "maxContains", "propertyNames", "dependentSchemas", "dependentRequired",
    "unevaluatedProperties", "unevaluatedItems", "contentMediaType", "contentEncoding", "contentSchema",
)  # fmt: skip
_WORDS = {"title", "description", "default", "example", "deprecated"}
_NULL = {"type": "object", "nullable": True, "enum": [None]}
"""Null alone: `nullable` speaks only beside a `type`, and the enum leaves nothing else of it."""
_TYPE_NAMES = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}


def openapi_30(document: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = map_schemas(document, _schema)
    made["openapi"] = "3.0.3"
    made.pop("jsonSchemaDialect", None)
    if "webhooks" in made:
        made["x-webhooks"] = made.pop("webhooks")
    made.get("components", {}).pop("pathItems", None)
    _plain_info(made["info"])
    return _plain_references(made)  # type: ignore[no-any-return]


def _plain_info(info: dict[str, Any]) -> None:
    info.pop("summary", None)
    if isinstance(info.get("license"), dict):
        info["license"].pop("identifier", None)


def _plain_references(node: Json) -> Json:
    """Beside `$ref` 3.0 reads nothing; in schemas the siblings are wrapped by now."""
    if isinstance(node, list):
        return [_plain_references(part) for part in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$ref"), str):
        return {"$ref": node["$ref"]}
    return {key: part if key in ("example", "examples", "enum") else _plain_references(part) for key, part in node.items()}


def _schema(schema: dict[str, Any]) -> dict[str, Any]:
    """One schema whose inner schemas are converted already."""
    made = {key: _no_boolean_schema(key, value) for key, value in schema.items()}
    for convert in (_const, _types, _bounds, _tuple, _patterns, _example, _content, _null_branch, _reference):
        convert(made)
    for key in _NOT_IN_30:
        made.pop(key, None)
    return made


def _no_boolean_schema(key: str, value: Json) -> Json:
    if key in ("anyOf", "oneOf", "allOf", "prefixItems"):
        return [_as_schema(part) for part in value]
    if key in ("properties", "patternProperties"):
        return {name: _as_schema(part) for name, part in value.items()}
    return _as_schema(value) if key in ("items", "not") else value


def _as_schema(value: Json) -> Json:
    return {True: {}, False: {"not": {}}}[value] if isinstance(value, bool) else value


def _const(made: dict[str, Any]) -> None:
    if "const" not in made:
        return
    value = made.pop("const")
    made["enum"] = [value]
    if value is not None:
        made.setdefault("type", _TYPE_NAMES[type(value)])


def _types(made: dict[str, Any]) -> None:
    """`type: [string, null]` → nullable; several types → one branch each; `null` alone → the enum that holds only null."""
    types = made.get("type")
    if types in ("null", ["null"]):
        del made["type"]
        made |= _NULL
    elif isinstance(types, list):
        del made["type"]
        nullable = {"nullable": True} if "null" in types else {}
        branches = [{"type": kind, **nullable} for kind in types if kind != "null"]
        if len(branches) == 1:
            made |= branches[0]
        else:
            made["allOf"] = [*made.get("allOf", []), {"anyOf": branches}]


def _bounds(made: dict[str, Any]) -> None:
    """An exclusive bound is a flag beside the bound; of two bounds the tighter one stays."""
    for inclusive, exclusive, tighter in (("minimum", "exclusiveMinimum", max), ("maximum", "exclusiveMaximum", min)):
        bound = made.get(exclusive)
        if isinstance(bound, bool) or bound is None:
            continue
        other = made.get(inclusive)
        if other is not None and other != bound and tighter(bound, other) == other:
            del made[exclusive]
        else:
            made |= {inclusive: bound, exclusive: True}


def _tuple(made: dict[str, Any]) -> None:
    """A tuple → an array of any of its members' schemas."""
    if "prefixItems" not in made:
        return
    members: list[Json] = []
    for schema in [*made.pop("prefixItems"), *([made["items"]] if isinstance(made.get("items"), dict) else [])]:
        if schema not in members and schema != {"not": {}}:
            members.append(schema)
    made["items"] = members[0] if len(members) == 1 else {"anyOf": members}


def _patterns(made: dict[str, Any]) -> None:
    """3.0 knows no patternProperties: such a name may then hold whatever any of the patterns allows."""
    patterns = made.pop("patternProperties", None)
    if patterns is None:
        return
    rest = made.get("additionalProperties", True)
    if rest is True:
        return
    schemas = [*patterns.values(), *([rest] if isinstance(rest, dict) else [])]
    made["additionalProperties"] = schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _example(made: dict[str, Any]) -> None:
    examples = made.pop("examples", None)
    if isinstance(examples, list) and examples:
        made.setdefault("example", examples[0])


def _content(made: dict[str, Any]) -> None:
    if made.get("contentEncoding") == "base64":
        made["format"] = "byte"
    elif "contentMediaType" in made and "contentSchema" not in made and made.get("type") == "string":
        made.setdefault("format", "binary")


def _null_branch(made: dict[str, Any]) -> None:
    """`anyOf: [X, null]` → X, nullable. Where X has no `type` of its own (a reference), the branch for null stays."""
    for key in ("anyOf", "oneOf"):
        branches = made.get(key, [])
        if _NULL not in branches:
            continue
        rest = [_nullable(branch) for branch in branches if branch != _NULL]
        if len(rest) == 1 and "type" in rest[0] and not set(rest[0]) & (set(made) - _WORDS):
            del made[key]
            made |= rest[0] | made
        else:
            made[key] = rest if any("type" in branch for branch in rest) else [*rest, _NULL]


def _nullable(branch: dict[str, Any]) -> dict[str, Any]:
    if "type" not in branch:
        return branch
    made = branch | {"nullable": True}
    return made | {"enum": [*made["enum"], None]} if None not in made.get("enum", [None]) else made


def _reference(made: dict[str, Any]) -> None:
    """Beside `$ref` 3.0 reads nothing: what stands there moves to where the reference is one part of it."""
    if "$ref" in made and len(made) > 1:
        made["allOf"] = [{"$ref": made.pop("$ref")}, *made.get("allOf", [])]
