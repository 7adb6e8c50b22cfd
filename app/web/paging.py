"""Keyset pages: an opaque cursor names the last row seen, so that inserts move nothing and no row is counted twice.

A cursor is base64url JSON of that row's sort key and of a fingerprint of the query it belongs to: with other filters it is refused.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Query, Request
from starlette.responses import Response

from app.domain.problems import FieldError, Invalid
from app.web.answers import answer
from app.web.schemas.base import AnswerModel

Row = TypeVar("Row")
Item = TypeVar("Item")
Key = datetime | date | UUID | int | str

MAX_LIMIT = 200


class CursorInvalid(Invalid):
    code = "cursor_invalid"

    def __init__(self) -> None:
        super().__init__(
            FieldError(
                pointer="?cursor",
                code=self.code,
                id="Kursor ini bukan milik pencarian ini; mulai lagi tanpa cursor.",
                en="This cursor does not belong to this query; start again without a cursor.",
            )
        )


class PageInfo(AnswerModel):
    next_cursor: str | None
    limit: int


class Listing(AnswerModel, Generic[Item]):
    """The envelope of every list. Derive from it (`class ThingList(Listing[Thing])`), so that the schema has a name of its own."""

    items: list[Item]
    page: PageInfo


@dataclass(frozen=True, slots=True)
class PageQuery:
    """The page asked for. The store takes `limit + 1` rows from `after(...)` on: one more than are shown tells whether there is a next page."""

    path: str
    filters: tuple[tuple[str, str], ...]
    limit: int
    cursor: str

    def after(self, *types: type[Key]) -> tuple[Any, ...] | None:
        """The sort key of the last row seen, one value per type; None on the first page."""
        return _decode(self.cursor, self._fingerprint(), types) if self.cursor else None

    def answer(
        self,
        envelope: type[Listing[Item]],
        rows: Sequence[Row],
        *,
        key: Callable[[Row], tuple[Key, ...]],
        show: Callable[[Row], Item],
        version: int | None = None,
    ) -> Response:
        """`version`: of what all the rows belong to, where they have one in common."""
        shown = rows[: self.limit]
        cursor = _encode(key(shown[-1]), self._fingerprint()) if len(rows) > self.limit else None
        page = envelope(items=[show(row) for row in shown], page=PageInfo(next_cursor=cursor, limit=self.limit))
        return answer(page, version=version, headers=self._link(cursor))

    def _link(self, cursor: str | None) -> dict[str, str]:
        if cursor is None:
            return {}
        query = urlencode([*self.filters, ("limit", self.limit), ("cursor", cursor)])
        return {"Link": f'<{self.path}?{query}>; rel="next"'}

    def _fingerprint(self) -> str:
        return _fingerprint_of(self.path, self.filters)


async def _page(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Banyaknya baris per halaman. Rows per page.")] = 50,
    cursor: Annotated[
        str, Query(max_length=2000, description="`page.next_cursor` dari halaman sebelumnya. `page.next_cursor` of the page before.")
    ] = "",
) -> PageQuery:
    filters = tuple((name, value) for name, value in request.query_params.multi_items() if name not in ("limit", "cursor"))
    return PageQuery(path=request.scope["path"], filters=filters, limit=limit, cursor=cursor)


Paging = Annotated[PageQuery, Depends(_page)]


def write_cursor(values: tuple[Key, ...], path: str) -> str:
    """A cursor of a feed that takes no filters."""
    return _encode(values, _fingerprint_of(path, ()))


def read_cursor(cursor: str, path: str, types: tuple[type[Key], ...]) -> tuple[Any, ...]:
    """Raises CursorInvalid."""
    return _decode(cursor, _fingerprint_of(path, ()), types)


def _fingerprint_of(path: str, filters: tuple[tuple[str, str], ...]) -> str:
    content = json.dumps([path, *sorted(filters)])
    return sha256(content.encode()).hexdigest()[:12]


def _encode(values: tuple[Key, ...], fingerprint: str) -> str:
    written = [value if isinstance(value, (int, str)) else _text(value) for value in values]
    content = json.dumps({"q": fingerprint, "k": written}, separators=(",", ":"))
    return urlsafe_b64encode(content.encode()).decode().rstrip("=")


def _text(value: datetime | date | UUID) -> str:
    return str(value) if isinstance(value, UUID) else value.isoformat()


def _decode(cursor: str, fingerprint: str, types: tuple[type[Key], ...]) -> tuple[Any, ...]:
    try:
        content = json.loads(urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)))
        if content["q"] != fingerprint:
            raise CursorInvalid
        return tuple(_value(kind, value) for kind, value in zip(types, content["k"], strict=True))
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise CursorInvalid from error


def _value(kind: type[Key], value: object) -> Key:
    """Only values that `_encode` can have written: anything else has been tampered with."""
    if kind is int and isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63:
        return value
    if not isinstance(value, str) or kind is int:
        raise ValueError("not what this cursor holds")
    return _parsed(kind, value)


def _parsed(kind: type[Key], value: str) -> Key:
    if kind is UUID:
        return UUID(value)
    if kind is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("a moment without its offset")
        return moment.astimezone(UTC)
    if kind is date:
        return date.fromisoformat(value)
    if "\0" in value:
        raise ValueError("no text holds this")
    value.encode()
    return value
