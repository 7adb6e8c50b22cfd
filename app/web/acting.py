"""What routes are given: `Asks` to look something up, `Acts` to change something.

An act's work runs in one transaction, which commits before it answers; a retry is answered as before.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from app.domain.preconditions import ANY_VERSION, Expected
from app.domain.retries import Retry, StoredAnswer
from app.usecases.acts import Act, AlreadyAnswered, Shelf, View
from app.usecases.views import view_instance
from app.web.actor import CurrentActor, authenticate_again
from app.web.answers import respond
from app.web.etags import IfMatch, RequiredIfMatch
from app.web.idempotency import IdempotencyKey, replay, retry_of
from app.web.languages import Lang
from app.web.openapi import requires
from app.web.session import Db, Now, Reading, act, now_of


def readers(scope: str) -> dict[str, Any]:
    """Any role or permission at the office, or above it, may read what the office owns; a machine whose scopes say so too."""
    return requires("role:any", "permission:any", scope=scope)


Work = Callable[[Act], Awaitable[StoredAnswer]]


async def _shelf(request: Request) -> Shelf:
    shelf: Shelf = request.app.state.shelf
    return shelf


Shelved = Annotated[Shelf, Depends(_shelf)]


@dataclass(frozen=True, slots=True)
class Asking:
    """What a route that only reads needs."""

    actor: CurrentActor
    connection: Reading
    shelf: Shelved
    now: Now
    language: Lang

    async def instance(self, instance_id: UUID) -> View:
        """The instance before this caller. Raises NotVisible."""
        return await view_instance(self.connection, self.shelf, self.actor, now=self.now, instance_id=instance_id)


async def _asking(actor: CurrentActor, connection: Reading, shelf: Shelved, now: Now, language: Lang) -> Asking:
    return Asking(actor, connection, shelf, now, language)


Asks = Annotated[Asking, Depends(_asking, scope="function")]


@dataclass(frozen=True, slots=True)
class Acting:
    """What a route that acts needs. `perform` commits before it answers."""

    request: Request
    actor: CurrentActor
    database: Db
    now: Now
    language: Lang
    shelf: Shelved
    key: IdempotencyKey
    if_match: Expected

    async def perform(self, work: Work, *, parts: tuple[str, ...] = (), ignore_retry: bool = False) -> Response:
        """Run `work` in its transaction. `parts` stand for the body in the retry's fingerprint where the body is not JSON."""
        retry = None if ignore_retry else await retry_of(self.request, self.actor.account_id, self.key, *parts)

        async def in_transaction(connection: AsyncConnection) -> StoredAnswer:
            return await work(self.surroundings(connection, retry))

        try:
            return respond(await act(self.database, in_transaction))
        except AlreadyAnswered as answered:
            return replay(answered.stored)

    async def again(self) -> "Acting":
        """The caller and the moment as they are now, after a body that took its time. Raises Unauthenticated."""
        return replace(self, actor=await authenticate_again(self.request), now=now_of(self.request))

    def early_retry(self) -> Retry | None:
        """The retry before the body is known: good only to see whether an answer is kept under this key."""
        return None if self.key is None else Retry(self.actor.account_id, self.key, "")

    def surroundings(self, connection: AsyncConnection, retry: Retry | None) -> Act:
        return Act(connection=connection, shelf=self.shelf, actor=self.actor, now=self.now, retry=retry, expected=self.if_match)


async def _acting(
    request: Request, actor: CurrentActor, database: Db, now: Now, language: Lang, shelf: Shelved, key: IdempotencyKey, if_match: IfMatch
) -> Acting:
    return Acting(request, actor, database, now, language, shelf, key, if_match)


Acts = Annotated[Acting, Depends(_acting)]


async def _acting_anew(request: Request, actor: CurrentActor, database: Db, now: Now, language: Lang, shelf: Shelved, key: IdempotencyKey) -> Acting:
    return Acting(request, actor, database, now, language, shelf, key, ANY_VERSION)


ActsAnew = Annotated[Acting, Depends(_acting_anew)]
"""For making what is not there yet: it has no version that an If-Match could name."""


async def _acting_once(request: Request, actor: CurrentActor, database: Db, now: Now, language: Lang, shelf: Shelved) -> Acting:
    return Acting(request, actor, database, now, language, shelf, None, ANY_VERSION)


ActsOnce = Annotated[Acting, Depends(_acting_once)]
"""For what takes no Idempotency-Key and no If-Match: it looks itself whether it was done before, and on which version."""


async def _amending(
    request: Request, actor: CurrentActor, database: Db, now: Now, language: Lang, shelf: Shelved, if_match: RequiredIfMatch
) -> Acting:
    return Acting(request, actor, database, now, language, shelf, None, if_match)


Amends = Annotated[Acting, Depends(_amending)]
"""For PATCH: it says which version it was decided on, so that a repetition finds it gone and needs no key."""
