"""The one security scheme: a bearer token. A route whose dependencies do not take it is public, in the document as at the door."""

from typing import Annotated

from fastapi import Request, Security
from fastapi.openapi.models import HTTPBearer as BearerModel
from fastapi.security.base import SecurityBase


class BearerToken(SecurityBase):
    """Hands out the token as it came, or None; who it names is the actor dependency's question."""

    scheme_name = "bearer"
    model = BearerModel(
        bearerFormat="JWT",
        description="Token akses dari POST /v1/auth/sessions, dari POST /v1/auth/service-tokens, atau dari penerbit OpenID lain yang dipercaya "
        "server ini. The access token of POST /v1/auth/sessions, of POST /v1/auth/service-tokens, or of another OpenID issuer that this server "
        "is configured to believe.",
    )

    async def __call__(self, request: Request) -> str | None:
        return bearer_token(request)


def bearer_token(request: Request) -> str | None:
    """RFC 6750 §2.1. Another scheme, or none, is no token."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


Token = Annotated[str | None, Security(BearerToken())]
