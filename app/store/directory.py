"""Who is there: pages of people with their positions, and of assignments. Machines have a list of their own.

A page is one statement, keyset, whatever the caller sees; the positions of all its people are one more.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, exists, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.accounts import NO_PASSWORD
from app.domain.people import Capacity
from app.store.accounts import ACCOUNT
from app.store.assignments import ASSIGNMENT
from app.store.offices import COVER, OFFICE, at, standing
from app.store.tables import OfficeRow, table

HOME = table(OfficeRow).alias("home")


@dataclass(frozen=True, slots=True)
class Sight:
    """Whose eyes: an account sees itself, and the people of all offices at and below `roots` now. Demo people only where `demo`."""

    me: UUID
    roots: frozenset[str]
    now: datetime
    demo: bool


@dataclass(frozen=True, slots=True)
class Person:
    """An account of a person, with all that anybody may be shown of it."""

    id: UUID
    username: str
    name: str
    office: str
    office_name: str
    active: bool
    version: int
    nip: str | None
    issuer: str | None
    enrolled: bool
    has_password: bool
    reset_expires_at: datetime | None
    password_changed_at: datetime | None
    created_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Line:
    """One assignment with whose it is and where; `source` issuer: claimed by tokens of another issuer, and by none any more when `withdrawn`.

    `active`: whether the holder's account is open. One that is closed holds on record, and nothing comes of it.
    """

    id: UUID
    account_id: UUID
    username: str
    name: str
    office: str
    office_name: str
    time_zone: str
    role: str
    capacity: Capacity
    valid_from: date
    valid_to: date | None
    instrument_number: str | None
    instrument_date: date | None
    source: str
    version: int
    created_at: datetime
    revoked_at: datetime | None
    withdrawn: bool
    active: bool

    def today(self, now: datetime) -> date:
        return now.astimezone(ZoneInfo(self.time_zone)).date()

    def is_over(self, now: datetime) -> bool:
        return self.valid_to is not None and self.valid_to < self.today(now)

    def is_current(self, now: datetime) -> bool:
        standing = self.active and self.revoked_at is None and not self.withdrawn
        return standing and self.valid_from <= self.today(now) and not self.is_over(now)


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """`office`: at home there, or holding something there, now or later. With `role`: who holds it today, there or anywhere in sight."""

    office: str | None = None
    role: str | None = None
    words: str | None = None
    active: bool | None = None


@dataclass(frozen=True, slots=True)
class AssignmentFilter:
    office: str | None = None
    account_id: UUID | None = None
    role: str | None = None
    valid_on: date | None = None
    include_revoked: bool = False


_PERSON = (
    *(ACCOUNT.c[name] for name in ("id", "username", "name")),
    ACCOUNT.c.office_code.label("office"),
    HOME.c.name.label("office_name"),
    *(ACCOUNT.c[name] for name in ("active", "version", "nip", "issuer")),
    ACCOUNT.c.totp_secret.is_not(None).label("enrolled"),
    (ACCOUNT.c.password_hash != NO_PASSWORD).label("has_password"),
    *(ACCOUNT.c[name] for name in ("reset_expires_at", "password_changed_at", "created_at", "closed_at")),
)
_LINE = (
    ASSIGNMENT.c.id,
    ASSIGNMENT.c.account_id,
    ACCOUNT.c.username,
    ACCOUNT.c.name,
    ASSIGNMENT.c.office_code.label("office"),
    OFFICE.c.name.label("office_name"),
    OFFICE.c.time_zone,
    *(ASSIGNMENT.c[name] for name in ("role", "capacity", "valid_from", "valid_to", "instrument_number", "instrument_date")),
    *(ASSIGNMENT.c[name] for name in ("source", "version", "created_at", "revoked_at", "withdrawn")),
    ACCOUNT.c.active,
)
_IN_FORCE = and_(ASSIGNMENT.c.revoked_at.is_(None), ASSIGNMENT.c.withdrawn.is_(False))


# ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def person_of(connection: AsyncConnection, account_id: UUID, *, demo: bool) -> Person | None:
    """Whoever asks: `positions_of` tells where the person may be seen from."""
    row = (await connection.execute(_people(demo).where(ACCOUNT.c.id == account_id))).one_or_none()
    return None if row is None else _person(row)


async def home_of(connection: AsyncConnection, account_id: UUID) -> tuple[str, str]:
    """Code and name of the office where that account is administered, a person's or a machine's."""
    joined = ACCOUNT.join(HOME, HOME.c.code == ACCOUNT.c.office_code)
    row = (await connection.execute(select(HOME.c.code, HOME.c.name).select_from(joined).where(ACCOUNT.c.id == account_id))).one()
    return row.code, row.name


async def list_people(connection: AsyncConnection, sight: Sight, wanted: PeopleFilter, *, after: str | None, limit: int) -> list[Person]:
    """By username, which never changes."""
    statement = _people(sight.demo).where(_in_sight(sight))
    if wanted.role is not None or wanted.office is not None:
        statement = statement.where(await _held(connection, sight, wanted))
    if wanted.words is not None:
        names = (ACCOUNT.c.name, ACCOUNT.c.username)
        statement = statement.where(or_(*(column.icontains(wanted.words, autoescape=True) for column in names)))
    if wanted.active is not None:
        statement = statement.where(ACCOUNT.c.active.is_(wanted.active))
    if after is not None:
        statement = statement.where(ACCOUNT.c.username > after)
    return [_person(row) for row in await connection.execute(statement.order_by(ACCOUNT.c.username).limit(limit))]


async def positions_of(connection: AsyncConnection, accounts: Collection[UUID]) -> dict[UUID, list[Line]]:
    """All that these people hold, held, and will hold at any office, in the order of offices and roles. Revoked ones are none."""
    found: dict[UUID, list[Line]] = {account: [] for account in accounts}
    statement = _lines(demo=True).where(ASSIGNMENT.c.account_id.in_(sorted(accounts, key=str)), _IN_FORCE)
    ordered = statement.order_by(ASSIGNMENT.c.office_code, ASSIGNMENT.c.role, ASSIGNMENT.c.valid_from, ASSIGNMENT.c.id)
    for row in await connection.execute(ordered):
        found[row.account_id].append(Line(*row))
    return found


def _people(demo: bool) -> Select[Any]:
    joined = ACCOUNT.join(HOME, HOME.c.code == ACCOUNT.c.office_code)
    statement = select(*_PERSON).select_from(joined).where(ACCOUNT.c.kind == "person")
    return statement if demo else statement.where(ACCOUNT.c.is_demo.is_(False))


def _person(row: Any) -> Person:
    return Person(**{**row._asdict(), "enrolled": bool(row.enrolled), "has_password": bool(row.has_password)})


def _visible(sight: Sight) -> Select[Any]:
    return select(COVER.c.code).where(COVER.c.ancestor.in_(sorted(sight.roots)), standing(at(sight.now)))


def _in_sight(sight: Sight) -> ColumnElement[bool]:
    held = exists().where(ASSIGNMENT.c.account_id == ACCOUNT.c.id, ASSIGNMENT.c.office_code.in_(_visible(sight)), _IN_FORCE)
    return or_(ACCOUNT.c.id == sight.me, ACCOUNT.c.office_code.in_(_visible(sight)), held)


async def _held(connection: AsyncConnection, sight: Sight, wanted: PeopleFilter) -> ColumnElement[bool]:
    today = await _today(connection, sight.now)
    not_over = or_(ASSIGNMENT.c.valid_to.is_(None), ASSIGNMENT.c.valid_to >= today)
    somewhere = ASSIGNMENT.c.office_code.in_(_visible(sight)) if wanted.office is None else ASSIGNMENT.c.office_code == wanted.office
    conditions = [ASSIGNMENT.c.account_id == ACCOUNT.c.id, OFFICE.c.code == ASSIGNMENT.c.office_code, somewhere, not_over, _IN_FORCE]
    if wanted.role is not None:
        return exists().where(*conditions, ASSIGNMENT.c.role == wanted.role, ASSIGNMENT.c.valid_from <= today)
    return or_(ACCOUNT.c.office_code == wanted.office, exists().where(*conditions))


async def _today(connection: AsyncConnection, now: datetime) -> ColumnElement[date]:
    """The day at each office's own clock: no two databases compute it alike, and a country has few zones."""
    zones = (await connection.execute(select(OFFICE.c.time_zone).distinct())).scalars().all()
    days = {zone: now.astimezone(ZoneInfo(zone)).date() for zone in zones}
    return case(*((OFFICE.c.time_zone == zone, literal(day)) for zone, day in days.items()), else_=literal(now.date()))


# ── assignments ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def line_of(connection: AsyncConnection, assignment_id: UUID, *, demo: bool) -> Line | None:
    """Revoked ones too, whoever asks."""
    row = (await connection.execute(_lines(demo=demo).where(ASSIGNMENT.c.id == assignment_id))).one_or_none()
    return None if row is None else Line(*row)


async def list_assignments(connection: AsyncConnection, sight: Sight, wanted: AssignmentFilter, *, after: UUID | None, limit: int) -> list[Line]:
    """The latest given first: their ids are in the order of time."""
    seen = or_(ASSIGNMENT.c.account_id == sight.me, ASSIGNMENT.c.office_code.in_(_visible(sight)))
    statement = _lines(demo=sight.demo).where(seen, *_wanted(wanted))
    if after is not None:
        statement = statement.where(ASSIGNMENT.c.id < after)
    return [Line(*row) for row in await connection.execute(statement.order_by(ASSIGNMENT.c.id.desc()).limit(limit))]


async def held_at(connection: AsyncConnection, office: str, role: str, *, demo: bool) -> list[Line]:
    """Whoever holds, held or will hold that role at that office."""
    statement = _lines(demo=demo).where(ASSIGNMENT.c.office_code == office, ASSIGNMENT.c.role == role, _IN_FORCE)
    return [Line(*row) for row in await connection.execute(statement.order_by(ASSIGNMENT.c.valid_from, ASSIGNMENT.c.id))]


def _lines(*, demo: bool) -> Select[Any]:
    joined = ASSIGNMENT.join(ACCOUNT, ACCOUNT.c.id == ASSIGNMENT.c.account_id).join(OFFICE, OFFICE.c.code == ASSIGNMENT.c.office_code)
    statement = select(*_LINE).select_from(joined).where(ACCOUNT.c.kind == "person")
    return statement if demo else statement.where(ACCOUNT.c.is_demo.is_(False))


def _wanted(wanted: AssignmentFilter) -> Iterable[ColumnElement[bool]]:
    if not wanted.include_revoked:
        yield _IN_FORCE
    if wanted.office is not None:
        yield ASSIGNMENT.c.office_code == wanted.office
    if wanted.account_id is not None:
        yield ASSIGNMENT.c.account_id == wanted.account_id
    if wanted.role is not None:
        yield ASSIGNMENT.c.role == wanted.role
    if wanted.valid_on is not None:
        yield ASSIGNMENT.c.valid_from <= wanted.valid_on
        yield or_(ASSIGNMENT.c.valid_to.is_(None), ASSIGNMENT.c.valid_to >= wanted.valid_on)


def open_at(lines: Sequence[Line], now: datetime) -> list[Line]:
    """Those that are held now or will be."""
    return [line for line in lines if not line.is_over(now)]
