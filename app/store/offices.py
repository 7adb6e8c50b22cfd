"""Offices, and what lies below them at which time."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, TextClause, and_, bindparam, delete, func, insert, literal, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.offices import AT_FOUNDING, FOUNDED, ROOT, Cover, NewOffice, Parent, parent_at
from app.store.inserts import insert_missing
from app.store.rows import decode, json_rows, nested
from app.store.tables import OfficeCoverRow, OfficeParentRow, OfficeRow, table

COVER = table(OfficeCoverRow)
OFFICE = table(OfficeRow)
PARENT = table(OfficeParentRow)


@dataclass(frozen=True, slots=True)
class KnownOffice:
    """An office with all parents that it had, has and will have, and how many stand directly below it at the moment asked about."""

    code: str
    name: str
    time_zone: str
    version: int
    parents: tuple[Parent, ...]
    names: Mapping[str, str]
    children: int

    def parent_at(self, now: datetime) -> Parent | None:
        return parent_at(self.parents, now)


@dataclass(frozen=True, slots=True)
class OfficeLine:
    """An office as a list shows it, with the parent that stands above it at the moment asked about."""

    code: str
    name: str
    time_zone: str
    parent: str | None
    parent_name: str | None


def standing(now: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Rows of office_cover that hold at that moment."""
    return and_(COVER.c.from_at <= now, or_(COVER.c.until_at.is_(None), COVER.c.until_at > now))


def at(now: datetime) -> ColumnElement[datetime]:
    return literal(now, COVER.c.from_at.type)


def ever_below(code: str) -> Select[Any]:
    """The codes of all offices that were, are or will be below it, and its own."""
    return select(COVER.c.code).where(COVER.c.ancestor == code)


async def take_tree(connection: AsyncConnection) -> None:
    """Until the transaction ends nobody else changes who stands above whom: the row of the national office is the tree's lock.

    A place in the tree is computed from the parents of many offices, so no version of one of them could guard it: A put under B and B
    under A, each decided on what the other has not committed yet, would stand in a circle. It comes first of all in an act, before any
    stream's head; what is read afterwards is read after whoever came before. SQLite has one writer at a time anyway.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(select(OFFICE.c.code).where(OFFICE.c.code == ROOT).with_for_update(key_share=True))


async def add_office(connection: AsyncConnection, office: NewOffice) -> bool:
    """Whether it is new. An office that exists stays as it is."""
    values = {"code": office.code, "name": office.name, "time_zone": office.time_zone}
    added = await insert_missing(connection, OFFICE, values)
    if added and office.parent is not None:
        first = {"code": office.code, "valid_from": FOUNDED, "parent_code": office.parent, "from_at": AT_FOUNDING}
        await connection.execute(insert(PARENT).values(first))
    if added:
        above = select(COVER.c.ancestor, literal(office.code), COVER.c.from_at, COVER.c.until_at, COVER.c.depth + 1)
        copied = above.where(COVER.c.code == office.parent)
        await connection.execute(insert(COVER).from_select(["ancestor", "code", "from_at", "until_at", "depth"], copied))
        itself = Cover(office.code, office.code, AT_FOUNDING, None, 0)
        await connection.execute(insert(COVER), [asdict(itself)])
    return added


async def code_is_taken(connection: AsyncConnection, code: str) -> bool:
    """By an office whose code is the same but for capitals, too: two that people could not tell apart."""
    return await connection.scalar(select(OFFICE.c.code).where(func.lower(OFFICE.c.code) == code.lower()).limit(1)) is not None


async def rename_office(connection: AsyncConnection, code: str, name: str, *, version: int) -> bool:
    """Whether the office was still of that version."""
    return await _advance(connection, code, version, name=name)


async def parents_around(connection: AsyncConnection, code: str, parent: str) -> dict[str, tuple[Parent, ...]]:
    """The parents, in order of time, of all that a move of that office under that parent concerns: both, all above them, all below the
    office and whatever else stands above those, at any time.
    """
    above = select(COVER.c.ancestor).where(or_(COVER.c.code == parent, COVER.c.code.in_(ever_below(code))))
    columns = (PARENT.c.code, PARENT.c.parent_code, PARENT.c.from_at, PARENT.c.valid_from, PARENT.c.instrument_number, PARENT.c.instrument_date)
    found: dict[str, tuple[Parent, ...]] = {}
    for below, *values in await connection.execute(select(*columns).where(PARENT.c.code.in_(above)).order_by(PARENT.c.from_at)):
        found[below] = (*found.get(below, ()), Parent(*values))
    return found


async def codes_ever_below(connection: AsyncConnection, code: str) -> tuple[str, ...]:
    return tuple((await connection.execute(ever_below(code).distinct().order_by(COVER.c.code))).scalars())


async def write_move(connection: AsyncConnection, code: str, history: Sequence[Parent], *, covers: Iterable[Cover], version: int, told: UUID) -> bool:
    """Whether the office was still of that version. `history`: all its parents; `covers`: what stands above it and above all ever below it;
    `told`: the event of the move.

    What the parents' calendars say counts on the days on which they stand above: so all these calendars are new.
    """
    if not await _advance(connection, code, version):
        return False
    await connection.execute(delete(PARENT).where(PARENT.c.code == code))
    rows = [{"code": code, "parent_code": parent.code} | {name: getattr(parent, name) for name in _PARENT_COLUMNS} for parent in history]
    await connection.execute(insert(PARENT), rows)
    below = ever_below(code)
    moved = {"calendar_version": OFFICE.c.calendar_version + 1, "calendar_changed_by": told}
    await connection.execute(update(OFFICE).where(OFFICE.c.code.in_(below)).values(moved))
    await connection.execute(delete(COVER).where(COVER.c.code.in_(below)))
    await connection.execute(insert(COVER), [asdict(row) for row in covers])
    return True


_PARENT_COLUMNS = ("from_at", "valid_from", "instrument_number", "instrument_date")


async def _advance(connection: AsyncConnection, code: str, version: int, **changed: str) -> bool:
    same = (OFFICE.c.code == code, OFFICE.c.version == version)
    return (await connection.execute(update(OFFICE).where(*same).values(version=version + 1, **changed))).rowcount == 1


async def known_office(connection: AsyncConnection, code: str, now: datetime) -> KnownOffice | None:
    """In one statement, so that the version is that of all the rest."""
    row = (await connection.execute(_known(connection.dialect.name == "postgresql"), {"code": code, "now": now})).one_or_none()
    if row is None:
        return None
    parents = [(decode(Parent, values), name) for *values, name in nested(row.parents)]
    history = tuple(sorted((parent for parent, _ in parents), key=lambda parent: parent.from_at))
    names = {parent.code: name for parent, name in parents}
    return KnownOffice(row.code, row.name, row.time_zone, row.version, history, names, row.children)


@lru_cache(maxsize=2)
def _known(is_postgres: bool) -> TextClause:
    source = "office_parent p JOIN office a ON a.code = p.parent_code WHERE p.code = o.code"
    columns = ("p.parent_code", "p.from_at", "p.valid_from", "p.instrument_number", "p.instrument_date", "a.name")
    parents = json_rows(source, columns, is_postgres=is_postgres)
    standing_now = "c.from_at <= :now AND (c.until_at IS NULL OR c.until_at > :now)"
    children = f"(SELECT count(*) FROM office_cover c WHERE c.ancestor = o.code AND c.depth = 1 AND {standing_now})"  # noqa: S608
    statement = f"SELECT o.code, o.name, o.time_zone, o.version, {parents} AS parents, {children} AS children FROM office o WHERE o.code = :code"  # noqa: S608
    return text(statement).bindparams(bindparam("now", type_=COVER.c.from_at.type))


async def list_offices(
    connection: AsyncConnection, above: Collection[str], now: datetime, *, parent: str | None, words: str | None, after: str | None, limit: int | None
) -> tuple[OfficeLine, ...]:
    """A page of the offices at and below those of `above`, by code; directly under `parent`, with `words` in the name or the code."""
    visible = select(COVER.c.code).where(COVER.c.ancestor.in_(above), standing(at(now)))
    direct = COVER.alias("direct")
    holds = (direct.c.depth == 1, direct.c.from_at <= at(now), or_(direct.c.until_at.is_(None), direct.c.until_at > at(now)))
    over = OFFICE.alias("over")
    wanted = [OFFICE.c.code.in_(visible), *([] if after is None else [OFFICE.c.code > after])]
    if parent is not None:
        wanted.append(direct.c.ancestor == parent)
    if words is not None:
        wanted.append(or_(OFFICE.c.name.icontains(words, autoescape=True), OFFICE.c.code.icontains(words, autoescape=True)))
    joined = OFFICE.outerjoin(direct, and_(direct.c.code == OFFICE.c.code, *holds)).outerjoin(over, over.c.code == direct.c.ancestor)
    columns = (OFFICE.c.code, OFFICE.c.name, OFFICE.c.time_zone, over.c.code.label("parent"), over.c.name.label("parent_name"))
    found = await connection.execute(select(*columns).select_from(joined).where(*wanted).order_by(OFFICE.c.code).limit(limit))
    return tuple(OfficeLine(*row) for row in found)


def _offices(now: datetime) -> Select[Any]:
    parent = select(COVER.c.ancestor).where(COVER.c.code == OFFICE.c.code, COVER.c.depth == 1, standing(at(now))).scalar_subquery()
    return select(OFFICE.c.code, OFFICE.c.name, parent.label("parent"), OFFICE.c.time_zone)


async def find_office(connection: AsyncConnection, code: str, now: datetime) -> NewOffice | None:
    """With the parent that stands above it now."""
    row = (await connection.execute(_offices(now).where(OFFICE.c.code == code))).one_or_none()
    return None if row is None else NewOffice(row.code, row.name, row.parent, row.time_zone)


async def office_names(connection: AsyncConnection, codes: Collection[str], now: datetime) -> dict[str, str]:
    """The names of these offices and of all below them now, in the order of their codes."""
    below = select(COVER.c.code).where(COVER.c.ancestor.in_(codes), standing(at(now)))
    found = await connection.execute(select(OFFICE.c.code, OFFICE.c.name).where(OFFICE.c.code.in_(below)).order_by(OFFICE.c.code))
    return {row.code: row.name for row in found}


def covered_by(ancestor: ColumnElement[str], now: ColumnElement[datetime]) -> ColumnElement[str | None]:
    """The codes at and below an office, blank between them (no code holds one): one row, however many offices lie below."""
    codes = select(func.aggregate_strings(COVER.c.code, " ")).where(COVER.c.ancestor == ancestor, standing(now))
    return codes.correlate_except(COVER).scalar_subquery()
