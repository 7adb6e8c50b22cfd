"""3.1 → 3.0.3: what 3.0 cannot say is widened, never narrowed."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator

from app.web.openapi import openapi_30
from app.web.openapi.walk import map_schemas

THING = {"$ref": "#/components/schemas/Thing"}


def converted(schema: Any) -> Any:
    document = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "components": {"schemas": {"It": schema}},
        "paths": {},
    }
    return openapi_30(document)["components"]["schemas"]["It"]


STRING = {"type": "string"}
INTEGER = {"type": "integer"}
NULL = {"type": "null"}
NULL_30 = {"type": "object", "nullable": True, "enum": [None]}
EITHER = {"$ref": "#/components/schemas/Either"}

CASES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    # null
    ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
    ({"type": ["string", "null"], "enum": ["a", None]}, {"type": "string", "nullable": True, "enum": ["a", None]}),
    ({"type": ["string", "null"], "enum": ["a"]}, {"type": "string", "nullable": True, "enum": ["a"]}),  # null is not in the enum: still refused
    (NULL, NULL_30),
    ({"anyOf": [STRING, NULL]}, {"type": "string", "nullable": True}),
    ({"anyOf": [STRING, NULL], "default": None, "description": "d"}, {"type": "string", "nullable": True, "default": None, "description": "d"}),
    ({"oneOf": [NULL, {"type": "integer", "minimum": 1}]}, {"type": "integer", "minimum": 1, "nullable": True}),
    ({"anyOf": [{"enum": ["a"], "type": "string"}, NULL]}, {"enum": ["a", None], "type": "string", "nullable": True}),
    ({"anyOf": [{"const": "a"}, NULL]}, {"enum": ["a", None], "type": "string", "nullable": True}),
    ({"anyOf": [STRING | {"description": "in"}, NULL], "description": "out"}, {"type": "string", "nullable": True, "description": "out"}),
    ({"anyOf": [STRING | {"maxLength": 5}, NULL], "maxLength": 3}, {"anyOf": [STRING | {"maxLength": 5, "nullable": True}], "maxLength": 3}),
    ({"anyOf": [STRING, INTEGER, NULL]}, {"anyOf": [STRING | {"nullable": True}, INTEGER | {"nullable": True}]}),
    ({"anyOf": [THING, NULL]}, {"anyOf": [THING, NULL_30]}),
    ({"anyOf": [THING, EITHER, NULL], "description": "d"}, {"anyOf": [THING, EITHER, NULL_30], "description": "d"}),
    ({"anyOf": [THING, STRING, NULL]}, {"anyOf": [THING, STRING | {"nullable": True}]}),
    # several types
    ({"type": ["string", "integer"]}, {"allOf": [{"anyOf": [STRING, INTEGER]}]}),
    ({"type": ["string", "integer", "null"]}, {"allOf": [{"anyOf": [STRING | {"nullable": True}, INTEGER | {"nullable": True}]}]}),
    ({"type": ["string"]}, STRING),
    # constants and bounds
    ({"const": "sell"}, {"enum": ["sell"], "type": "string"}),
    ({"const": 3, "type": "integer"}, {"enum": [3], "type": "integer"}),
    ({"const": True}, {"enum": [True], "type": "boolean"}),
    ({"const": None}, {"enum": [None]}),
    ({"exclusiveMinimum": 0, "type": "number"}, {"minimum": 0, "exclusiveMinimum": True, "type": "number"}),
    ({"exclusiveMaximum": 5}, {"maximum": 5, "exclusiveMaximum": True}),
    ({"minimum": 1, "exclusiveMinimum": 0}, {"minimum": 1}),
    ({"minimum": 0, "exclusiveMinimum": 1}, {"minimum": 1, "exclusiveMinimum": True}),
    ({"minimum": 1, "exclusiveMinimum": 1}, {"minimum": 1, "exclusiveMinimum": True}),
    ({"maximum": 5, "exclusiveMaximum": 9}, {"maximum": 5}),
    # references
    (THING, THING),
    ({**THING, "description": "d"}, {"allOf": [THING], "description": "d"}),
    ({**THING, "allOf": [{"required": ["a"]}]}, {"allOf": [THING, {"required": ["a"]}]}),
    # words
    ({"type": "string", "examples": ["a", "b"]}, {"type": "string", "example": "a"}),
    ({"type": "string", "examples": []}, STRING),
    # content
    ({"type": "string", "contentMediaType": "application/pdf"}, {"type": "string", "format": "binary"}),
    ({"type": "string", "contentEncoding": "base64", "contentMediaType": "image/png"}, {"type": "string", "format": "byte"}),
    ({"type": "string", "contentMediaType": "application/json", "contentSchema": {"type": "object"}}, STRING),
    ({"type": "string", "format": "binary"}, {"type": "string", "format": "binary"}),
    # arrays and objects
    ({"prefixItems": [STRING, INTEGER], "minItems": 2}, {"items": {"anyOf": [STRING, INTEGER]}, "minItems": 2}),
    ({"prefixItems": [STRING, STRING], "items": False}, {"items": STRING}),
    ({"prefixItems": [STRING], "items": INTEGER}, {"items": {"anyOf": [STRING, INTEGER]}}),
    ({"type": "array", "items": True}, {"type": "array", "items": {}}),
    ({"patternProperties": {"^a": STRING}, "additionalProperties": False}, {"additionalProperties": STRING}),
    ({"patternProperties": {"^a": STRING}, "additionalProperties": INTEGER}, {"additionalProperties": {"anyOf": [STRING, INTEGER]}}),
    ({"type": "object", "patternProperties": {"^a": STRING}}, {"type": "object"}),
    (
        {"propertyNames": {"maxLength": 5}, "additionalProperties": {"type": ["integer", "null"]}},
        {"additionalProperties": INTEGER | {"nullable": True}},
    ),
    ({"type": "object", "if": {"required": ["a"]}, "then": {"required": ["b"]}}, {"type": "object"}),
    ({"type": "object", "additionalProperties": False}, {"type": "object", "additionalProperties": False}),
    # what only looks like a keyword
    (
        {"properties": {"const": {"const": 1}, "examples": NULL, "$ref": STRING}},
        {"properties": {"const": {"enum": [1], "type": "integer"}, "examples": NULL_30, "$ref": STRING}},
    ),
    ({"default": {"const": 1, "type": ["a", "null"]}}, {"default": {"const": 1, "type": ["a", "null"]}}),
]


@pytest.mark.parametrize(("schema", "wanted"), CASES)
def test_each_schema_is_said_as_3_0_says_it(schema: Any, wanted: Any) -> None:
    assert converted(schema) == wanted


SHOWN = {"one": {"value": {"const": 1}}}


def test_the_document_around_the_schemas() -> None:
    document = {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {"title": "t", "version": "1", "summary": "s", "license": {"name": "MIT", "identifier": "MIT"}},
        "paths": {
            "/x": {
                "get": {
                    "parameters": [
                        {"name": "q", "in": "query", "schema": {"type": ["integer", "null"]}, "examples": {"one": {"value": {"const": 1}}}}
                    ],
                    "responses": {
                        "404": {"$ref": "#/components/responses/NotFound", "description": "not read in 3.0"},
                        "default": {"description": "d", "content": {"text/plain": {"schema": {"const": 1}}}},
                    },
                }
            }
        },
        "webhooks": {"happened": {"post": {"parameters": [{"schema": {"const": 1}}], "responses": {}}}},
        "components": {"pathItems": {}, "schemas": {}},
    }
    before = deepcopy(document)
    made = openapi_30(document)
    assert document == before
    assert made == {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1", "license": {"name": "MIT"}},
        "paths": {
            "/x": {
                "get": {
                    "parameters": [{"name": "q", "in": "query", "schema": {"type": "integer", "nullable": True}, "examples": SHOWN}],
                    "responses": {
                        "404": {"$ref": "#/components/responses/NotFound"},
                        "default": {"description": "d", "content": {"text/plain": {"schema": {"enum": [1], "type": "integer"}}}},
                    },
                }
            }
        },
        "x-webhooks": {"happened": {"post": {"parameters": [{"schema": {"enum": [1], "type": "integer"}}], "responses": {}}}},
        "components": {"schemas": {}},
    }  # fmt: skip


PLAIN = (
    *("title", "description", "default", "example", "deprecated", "readOnly", "writeOnly", "format", "pattern", "multipleOf"),
    *("minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"),
)
SCHEMA_30: dict[str, Any] = {
    "$defs": {
        "schema": {
            "if": {"required": ["$ref"]},
            "then": {"properties": {"$ref": {"type": "string"}}, "additionalProperties": False},
            "else": {
                "additionalProperties": False,
                "patternProperties": {"^x-": {}},
                "properties": {
                    "type": {"enum": ["array", "boolean", "integer", "number", "object", "string"]},
                    "nullable": {"const": True},
                    "minimum": {"type": "number"},
                    "maximum": {"type": "number"},
                    "exclusiveMinimum": {"type": "boolean"},
                    "exclusiveMaximum": {"type": "boolean"},
                    "items": {"$ref": "#/$defs/schema"},
                    "not": {"$ref": "#/$defs/schema"},
                    "properties": {"additionalProperties": {"$ref": "#/$defs/schema"}},
                    "additionalProperties": {"if": {"type": "object"}, "then": {"$ref": "#/$defs/schema"}, "else": {"type": "boolean"}},
                    "enum": {"type": "array", "minItems": 1},
                    "required": {"type": "array", "minItems": 1},
                    "discriminator": {"required": ["propertyName"]},
                }
                | {key: {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/schema"}} for key in ("allOf", "anyOf", "oneOf")}
                | dict.fromkeys(PLAIN, True),
            },
        }
    },
    "$ref": "#/$defs/schema",
}
"""A schema object as OpenAPI 3.0.3 defines it, written down here since tests have no network."""


def schemas_in(document: dict[str, Any]) -> Iterator[Any]:
    found: list[Any] = []

    def keep(schema: dict[str, Any]) -> dict[str, Any]:
        found.append(schema)
        return schema

    map_schemas(document, keep)
    yield from found


def test_the_frames_own_document_is_valid_3_0(frame: FastAPI) -> None:
    made = openapi_30(frame.openapi())
    validator = Draft202012Validator(SCHEMA_30)
    assert [(schema, error.message) for schema in schemas_in(made) for error in validator.iter_errors(schema)] == []
    assert not validator.is_valid({"type": ["string", "null"]})  # the yardstick measures
    assert set(made) <= {"openapi", "info", "servers", "paths", "components", "security", "tags", "externalDocs", "x-webhooks"}
    assert all(operation["responses"] for item in made["paths"].values() for operation in item.values())


def test_every_reference_in_both_documents_leads_somewhere(frame: FastAPI) -> None:
    document = frame.openapi()
    for made in (document, openapi_30(document)):
        for reference in references(made):
            kind, name = reference.removeprefix("#/components/").split("/")
            assert name in made["components"][kind], reference


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, part in node.items():
            if key == "$ref":
                yield part
            else:
                yield from references(part)
    elif isinstance(node, list):
        for part in node:
            yield from references(part)


def test_nothing_is_lost_between_the_two(frame: FastAPI) -> None:
    document = frame.openapi()
    made = openapi_30(document)
    assert set(made["paths"]) == set(document["paths"])
    assert set(made["components"]["schemas"]) == set(document["components"]["schemas"])
    assert made["components"]["schemas"]["Thing"]["properties"]["note"] == {"type": "string", "nullable": True}
    assert json.dumps(made).count("operationId") == json.dumps(document).count("operationId")
