"""What a router says beside its operation, for `responses=` and `openapi_extra=`."""

from typing import Any

SCOPE = "x-required-scope"

BINARY: dict[str, Any] = {"type": "string", "format": "binary"}
"""The schema of a file: generated clients type it as Blob or File."""


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors beyond those of every operation: 401, 404, 413, 415, 422, 500, 503, 507 where it writes, 412/428 with If-Match are the frame's."""
    return {status: {"description": ""} for status in statuses}


def tagged(status: int = 200) -> dict[int | str, dict[str, Any]]:
    """The answer carries an ETag; a GET then takes `If-None-Match` and may answer 304."""
    return headed(status, "ETag")


def headed(status: int, *names: str) -> dict[int | str, dict[str, Any]]:
    """The answer carries these headers, as the components describe them."""
    return {status: {"headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names}}}


def requires(*names: str, scope: str | None = None) -> dict[str, Any]:
    """Who may call it: permissions (`admin`) and roles (`role:camat`), and the scope with which a machine may. Stands in the description too.

    Without a scope an operation is closed to machines.
    """
    return {"x-required-permissions": list(names)} | ({} if scope is None else {SCOPE: scope})
