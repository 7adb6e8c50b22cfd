"""What starting an instance is decided on, in one statement."""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Uuid

from app.domain.instances import Office, Person
from app.domain.retries import Retry
from app.store.instances import people_rows
from app.store.retries import Found, answer_columns, found_answer, no_retry
from app.store.rows import decode_all, json_rows
from app.store.tables import OfficeRow, table

OFFICE = table(OfficeRow)


@dataclass(frozen=True, slots=True)
class StartFacts:
    """`version` is the procedure's latest, None when there is no such procedure; `office` None when there is no such office."""

    version: int | None
    office: Office | None
    already_open: UUID | None
    people: tuple[Person, ...]
    retried: Found | None


async def load_start(connection: AsyncConnection, *, procedure: str, office: str, period: str, retry: Retry | None) -> StartFacts:
    parameters: dict[str, Any] = {"procedure": procedure, "office": office, "period": period, "usernames": "[]"} | no_retry(retry)
    found = (await connection.execute(_statement(connection.dialect.name == "postgresql"), parameters)).one()
    version, offices, opened, people, answer = found
    open_ids = json.loads(opened)
    return StartFacts(
        version=version,
        office=next(iter(decode_all(Office, offices)), None),
        already_open=UUID(open_ids[0][0]) if open_ids else None,
        people=decode_all(Person, people),
        retried=found_answer(answer),
    )


@lru_cache(maxsize=2)
def _statement(is_postgres: bool) -> TextClause:
    parts = (
        "(SELECT max(version) FROM procedure WHERE key = :procedure)",
        json_rows("office o WHERE o.code = :office", ("o.code", "o.name", "o.time_zone", "o.calendar_version"), is_postgres=is_postgres),
        json_rows(
            "instance i WHERE i.procedure_key = :procedure AND i.office_code = :office AND i.period_key = :period"
            " AND i.state IN ('running', 'suspended')",
            ("i.id",),
            is_postgres=is_postgres,
        ),
        people_rows(":office", is_postgres=is_postgres),
        answer_columns(is_postgres=is_postgres),
    )
    return text(f"SELECT {', '.join(parts)}").bindparams(bindparam("caller", type_=Uuid()))


async def office_of(connection: AsyncConnection, code: str) -> Office | None:
    columns = (OFFICE.c.code, OFFICE.c.name, OFFICE.c.time_zone, OFFICE.c.calendar_version)
    found = (await connection.execute(select(*columns).where(OFFICE.c.code == code))).one_or_none()
    return None if found is None else Office(*found)
