"""Walking a document: what is a schema, and what only looks like one (a property named `const`, an example)."""

from collections.abc import Callable
from typing import Any

Json = Any
Change = Callable[[dict[str, Any]], dict[str, Any]]

NAMED = ("properties", "patternProperties", "$defs", "dependentSchemas")
LISTED = ("anyOf", "oneOf", "allOf", "prefixItems")
SINGLE = ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames", "unevaluatedProperties", "contentSchema")
_DATA = ("example", "examples")


def map_schema(schema: Json, change: Change) -> Json:
    """The schema with `change` made to it and to every schema inside, the innermost first."""
    if not isinstance(schema, dict):
        return schema
    made = dict(schema)
    for key, inner in schema.items():
        if key in NAMED and isinstance(inner, dict):
            made[key] = {name: map_schema(part, change) for name, part in inner.items()}
        elif key in LISTED and isinstance(inner, list):
            made[key] = [map_schema(part, change) for part in inner]
        elif key in SINGLE:
            made[key] = map_schema(inner, change)
    return change(made)


def map_schemas(node: Json, change: Change) -> Json:
    """The document with every schema changed: those of the components, and each one under a `schema` key elsewhere."""
    if isinstance(node, list):
        return [map_schemas(part, change) for part in node]
    if not isinstance(node, dict):
        return node
    return {key: _mapped(key, part, change) for key, part in node.items()}


def _mapped(key: str, part: Json, change: Change) -> Json:
    if key == "schema":
        return map_schema(part, change)
    if key == "schemas" and isinstance(part, dict):
        return {name: map_schema(schema, change) for name, schema in part.items()}
    if key in _DATA:
        return part
    return map_schemas(part, change)
