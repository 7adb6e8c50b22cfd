"""Requests for any operation of the OpenAPI document: as it asks for them, and with something odd put in."""

import json
import re
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

from tests.support.contract import document, operations
from tests.support.valid_requests import REQUESTS, places, with_value, without

Schema = dict[str, Any]
Draw = Any

_texts = st.text(max_size=12) | st.sampled_from(
    ["", "a\0b", "\ud800", "{0}", "%00", "../..", "'", "🦆" * 40, "x" * 11_000, "64.02.13", "camat", "tim1"]
)
_numbers = st.integers(-3, 300) | st.sampled_from([2**31, 2**63, -(2**63), 10**30, 1.5, 7.0, -0.0, 1e308])
ANYTHING = st.recursive(
    st.none() | st.booleans() | _numbers | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
_moments = st.sampled_from(
    ["2027-03-01T08:00:00+08:00", "2026-12-31T23:59:59.999999Z", "2100-12-31T23:59:59-23:59", "2000-01-01T00:00:00Z", "2027-02-08T07:59:00+14:00"]
)
_days = st.dates().map(str)
_OF_THIS_OFFICE: dict[str, list[Any]] = {
    "procedure": ["pengumpulan-data-kinerja"],
    "office": ["64.02.13"],
    "username": ["tim1", "tim2", "camat"],
    "as_role": ["camat", "sekretaris", "tim_penyusun", "staf", None],
    "step": [1, 2, 4, 7],
    "to_step": [4, 6],
}
"""Values with which a request gets past the schema and into the rules."""


def valid(schema: Schema, name: str = "") -> st.SearchStrategy[Any]:
    """Values of the schema; half of those with a known name are ones of this office."""
    made = _valid(schema)
    return st.sampled_from(_OF_THIS_OFFICE[name]) | made if name in _OF_THIS_OFFICE else made


def _valid(schema: Schema) -> st.SearchStrategy[Any]:
    if "$ref" in schema:
        return st.deferred(lambda: _valid(document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]))
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return st.one_of(*(_valid(branch) for branch in schema[key]))
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    return _OF_TYPE[schema["type"]](schema) if "type" in schema else ANYTHING


def _text(schema: Schema) -> st.SearchStrategy[str]:
    if schema.get("format") in {"date-time", "date"}:
        return _moments if schema["format"] == "date-time" else _days
    if "pattern" in schema:
        return st.from_regex(re.compile(schema["pattern"], re.ASCII), fullmatch=True).filter(lambda text: len(text) <= schema.get("maxLength", 99))
    alphabet = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    return st.text(alphabet, min_size=schema.get("minLength", 0), max_size=min(schema.get("maxLength", 20), 20))


def _whole(schema: Schema) -> st.SearchStrategy[int]:
    least = int(schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1))
    return st.integers(least, int(schema.get("maximum", least + 1000)))


def _list(schema: Schema) -> st.SearchStrategy[list[Any]]:
    return st.lists(_valid(schema["items"]), min_size=schema.get("minItems", 0), max_size=schema.get("minItems", 0) + 2)


def _object(schema: Schema) -> st.SearchStrategy[dict[str, Any]]:
    fields = {name: valid(part, name) for name, part in schema.get("properties", {}).items()}
    required = {name: fields.pop(name) for name in schema.get("required", [])}
    if not fields and not required and isinstance(schema.get("additionalProperties"), dict):
        return st.dictionaries(st.sampled_from(["camat", "staf", "draf_tim", "x"]), _valid(schema["additionalProperties"]), max_size=3)
    return st.fixed_dictionaries(required, optional=fields)


_OF_TYPE = {
    "string": _text,
    "integer": _whole,
    "number": lambda _: _numbers,
    "boolean": lambda _: st.booleans(),
    "null": lambda _: st.none(),
    "array": _list,
    "object": _object,
}


seldom = st.integers(0, 11).map(lambda drawn: drawn == 11)
"""Once in about twelve; the least that is drawn is no."""


@st.composite
def changed(draw: Draw, body: Any) -> Any:
    """The body with one place taken away, replaced by anything, or given a field that nobody knows."""
    place = draw(st.sampled_from([(), *places(body)]))
    change = draw(st.sampled_from(["replace", "drop", "add"]))
    if change == "drop" and place:
        return without(body, place)
    if change == "add" and isinstance(body, dict):
        return body | draw(st.dictionaries(_texts, ANYTHING, min_size=1, max_size=1))
    return with_value(body, place, draw(ANYTHING))


@st.composite
def bodies(draw: Draw, operation_id: str) -> Any:
    """Made from the schema, or from a request that would be taken; then changed up to twice."""
    schema = operations()[operation_id][2]["requestBody"]["content"]["application/json"]["schema"]
    body = draw(st.sampled_from([sent.body for sent in REQUESTS if sent.operation == operation_id]) | valid(schema))
    for _ in range(draw(st.sampled_from([0, 0, 1, 1, 2]))):
        body = draw(changed(body))
    return body


@st.composite
def contents(draw: Draw, operation_id: str) -> tuple[bytes, Any]:
    """The bytes, and the value they stand for; Ellipsis where they were broken and stand for nothing."""
    body = draw(bodies(operation_id))
    content = json.dumps(body).encode()
    if draw(seldom) is False:
        return content, body
    cut = draw(st.integers(0, len(content)))
    return content[:cut] + draw(st.binary(max_size=4)) + content[cut + draw(st.integers(0, 2)) :], ...


_ascii = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
_HEADERS: dict[str, st.SearchStrategy[str]] = {
    "Idempotency-Key": st.sampled_from(["a", "b", "c"]) | _ascii,
    "If-Match": st.sampled_from(["*", '"1.x"', 'W/"2.y"', ""]) | _ascii,
    "If-None-Match": st.sampled_from(["*", '"1.x"']) | _ascii,
    "Range": st.sampled_from(["bytes=0-9", "bytes=-5", "bytes=99999-", "bytes=5-", "bytes=9-1"]) | _ascii,
    "If-Range": st.sampled_from(['"1.x"']) | _ascii,
    "Accept-Language": st.sampled_from(["en", "id", "*;q=0"]) | _ascii,
    "Tus-Resumable": st.just("1.0.0") | _ascii,
    "Upload-Length": st.sampled_from(["9", "0", "-1", "9" * 400]) | _ascii,
    "Upload-Offset": st.sampled_from(["0", "9", "-1"]) | _ascii,
    "Upload-Checksum": st.sampled_from(["sha1 eA==", "crc32 eA==", "sha1"]) | _ascii,
    "Upload-Metadata": st.sampled_from(["slot eA==,filename eA==", "slot eA==,slot eA==", "filename"]) | _ascii,
}


@st.composite
def parameters(draw: Draw, operation_id: str, known: dict[str, list[str]]) -> dict[str, Any]:
    """`path`, `params` and `headers`; a name in the path is one of the `known` ones, now and then anything."""
    operation = operations()[operation_id][2]
    path, params, headers = {}, [], {"Accept-Language": draw(_HEADERS["Accept-Language"])}
    for parameter in operation.get("parameters", []):
        name, where = parameter["name"], parameter["in"]
        if where == "path":
            odd = draw(seldom)
            path[name] = quote(draw(_texts).encode("utf-8", "replace").decode()[:200] or "x", safe="") if odd else draw(st.sampled_from(known[name]))
        elif where == "header" and draw(st.integers(0, 3)) == 3:
            headers[name] = draw(_HEADERS[name])
        elif where == "query" and draw(st.booleans()):
            value = draw(valid(parameter["schema"], name) | ANYTHING.filter(lambda v: not isinstance(v, (list, dict))))
            params.append((name, str(value).encode("utf-8", "replace").decode()))
    return {"path": path, "params": params, "headers": headers}
