"""Instances loaded whole: all that a decision needs, in one statement."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Uuid

from app.domain.events import Head
from app.domain.instances import Instance, Office, Period, Person
from app.domain.procedures import Procedure
from app.domain.retries import Retry
from app.store.instances.collections import COLLECTIONS, INSTANCE
from app.store.retries import Found, answer_columns, found_answer, no_retry
from app.store.rows import columns, decode, decode_all, json_row, json_rows


@dataclass(frozen=True, slots=True)
class InstanceFacts:
    """The columns of the instance's own row, in the order in which they are loaded."""

    id: UUID
    procedure_key: str
    procedure_version: int
    period_key: str
    title: str
    state: str
    version: int
    current_step: int | None
    started_by: UUID
    started_at: datetime
    planned_end_at: datetime
    completed_at: datetime | None
    team_instrument: dict[str, Any] | None
    event_sequence: int
    event_hash: str
    event_at: datetime


@dataclass(frozen=True, slots=True)
class Loaded:
    """Everything one act decides on. `retried` is the answer already given under this Idempotency-Key."""

    instance: Instance
    people: tuple[Person, ...]
    retried: Found | None = None


async def load(connection: AsyncConnection, instance_id: UUID, *, retry: Retry | None = None, usernames: Sequence[str] = ()) -> "Unresolved | None":
    """The instance and the people of its office, in one statement; None when there is no such instance.

    People are those who hold a role beyond `pegawai`, the members of the team, and whoever is named in `usernames`. The procedure is named,
    not loaded: it never changes, so the caller keeps it (`Unresolved.with_procedure`).
    """
    parameters = {"id": instance_id, "usernames": json.dumps(list(usernames))} | no_retry(retry)
    found = (await connection.execute(_load_statement(connection.dialect.name == "postgresql"), parameters)).one_or_none()
    return None if found is None else _assemble(found)


async def load_many(connection: AsyncConnection, instance_ids: Sequence[UUID]) -> tuple["Unresolved", ...]:
    """As `load`, many at a time and in one statement; those that are not there are left out."""
    is_postgres = connection.dialect.name == "postgresql"
    ids: Any = list(instance_ids) if is_postgres else json.dumps([found.hex for found in instance_ids])
    parameters = {"ids": ids, "usernames": "[]"} | no_retry(None)
    return tuple(_assemble(row) for row in await connection.execute(_load_many_statement(is_postgres), parameters))


@lru_cache(maxsize=2)
def _load_statement(is_postgres: bool) -> TextClause:
    statement = text(f"{_load(is_postgres)} WHERE i.id = :id")
    return statement.bindparams(bindparam("id", type_=Uuid()), bindparam("caller", type_=Uuid()))


@lru_cache(maxsize=2)
def _load_many_statement(is_postgres: bool) -> TextClause:
    which = "i.id = ANY(CAST(:ids AS uuid[]))" if is_postgres else "i.id IN (SELECT value FROM json_each(:ids))"
    return text(f"{_load(is_postgres)} WHERE {which} ORDER BY i.id").bindparams(bindparam("caller", type_=Uuid()))


def _load(is_postgres: bool) -> str:
    own = json_row([f"i.{name}" for name in columns(InstanceFacts)], is_postgres=is_postgres)
    office = json_rows("office o WHERE o.code = i.office_code", ("o.code", "o.name", "o.time_zone", "o.calendar_version"), is_postgres=is_postgres)
    children = [
        json_rows(f"{c.table.name} c WHERE c.instance_id = i.id", [f"c.{name}" for name in columns(c.kind)], is_postgres=is_postgres)
        for c in COLLECTIONS
    ]
    parts = [own, office, people_rows("i.office_code", also=_MEMBERS, is_postgres=is_postgres), answer_columns(is_postgres=is_postgres), *children]
    return f"SELECT {', '.join(parts)} FROM instance i"  # noqa: S608 - names come from our own code


_MEMBERS = "a.account_id IN (SELECT m.account_id FROM team_member m WHERE m.instance_id = i.id)"


def people_rows(office: str, *, also: str = "false", is_postgres: bool) -> str:
    """The assignments at an office that can matter to an act, whenever they are valid: the domain judges the dates."""
    names = ("a.account_id", "u.username", "u.name", "a.role", "a.capacity", "a.valid_from", "a.valid_to")
    given = "SELECT json_array_elements_text(CAST(:usernames AS json))" if is_postgres else "SELECT value FROM json_each(:usernames)"
    active = "u.active" if is_postgres else "u.active = 1"
    return json_rows(
        f"assignment a JOIN account u ON u.id = a.account_id WHERE a.office_code = {office} AND a.revoked_at IS NULL AND {active}"
        f" AND (a.role <> 'pegawai' OR u.username IN ({given}) OR {also})",
        names,
        is_postgres=is_postgres,
    )


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A loaded instance whose procedure is still only named."""

    facts: InstanceFacts
    office: Office
    people: tuple[Person, ...]
    retried: Found | None
    children: dict[str, tuple[Any, ...]]

    def with_procedure(self, procedure: Procedure) -> Loaded:
        facts = self.facts
        instance = Instance(
            id=facts.id,
            procedure=procedure,
            procedure_version=facts.procedure_version,
            office=self.office,
            period=Period.parse(facts.period_key),
            title=facts.title,
            state=facts.state,
            version=facts.version,
            current_step=facts.current_step,
            started_by=facts.started_by,
            started_at=facts.started_at,
            planned_end_at=facts.planned_end_at,
            completed_at=facts.completed_at,
            team_instrument=facts.team_instrument,
            head=Head(facts.event_sequence, facts.event_hash, facts.event_at),
            **self.children,
        )
        return Loaded(instance, self.people, self.retried)


def _assemble(found: Sequence[Any]) -> Unresolved:
    own, office, people, answer, *children = found
    return Unresolved(
        facts=decode(InstanceFacts, json.loads(own)),
        office=decode_all(Office, office)[0],
        people=decode_all(Person, people),
        retried=found_answer(answer),
        children={c.field: tuple(sorted(decode_all(c.kind, rows), key=c.key)) for c, rows in zip(COLLECTIONS, children, strict=True)},
    )


async def office_of_instance(connection: AsyncConnection, instance_id: UUID) -> str | None:
    return (await connection.execute(select(INSTANCE.c.office_code).where(INSTANCE.c.id == instance_id))).scalar_one_or_none()
