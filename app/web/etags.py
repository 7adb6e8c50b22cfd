"""Validators: `ETag: "<version>.<body hash>"`. `If-None-Match` compares all of it, `If-Match` the version."""

import re
from hashlib import sha256
from typing import Annotated

from fastapi import Depends, Header

from app.domain.preconditions import ANY_VERSION, Expected

_TAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"')


def etag(version: int, body: bytes) -> str:
    """A body depends on the caller, the language and the clock too: hence its hash beside the version."""
    return f'"{version}.{sha256(body).hexdigest()[:16]}"'


def _tags(header: str) -> list[str]:
    """The opaque part of each tag in a list; what is no tag names nothing. (Ours hold no comma, so splitting at commas loses none of them.)"""
    return [found[1] for part in header.split(",") if (found := _TAG.fullmatch(part.strip()))]


def unchanged(if_none_match: str | None, tag: str | None) -> bool:
    """Whether the caller holds this very body (weak comparison, RFC 9110 §13.1.2)."""
    if if_none_match is None or tag is None:
        return False
    return if_none_match.strip() == "*" or bool(set(_tags(if_none_match)) & set(_tags(tag)))


def expected(if_match: str | None, *, required: bool = False) -> Expected:
    """What `If-Match` asks for. A weak tag counts too: proxies that compress weaken tags, and the version alone is compared."""
    if if_match is None:
        return Expected(missing=True) if required else ANY_VERSION
    if if_match.strip() == "*":
        return ANY_VERSION
    versions = (tag.partition(".")[0] for tag in _tags(if_match))
    return Expected(frozenset(int(version) for version in versions if version.isdecimal() and len(version) < 20))


_DESCRIPTION = (
    "ETag yang menjadi dasar keputusan; hanya versinya yang dibandingkan (412 bila sudah berubah). "
    "The ETag that was decided on; only its version is compared (412 when it has changed)."
)


async def _optional(if_match: Annotated[str | None, Header(alias="If-Match", description=_DESCRIPTION)] = None) -> Expected:
    return expected(if_match)


async def _required(
    if_match: Annotated[str | None, Header(alias="If-Match", description=_DESCRIPTION, json_schema_extra={"x-required": True})] = None,
) -> Expected:
    return expected(if_match, required=True)


IfMatch = Annotated[Expected, Depends(_optional)]
RequiredIfMatch = Annotated[Expected, Depends(_required)]
"""For PATCH, PUT and DELETE of stored resources. Absent, it is 428, but only once the load has said 404 to whom it may not concern."""
