"""Signing in, staying signed in, signing out, and who the caller of a request is.

No transaction is open while argon2 works: the edge looks up the credentials, counts the try, asks `recognise`, and only then opens the
transaction of `sign_in`. Whoever is named, and whether there is such an account, the statements until then are the same.
"""

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from app.domain.accounts import USERNAME
from app.domain.authority import Claimed, claimed_by, holdings, waiting
from app.domain.people import Actor, WaitingPosition
from app.domain.problems import Unauthenticated
from app.domain.second_factor import Standing, locked, standing, without
from app.domain.throttling import address_key
from app.outside.passwords import check_password
from app.outside.sealing import Seal
from app.outside.tokens import Claims, Tokens
from app.store import credentials as store
from app.store import external, sessions
from app.store.credentials import Credentials
from app.store.sessions import Bearer
from app.store.throttling import remember_address
from app.usecases.second_factor import needed_claims, passes
from app.usecases.throttling import Try, give_back


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTerms:
    """Who signs and seals; how long an access token lives; when a session ends, unused or whatever happens; whether demo accounts exist.

    For `grace` after its use a refresh token is answered as it was then. `second_factor` names the roles and permissions that need one.
    """

    tokens: Tokens
    seal: Seal
    access: timedelta = timedelta(seconds=600)
    absolute: timedelta = timedelta(hours=12)
    idle: timedelta = timedelta(minutes=120)
    grace: timedelta = timedelta(seconds=10)
    second_factor: frozenset[str] = frozenset()
    demo: bool = False


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`expires_in` in seconds, of the access token."""

    access_token: str
    expires_in: int
    refresh_token: str
    second_factor: Standing


@dataclass(frozen=True, slots=True)
class SignInRequest:
    """What comes with name and password. `address` is where the request came from, `client` what its program calls itself."""

    address: str
    code: str | None = None
    client: str | None = None


@dataclass(frozen=True, slots=True)
class Recognised:
    """Whose password was right; `renewed` is its hash by the parameters of today, where the kept one is older."""

    credentials: Credentials
    renewed: str | None


async def find_credentials(connection: AsyncConnection, now: datetime, username: str, *, address: str, terms: SessionTerms) -> Credentials | None:
    """What nobody could be called is looked for under a name that nobody has: it may hold characters that a database refuses.

    Outside demo mode an account of the demo is nobody: its password is published, and its database may have stayed.
    """
    written = username.lower()
    name = written if USERNAME.fullmatch(written) else ""
    return await store.credentials_named(connection, name, address=address_key(address), now=now, demo=terms.demo)


async def recognise(found: Credentials | None, password: str) -> Recognised:
    """Unknown, closed or wrong: the same answer, after the same work."""
    checked = await check_password(None if found is None else found.password_hash, password)
    if found is None or not checked.right:
        raise Unauthenticated("bad_credentials")
    return Recognised(found, checked.renewed)


async def sign_in(
    connection: AsyncConnection, now: datetime, recognised: Recognised, *, request: SignInRequest, tried: Try, terms: SessionTerms
) -> SignedIn | None:
    """None where the account has a second factor and the request brings no code: half proved, so the try is given back, and committed.

    A wrong code is a failure as a wrong password is.
    """
    found = recognised.credentials
    if not await store.hold_unchanged(connection, found):
        raise Unauthenticated("bad_credentials")  # changed or closed since it was read
    if found.totp_secret is not None and request.code is None:
        await give_back(connection, now, tried, proved=False)
        return None
    passed = found.totp_secret is not None
    if passed and not await passes(connection, now, found, code=request.code or "", seal=terms.seal):
        raise Unauthenticated("second_factor_invalid")
    if recognised.renewed is not None:
        await store.renew_hash(connection, found.id, password_hash=recognised.renewed, instead_of=found.password_hash)
    await remember_address(connection, now, found.id, address_key(request.address))
    await give_back(connection, now, tried)
    return await _begin(connection, now, found.id, client=request.client, passed=passed, terms=terms)


async def _begin(connection: AsyncConnection, now: datetime, account_id: UUID, *, client: str | None, passed: bool, terms: SessionTerms) -> SignedIn:
    session_id = uuid7()
    refresh_token = f"{session_id}.{secrets.token_urlsafe(32)}"
    await sessions.add_session(
        connection,
        now,
        session_id,
        account_id=account_id,
        refresh_hash=_hash(refresh_token),
        expires_at=now + terms.absolute,
        client=client,
        second_factor=passed,
    )
    return await _signed_in(connection, now, session_id, refresh_token=refresh_token, terms=terms)


async def refresh(connection: AsyncConnection, now: datetime, refresh_token: str, *, terms: SessionTerms) -> SignedIn | None:
    """None where the session is over, or was ended just now because this token had been used before: somebody holds a copy.

    Not raised, because what it wrote must be committed all the same.
    """
    session_id = _session_of(refresh_token)
    successors = {_hash(token): token for token in _successors(session_id, refresh_token, terms.seal)}
    rotation = sessions.Rotation(session_id, _hash(refresh_token), tuple(successors), now - terms.idle, now - terms.grace)
    following = await sessions.rotate(connection, now, rotation, demo=terms.demo)
    if following is None:
        return None
    return await _signed_in(connection, now, session_id, refresh_token=successors[following], terms=terms)


async def sign_out(connection: AsyncConnection, now: datetime, actor: Actor) -> None:
    """Who comes with a token of another issuer has no session here: all their tokens issued until now are over. At the issuer they stay signed in."""
    if actor.session_id is not None:
        await sessions.revoke(connection, now, actor.session_id)
    else:
        await external.end_tokens(connection, now, actor.account_id)


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
        waiting=_waiting(bearer, claimed, now, terms=terms),
        scopes=bearer.scopes or frozenset(),
        is_machine=bearer.scopes is not None,
    )


def _waiting(bearer: Bearer, claimed: Claimed, now: datetime, *, terms: SessionTerms) -> tuple[WaitingPosition, ...]:
    """A machine has no token to refresh: it lets itself in again."""
    if bearer.scopes is not None:
        return ()
    needed = frozenset() if bearer.second_factor else locked(bearer.assignments, terms.second_factor, withheld=bearer.withheld)
    return waiting(claimed, bearer.assignments, now, locked=needed)


async def _signed_in(connection: AsyncConnection, now: datetime, session_id: UUID, *, refresh_token: str, terms: SessionTerms) -> SignedIn:
    """Raises Unauthenticated where the account was closed meanwhile."""
    bearer = await sessions.find_bearer(connection, session_id, now, demo=terms.demo)
    if bearer is None:
        raise Unauthenticated("session_ended")
    needed = await needed_claims(connection, bearer.assignments, now, required=terms.second_factor)
    withheld = frozenset() if bearer.second_factor else needed
    if bearer.withheld != bool(withheld):
        await sessions.set_withheld(connection, session_id, bool(withheld))
    claimed = without(claimed_by(bearer.assignments, now), withheld)
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
    return SignedIn(access_token, int(lifetime.total_seconds()), refresh_token, standing(needed, passed=bearer.second_factor))


def _successors(session_id: UUID, refresh_token: str, seal: Seal) -> list[str]:
    """The tokens that may follow this one, by today's key first: derived, so that the same question gets the same answer again."""
    derived = seal.derived_before("refresh", refresh_token.encode("ascii"))
    return [f"{session_id}.{urlsafe_b64encode(secret).rstrip(b'=').decode('ascii')}" for secret in derived]


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
