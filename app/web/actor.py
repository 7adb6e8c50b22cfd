"""Who sends a request. A route that takes `CurrentActor` is guarded; its signature shows it."""

from typing import Annotated

from fastapi import Depends, Request

from app.domain.people import Actor
from app.domain.problems import Unauthenticated
from app.store.database import Database
from app.usecases import sessions
from app.usecases.sessions import SessionTerms
from app.web.security import Token, bearer_token
from app.web.session import now_of, read_clock_again


async def authenticate(request: Request) -> Actor:
    """Raises Unauthenticated. Asked twice of one request (a malformed one is judged before it is answered), it answers from the first time."""
    actor: Actor | None = getattr(request.state, "actor", None)
    if actor is None:
        actor = request.state.actor = await _recognised(request)
    return actor


async def _recognised(request: Request) -> Actor:
    token = bearer_token(request)
    if token is None:
        raise Unauthenticated("token_missing")
    terms: SessionTerms = request.app.state.session_terms
    database: Database = request.app.state.database
    now = now_of(request)
    claims = terms.tokens.verify(token, now)
    async with database.read() as connection:
        return await sessions.authenticate(connection, claims, now, terms=terms)


async def authenticate_again(request: Request) -> Actor:
    """The same token, judged by what its bearer holds now: bytes may have been coming in for as long as their sender liked.

    The token itself was good when the request began, and need not outlive a slow line. Raises Unauthenticated.
    """
    terms: SessionTerms = request.app.state.session_terms
    database: Database = request.app.state.database
    claims = terms.tokens.verify(bearer_token(request) or "", now_of(request))
    async with database.read() as connection:
        return await sessions.authenticate(connection, claims, read_clock_again(request), terms=terms)


async def current_actor(request: Request, _token: Token) -> Actor:
    return await authenticate(request)


async def _session_terms(request: Request) -> SessionTerms:
    terms: SessionTerms = request.app.state.session_terms
    return terms


CurrentActor = Annotated[Actor, Depends(current_actor)]
Terms = Annotated[SessionTerms, Depends(_session_terms)]
