"""Pages over the filed documents of many offices: what there is, and what is due for disposal. One statement each, keyset, no OFFSET.

Which rule holds is decided by the domain, once for each code in use; the database gets the outcome as a small table (`Reach`), so that a
page is cut there and nothing but the page is loaded.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    column,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
    values,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import JSON

from app.domain.filing import CLOSED, Filing, Kept, RetentionRule, SecurityClass
from app.store.filing import FILING, filing_of
from app.store.listings import ABOUT, About, at_offices, lines
from app.store.tables import DocumentRecordRow, DocumentRow, DocumentVersionRow, InstanceRow, OfficeRow, StepRoundRow, table

DOCUMENT = table(DocumentRow)
INSTANCE = table(InstanceRow)
OFFICE = table(OfficeRow)
RECORD = table(DocumentRecordRow)
ROUND = table(StepRoundRow)
VERSION = table(DocumentVersionRow)

_ended = select(func.max(ROUND.c.completed_at)).where(ROUND.c.instance_id == INSTANCE.c.id).correlate(INSTANCE).scalar_subquery()
_is_closed = INSTANCE.c.state.in_(CLOSED)
_closed_at = func.coalesce(INSTANCE.c.completed_at, _ended)
_says = func.coalesce(RECORD.c.retention_rule, RECORD.c.classification)


@dataclass(frozen=True, slots=True)
class Reach:
    """By office, the rule that each rule's name and each code in use leads to. Offices of one schedule share one dict."""

    by_office: Mapping[str, Mapping[str, RetentionRule]]

    def tables(self, *, is_postgres: bool) -> tuple[CTE, CTE]:
        """`place` (office, schedule) and `term` (schedule, says, years)."""
        numbers = {id(terms): number for number, terms in enumerate(self.by_office.values())}
        of_schedule = {numbers[id(terms)]: terms for terms in self.by_office.values()}
        places = [(office, numbers[id(terms)]) for office, terms in self.by_office.items()]
        terms = [(number, says, rule.years) for number, terms in of_schedule.items() for says, rule in terms.items()]
        place = _given("place", places, {"office": String(), "schedule": Integer()}, is_postgres=is_postgres)
        return place, _given("term", terms, {"schedule": Integer(), "says": String(), "years": Integer()}, is_postgres=is_postgres)


def _given(name: str, rows: Sequence[tuple[Any, ...]], columns: dict[str, Any], *, is_postgres: bool) -> CTE:
    """A table of values in one parameter: as many parameters as values would be too many."""
    content = literal(json.dumps(rows), String())
    each = (func.json_array_elements(cast(content, JSON)) if is_postgres else func.json_each(content)).table_valued("value", name=f"each_{name}")
    taken = [_nth(each.c.value, place, is_postgres=is_postgres) for place in range(len(columns))]
    return select(*(cast(value, kind).label(key) for value, (key, kind) in zip(taken, columns.items(), strict=True))).cte(name)


def _nth(row: ColumnElement[Any], place: int, *, is_postgres: bool) -> ColumnElement[Any]:
    """SQLite knows `->>` only since 3.38."""
    return row.op("->>")(literal(place, Integer())) if is_postgres else func.json_extract(row, f"$[{place}]")


# ── all of them ─────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Filters of the list; None leaves out. `codes`: those that lie under the classification asked for. `filed`: under a rule of `reach`."""

    offices: Sequence[str]
    number: str | None = None
    codes: Sequence[str] | None = None
    security_class: SecurityClass | None = None
    period: str | None = None
    closed: bool | None = None
    filed: bool | None = None
    reach: Reach = Reach({})


@dataclass(frozen=True, slots=True)
class FiledLine:
    """A document with its current version, and how it is filed."""

    about: About
    document_id: UUID
    slot: str
    state: str
    closed_at: datetime | None
    version: int
    filename: str
    media_type: str
    size: int
    sha256: str
    scan: str
    described_at: datetime | None
    filing: Filing

    @property
    def key(self) -> tuple[UUID, UUID]:
        return self.about.instance_id, self.document_id


async def documents(connection: AsyncConnection, wanted: Wanted, *, after: tuple[UUID, UUID] | None, limit: int) -> list[FiledLine]:
    """By instance, the newest first, and within it in the order in which its documents came."""
    cut = _page(wanted, after, is_postgres=connection.dialect.name == "postgresql").limit(limit).subquery("page")
    newest = select(func.max(VERSION.c.version)).where(VERSION.c.document_id == cut.c.id).correlate(cut).scalar_subquery()
    shown = (VERSION.c[name] for name in ("version", "filename", "media_type", "size", "sha256", "scan"))
    closed = case((_is_closed, _closed_at)).label("closed_at")
    statement = (
        select(*ABOUT, cut.c.id.label("document_id"), DOCUMENT.c.slot, INSTANCE.c.state, closed, *shown, RECORD.c.described_at, *FILING)
        .select_from(cut)
        .join(INSTANCE, INSTANCE.c.id == cut.c.instance_id)
        .join(OFFICE, OFFICE.c.code == INSTANCE.c.office_code)
        .join(DOCUMENT, DOCUMENT.c.id == cut.c.id)
        .join(VERSION, and_(VERSION.c.document_id == cut.c.id, VERSION.c.version == newest))
        .outerjoin(RECORD, RECORD.c.document_id == cut.c.id)
        .order_by(cut.c.instance_id.desc(), cut.c.id)
    )
    return [_line(row) for row in await lines(connection, statement)]


def _page(wanted: Wanted, after: tuple[UUID, UUID] | None, *, is_postgres: bool) -> Select[Any]:
    """From the records alone where only what is said of a document can be meant: they are few, and found by their index."""
    said = wanted.number is not None or wanted.codes is not None or wanted.filed is True or wanted.security_class not in (None, "ordinary")
    instance_id, document_id, office = RECORD.c.instance_id, RECORD.c.document_id, RECORD.c.office_code
    source: FromClause = RECORD
    if said and (wanted.period is not None or wanted.closed is not None):
        source = RECORD.join(INSTANCE, INSTANCE.c.id == instance_id)
    elif not said:
        instance_id, document_id, office = INSTANCE.c.id, DOCUMENT.c.id, INSTANCE.c.office_code
        source = INSTANCE.join(DOCUMENT, DOCUMENT.c.instance_id == instance_id).outerjoin(RECORD, RECORD.c.document_id == document_id)
    wheres = [at_offices(office, wanted.offices), *_narrowed(wanted, office, is_postgres=is_postgres)]
    if after is not None:
        wheres += [instance_id <= after[0], or_(instance_id < after[0], document_id > after[1])]
    page = select(document_id.label("id"), instance_id.label("instance_id")).select_from(source)
    return page.where(*wheres).order_by(instance_id.desc(), document_id)


def _narrowed(wanted: Wanted, office: ColumnElement[str], *, is_postgres: bool) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.number is not None:
        found.append(func.lower(RECORD.c.number) == func.lower(wanted.number))
    if wanted.codes is not None:
        found.append(RECORD.c.classification.in_(list(wanted.codes)))
    if wanted.security_class is not None:
        found.append(func.coalesce(RECORD.c.security_class, "ordinary") == wanted.security_class)
    if wanted.period is not None:
        found.append(INSTANCE.c.period_key == wanted.period)
    if wanted.closed is not None:
        found.append(_is_closed if wanted.closed else ~_is_closed)
    if wanted.filed is not None:
        place, term = wanted.reach.tables(is_postgres=is_postgres)
        schedule = select(place.c.schedule).where(place.c.office == office).correlate_except(place).scalar_subquery()
        reached = func.coalesce(tuple_(schedule, _says).in_(select(term.c.schedule, term.c.says)), false())
        found.append(reached if wanted.filed else ~reached)
    return found


def _line(row: dict[str, Any]) -> FiledLine:
    own = {name: value for name, value in row.items() if name not in Filing.__dataclass_fields__}
    return FiledLine(**own, filing=Filing() if row["described_at"] is None else filing_of(row))


# ── what is due for disposal ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Asked:
    """By time zone: the years in which anything was closed, and the year at whose beginning what is asked for is over at the latest."""

    reach: Reach
    closing: Mapping[str, range]
    until: Mapping[str, int]
    after: tuple[int, UUID] | None


async def first_ends(connection: AsyncConnection, offices: Sequence[str]) -> dict[str, datetime]:
    """By time zone, when a step first ended there, if one did: nothing was closed before. One look into the index an office."""
    ended = (ROUND.c.office_code == OFFICE.c.code, ROUND.c.state != literal_column("'active'"))
    first = select(func.min(ROUND.c.completed_at)).where(*ended).correlate(OFFICE).scalar_subquery()
    each = select(OFFICE.c.time_zone, first.label("first")).where(OFFICE.c.code.in_(list(offices)))
    found: dict[str, datetime] = {}
    for zone, moment in await connection.execute(each):
        if moment is not None:
            found[zone] = min(moment, found.get(zone, moment))
    return found


async def over(connection: AsyncConnection, asked: Asked, *, limit: int) -> list[Kept]:
    """Documents of closed instances whose retention is over, by the year in which it was, then id: a page of them."""
    place, term = asked.reach.tables(is_postgres=connection.dialect.name == "postgresql")
    span = _spans(asked)
    since = span.c.year + 1 + term.c.years
    wheres = [_is_closed, since <= span.c.last]
    if asked.after is not None:
        year, seen = asked.after
        wheres.append(or_(since > year, and_(since == year, RECORD.c.document_id > seen)))
    own = (DOCUMENT.c.slot, RECORD.c.document_id, RECORD.c.instance_id, INSTANCE.c.title, INSTANCE.c.office_code, OFFICE.c.time_zone)
    statement = (
        select(*own, _closed_at.label("closed_at"), *FILING)
        .select_from(RECORD)
        .join(DOCUMENT, DOCUMENT.c.id == RECORD.c.document_id)
        .join(INSTANCE, INSTANCE.c.id == RECORD.c.instance_id)
        .join(OFFICE, OFFICE.c.code == INSTANCE.c.office_code)
        .join(place, place.c.office == RECORD.c.office_code)
        .join(term, and_(term.c.schedule == place.c.schedule, term.c.says == _says))
        .join(span, and_(span.c.zone == OFFICE.c.time_zone, _closed_at >= span.c.from_at, _closed_at < span.c.until_at))
        .where(at_offices(RECORD.c.office_code, list(asked.reach.by_office)), *wheres)
        .order_by(since, RECORD.c.document_id)
        .limit(limit)
    )
    return [_kept(row) for row in (await connection.execute(statement)).mappings()]


def _spans(asked: Asked) -> CTE:
    """When each of the years began and ended in its zone."""
    moment = INSTANCE.c.completed_at.type
    columns = (column("zone", String), column("year", Integer), column("last", Integer), column("from_at", moment), column("until_at", moment))
    rows = [
        (zone, year, last, _new_year(year, zone), _new_year(year + 1, zone)) for zone, last in asked.until.items() for year in asked.closing[zone]
    ]
    return values(*columns, name="years").data(rows).cte("span")


def _new_year(year: int, zone: str) -> datetime:
    return datetime(year, 1, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _kept(row: Any) -> Kept:
    return Kept(
        document_id=row["document_id"],
        slot=row["slot"],
        instance_id=row["instance_id"],
        instance_title=row["title"],
        office=row["office_code"],
        zone=ZoneInfo(row["time_zone"]),
        closed_at=row["closed_at"],
        filing=filing_of(row),
    )
