"""Calendar feeds: subscribing, revoking, and what a calendar program reads with nothing but the secret in its address.

A feed reads with what its owner holds at that very moment, not with what they held when they made it. No calendar program can pass a second
factor, so positions that need one count only where the account had one when the feed was made: the owner had passed it then, since nobody
signs in to such an account without. What a feed tells is what is due, where and when: no documents, no words of people, no names.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from app.domain.authority import claimed_by, holdings
from app.domain.calendar_feeds import MOST_ENTRIES, MOST_FEEDS, About, Due, Entry, Feed, Waiting, entry_of, of_office, personal
from app.domain.events import NewEvent
from app.domain.people import Actor, ActorSnapshot
from app.domain.permissions import PERMISSIONS
from app.domain.problems import NotVisible, Refused
from app.domain.refusals import Refusal
from app.domain.second_factor import without
from app.store import calendar_feeds as store
from app.store import listings
from app.store.assignments import assignments_of
from app.store.calendar_feeds import CalendarFeed, Subscription
from app.store.credentials import Credentials
from app.store.errors import Collision
from app.store.events import append_office_events
from app.usecases.acts import Shelf
from app.usecases.credentials import OWNER, own_credentials
from app.usecases.second_factor import needed_claims
from app.usecases.service_accounts import secret_hash
from app.usecases.sessions import SessionTerms

SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Subscribed:
    """`secret` is shown now and never again."""

    feed: CalendarFeed
    secret: str


# ── by its owner ────────────────────────────────────────────────────────────────────────────────────────────────────


async def subscribe(connection: AsyncConnection, now: datetime, actor: Actor, *, office: str | None) -> Subscribed:
    """Raises NotVisible for an office out of sight, Refused for who signs in elsewhere or has enough of them, Collision."""
    if actor.session_id is None:
        raise Refused([Refusal("account_of_issuer", variant="feed")])
    if office is not None and not actor.sees(office):
        raise NotVisible("/office")
    feed_id, secret = uuid7(), secrets.token_urlsafe(SECRET_BYTES)
    owner = await own_credentials(connection, actor)
    await _record(connection, now, owner, "calendar_feed.created", feed_id=feed_id, office=office)
    if await store.count_feeds(connection, owner.id) >= MOST_FEEDS:  # counted where nobody else adds one: the stream's head is held
        raise Refused([Refusal("too_many_feeds", {"most": MOST_FEEDS})])
    await store.add_feed(connection, now, feed_id, account_id=owner.id, office=office, secret_hash=secret_hash(secret))
    return Subscribed(await _living(connection, owner.id, feed_id), secret)


async def revoke(connection: AsyncConnection, now: datetime, actor: Actor, feed_id: UUID) -> None:
    """Its address answers nobody any more. Raises NotVisible where it is not one of the caller's living ones, Collision."""
    found = await _living(connection, actor.account_id, feed_id)
    owner = await own_credentials(connection, actor)
    await _record(connection, now, owner, "calendar_feed.revoked", feed_id=found.id, office=found.office)
    if not await store.revoke_feed(connection, now, owner.id, feed_id):
        raise Collision("calendar feed")


async def _living(connection: AsyncConnection, account_id: UUID, feed_id: UUID) -> CalendarFeed:
    found = await store.feed_of(connection, account_id, feed_id)
    if found is None:
        raise NotVisible
    return found


async def _record(connection: AsyncConnection, now: datetime, owner: Credentials, event: str, *, feed_id: UUID, office: str | None) -> None:
    who = ActorSnapshot(owner.id, owner.name, OWNER, owner.office, "definitive", "Pemilik akun")
    happened = NewEvent(event, {"account_id": str(owner.id), "feed_id": str(feed_id), "office": office})
    await append_office_events(connection, owner.office, now, actor=who.as_data(), events=[happened])


# ── by whoever knows the secret ─────────────────────────────────────────────────────────────────────────────────────


async def read_feed(connection: AsyncConnection, shelf: Shelf, now: datetime, secret: str, *, terms: SessionTerms) -> Feed:
    """Raises NotVisible: unknown, revoked, its owner gone, or its office out of the owner's sight; nobody is told which."""
    found = await store.subscription(connection, secret_hash(secret), demo=terms.demo)
    if found is None:
        raise NotVisible
    owner = await _owner_now(connection, found, now, required=terms.second_factor)
    if owner.machine:
        raise NotVisible
    if found.office is None:
        return personal(await _waiting_for(connection, shelf, owner))
    if not owner.sees(found.office):
        raise NotVisible
    return of_office(found.office_name or found.office, await _due_at(connection, shelf, found.office, now))


async def _owner_now(connection: AsyncConnection, found: Subscription, now: datetime, *, required: frozenset[str]) -> Actor:
    """The owner with all that they hold now, but what needs a second factor that had not been passed when the feed was made."""
    held = await assignments_of(connection, found.account_id, now)
    passed = found.second_factor_at is not None and found.second_factor_at <= found.created_at
    locked = frozenset() if passed else await needed_claims(connection, held, now, required=required)
    return Actor(found.account_id, None, found.username, found.name, holdings(without(claimed_by(held, now), locked), held, now))


async def _waiting_for(connection: AsyncConnection, shelf: Shelf, owner: Actor) -> tuple[Entry, ...]:
    held = sorted({(holding.office, holding.role) for holding in owner.holdings if holding.role not in PERMISSIONS})
    caller = listings.Caller(owner.account_id, sorted({office for office, _ in held}), held)
    lines = await listings.tasks(connection, caller, after=None, limit=MOST_ENTRIES + 1)
    return await _entries(connection, shelf, ((line, _asked(line)) for line in lines))


async def _due_at(connection: AsyncConnection, shelf: Shelf, office: str, now: datetime) -> tuple[Entry, ...]:
    narrowing = listings.Narrowing(offices=(office,))
    lines = await listings.deadlines(connection, narrowing, state=None, now=now, after=None, limit=MOST_ENTRIES + 1)
    return await _entries(connection, shelf, ((line, _running(line)) for line in lines))


class _Line(Protocol):
    @property
    def about(self) -> listings.About: ...


async def _entries(connection: AsyncConnection, shelf: Shelf, lines: Iterable[tuple[_Line, Due]]) -> tuple[Entry, ...]:
    entries: Sequence[Entry] = [
        entry_of(_instance(line.about), due, await shelf.procedures.get(connection, line.about.procedure_key, line.about.procedure_version))
        for line, due in lines
    ]
    return tuple(entries)


def _instance(about: listings.About) -> About:
    return About(about.instance_id, about.title, about.office_name, about.instance_version, about.changed_at)


def _asked(line: listings.TaskLine) -> Due:
    kind: Waiting = "step" if line.kind == "step" else "initial" if line.kind == "initial" else "signature"
    return Due(
        kind=kind,
        step=line.step,
        round=line.round,
        role=line.role,
        slot=line.slot,
        since=line.since,
        due_soon_at=line.due_soon_at,
        due_at=line.due_at,
    )


def _running(line: listings.DeadlineLine) -> Due:
    return Due(
        step=line.step,
        round=line.round,
        since=line.step_started_at,
        due_soon_at=line.due_soon_at,
        due_at=line.due_at,
        paused=line.paused_at is not None,
    )
