"""What every body has in common. A request and an answer never share a model."""

import re
from datetime import date
from typing import Annotated, LiteralString

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, StrictInt
from pydantic_core import PydanticCustomError, PydanticKnownError


class RequestModel(BaseModel):
    """Unknown fields are refused: a misspelt field is a mistake that would otherwise pass unseen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AnswerModel(BaseModel):
    """Every field is always present (null when empty), and the document says so."""

    # deferred: a server compiles what it answers with, not all that it could; 1.4 MB
    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True, defer_build=True)


def mistake(code: LiteralString, *, indonesian: str, english: LiteralString) -> PydanticCustomError:
    """What a validator raises: the caller reads it under the field's pointer, in their language."""
    return PydanticCustomError(code, english, {"id": indonesian, "en": english})


# pydantic reads "7" and true as numbers, and numbers as dates: a document that says integer or date-time means it.

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _a_moment(value: object) -> object:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise PydanticKnownError("datetime_type")
    return value


def _a_day(value: object) -> object:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise PydanticKnownError("date_type")
    return value


def _on_a_calendar(day: date) -> date:
    """PostgreSQL's driver takes the last day that Python knows for no day at all (`infinity`)."""
    if not 1900 <= day.year < 9000:
        raise mistake("not_on_a_calendar", indonesian="Tanggal antara tahun 1900 dan 9000.", english="A date between the years 1900 and 9000.")
    return day


Whole = StrictInt
Moment = Annotated[AwareDatetime, BeforeValidator(_a_moment)]
"""RFC 3339; one without its offset is told so."""
Day = Annotated[date, BeforeValidator(_a_day), AfterValidator(_on_a_calendar)]
"""YYYY-MM-DD."""
