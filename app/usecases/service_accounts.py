"""Service accounts: created, given a secret, revoked. Each is recorded in the stream of the account's first office.

A machine may be let read at several offices: who administers it has `admin` over all of them, or a secret asked for at one office would
open another.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.accounts import NewAccount
from app.domain.administration import Administered, office_refusals, reach_refusals
from app.domain.assignments import Position
from app.domain.events import NewEvent
from app.domain.people import Actor
from app.domain.permissions import ADMIN, AUDITOR, INTEGRATION
from app.domain.problems import NotVisible, Refused
from app.domain.refusals import Refusal
from app.domain.service_accounts import SECRET_PREFIX, NewServiceAccount, client_id, service_account_mistakes
from app.store import service_accounts as store
from app.store import sessions
from app.store.events import append_office_events
from app.store.offices import find_office
from app.store.service_accounts import ServiceAccount, ServiceAccountFilter
from app.usecases.accounts import create_account
from app.usecases.acts import refuse
from app.usecases.administering import as_admin
from app.usecases.assignments import assign
from app.usecases.entries import ActorData, check, unknown_office


@dataclass(frozen=True, slots=True)
class IssuedSecret:
    """Shown once: only its hash is kept."""

    client_id: str
    secret: str
    expires_at: datetime


async def create_service_account(connection: AsyncConnection, now: datetime, new: NewServiceAccount, *, actor: ActorData = None) -> ServiceAccount:
    """Without a secret: nobody gets in with it yet."""
    check(service_account_mistakes(new, now))
    zones = {code: await _zone(connection, code, now) for code in sorted(set(new.offices))}
    account = NewAccount(client_id(new.name, secrets.token_hex(3)), new.name, new.home, kind="machine")
    account_id = await create_account(connection, now, account, actor=actor)
    await store.add_service_account(connection, account_id, scopes=sorted(set(new.scopes)), expires_at=new.expires_at)
    until = {"offices": list(zones), "scopes": sorted(set(new.scopes)), "expires_at": new.expires_at.isoformat()}
    await _record(connection, now, new.home, NewEvent("service_account.created", {"account_id": str(account_id), **until}), actor=actor)
    for code, zone in zones.items():
        position = Position(code, INTEGRATION, now.astimezone(zone).date())
        await assign(connection, now, account.username, position=position, actor=actor)
    return await _fresh(connection, account_id)


async def issue_secret(connection: AsyncConnection, now: datetime, found: ServiceAccount, *, actor: ActorData = None) -> IssuedSecret:
    """The secret before ends at once, and with it whoever got in with it. Raises Refused, Collision."""
    _still_open(found, now)
    secret = SECRET_PREFIX + secrets.token_urlsafe(32)
    await _record(connection, now, found.home, NewEvent("service_account.secret_issued", {"account_id": str(found.id)}), actor=actor)
    await store.set_secret(connection, found, secret_hash(secret))
    await sessions.revoke_all_of(connection, now, found.id)
    return IssuedSecret(found.client_id, secret, found.expires_at)


async def revoke_service_account(connection: AsyncConnection, now: datetime, found: ServiceAccount, *, actor: ActorData = None) -> ServiceAccount:
    """Its next request is nobody's. Raises Refused, Collision."""
    if not found.active:
        raise Refused([Refusal("service_account_over")])
    await _record(connection, now, found.home, NewEvent("service_account.revoked", {"account_id": str(found.id)}), actor=actor)
    await store.close(connection, now, found)
    await sessions.revoke_all_of(connection, now, found.id)
    return await _fresh(connection, found.id)


def secret_hash(secret: str) -> str:
    """SHA-256 suffices where a slow hash would for a password: 256 random bits cannot be guessed."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


# ── who may ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def administers(actor: Actor, offices: tuple[str, ...]) -> ActorData:
    """The administrator as events keep them. An office out of sight does not exist. Raises NotVisible, Refused."""
    if not all(actor.sees(code) for code in offices):
        raise NotVisible
    refuse(office_refusals(actor, *sorted(set(offices))))
    return as_admin(actor, min(offices))


def sees(actor: Actor, found: ServiceAccount) -> bool:
    return any(actor.permitted(name, code) for name in (ADMIN, AUDITOR) for code in found.places)


async def visible(connection: AsyncConnection, actor: Actor, account_id: UUID) -> ServiceAccount:
    """Raises NotVisible."""
    found = await store.service_account_of(connection, account_id)
    if found is None or not sees(actor, found):
        raise NotVisible
    return found


async def to_administer(connection: AsyncConnection, actor: Actor, account_id: UUID) -> ServiceAccount:
    """Raises NotVisible, Refused."""
    found = await visible(connection, actor, account_id)
    refuse(reach_refusals(actor, Administered(found.id, found.home, found.places)))
    return found


def visible_to(actor: Actor, *, office: str | None, is_open: bool | None) -> ServiceAccountFilter:
    """What a list may show this caller. Raises NotVisible for an office out of sight, Refused to who neither administers nor inspects."""
    if office is not None and not actor.sees(office):
        raise NotVisible
    above = frozenset(h.office for h in actor.holdings if h.role in {ADMIN, AUDITOR})
    permitted = bool(above) if office is None else any(actor.permitted(name, office) for name in (ADMIN, AUDITOR))
    if not permitted:
        where = {} if office is None else {"office": office}
        raise Refused([Refusal("permission_missing", {"permission": f"{ADMIN} / {AUDITOR}", **where}, variant="" if where else "anywhere")])
    return ServiceAccountFilter(above=above, office=office, open=is_open)


def _still_open(found: ServiceAccount, now: datetime) -> None:
    if not found.is_open(now):
        raise Refused([Refusal("service_account_over")])


async def _zone(connection: AsyncConnection, code: str, now: datetime) -> ZoneInfo:
    office = await find_office(connection, code, now)
    if office is None:
        raise unknown_office(code, pointer="/offices")
    return ZoneInfo(office.time_zone)


async def _record(connection: AsyncConnection, now: datetime, office: str, event: NewEvent, *, actor: ActorData) -> None:
    await append_office_events(connection, office, now, actor=actor, events=[event])


async def _fresh(connection: AsyncConnection, account_id: UUID) -> ServiceAccount:
    found = await store.service_account_of(connection, account_id)
    if found is None:
        raise NotVisible
    return found
