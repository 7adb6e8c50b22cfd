"""Signing in without argon2, for tests that are about what comes after the password."""

from datetime import datetime

from app.domain.throttling import counters
from app.store.credentials import Credentials
from app.store.database import Database
from app.usecases import sessions
from app.usecases.sessions import Recognised, SessionTerms, SignedIn, SignInRequest
from app.usecases.throttling import begin_try

ADDRESS = "192.0.2.1"


async def found(database: Database, username: str, *, terms: SessionTerms, now: datetime, address: str = ADDRESS) -> Credentials | None:
    async with database.read() as connection:
        return await sessions.find_credentials(connection, now, username, address=address, terms=terms)


async def let_in(database: Database, who: Credentials, *, terms: SessionTerms, now: datetime, code: str | None = None) -> SignedIn | None:
    """As after a right password. None: a code is asked for."""
    async with database.write() as connection:
        tried = await begin_try(connection, now, counters(who.username, ADDRESS, familiar=who.familiar))
    async with database.write() as connection:
        request = SignInRequest(ADDRESS, code, "tests")
        return await sessions.sign_in(connection, now, Recognised(who, None), request=request, tried=tried, terms=terms)


async def signed_in_as(database: Database, username: str, *, terms: SessionTerms, now: datetime, code: str | None = None) -> SignedIn:
    who = await found(database, username, terms=terms, now=now)
    assert who is not None
    signed_in = await let_in(database, who, terms=terms, now=now, code=code)
    assert signed_in is not None
    return signed_in
