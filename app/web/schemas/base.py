"""What every body has in common. A request and an answer never share a model."""

from typing import LiteralString

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError


class RequestModel(BaseModel):
    """Unknown fields are refused: a misspelt field is a mistake that would otherwise pass unseen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AnswerModel(BaseModel):
    """Every field is always present (null when empty), and the document says so."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)


def mistake(code: LiteralString, *, indonesian: str, english: LiteralString) -> PydanticCustomError:
    """What a validator raises: the caller reads it under the field's pointer, in their language."""
    return PydanticCustomError(code, english, {"id": indonesian, "en": english})
