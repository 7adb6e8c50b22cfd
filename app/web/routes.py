"""What the frame knows of every route: its template, its methods, whether it is guarded, and what its path parameters must be."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.types import Scope

from app.domain.problems import NotVisible
from app.web.openapi.declare import SCOPE
from app.web.security import BearerToken


@dataclass(frozen=True, slots=True)
class RouteFacts:
    template: str
    methods: frozenset[str]
    path_regex: re.Pattern[str]
    guarded: bool
    scope: str | None
    """With which a machine may call it; None: no machine may."""
    dependant: Dependant = field(repr=False)

    def path_values(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """The path parameters as their types, in the order of the template. One that cannot be is of nothing: 404."""
        values = dict(raw)
        for dependant in _tree(self.dependant):
            for parameter in dependant.path_params:
                value, errors = parameter.validate(raw.get(parameter.alias), {}, loc=("path", parameter.alias))
                if errors or (isinstance(value, str) and "\0" in value):
                    raise NotVisible
                values[parameter.alias] = value
        return values


class RouteTable:
    """Read once, on the first request, when every router is in."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def facts(self, scope: Scope) -> RouteFacts | None:
        """Of the route that took this request; None where none did."""
        return self._by_route.get(id(scope.get("route")))

    def allowed(self, path: str) -> list[str]:
        """Every method that this path answers, over all its routes. GET brings HEAD."""
        methods = {method for facts in self._by_route.values() if facts.path_regex.match(path) for method in facts.methods}
        return sorted(methods | ({"HEAD"} if "GET" in methods else set()))

    @cached_property
    def _by_route(self) -> dict[int, RouteFacts]:
        contexts = iter_route_contexts(self._app.routes)
        return {id(context.original_route): _facts(context) for context in contexts if isinstance(context.original_route, APIRoute)}


def _facts(context: RouteContext) -> RouteFacts:
    return RouteFacts(
        template=context.path_format or "",
        methods=frozenset(context.methods or ()),
        path_regex=context.path_regex,
        scope=(getattr(context.original_route, "openapi_extra", None) or {}).get(SCOPE),
        guarded=any(isinstance(dependant.call, BearerToken) for dependant in _tree(context.dependant)),
        dependant=context.dependant,
    )


def _tree(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for child in dependant.dependencies:
        yield from _tree(child)
