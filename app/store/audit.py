"""What a verification reads: whole streams, the owners that say where these end, and the rows that they tell of."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from sqlalchemy import TextClause, Uuid, bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.instances import Document, DocumentVersion, Mark, Member, SignOff, StepRound, Suspension
from app.domain.offices import Cover
from app.domain.records import CommentRecord, TransitionRecord
from app.domain.witness import KeptInstance, KeptOffice
from app.domain.witness.calendars import DayOffFacts, KeptCalendar, ReportDateFacts, ScheduleFacts, SeasonFacts
from app.domain.witness.instances import OwnRow, RecordFacts
from app.domain.witness.offices import AccountFacts, AssignmentFacts, OfficeFacts, ParentFacts, ServiceAccountFacts
from app.domain.witness.records import DocumentLimitFacts, RestrictedRecordFacts, RetentionFacts
from app.store.events import EVENT, OFFICE, Row, as_shown, instance_stream, office_stream
from app.store.feed import SHOWN
from app.store.rows import columns, decode, decode_all, json_row, json_rows
from app.store.tables import InstanceRow, table

INSTANCE = table(InstanceRow)
BATCH = 200


@dataclass(frozen=True, slots=True)
class Owner:
    """Where its owner says that a stream ends (a chain alone cannot see that its tail was cut), and what the tables keep beside it.

    Both as of one moment.
    """

    office: str
    sequence: int
    hash: str
    kept: KeptInstance | KeptOffice


async def owned_streams(connection: AsyncConnection, offices: Sequence[str] | None) -> list[str]:
    """Every stream that an instance or office of those has (None: of all)."""
    instances, own = select(INSTANCE.c.id).order_by(INSTANCE.c.id), select(OFFICE.c.code).order_by(OFFICE.c.code)
    if offices is not None:
        instances, own = instances.where(INSTANCE.c.office_code.in_(offices)), own.where(OFFICE.c.code.in_(offices))
    of_instances = [instance_stream(found) for found in (await connection.execute(instances)).scalars()]
    return of_instances + [office_stream(code) for code in (await connection.execute(own)).scalars()]


async def streams(connection: AsyncConnection, offices: Sequence[str] | None, *, after: str) -> list[tuple[str, int]]:
    """The next batch of streams in the log with events at those offices, whoever owns them, each with the first sequence there."""
    statement = select(EVENT.c.stream, func.min(EVENT.c.sequence)).where(EVENT.c.stream > after)
    if offices is not None:
        statement = statement.where(EVENT.c.office_code.in_(offices))
    found = await connection.execute(statement.group_by(EVENT.c.stream).order_by(EVENT.c.stream).limit(BATCH))
    return [(row[0], row[1]) for row in found]


async def next_events(connection: AsyncConnection, stream: str, *, after: int | None) -> list[Row]:
    """The next batch of a stream, in order; after None, from whatever stands first in it."""
    later = [] if after is None else [EVENT.c.sequence > after]
    statement = select(*SHOWN).where(EVENT.c.stream == stream, *later).order_by(EVENT.c.sequence).limit(BATCH)
    return [as_shown(dict(row)) for row in (await connection.execute(statement)).mappings()]


async def owner_of(connection: AsyncConnection, stream: str) -> Owner | None:
    kind, _, name = stream.partition(":")
    return await _office(connection, name) if kind == "office" else await _instance(connection, _instance_of(stream, name))


async def _office(connection: AsyncConnection, code: str) -> Owner | None:
    statement = _office_statement(connection.dialect.name == "postgresql")
    found = (await connection.execute(statement, {"code": code})).one_or_none()
    if found is None:
        return None
    sequence, head, own, *rows = found
    found_of_office, found_of_calendar = rows[: len(_OF_OFFICE)], rows[len(_OF_OFFICE) :]
    calendar = KeptCalendar(*map(decode_all, _OF_CALENDAR.values(), found_of_calendar))
    kept = KeptOffice(decode(OfficeFacts, json.loads(own)), calendar, *map(decode_all, [kind for kind, _ in _OF_OFFICE], found_of_office))
    return Owner(code, sequence, head, kept)


async def _instance(connection: AsyncConnection, instance_id: UUID | None) -> Owner | None:
    statement = _instance_statement(connection.dialect.name == "postgresql")
    found = (await connection.execute(statement, {"id": instance_id})).one_or_none()
    if found is None:
        return None
    sequence, head, own, *rows = found
    kept = KeptInstance(decode(OwnRow, json.loads(own)), *map(decode_all, _OF_INSTANCE.values(), rows))
    return Owner(kept.own.office_code, sequence, head, kept)


def _instance_of(stream: str, name: str) -> UUID | None:
    """Only the one spelling that we write."""
    try:
        found = UUID(name)
    except ValueError:
        return None
    return found if instance_stream(found) == stream else None


_OF_INSTANCE: dict[str, type] = {
    "team_member": Member,
    "transition": TransitionRecord,
    "comment": CommentRecord,
    "step_round": StepRound,
    "suspension": Suspension,
    "sign_off": SignOff,
    "document": Document,
    "document_version": DocumentVersion,
    "mark": Mark,
    "document_record": RecordFacts,
}
"""By table, in the order of the fields of `KeptInstance`."""

_OF_OFFICE: list[tuple[type, str]] = [
    (ParentFacts, "office_parent c WHERE c.code = o.code OR c.code IN (SELECT above.ancestor FROM office_cover above WHERE above.code = o.code)"),
    (Cover, "office_cover c WHERE c.code = o.code"),
    (AccountFacts, "account c WHERE c.office_code = o.code"),
    (AssignmentFacts, "assignment c WHERE c.office_code = o.code"),
    (ServiceAccountFacts, "service_account c JOIN account a ON a.id = c.account_id WHERE a.office_code = o.code"),
    (RestrictedRecordFacts, "restricted_record c WHERE c.office_code = o.code"),
    (RetentionFacts, "retention_schedule c WHERE c.office_code = o.code"),
    (DocumentLimitFacts, "office_documents c WHERE c.office_code = o.code"),
]
"""With what follows FROM, in the order in which they follow `calendar` in `KeptOffice`."""

_OF_CALENDAR: dict[str, type] = {"work_schedule": ScheduleFacts, "season": SeasonFacts, "day_off": DayOffFacts, "report_date": ReportDateFacts}
"""By table, in the order of the fields of `KeptCalendar`."""


@lru_cache(maxsize=2)
def _instance_statement(is_postgres: bool) -> TextClause:
    """One statement, so that the head and the rows are of one moment."""
    rows = [_rows(kind, f"{name} c WHERE c.instance_id = i.id", is_postgres=is_postgres) for name, kind in _OF_INSTANCE.items()]
    own = json_row([f"i.{name}" for name in columns(OwnRow)], is_postgres=is_postgres)
    statement = text(f"SELECT {', '.join(['i.event_sequence', 'i.event_hash', own, *rows])} FROM instance i WHERE i.id = :id")  # noqa: S608
    return statement.bindparams(bindparam("id", type_=Uuid()))


@lru_cache(maxsize=2)
def _office_statement(is_postgres: bool) -> TextClause:
    """One statement, as for an instance."""
    sources = [*_OF_OFFICE, *((kind, f"{name} c WHERE c.office_code = o.code") for name, kind in _OF_CALENDAR.items())]
    rows = [_rows(kind, source, is_postgres=is_postgres) for kind, source in sources]
    own = json_row([f"o.{name}" for name in columns(OfficeFacts)], is_postgres=is_postgres)
    return text(f"SELECT {', '.join(['o.event_sequence', 'o.event_hash', own, *rows])} FROM office o WHERE o.code = :code")  # noqa: S608


def _rows(kind: type, source: str, *, is_postgres: bool) -> str:
    return json_rows(source, [f"c.{column}" for column in columns(kind)], is_postgres=is_postgres)
