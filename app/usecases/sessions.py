"""Signing in, staying signed in, signing out, and who the caller of a request is.

No transaction is open while argon2 works: the edge reads the account, asks `recognise`, then opens the transaction of `sign_in`.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from app.domain.accounts import USERNAME
from app.domain.authority import Assignment, Claimed, claimed_by, holdings
from app.domain.people import Actor
from app.domain.problems import Unauthenticated
from app.outside.passwords import verify_password
from app.outside.tokens import Claims, Tokens
from app.store import sessions
from app.store.accounts import Account
from app.store.accounts import find_account as account_named
from app.store.assignments import assignments_of


@dataclass(frozen=True, slots=True)
class SessionTerms:
    """Who signs, how long an access token lives, when a session ends whatever happens, and whether demo accounts exist."""

    tokens: Tokens
    access: timedelta = timedelta(seconds=600)
    absolute: timedelta = timedelta(hours=12)
    demo: bool = False


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`expires_in` in seconds, of the access token."""

    access_token: str
    expires_in: int
    refresh_token: str


async def find_account(connection: AsyncConnection, username: str, *, terms: SessionTerms) -> Account | None:
    """What nobody could be called is not even looked for: it may hold characters that a database refuses.

    Outside demo mode an account of the demo is nobody: its password is published, and its database may have stayed.
    """
    written = username.lower()
    account = await account_named(connection, written) if USERNAME.fullmatch(written) else None
    return None if account is not None and account.is_demo and not terms.demo else account


async def recognise(account: Account | None, password: str) -> Account:
    """Unknown, closed or wrong: the same answer, after the same work."""
    known = account if account is not None and account.active else None
    right = await verify_password(None if known is None else known.password_hash, password)
    if known is None or not right:
        raise Unauthenticated("bad_credentials")
    return known


async def sign_in(connection: AsyncConnection, now: datetime, account: Account, *, terms: SessionTerms) -> SignedIn:
    session_id, expires_at = uuid7(), now + terms.absolute
    refresh_token = _new_refresh_token(session_id)
    await sessions.add_session(connection, now, session_id, account_id=account.id, refresh_hash=_hash(refresh_token), expires_at=expires_at)
    return await _signed_in(connection, now, session_id, refresh_token=refresh_token, terms=terms)


async def refresh(connection: AsyncConnection, now: datetime, refresh_token: str, *, terms: SessionTerms) -> SignedIn | None:
    """None where the session is over, or was ended just now because this token had been used before: somebody holds a copy.

    Not raised, because what it wrote must be committed all the same. Whoever knows a session's id but not its secret ends it likewise.
    """
    session_id = _session_of(refresh_token)
    successor = _new_refresh_token(session_id)
    if not await sessions.rotate(connection, now, session_id, presented=_hash(refresh_token), successor=_hash(successor), demo=terms.demo):
        return None
    return await _signed_in(connection, now, session_id, refresh_token=successor, terms=terms)


async def sign_out(connection: AsyncConnection, now: datetime, actor: Actor) -> None:
    """A token of another issuer has no session here: it ends there."""
    if actor.session_id is not None:
        await sessions.revoke(connection, now, actor.session_id)


async def authenticate(connection: AsyncConnection, claims: Claims, now: datetime, *, terms: SessionTerms) -> Actor:
    """The caller as they stand now, in one statement: session alive, account active, claims ∩ valid assignments."""
    bearer = await sessions.find_bearer(connection, claims.sid, now, demo=terms.demo)
    if bearer is None or bearer.account_id != claims.sub:
        raise Unauthenticated("session_ended")
    claimed = Claimed(frozenset(claims.roles), frozenset(claims.permissions))
    return Actor(
        account_id=bearer.account_id,
        session_id=bearer.session_id,
        username=bearer.username,
        name=bearer.name,
        holdings=holdings(claimed, bearer.assignments, now),
        withheld=bearer.withheld,
        scopes=bearer.scopes or frozenset(),
        is_machine=bearer.scopes is not None,
    )


async def held_by(connection: AsyncConnection, actor: Actor, now: datetime) -> list[Assignment]:
    """The assignments behind the actor's holdings, with their validity."""
    held = {(holding.office, holding.role, holding.capacity) for holding in actor.holdings}
    assignments = await assignments_of(connection, actor.account_id, now)
    return [a for a in assignments if (a.office, a.role, a.capacity) in held and a.valid_at(now)]


async def _signed_in(connection: AsyncConnection, now: datetime, session_id: UUID, *, refresh_token: str, terms: SessionTerms) -> SignedIn:
    bearer = await sessions.find_bearer(connection, session_id, now, demo=terms.demo)
    if bearer is None:
        raise Unauthenticated("session_ended")  # the account was closed meanwhile
    claimed = claimed_by(bearer.assignments, now)
    lifetime = max(min(terms.access, bearer.expires_at - now), timedelta(seconds=1))
    access_token = terms.tokens.issue(
        sub=bearer.account_id,
        sid=session_id,
        name=bearer.name,
        roles=sorted(claimed.roles),
        permissions=sorted(claimed.permissions),
        now=now,
        lifetime=lifetime,
    )
    return SignedIn(access_token, int(lifetime.total_seconds()), refresh_token)


def _new_refresh_token(session_id: UUID) -> str:
    return f"{session_id}.{secrets.token_urlsafe(32)}"


def _session_of(refresh_token: str) -> UUID:
    text, dot, _ = refresh_token.partition(".")
    try:
        session_id = UUID(text)
    except ValueError:
        raise Unauthenticated("token_invalid") from None
    if not dot or str(session_id) != text or not refresh_token.isascii():
        raise Unauthenticated("token_invalid")
    return session_id


def _hash(refresh_token: str) -> str:
    """SHA-256 suffices where a slow hash would for a password: 256 random bits cannot be guessed."""
    return sha256(refresh_token.encode("ascii")).hexdigest()
