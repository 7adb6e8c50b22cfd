"""Offices, and what lies below them at which time."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, func, insert, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.offices import AT_FOUNDING, FOUNDED, Cover, NewOffice
from app.store.inserts import insert_missing
from app.store.tables import OfficeCoverRow, OfficeParentRow, OfficeRow, table

COVER = table(OfficeCoverRow)
OFFICE = table(OfficeRow)
PARENT = table(OfficeParentRow)


def standing(now: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Rows of office_cover that hold at that moment."""
    return and_(COVER.c.from_at <= now, or_(COVER.c.until_at.is_(None), COVER.c.until_at > now))


def at(now: datetime) -> ColumnElement[datetime]:
    return literal(now, COVER.c.from_at.type)


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
        await replace_covers(connection, [], [Cover(office.code, office.code, AT_FOUNDING, None, 0)])
    return added


async def replace_covers(connection: AsyncConnection, codes: Collection[str], rows: Sequence[Cover]) -> None:
    """Those offices stand under what `rows` say, and under nothing else any more."""
    if codes:
        await connection.execute(delete(COVER).where(COVER.c.code.in_(codes)))
    await connection.execute(insert(COVER), [asdict(row) for row in rows])


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
