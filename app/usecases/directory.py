"""People and assignments as their callers may look at them. What somebody holds at an office out of sight is not shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.administration import Administered, reads_details
from app.domain.people import Actor
from app.domain.problems import NotVisible
from app.domain.roles import RoleInForce
from app.store import directory as store
from app.store.directory import AssignmentFilter, Line, PeopleFilter, Person, Sight
from app.store.procedures import roles_in_force

Roles = Mapping[str, RoleInForce]


@dataclass(frozen=True, slots=True)
class PersonView:
    """`positions` are those in sight, held now or later. `details`: whether this caller is shown more than name and positions."""

    person: Person
    positions: tuple[Line, ...]
    roles: Roles
    details: bool
    now: datetime


@dataclass(frozen=True, slots=True)
class AssignmentView:
    line: Line
    roles: Roles
    now: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """An account in sight, and all that it holds or will hold, wherever."""

    person: Person
    held: tuple[Line, ...]

    @property
    def administered(self) -> Administered:
        return Administered(self.person.id, self.person.office, frozenset(line.office for line in self.held))


def sight_of(actor: Actor, now: datetime, *, demo: bool) -> Sight:
    return Sight(actor.account_id, frozenset(holding.office for holding in actor.holdings), now, demo)


async def find_visible(connection: AsyncConnection, actor: Actor, account_id: UUID, *, now: datetime, demo: bool) -> Found:
    """Who is at home at an office in sight, or holds or held something there, or is the caller. Raises NotVisible."""
    person = await store.person_of(connection, account_id, demo=demo)
    if person is None:
        raise NotVisible
    lines = (await store.positions_of(connection, [account_id]))[account_id]
    if account_id != actor.account_id and not any(actor.sees(office) for office in (person.office, *(line.office for line in lines))):
        raise NotVisible
    return Found(person, tuple(store.open_at(lines, now)))


async def view_person(connection: AsyncConnection, actor: Actor, account_id: UUID, *, now: datetime, demo: bool) -> PersonView:
    """Raises NotVisible."""
    found = await find_visible(connection, actor, account_id, now=now, demo=demo)
    return _person_view(actor, found, await roles_in_force(connection), now)


async def view_people(connection: AsyncConnection, actor: Actor, persons: Sequence[Person], now: datetime) -> list[PersonView]:
    """In two statements, however many they are."""
    held = await store.positions_of(connection, [person.id for person in persons])
    roles = await roles_in_force(connection)
    return [_person_view(actor, Found(person, tuple(store.open_at(held[person.id], now))), roles, now) for person in persons]


async def list_people(
    connection: AsyncConnection, actor: Actor, wanted: PeopleFilter, *, now: datetime, demo: bool, after: str | None, limit: int
) -> list[PersonView]:
    """Raises NotVisible for an office out of sight."""
    if wanted.office is not None and not actor.sees(wanted.office):
        raise NotVisible
    persons = await store.list_people(connection, sight_of(actor, now, demo=demo), wanted, after=after, limit=limit)
    return await view_people(connection, actor, persons, now)


def _person_view(actor: Actor, found: Found, roles: Roles, now: datetime) -> PersonView:
    person = found.person
    positions = tuple(line for line in found.held if actor.sees(line.office) or person.id == actor.account_id)
    return PersonView(person, positions, roles, reads_details(actor, person.id, person.office), now)


async def line_in_sight(connection: AsyncConnection, actor: Actor, assignment_id: UUID, *, demo: bool) -> Line:
    """Raises NotVisible."""
    line = await store.line_of(connection, assignment_id, demo=demo)
    if line is None or not (actor.sees(line.office) or line.account_id == actor.account_id):
        raise NotVisible
    return line


async def view_assignment(connection: AsyncConnection, actor: Actor, assignment_id: UUID, *, now: datetime, demo: bool) -> AssignmentView:
    """Raises NotVisible."""
    line = await line_in_sight(connection, actor, assignment_id, demo=demo)
    return AssignmentView(line, await roles_in_force(connection), now)


async def list_assignments(
    connection: AsyncConnection, actor: Actor, wanted: AssignmentFilter, *, now: datetime, demo: bool, after: UUID | None, limit: int
) -> list[AssignmentView]:
    """Raises NotVisible for an office, or an account, out of sight."""
    if wanted.office is not None and not actor.sees(wanted.office):
        raise NotVisible
    if wanted.account_id is not None:
        await find_visible(connection, actor, wanted.account_id, now=now, demo=demo)
    lines = await store.list_assignments(connection, sight_of(actor, now, demo=demo), wanted, after=after, limit=limit)
    roles = await roles_in_force(connection)
    return [AssignmentView(line, roles, now) for line in lines]
