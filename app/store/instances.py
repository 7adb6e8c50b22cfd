"""Instances: loaded whole in one statement, written as the difference of two values in one guarded statement."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Table, TextClause, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Uuid

from app.domain.events import EMPTY, Head, NewEvent
from app.domain.instances import (
    Claim,
    Document,
    DocumentVersion,
    Instance,
    Mark,
    Member,
    Office,
    Period,
    Person,
    SignOff,
    StepRound,
    Suspension,
)
from app.domain.procedures import Procedure
from app.domain.retries import Retry
from app.domain.waiting import Task, tasks
from app.store.events import EVENT, chain, instance_stream, new_head
from app.store.guarded import Change, Guard, write
from app.store.retries import Found, answer_columns, found_answer, no_retry
from app.store.rows import as_row, columns, decode, decode_all, json_row, json_rows
from app.store.tables import (
    ClaimRow,
    DocumentRow,
    DocumentVersionRow,
    InstanceRow,
    MarkRow,
    MemberRow,
    SignOffRow,
    StepRoundRow,
    SuspensionRow,
    TaskRow,
    table,
)

INSTANCE = table(InstanceRow)


@dataclass(frozen=True, slots=True)
class Collection:
    """One kind of child rows: the field of `Instance` that holds them, their table, and what names a row among its siblings."""

    field: str
    kind: type
    table: Table
    key: Callable[[Any], Any]


COLLECTIONS: tuple[Collection, ...] = (
    Collection("rounds", StepRound, table(StepRoundRow), lambda r: (r.step, r.round)),
    Collection("sign_offs", SignOff, table(SignOffRow), lambda r: (r.step, r.round, r.role, r.account_id, r.number)),
    Collection("claims", Claim, table(ClaimRow), lambda r: (r.step, r.role)),
    Collection("members", Member, table(MemberRow), lambda r: r.account_id),
    Collection("suspensions", Suspension, table(SuspensionRow), lambda r: r.number),
    Collection("documents", Document, table(DocumentRow), lambda r: r.id),
    Collection("versions", DocumentVersion, table(DocumentVersionRow), lambda r: (r.document_id, r.version)),
    Collection("marks", Mark, table(MarkRow), lambda r: r.id),
)
TASK = Collection("tasks", Task, table(TaskRow), lambda r: (r.kind, r.role, r.slot, r.member))


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


# ── loading ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def load(connection: AsyncConnection, instance_id: UUID, *, retry: Retry | None = None, usernames: Sequence[str] = ()) -> "Unresolved | None":
    """The instance and the people of its office, in one statement; None when there is no such instance.

    People are those who hold a role beyond `pegawai`, the members of the team, and whoever is named in `usernames`. The procedure is named,
    not loaded: it never changes, so the caller keeps it (`Unresolved.with_procedure`).
    """
    parameters = {"id": instance_id, "usernames": json.dumps(list(usernames))} | no_retry(retry)
    found = (await connection.execute(_load_statement(connection.dialect.name == "postgresql"), parameters)).one_or_none()
    return None if found is None else _assemble(found)


@lru_cache(maxsize=2)
def _load_statement(is_postgres: bool) -> TextClause:
    own = json_row([f"i.{name}" for name in columns(InstanceFacts)], is_postgres=is_postgres)
    office = json_rows("office o WHERE o.code = i.office_code", ("o.code", "o.name", "o.time_zone", "o.calendar_version"), is_postgres=is_postgres)
    children = [
        json_rows(f"{c.table.name} c WHERE c.instance_id = i.id", [f"c.{name}" for name in columns(c.kind)], is_postgres=is_postgres)
        for c in COLLECTIONS
    ]
    parts = [own, office, people_rows("i.office_code", also=_MEMBERS, is_postgres=is_postgres), answer_columns(is_postgres=is_postgres), *children]
    statement = text(f"SELECT {', '.join(parts)} FROM instance i WHERE i.id = :id")  # noqa: S608 - names come from our own code
    return statement.bindparams(bindparam("id", type_=Uuid()), bindparam("caller", type_=Uuid()))


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


# ── writing ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def advanced(
    before: Instance | None, after: Instance, *, events: Sequence[NewEvent], actor: dict[str, Any], now: datetime
) -> tuple[Instance, Change]:
    """The instance with its next version and the new head of its stream, and the event rows that lead there."""
    head = EMPTY if before is None else before.head
    stream = instance_stream(after.id)
    rows = chain(events, head, stream=stream, office=after.office.code, instance_id=after.id, actor=actor, now=now)
    version = 1 if before is None else before.version + 1
    return replace(after, version=version, head=new_head(rows, head)), Change("insert", EVENT, rows)


async def save(connection: AsyncConnection, before: Instance | None, after: Instance, *, beside: Sequence[Change]) -> None:
    """Write the difference, and what goes beside it (events, words, the kept answer), in one guarded statement. Raises Collision."""
    shared = {"instance_id": after.id, "office_code": after.office.code}
    changes = [change for c in COLLECTIONS for change in _difference(c, before, after, shared=shared)]
    changes += _changed_rows(TASK, () if before is None else tasks(before), tasks(after), shared=shared)
    guard = Guard(INSTANCE, _own_row(after), None if before is None else before.version)
    await write(connection, guard, [*changes, *beside])


def _own_row(instance: Instance) -> dict[str, Any]:
    return {
        "id": instance.id,
        "procedure_key": instance.procedure.key,
        "procedure_version": instance.procedure_version,
        "office_code": instance.office.code,
        "period_key": instance.period.key,
        "title": instance.title,
        "state": instance.state,
        "version": instance.version,
        "current_step": instance.current_step,
        "started_by": instance.started_by,
        "started_at": instance.started_at,
        "planned_end_at": instance.planned_end_at,
        "completed_at": instance.completed_at,
        "team_instrument": instance.team_instrument,
        "event_sequence": instance.head.sequence,
        "event_hash": instance.head.hash,
        "event_at": instance.head.at,
    }


def _difference(collection: Collection, before: Instance | None, after: Instance, *, shared: dict[str, Any]) -> list[Change]:
    old = () if before is None else getattr(before, collection.field)
    return _changed_rows(collection, old, getattr(after, collection.field), shared=shared)


def _changed_rows(collection: Collection, old: Sequence[Any], new: Sequence[Any], *, shared: dict[str, Any]) -> list[Change]:
    before = {collection.key(row): row for row in old}
    after = {collection.key(row): row for row in new}
    own = {name: value for name, value in shared.items() if name in collection.table.c}

    def rows(values: Sequence[Any]) -> list[dict[str, Any]]:
        return [own | as_row(value) for value in values]

    return [
        Change("insert", collection.table, rows([row for key, row in after.items() if key not in before])),
        Change("update", collection.table, rows([row for key, row in after.items() if key in before and before[key] != row])),
        Change("delete", collection.table, rows([row for key, row in before.items() if key not in after])),
    ]
