"""How documents are filed, the retention schedules of offices, and the documents of closed instances whose retention may be over."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.filing import DocumentRecord, Filing, RetentionRule, Schedule
from app.store.guarded import Change
from app.store.inserts import insert_missing
from app.store.offices import COVER, at, standing
from app.store.tables import DocumentRecordRow, DocumentRow, InstanceRow, RetentionScheduleRow, StepRoundRow, table

DOCUMENT = table(DocumentRow)
INSTANCE = table(InstanceRow)
RECORD = table(DocumentRecordRow)
ROUND = table(StepRoundRow)
SCHEDULE = table(RetentionScheduleRow)

FILING = tuple(RECORD.c[name] for name in ("classification", "security_class", "retention_rule", "number", "numbered_by", "dated"))


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
    columns = (*FILING, RECORD.c.described_by, RECORD.c.described_at)
    found = (await connection.execute(select(*columns).where(RECORD.c.document_id == document_id))).mappings().one_or_none()
    return DocumentRecord() if found is None else DocumentRecord(filing_of(found), found["described_by"], found["described_at"])


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


def filing_of(row: Any) -> Filing:
    return Filing(**{column.name: row[column.name] for column in FILING})


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


async def codes_in_use(connection: AsyncConnection) -> list[str]:
    """The classification codes that any record bears. One look into the index a code, however many documents bear it."""
    first = select(func.min(RECORD.c.classification).label("code")).cte("codes", recursive=True)
    following = select(func.min(RECORD.c.classification)).where(RECORD.c.classification > first.c.code).scalar_subquery()
    codes = first.union_all(select(following).where(first.c.code.is_not(None)))
    return list((await connection.execute(select(codes.c.code).where(codes.c.code.is_not(None)))).scalars())
