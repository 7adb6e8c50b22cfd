"""pydantic's findings → our own codes, short sentences in both languages, and a JSON pointer to the place."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.domain.problems import FieldError
from app.web import patterns
from app.web.wording import Words

_NOT_TEXT = ("not_text", Words("Harus berupa teks.", "Must be text."))
_NOT_AN_OBJECT = ("not_an_object", Words("Harus berupa objek JSON.", "Must be a JSON object."))
_NOT_A_LIST = ("not_a_list", Words("Harus berupa daftar.", "Must be a list."))
_NOT_AN_INTEGER = ("not_an_integer", Words("Harus berupa bilangan bulat.", "Must be an integer."))
_NOT_A_NUMBER = ("not_a_number", Words("Harus berupa bilangan.", "Must be a number."))
_NOT_A_BOOLEAN = ("not_a_boolean", Words("Harus true atau false.", "Must be true or false."))
_NOT_A_DATE = ("not_a_date", Words("Harus berupa tanggal YYYY-MM-DD.", "Must be a date, YYYY-MM-DD."))
_NOT_A_TIME = ("not_a_time", Words("Harus berupa waktu HH:MM.", "Must be a time, HH:MM."))
_NOT_A_MOMENT = ("not_a_timestamp", Words("Harus berupa waktu RFC 3339 dengan zona.", "Must be an RFC 3339 time with its offset."))
_NOT_A_UUID = ("not_a_uuid", Words("Harus berupa UUID.", "Must be a UUID."))
_NOT_A_DECIMAL = ("not_a_decimal", Words("Harus berupa bilangan desimal.", "Must be a decimal number."))
_NOT_A_URL = ("not_a_url", Words("Harus berupa URL.", "Must be a URL."))
_ONE_OF = ("not_allowed", Words("Harus salah satu dari {expected}.", "Must be one of {expected}."))
_TOO_PRECISE = ("too_many_digits", Words("Terlalu banyak angka.", "Too many digits."))
_WRONG = ("invalid", Words("Nilai ini tidak benar.", "This value is not valid."))

_MEANING: dict[str, tuple[str, Words]] = {
    "missing": ("missing", Words("Wajib diisi.", "This is required.")),
    "extra_forbidden": ("unknown_field", Words("Tidak dikenal di sini.", "Not known here.")),
    "string_type": _NOT_TEXT,
    "string_unicode": _NOT_TEXT,
    "string_too_short": ("too_short", Words("Sedikitnya {min_length} karakter.", "At least {min_length} characters.")),
    "string_too_long": ("too_long", Words("Paling banyak {max_length} karakter.", "At most {max_length} characters.")),
    "string_pattern_mismatch": ("pattern_mismatch", Words("Harus berbentuk {pattern}.", "Must match {pattern}.")),
    "too_short": ("too_short", Words("Sedikitnya {min_length} butir.", "At least {min_length} items.")),
    "too_long": ("too_long", Words("Paling banyak {max_length} butir.", "At most {max_length} items.")),
    "greater_than": ("too_small", Words("Harus lebih dari {gt}.", "Must be greater than {gt}.")),
    "greater_than_equal": ("too_small", Words("Sedikitnya {ge}.", "Must be at least {ge}.")),
    "less_than": ("too_large", Words("Harus kurang dari {lt}.", "Must be less than {lt}.")),
    "less_than_equal": ("too_large", Words("Paling banyak {le}.", "Must be at most {le}.")),
    "finite_number": _NOT_A_NUMBER,
    "int_type": _NOT_AN_INTEGER,
    "int_parsing": _NOT_AN_INTEGER,
    "int_parsing_size": _NOT_AN_INTEGER,
    "int_from_float": _NOT_AN_INTEGER,
    "float_type": _NOT_A_NUMBER,
    "float_parsing": _NOT_A_NUMBER,
    "bool_type": _NOT_A_BOOLEAN,
    "bool_parsing": _NOT_A_BOOLEAN,
    "decimal_type": _NOT_A_DECIMAL,
    "decimal_parsing": _NOT_A_DECIMAL,
    "decimal_max_digits": _TOO_PRECISE,
    "decimal_max_places": _TOO_PRECISE,
    "decimal_whole_digits": _TOO_PRECISE,
    "date_type": _NOT_A_DATE,
    "date_parsing": _NOT_A_DATE,
    "date_from_datetime_parsing": _NOT_A_DATE,
    "date_from_datetime_inexact": _NOT_A_DATE,
    "time_type": _NOT_A_TIME,
    "time_parsing": _NOT_A_TIME,
    "datetime_type": _NOT_A_MOMENT,
    "datetime_parsing": _NOT_A_MOMENT,
    "datetime_object_invalid": _NOT_A_MOMENT,
    "datetime_from_date_parsing": _NOT_A_MOMENT,
    "timezone_aware": (
        "offset_missing",
        Words("Waktu ini tanpa zona; tambahkan misalnya +08:00.", "This time has no offset; add one, such as +08:00."),
    ),
    "uuid_type": _NOT_A_UUID,
    "uuid_parsing": _NOT_A_UUID,
    "uuid_version": _NOT_A_UUID,
    "url_type": _NOT_A_URL,
    "url_parsing": _NOT_A_URL,
    "url_scheme": _NOT_A_URL,
    "list_type": _NOT_A_LIST,
    "set_type": _NOT_A_LIST,
    "tuple_type": _NOT_A_LIST,
    "dict_type": _NOT_AN_OBJECT,
    "model_type": _NOT_AN_OBJECT,
    "model_attributes_type": _NOT_AN_OBJECT,
    "literal_error": _ONE_OF,
    "enum": _ONE_OF,
    "union_tag_invalid": (
        "not_allowed",
        Words("{discriminator} harus salah satu dari {expected_tags}.", "{discriminator} must be one of {expected_tags}."),
    ),
    "union_tag_not_found": ("missing", Words("{discriminator} wajib diisi.", "{discriminator} is required.")),
}


def field_errors(errors: Iterable[Mapping[str, Any]], body: object) -> list[FieldError]:
    return [_field_error(error, body) for error in errors]


def _field_error(error: Mapping[str, Any], body: object) -> FieldError:
    context: Mapping[str, Any] = error.get("ctx") or {}
    pointer = _pointer(_loc(error, context), body, missing=error["type"] in _ABSENT)
    if isinstance(context.get("id"), str) and isinstance(context.get("en"), str):
        return FieldError(pointer=pointer, code=error["type"], id=context["id"], en=context["en"])
    code, words = _MEANING.get(error["type"], _WRONG)
    words = patterns.SAID.get(str(context.get("pattern")), words)
    return FieldError(pointer=pointer, code=code, id=_filled(words.id, _in_indonesian(context)), en=_filled(words.en, context))


_ABSENT = {"missing", "union_tag_not_found"}


def _loc(error: Mapping[str, Any], context: Mapping[str, Any]) -> Sequence[str | int]:
    """A union's error is placed at the field that chooses between its branches."""
    chooser = str(context.get("discriminator", "")).strip("'")
    return (*error["loc"], chooser) if chooser and error["type"].startswith("union_tag_") else error["loc"]


def _in_indonesian(context: Mapping[str, Any]) -> Mapping[str, Any]:
    """pydantic joins what is allowed with an English word: 'a', 'b' or 'c'."""
    before, joined, last = str(context.get("expected", "")).rpartition("' or '")
    return {**context, "expected": f"{before}' atau '{last}"} if joined else context


def _filled(sentence: str, context: Mapping[str, Any]) -> str:
    """Only limits and names from the schema are filled in, never what the caller sent."""
    return sentence.format_map({name: str(value) for name, value in context.items()}) if "{" in sentence else sentence


def _pointer(loc: Sequence[str | int], body: object, *, missing: bool) -> str:
    """`/period/year` in the body, `?limit` in the query, `If-Match` for a header."""
    place, *rest = loc
    if place == "body":
        return "".join(f"/{_escaped(part)}" for part in _in_document(rest, body, missing=missing))
    return f"?{rest[0]}" if place == "query" and rest else str(rest[0] if rest else "")


def _in_document(loc: list[str | int], value: object, *, missing: bool) -> list[str | int]:
    """Without the names that pydantic puts in for the branches of a union: they stand in no document.

    A name that an object does not have is such a branch, unless it is the one that is missing; below a plain value there are only branches.
    """
    parts: list[str | int] = []
    for position, part in enumerate(loc):
        if isinstance(value, Mapping) and (part in value or (missing and position == len(loc) - 1)):
            parts.append(part)
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int):
            parts.append(part)
            value = value[part] if part < len(value) else None
    return parts


def _escaped(part: str | int) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")
