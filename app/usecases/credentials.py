"""What an account proves itself with, changed by its owner, or by an administrator who never learns it.

An administrator's acts are `issue_reset`, `remove_second_factor` and `end_sessions`; who may do so to whom is judged before.
Each change is recorded in the stream of the account's office before anything else is written (see `usecases.offices`).
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.administration import Administered, account_refusals
from app.domain.authority import claimed_by, holdings
from app.domain.events import NewEvent
from app.domain.passwords import password_mistakes
from app.domain.people import Actor, ActorSnapshot
from app.domain.problems import FieldError, Invalid, NotVisible, Refused, Unauthenticated
from app.domain.refusals import Refusal
from app.outside.passwords import check_password, is_common
from app.outside.second_factor import new_recovery_code, recovery_hash
from app.store import credentials as store
from app.store import directory, external, sessions
from app.store.accounts import account_of
from app.store.assignments import assignments_of
from app.store.calendar_feeds import count_feeds, revoke_feeds_of
from app.store.credentials import Credentials
from app.store.errors import Collision
from app.store.events import append_office_events
from app.usecases.entries import ActorData, check
from app.usecases.throttling import Try, give_back

RESET_LIFETIME = timedelta(hours=24)

OWNER = "self"
"""In place of a role, in events about what people do with their own account."""


@dataclass(frozen=True, slots=True)
class OneTimeSecret:
    """Shown once to whoever asked for it; with it, and the username, a new password is set."""

    secret: str
    expires_at: datetime


# ── by an administrator ─────────────────────────────────────────────────────────────────────────────────────────────


async def issue_reset(connection: AsyncConnection, now: datetime, account_id: UUID, *, actor: ActorData = None) -> OneTimeSecret:
    """A secret with which the account's owner sets a new password within 24 hours. An earlier one is void; the password still works.

    `actor` must still be its account's administrator when it is used (`check_vouched`). Raises NotVisible where it is no open account of a
    person, Refused for a person of another issuer.
    """
    account = await account_of(connection, account_id)
    if account is not None and account.issuer is not None:
        raise Refused([Refusal("account_of_issuer")])
    secret = new_recovery_code()
    expires_at = now + RESET_LIFETIME
    await _record(connection, now, account_id, "account.password_reset", actor=actor)
    issued_by = None if actor is None else UUID(actor["account_id"])
    kept = recovery_hash(secret) or ""
    if not await store.set_reset(connection, account_id, secret_hash=kept, expires_at=expires_at, issued_by=issued_by):
        raise NotVisible
    return OneTimeSecret(secret, expires_at)


async def remove_second_factor(connection: AsyncConnection, now: datetime, account_id: UUID, *, actor: ActorData = None) -> bool:
    """Whether there was one: else nothing happens, and nothing is told. The account's sessions end: they were opened with what is no more.

    Raises Collision where it was taken off between the two looks.
    """
    enrolled, _ = await store.secured(connection, account_id, None)
    if not enrolled:
        return False
    await _record(connection, now, account_id, "account.second_factor_removed", actor=actor)
    await end_access(connection, now, account_id)
    if not await store.remove_second_factor(connection, account_id):
        raise Collision("second factor")
    return True


async def end_sessions(
    connection: AsyncConnection, now: datetime, account_id: UUID, *, actor: ActorData = None, session_id: UUID | None = None
) -> int:
    """End all sessions and calendar feeds of an account, or the session named; how many: where there is none, nothing is told.

    Of a person of another issuer all tokens issued until now are over; nobody here knows how many, so it counts as one.
    Raises NotVisible where the one named is none of its living ones.
    """
    account = await account_of(connection, account_id)
    of_issuer = session_id is None and account is not None and account.issuer is not None
    if session_id is None and not of_issuer and not await _has_access(connection, now, account_id):
        return 0
    which = {} if session_id is None else {"session_id": str(session_id)}
    await _record(connection, now, account_id, "account.sessions_ended", actor=actor, **which)
    if of_issuer:
        await external.end_tokens(connection, now, account_id)
        return 1 + await sessions.revoke_all_of(connection, now, account_id)
    if session_id is None:
        return await end_access(connection, now, account_id)
    if not await sessions.revoke_one_of(connection, now, account_id, session_id):
        raise NotVisible
    return 1


async def end_access(connection: AsyncConnection, now: datetime, account_id: UUID) -> int:
    """All sessions and calendar feeds, however somebody came by them; how many."""
    return await sessions.revoke_all_of(connection, now, account_id) + await revoke_feeds_of(connection, now, account_id)


async def _has_access(connection: AsyncConnection, now: datetime, account_id: UUID) -> bool:
    return await sessions.any_living(connection, now, account_id) or await count_feeds(connection, account_id) > 0


async def _record(connection: AsyncConnection, now: datetime, account_id: UUID, event: str, *, actor: ActorData, **more: str) -> None:
    """Raises NotVisible for an account that is none."""
    account = await account_of(connection, account_id)
    if account is None:
        raise NotVisible
    happened = NewEvent(event, {"account_id": str(account_id), **more})
    await append_office_events(connection, account.office, now, actor=actor, events=[happened])


# ── by its owner ────────────────────────────────────────────────────────────────────────────────────────────────────


async def own_credentials(connection: AsyncConnection, actor: Actor) -> Credentials:
    """Raises Refused for a machine: it has a secret instead, and no say over it; and for a person of another issuer, who has a password there."""
    found = await store.credentials_of(connection, actor.account_id)
    if found is None:
        raise Refused([Refusal("account_of_issuer" if actor.session_id is None else "not_for_machines")])
    return found


async def record_own(connection: AsyncConnection, now: datetime, found: Credentials, event: str) -> None:
    who = ActorSnapshot(found.id, found.name, OWNER, found.office, "definitive", "Pemilik akun")
    happened = NewEvent(event, {"account_id": str(found.id)})
    await append_office_events(connection, found.office, now, actor=who.as_data(), events=[happened])


async def check_new_password(password: str, *, about: tuple[str, ...] = (), pointer: str = "/new_password") -> None:
    """Raises Invalid."""
    check(password_mistakes(password, listed=await is_common(password), about=about, pointer=pointer))


def check_changed(password: str, *, before: str) -> None:
    """`before` has proved right. Raises Invalid."""
    if password == before:
        raise Invalid(FieldError("/new_password", "unchanged", "Kata sandi ini masih yang sama.", "This is the same password again."))


async def prove_password(found: Credentials, password: str) -> None:
    """Raises Refused: who asks is signed in already, so a wrong one is a mistake in a form and no missing token."""
    if not (await check_password(found.password_hash, password)).right:
        raise Refused([Refusal("wrong_password")])


async def change_password(connection: AsyncConnection, now: datetime, found: Credentials, *, actor: Actor, password_hash: str, tried: Try) -> None:
    """The account's other sessions end. Raises Refused where the password was changed meanwhile."""
    await record_own(connection, now, found, "account.password_changed")
    if not await store.set_password(connection, now, found.id, password_hash=password_hash, instead_of=found.password_hash):
        raise Refused([Refusal("wrong_password")])
    await sessions.revoke_all_of(connection, now, found.id, but=actor.session_id)
    await give_back(connection, now, tried)


def knows_reset(found: Credentials | None, secret: str, now: datetime) -> Credentials:
    """Raises Unauthenticated where this is not the one-time secret of that account, or its time is over: all the same, and the same words."""
    kept, expires_at = ("", None) if found is None else (found.reset_hash or "", found.reset_expires_at)
    same = hmac.compare_digest(kept, recovery_hash(secret) or "-")
    if found is None or not same or expires_at is None or expires_at <= now:
        raise Unauthenticated("bad_credentials", variant="one_time_secret")
    return found


async def check_vouched(connection: AsyncConnection, now: datetime, found: Credentials, *, demo: bool) -> None:
    """A secret is worth no more than its issuer may do now: else one kept ready would lead up to whatever the account is given later.

    One from the command line stands. Raises Unauthenticated, as for any wrong one, where the issuer's account is closed, or the issuer may
    not do this any more: the account holds more by now, an office moved, or the issuer's own position ended.
    """
    if found.reset_by is None:
        return
    issuer = await _standing(connection, found.reset_by, now, demo=demo)
    lines = directory.open_at((await directory.positions_of(connection, [found.id]))[found.id], now)
    account = Administered(found.id, found.office, frozenset(line.office for line in lines))
    if issuer is None or account_refusals(issuer, account):
        raise Unauthenticated("bad_credentials", variant="one_time_secret")


async def _standing(connection: AsyncConnection, account_id: UUID, now: datetime, *, demo: bool) -> Actor | None:
    """Somebody who is not there, with all that they hold now; None where the account is closed, or one of the demo where there is none."""
    person = await directory.person_of(connection, account_id, demo=demo)
    if person is None or not person.active:
        return None
    held = await assignments_of(connection, account_id, now)
    return Actor(account_id, None, person.username, person.name, holdings(claimed_by(held, now), held, now))


async def reset_password(connection: AsyncConnection, now: datetime, found: Credentials, *, password_hash: str, tried: Try, demo: bool) -> None:
    """All sessions and calendar feeds of the account end. Raises Unauthenticated where the secret has been used meanwhile, or stands no more."""
    await record_own(connection, now, found, "account.password_changed")
    await check_vouched(connection, now, found, demo=demo)
    if not await store.use_reset(connection, now, found.id, secret_hash=found.reset_hash or "", password_hash=password_hash):
        raise Unauthenticated("bad_credentials", variant="one_time_secret")
    await end_access(connection, now, found.id)
    await give_back(connection, now, tried)
