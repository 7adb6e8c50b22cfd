"""Which of the two languages a caller reads: Indonesian unless `Accept-Language` prefers English."""

from typing import Annotated

from fastapi import Depends, Request

from app.domain.refusals import Language


def preferred(accept_language: str | None) -> Language:
    """RFC 9110 §12.5.4, for `id` and `en`; `*` and anything unreadable is Indonesian."""
    best: tuple[float, Language] = (0.0, "id")
    for part in (accept_language or "").lower().split(","):
        tag, _, parameters = part.strip().partition(";")
        language = _ours(tag.strip())
        weight = _weight(parameters)
        if language is not None and weight > best[0]:
            best = (weight, language)
    return best[1]


def _ours(tag: str) -> Language | None:
    match tag.split("-", maxsplit=1)[0]:
        case "en":
            return "en"
        case "id" | "in" | "*":
            return "id"
    return None


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0


async def language_of(request: Request) -> Language:
    return preferred(request.headers.get("accept-language"))


Lang = Annotated[Language, Depends(language_of)]
