"""How documents are filed, the retention schedules of offices, and the documents of closed instances whose retention may be over."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.filing import CLOSED, DocumentRecord, Filing, Kept, RetentionRule, Schedule
from app.store.guarded import Change
from app.store.inserts import insert_missing
from app.store.offices import COVER, OFFICE, at, standing
from app.store.tables import DocumentRecordRow, DocumentRow, InstanceRow, RetentionScheduleRow, StepRoundRow, table

DOCUMENT = table(DocumentRow)
INSTANCE = table(InstanceRow)
RECORD = table(DocumentRecordRow)
ROUND = table(StepRoundRow)
SCHEDULE = table(RetentionScheduleRow)

_FILING = tuple(RECORD.c[name] for name in ("classification", "security_class", "retention_rule", "number", "numbered_by", "dated"))


@dataclass(frozen=True, slots=True)
class OfficeSchedule:
    """`version` of what the office itself says (0: it never said anything), and the schedule in force there: the nearest above that has rules."""

    version: int
    schedule: Schedule | None

    @property
    def rules(self) -> tuple[RetentionRule, ...]:
        return () if self.schedule is None else self.schedule.rules


# ── how a document is filed ─────────────────────────────────────────────────────────────────────────────────────────


async def record_of(connection: AsyncConnection, document_id: UUID) -> DocumentRecord:
    """One that says nothing where nothing was said."""
    columns = (*_FILING, RECORD.c.described_by, RECORD.c.described_at)
    found = (await connection.execute(select(*columns).where(RECORD.c.document_id == document_id))).mappings().one_or_none()
    return DocumentRecord() if found is None else DocumentRecord(_filing(found), found["described_by"], found["described_at"])


async def number_is_taken(connection: AsyncConnection, office: str, document_id: UUID, number: str) -> bool:
    """By another document of the office, which gave it itself."""
    own = (RECORD.c.office_code == office, RECORD.c.number == number, RECORD.c.numbered_by.is_(None), RECORD.c.document_id != document_id)
    return (await connection.execute(select(RECORD.c.document_id).where(*own).limit(1))).first() is not None


@dataclass(frozen=True, slots=True)
class Whose:
    document_id: UUID
    instance_id: UUID
    office_code: str


def record_change(whose: Whose, record: DocumentRecord, *, is_new: bool) -> Change:
    row = asdict(whose) | asdict(record.filing) | {"described_by": record.described_by, "described_at": record.described_at}
    return Change("insert" if is_new else "update", RECORD, [row])


def _filing(row: Any) -> Filing:
    return Filing(**{column.name: row[column.name] for column in _FILING})


# ── schedules ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def schedule_at(connection: AsyncConnection, office: str, now: datetime) -> OfficeSchedule:
    """In one statement."""
    joined = select(COVER.c.ancestor, SCHEDULE.c.version, SCHEDULE.c.source, SCHEDULE.c.rules).join(
        SCHEDULE, SCHEDULE.c.office_code == COVER.c.ancestor
    )
    rows = (await connection.execute(joined.where(COVER.c.code == office, standing(at(now))).order_by(COVER.c.depth))).all()
    own = next((row.version for row in rows if row.ancestor == office), 0)
    return OfficeSchedule(own, next((_schedule(row.ancestor, row.source, row.rules) for row in rows if row.rules), None))


async def put_schedule(connection: AsyncConnection, new: Schedule, version: int) -> bool:
    """Whether what is said there was still of the version before."""
    values = {"version": version, "source": new.source, "rules": [asdict(rule) for rule in new.rules]}
    if version == 1:
        return await insert_missing(connection, SCHEDULE, {"office_code": new.office, **values})
    same = (SCHEDULE.c.office_code == new.office, SCHEDULE.c.version == version - 1)
    return (await connection.execute(update(SCHEDULE).where(*same).values(values))).rowcount == 1


async def rules_by_office(connection: AsyncConnection, now: datetime) -> dict[str, tuple[RetentionRule, ...]]:
    """The rules in force at every office at or below one that has a schedule, in two statements."""
    found = (await connection.execute(select(SCHEDULE.c.office_code, SCHEDULE.c.source, SCHEDULE.c.rules))).all()
    known = {row.office_code: _schedule(row.office_code, row.source, row.rules).rules for row in found if row.rules}
    if not known:
        return {}
    below = select(COVER.c.code, COVER.c.ancestor).where(COVER.c.ancestor.in_(list(known)), standing(at(now))).order_by(COVER.c.depth.desc())
    return {row.code: known[row.ancestor] for row in await connection.execute(below)}


def _schedule(office: str, source: str, rules: list[dict[str, Any]]) -> Schedule:
    return Schedule(office, source, tuple(RetentionRule(**rule) for rule in rules))


# ── what is due for disposal ────────────────────────────────────────────────────────────────────────────────────────


async def kept_documents(connection: AsyncConnection, offices: Sequence[str], *, before: datetime) -> list[Kept]:
    """Documents that some rule may reach, of instances closed before that moment. In one statement, in no order."""
    ended = select(func.max(ROUND.c.completed_at)).where(ROUND.c.instance_id == INSTANCE.c.id).correlate(INSTANCE).scalar_subquery()
    closed = func.coalesce(INSTANCE.c.completed_at, ended)
    own = (DOCUMENT.c.slot, RECORD.c.document_id, RECORD.c.instance_id, INSTANCE.c.title, INSTANCE.c.office_code, OFFICE.c.time_zone)
    statement = (
        select(*own, closed.label("closed_at"), *_FILING)
        .select_from(RECORD)
        .join(DOCUMENT, DOCUMENT.c.id == RECORD.c.document_id)
        .join(INSTANCE, INSTANCE.c.id == RECORD.c.instance_id)
        .join(OFFICE, OFFICE.c.code == INSTANCE.c.office_code)
        .where(
            RECORD.c.office_code.in_(list(offices)),
            or_(RECORD.c.classification.is_not(None), RECORD.c.retention_rule.is_not(None)),
            INSTANCE.c.state.in_(CLOSED),
            closed < before,
        )
    )
    return [_kept(row) for row in (await connection.execute(statement)).mappings()]


def _kept(row: Any) -> Kept:
    return Kept(
        document_id=row["document_id"],
        slot=row["slot"],
        instance_id=row["instance_id"],
        instance_title=row["title"],
        office=row["office_code"],
        zone=ZoneInfo(row["time_zone"]),
        closed_at=row["closed_at"],
        filing=_filing(row),
    )
