"""The order of judgement: 401, then 404, and only then what is wrong with the request (contract.md).

FastAPI reads and checks a request before, or beside, asking who sent it. So whoever finds a request malformed calls `judge` first:
a stranger learns 401, and a caller to whom the thing does not exist learns 404, whatever else is wrong.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import Request

from app.domain.people import Actor
from app.domain.problems import NotVisible
from app.store.database import Database
from app.web.routes import RouteTable

Authenticate = Callable[[Request], Awaitable[Actor]]
"""Who sends this; raises Unauthenticated."""

Visible = Callable[[Database, Actor, Mapping[str, Any]], Awaitable[bool]]
"""Whether what a path parameter names exists for this caller. Gets all parameters of the path, as their types."""


async def judge(request: Request) -> None:
    routes: RouteTable = request.app.state.routes
    facts = routes.facts(request.scope)
    if facts is None:
        return
    actor = await request.app.state.authenticate(request) if facts.guarded else None
    path = facts.path_values(request.path_params)
    if actor is not None:
        await _judge_visibility(request, actor, path)


async def _judge_visibility(request: Request, actor: Actor, path: Mapping[str, Any]) -> None:
    visibility: Mapping[str, Visible] = request.app.state.visibility
    for name in path:
        check = visibility.get(name)
        if check is not None and not await check(request.app.state.database, actor, path):
            raise NotVisible
