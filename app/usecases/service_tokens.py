"""A machine lets itself in: its client id and secret for an access token that lives minutes, and no refresh token."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from app.domain.accounts import USERNAME
from app.domain.authority import claimed_by
from app.domain.permissions import SCOPES
from app.domain.problems import Unauthenticated
from app.domain.throttling import address_key
from app.store import service_accounts as store
from app.store import sessions
from app.store.service_accounts import Client
from app.store.throttling import remember_address
from app.usecases.service_accounts import secret_hash
from app.usecases.sessions import SessionTerms
from app.usecases.throttling import Try, give_back

_NO_HASH = "0" * 64


@dataclass(frozen=True, slots=True)
class ServiceToken:
    """`expires_in` in seconds."""

    access_token: str
    expires_in: int
    scopes: tuple[str, ...]


async def find_client(connection: AsyncConnection, now: datetime, client_id: str, *, address: str) -> Client | None:
    """What no client could be called is looked for under a name that nobody has: it may hold characters that a database refuses."""
    name = client_id if USERNAME.fullmatch(client_id) else ""
    return await store.client_named(connection, now, name, address=address_key(address))


def recognise(client: Client | None, secret: str) -> Client:
    """Unknown, revoked, over, without a secret or with another one: the same answer, after the same work. Raises Unauthenticated."""
    kept = _NO_HASH if client is None or client.secret_hash is None else client.secret_hash
    if not hmac.compare_digest(kept, secret_hash(secret)) or client is None:
        raise _unrecognised()
    return client


def _unrecognised() -> Unauthenticated:
    return Unauthenticated("bad_credentials", variant="client_secret")


async def let_in(connection: AsyncConnection, now: datetime, client: Client, *, address: str, tried: Try, terms: SessionTerms) -> ServiceToken:
    """Raises Unauthenticated where its secret was replaced, or it was revoked, since it was recognised."""
    if not await store.note_use(connection, now, client):
        raise _unrecognised()
    lifetime = max(min(terms.access, client.expires_at - now), timedelta(seconds=1))
    session_id = uuid7()
    await sessions.add_session(connection, now, session_id, account_id=client.id, refresh_hash=None, expires_at=now + lifetime)
    bearer = await sessions.find_bearer(connection, session_id, now, demo=terms.demo)
    if bearer is None:
        raise _unrecognised()
    await remember_address(connection, now, client.id, address_key(address))
    await give_back(connection, now, tried)
    claimed = claimed_by(bearer.assignments, now)
    access_token = terms.tokens.issue(
        sub=client.id,
        sid=session_id,
        name=client.name,
        roles=(),
        permissions=sorted(claimed.permissions),
        now=now,
        lifetime=lifetime,
    )
    return ServiceToken(access_token, int(lifetime.total_seconds()), tuple(name for name in SCOPES if name in (bearer.scopes or ())))
