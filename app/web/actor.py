"""Who sends a request. A route that takes `CurrentActor` is guarded; its signature shows it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from app.domain.people import Actor
from app.domain.problems import Refused, Unauthenticated, Unavailable
from app.domain.refusals import Refusal
from app.domain.unclaimed import waiting_refusals
from app.outside.issuers import ExternalClaims, Issuers
from app.outside.tokens import Claims
from app.store.database import Database
from app.usecases import external, sessions
from app.usecases.sessions import SessionTerms
from app.web.security import Token, bearer_token
from app.web.session import act, now_of, read_clock_again


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
    return await _standing(request, await _verified(request, token), now_of(request))


async def authenticate_again(request: Request) -> Actor:
    """The same token, judged by what its bearer holds now: bytes may have been coming in for as long as their sender liked.

    The token itself was good when the request began, and need not outlive a slow line. Raises Unauthenticated.
    """
    claims = await _verified(request, bearer_token(request) or "")
    return await _standing(request, claims, read_clock_again(request))


async def _verified(request: Request, token: str) -> Claims | ExternalClaims:
    """Whose keys are tried depends on whom the token names, and only ours and the configured issuers' are."""
    terms: SessionTerms = request.app.state.session_terms
    issuers: Issuers | None = getattr(request.app.state, "issuers", None)
    if issuers is not None and issuers.of(token) is not None:
        return await issuers.verify(token, now_of(request))
    return terms.tokens.verify(token, now_of(request))


async def _standing(request: Request, claims: Claims | ExternalClaims, now: datetime) -> Actor:
    terms: SessionTerms = request.app.state.session_terms
    database: Database = request.app.state.database
    if isinstance(claims, ExternalClaims):
        return await _let_in(database, now, claims, terms=terms)
    async with database.read() as connection:
        return await sessions.authenticate(connection, claims, now, terms=terms)


async def _let_in(database: Database, now: datetime, claims: ExternalClaims, *, terms: SessionTerms) -> Actor:
    """Writes at first sight of a person, and when a token says something new; else it is one statement."""
    async with database.read() as connection:
        known = await external.recognise(connection, now, claims, terms=terms)
    if known is not None:
        return known
    try:
        return await act(database, lambda connection: external.admit(connection, now, claims, terms=terms))
    except Refused as error:
        if error.refusals[0].concern == "caller":
            raise
        raise Unavailable from error  # others were quicker, each time; no operation's own answer says that


async def any_caller(request: Request, _token: Token) -> Actor:
    return await authenticate(request)


async def current_person(request: Request, _token: Token) -> Actor:
    actor = await authenticate(request)
    if actor.machine:
        raise Refused([Refusal("not_for_machines")])
    return actor


async def current_actor(request: Request, _token: Token) -> Actor:
    actor = await authenticate(request)
    reasons = tuple(_closed_to(actor, request))
    if reasons:
        raise Refused(reasons)
    return actor


def _closed_to(actor: Actor, request: Request) -> Iterator[Refusal]:
    """What can be said before anybody looks at what is asked for: so it tells nothing of what exists."""
    if actor.machine:
        facts = request.app.state.routes.facts(request.scope)
        if facts.scope is None:
            yield Refusal("not_for_machines")
        elif facts.scope not in actor.scopes:
            yield Refusal("scope_missing", {"scope": facts.scope})
    elif not actor.holdings:
        yield from waiting_refusals(actor)


async def _session_terms(request: Request) -> SessionTerms:
    terms: SessionTerms = request.app.state.session_terms
    return terms


AnyCaller = Annotated[Actor, Depends(any_caller)]
"""Whoever is signed in, also a machine, also without the second factor that their positions need."""

CurrentPerson = Annotated[Actor, Depends(current_person)]
"""A person looking after their own access, also without the second factor that their positions need."""

CurrentActor = Annotated[Actor, Depends(current_actor)]
"""Who may use the operation at all: a machine only with its scope, a person only once the token names one of their positions, where they have any."""

Terms = Annotated[SessionTerms, Depends(_session_terms)]
