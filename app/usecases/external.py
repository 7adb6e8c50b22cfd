"""People of other OpenID issuers: known by issuer and subject together, let in at first sight.

What their tokens claim is recorded as assignments, so that it can be seen and revoked here: authority = mapped claims ∩ assignments
valid now (domain.md §3). A token that says nothing new writes nothing.
"""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from app.domain.accounts import NewAccount
from app.domain.assignments import Position, held_twice
from app.domain.authority import Claimed, holdings, waiting
from app.domain.events import NewEvent
from app.domain.external import UNNAMED, Changes, Recorded, changes, display_name, usernames
from app.domain.people import Actor
from app.domain.problems import Refused, Unauthenticated
from app.domain.refusals import Refusal
from app.domain.second_factor import without
from app.outside.issuers import ExternalClaims
from app.store import external as store
from app.store.accounts import add_account
from app.store.assignments import add_assignment
from app.store.directory import held_at
from app.store.errors import Collision
from app.store.events import append_office_events
from app.store.external import Grants, KnownPerson
from app.store.procedures import roles_in_force
from app.usecases.accounts import recorded as recorded_account
from app.usecases.assignments import as_held, recorded
from app.usecases.second_factor import needed_claims
from app.usecases.sessions import SessionTerms

log = structlog.get_logger("alur.issuers")


async def recognise(connection: AsyncConnection, now: datetime, claims: ExternalClaims, *, terms: SessionTerms) -> Actor | None:
    """The caller, in one statement (one more where a second factor is in doubt); None where something is to be written first (`admit`).

    Raises Unauthenticated for a closed account, and for a token that was ended here.
    """
    person = await _find(connection, now, claims)
    if person is None or (_is_newer(claims, person) and _changes(claims, person, now)):
        return None
    return await _actor(connection, now, claims, person=person, terms=terms)


async def admit(connection: AsyncConnection, now: datetime, claims: ExternalClaims, *, terms: SessionTerms) -> Actor:
    """The same, once the account is there and the positions are as the token says; an older token changes none.

    Raises Refused for a newcomer who holds nothing here, Unauthenticated, Collision.
    """
    await store.take_turns(connection, claims.issuer)
    person = await _find(connection, now, claims)
    if person is not None and not (_is_newer(claims, person) and _changes(claims, person, now)):
        return await _actor(connection, now, claims, person=person, terms=terms)
    plan = await _plan(connection, now, claims, person=person, demo=terms.demo)
    for office, events in sorted(plan.events().items()):
        await append_office_events(connection, office, now, actor=None, events=events)
    if plan.newcomer is not None and not await add_account(connection, now, plan.account_id, account=plan.newcomer):
        raise Collision("account")  # the username, or the person, came in by another request meanwhile
    await store.believe(connection, plan.account_id, issued_at=claims.iat, instead_of=None if person is None else person.claims_at)
    if await _held_by_others(connection, plan.missing.values(), plan.account_id, demo=terms.demo):
        raise Collision("assignment")  # given to somebody while this was planned: the events above are where the two meet
    for assignment_id, position in plan.missing.items():
        await add_assignment(connection, now, assignment_id, account_id=plan.account_id, position=position, source="issuer")
    for row in plan.gone:
        await store.withdraw(connection, now, row.id)
    known = await _find(connection, now, claims)
    assert known is not None
    return await _actor(connection, now, claims, person=known, terms=terms)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is written. `newcomer`: the account is made first."""

    account_id: UUID
    newcomer: NewAccount | None
    missing: dict[UUID, Position]
    gone: tuple[Recorded, ...]

    def events(self) -> dict[str, list[NewEvent]]:
        """By office: each goes into the stream of the office concerned."""
        told: dict[str, list[NewEvent]] = {}
        account = {"account_id": str(self.account_id)}
        if self.newcomer is not None:
            told[self.newcomer.office] = [NewEvent("account.created", account | recorded_account(self.newcomer))]
        for assignment_id, position in self.missing.items():
            data = {"assignment_id": str(assignment_id), **account, **recorded(position), "source": "issuer"}
            told.setdefault(position.office, []).append(NewEvent("assignment.created", data))
        for row in self.gone:
            data = {"assignment_id": str(row.id), **account, "role": row.assignment.role, "by": "issuer"}
            told.setdefault(row.assignment.office, []).append(NewEvent("assignment.revoked", data))
        return told


async def _plan(connection: AsyncConnection, now: datetime, claims: ExternalClaims, *, person: KnownPerson | None, demo: bool) -> _Plan:
    """Raises Refused and Unauthenticated for a newcomer who is not let in."""
    zones = await store.time_zones(connection, now, _grants(claims, also=claims.offices))
    granted = _counting(claims, zones)
    wanted = changes(granted, () if person is None else person.recorded, now)
    account_id = uuid7() if person is None else person.account_id
    positions = [_position(claim, now, zones) for claim in wanted.missing]
    held = await _held_by_others(connection, positions, account_id, demo=demo)
    for position in held:
        log.warning("an issuer grants what somebody else holds", issuer=claims.issuer, account=str(account_id), grant=position.claim)
    missing = {uuid7(): position for position in positions if position not in held}
    if person is not None:
        return _Plan(account_id, None, missing, wanted.gone)
    if not zones:
        log.warning("an issuer speaks for no office that is here, so nobody of it comes in", issuer=claims.issuer)
        raise Unauthenticated("token_invalid")
    if not granted:
        raise Refused([Refusal("no_position")])
    return _Plan(account_id, await _newcomer(connection, claims, office=_office(granted[0])), missing, ())


async def _held_by_others(connection: AsyncConnection, positions: Collection[Position], account_id: UUID, *, demo: bool) -> list[Position]:
    """Those of a role that has one holder, of whom somebody else is today's; the next token may find them vacant.

    A closed account holds nothing: whoever left an issuer sends no token that would say so.
    """
    roles = await roles_in_force(connection) if positions else {}
    found = []
    for position in positions:
        role, today = roles.get(position.role), replace(position, valid_to=position.valid_from)
        if role is None or not role.single_holder:
            continue
        lines = await held_at(connection, position.office, position.role, demo=demo)
        others = [as_held(line) for line in lines if line.active]
        if any(held_twice(today, account_id, role=role, held=[other for other in others if other.position.meets(today)])):
            found.append(position)
    return found


async def _newcomer(connection: AsyncConnection, claims: ExternalClaims, *, office: str) -> NewAccount:
    """Never somebody who is here already: the issuer's people choose their names there, and a name proves nothing here."""
    username = await store.first_free(connection, usernames(claims.username, neutral=f"{UNNAMED}-{secrets.token_hex(3)}"))
    if username is None:
        username = f"{UNNAMED}-{uuid7()}"
    name = display_name(claims.name, username)
    return NewAccount(username, name, office, issuer=claims.issuer, subject=claims.subject)


def _position(claim: str, now: datetime, zones: Mapping[str, str]) -> Position:
    """From today on, as the office counts days; the issuer tells when it ends."""
    office, _, role = claim.partition(":")
    return Position(office, role, now.astimezone(ZoneInfo(zones[office])).date())


async def _find(connection: AsyncConnection, now: datetime, claims: ExternalClaims) -> KnownPerson | None:
    person = await store.find_person(connection, now, issuer=claims.issuer, subject=claims.subject, grants=_grants(claims))
    if person is None:
        return None
    if not person.active or (person.tokens_not_before is not None and claims.iat <= person.tokens_not_before):
        raise Unauthenticated("session_ended")
    return person


def _grants(claims: ExternalClaims, *, also: Collection[str] = ()) -> Grants:
    return Grants(claims.offices, at={*map(_office, claims.grants), *also})


def _is_newer(claims: ExternalClaims, person: KnownPerson) -> bool:
    """Of two tokens in use side by side the later one tells what is recorded; the other one acts within that."""
    return person.claims_at is None or claims.iat > person.claims_at


def _changes(claims: ExternalClaims, person: KnownPerson, now: datetime) -> Changes:
    return changes(_counting(claims, person.spoken_for), person.recorded, now)


def _counting(claims: ExternalClaims, spoken_for: Collection[str]) -> list[str]:
    """The grants at offices that exist, and that the issuer speaks for now."""
    for grant in claims.grants:
        if _office(grant) not in spoken_for:
            _say_once(claims.issuer, grant)
    return [grant for grant in claims.grants if _office(grant) in spoken_for]


async def _actor(connection: AsyncConnection, now: datetime, claims: ExternalClaims, *, person: KnownPerson, terms: SessionTerms) -> Actor:
    """What needs a second factor counts only where the issuer vouches for one: our own would not be asked for at its door."""
    counting = frozenset(_counting(claims, person.spoken_for))
    claimed = Claimed(claims.roles & counting, claims.permissions & counting)
    held = [row.assignment for row in person.recorded if not row.revoked]
    needed = frozenset[str]() if claims.second_factor else await needed_claims(connection, held, now, required=terms.second_factor)
    withheld = needed & (claimed.roles | claimed.permissions)
    claimed = without(claimed, withheld)
    locked = waiting(claimed, [assignment for assignment in held if assignment.claim in withheld], now, locked=withheld)
    return Actor(
        account_id=person.account_id,
        session_id=None,
        username=person.username,
        name=person.name,
        holdings=holdings(claimed, held, now),
        waiting=tuple(replace(position, reason="issuer_second_factor") for position in locked),
    )


def _office(grant: str) -> str:
    return grant.partition(":")[0]


@cache
def _say_once(issuer: str, grant: str) -> None:
    """As many as the configuration has lines, and no more."""
    log.warning("a grant is passed over: its office is not here, or not below the issuer's", issuer=issuer, grant=grant)
