"""People of other OpenID issuers: the account of an issuer's subject, with everything that is or was recorded for it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.external import Recorded
from app.store.accounts import ACCOUNT
from app.store.assignments import ASSIGNMENT, ASSIGNMENT_COLUMNS, NOW, assignment_of
from app.store.errors import Collision
from app.store.offices import COVER, OFFICE, at, standing


@dataclass(frozen=True, slots=True)
class Grants:
    """The offices that an issuer speaks for, and those at which its token grants something."""

    offices: Collection[str]
    at: Collection[str]

    def parameters(self) -> dict[str, list[str]]:
        return {"offices": list(self.offices), "at": list(self.at)}


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """`spoken_for`: those of the grants' offices that lie at or below the issuer's own now. `claims_at`: of the token that changed something last.

    Tokens issued at or before `tokens_not_before` are over.
    """

    account_id: UUID
    username: str
    name: str
    active: bool
    claims_at: datetime | None
    tokens_not_before: datetime | None
    spoken_for: frozenset[str]
    recorded: tuple[Recorded, ...]


_TURNS = 6402
"""The name of this queue among PostgreSQL's advisory locks; there is no other here."""

_SPOKEN_FOR = (COVER.c.ancestor.in_(bindparam("offices", expanding=True)), COVER.c.code.in_(bindparam("at", expanding=True)))

_PERSON: Select[Any] = (
    select(
        *(ACCOUNT.c[name].label(f"account_{name}") for name in ("id", "username", "name", "active", "claims_at", "tokens_not_before")),
        select(func.aggregate_strings(COVER.c.code, " ")).where(*_SPOKEN_FOR, standing(NOW)).scalar_subquery().label("spoken_for"),
        *(ASSIGNMENT.c[name] for name in ("id", "source", "revoked_at")),
        *ASSIGNMENT_COLUMNS,
    )
    .select_from(
        ACCOUNT.outerjoin(ASSIGNMENT, and_(ASSIGNMENT.c.account_id == ACCOUNT.c.id, ASSIGNMENT.c.withdrawn.is_(False))).outerjoin(
            OFFICE, OFFICE.c.code == ASSIGNMENT.c.office_code
        )
    )
    .where(ACCOUNT.c.issuer == bindparam("issuer"), ACCOUNT.c.subject == bindparam("subject"))
)
"""One row for each assignment that its issuer has not withdrawn, those revoked here included (one with nulls when there is none)."""


async def find_person(connection: AsyncConnection, now: datetime, *, issuer: str, subject: str, grants: Grants) -> KnownPerson | None:
    given = {"issuer": issuer, "subject": subject, "now": now, **grants.parameters()}
    rows = (await connection.execute(_PERSON, given)).all()
    if not rows:
        return None
    account = rows[0]
    return KnownPerson(
        account_id=account.account_id,
        username=account.account_username,
        name=account.account_name,
        active=account.account_active,
        claims_at=account.account_claims_at,
        tokens_not_before=account.account_tokens_not_before,
        spoken_for=frozenset((account.spoken_for or "").split()),
        recorded=tuple(_recorded(row) for row in rows if row.role is not None),
    )


def _recorded(row: Any) -> Recorded:
    return Recorded(row.id, assignment_of(row), from_issuer=row.source == "issuer", revoked=row.revoked_at is not None)


async def take_turns(connection: AsyncConnection, issuer: str) -> None:
    """One newcomer after the other, so that a whole office that signs in on its first morning does not collide in the office's stream.

    SQLite has one writer anyway.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(select(func.pg_advisory_xact_lock(_TURNS, func.hashtext(issuer))))


async def time_zones(connection: AsyncConnection, now: datetime, grants: Grants) -> dict[str, str]:
    """Of those offices that the issuer speaks for now, by code."""
    below = select(COVER.c.code).where(*_SPOKEN_FOR, standing(at(now)))
    found = await connection.execute(select(OFFICE.c.code, OFFICE.c.time_zone).where(OFFICE.c.code.in_(below)), grants.parameters())
    return {row.code: row.time_zone for row in found}


async def first_free(connection: AsyncConnection, usernames: Iterable[str]) -> str | None:
    wanted = list(usernames)
    taken = set(await connection.scalars(select(ACCOUNT.c.username).where(ACCOUNT.c.username.in_(wanted))))
    return next((username for username in wanted if username not in taken), None)


async def believe(connection: AsyncConnection, account_id: UUID, *, issued_at: datetime, instead_of: datetime | None) -> None:
    """Raises Collision when another token was believed since the account was read."""
    last = ACCOUNT.c.claims_at
    unchanged = last.is_(None) if instead_of is None else last == instead_of
    written = await connection.execute(update(ACCOUNT).where(ACCOUNT.c.id == account_id, unchanged).values(claims_at=issued_at))
    if written.rowcount != 1:
        raise Collision("account")


async def end_tokens(connection: AsyncConnection, now: datetime, account_id: UUID) -> bool:
    """Whether it is an account of an issuer: the tokens that it has issued until now are over."""
    mine = (ACCOUNT.c.id == account_id, ACCOUNT.c.issuer.is_not(None))
    return (await connection.execute(update(ACCOUNT).where(*mine).values(tokens_not_before=now))).rowcount == 1


async def withdraw(connection: AsyncConnection, now: datetime, assignment_id: UUID) -> None:
    """Raises Collision when it was revoked meanwhile."""
    living = (ASSIGNMENT.c.id == assignment_id, ASSIGNMENT.c.revoked_at.is_(None))
    values = {"revoked_at": now, "withdrawn": True, "version": ASSIGNMENT.c.version + 1}
    if (await connection.execute(update(ASSIGNMENT).where(*living).values(values))).rowcount != 1:
        raise Collision("assignment")
