"""Resumable uploads. A row is moved on only from where it was seen to stand, so of two writers at one offset one finds it moved."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.resumable_uploads import Parts, ResumableUpload, Unfinished
from app.store.tables import AccountRow, OfficeRow, UploadRow, table

ACCOUNT, OFFICE, UPLOAD = table(AccountRow), table(OfficeRow), table(UploadRow)
SWEPT_AT_ONCE = 500


async def add_upload(connection: AsyncConnection, upload: ResumableUpload) -> None:
    await connection.execute(insert(UPLOAD).values(asdict(upload) | {"parts": _written(upload.parts)}))


async def find_upload(connection: AsyncConnection, upload_id: UUID) -> ResumableUpload | None:
    row = (await connection.execute(select(UPLOAD).where(UPLOAD.c.id == upload_id))).mappings().one_or_none()
    return None if row is None else _read(row)


async def take_turns(connection: AsyncConnection, *, account_id: UUID, office: str | None) -> None:
    """Until the transaction ends nobody else begins an upload as this person, or (where bytes are counted) into this office.

    What is under way is a sum over many rows, so no version of one of them could guard it; what is read afterwards is read after whoever
    came before. First the person, then the office: so nobody waits in a circle. SQLite has one writer at a time anyway.
    """
    if connection.dialect.name != "postgresql":
        return
    await connection.execute(select(ACCOUNT.c.id).where(ACCOUNT.c.id == account_id).with_for_update(key_share=True))
    if office is not None:
        await connection.execute(select(OFFICE.c.code).where(OFFICE.c.code == office).with_for_update(key_share=True))


async def unfinished(connection: AsyncConnection, *, account_id: UUID, office: str, now: datetime) -> Unfinished:
    under_way = (UPLOAD.c.document_id.is_(None), UPLOAD.c.expires_at > now)
    own = select(func.count()).select_from(UPLOAD).where(UPLOAD.c.account_id == account_id, *under_way).scalar_subquery()
    promised = select(func.coalesce(func.sum(UPLOAD.c.length), 0)).where(UPLOAD.c.office_code == office, *under_way).scalar_subquery()
    count, total = (await connection.execute(select(own, promised))).one()
    return Unfinished(count, int(total))


async def advance(connection: AsyncConnection, seen: ResumableUpload, *, received: int, parts: Parts, expires_at: datetime) -> bool:
    """Whether the upload still stood where it was seen."""
    values = {"received": received, "parts": _written(parts), "expires_at": expires_at}
    return (await connection.execute(update(UPLOAD).where(*_as_seen(seen)).values(values))).rowcount == 1


async def finish(connection: AsyncConnection, seen: ResumableUpload, *, document_id: UUID, version: int) -> bool:
    """It became that version, in whose transaction this stands. Whether it still stood where it was seen."""
    values = {"received": seen.length, "parts": [], "document_id": document_id, "version": version}
    return (await connection.execute(update(UPLOAD).where(*_as_seen(seen)).values(values))).rowcount == 1


async def remove_upload(connection: AsyncConnection, upload_id: UUID) -> Parts:
    """The parts that no row names any more."""
    found = (await connection.execute(delete(UPLOAD).where(UPLOAD.c.id == upload_id).returning(UPLOAD.c.parts))).scalar_one_or_none()
    return _parts(found or [])


async def remove_expired(connection: AsyncConnection, now: datetime, *, most: int = SWEPT_AT_ONCE) -> tuple[int, Parts]:
    """How many, and the parts that no row names any more."""
    which = select(UPLOAD.c.id).where(UPLOAD.c.expires_at <= now).order_by(UPLOAD.c.expires_at).limit(most).scalar_subquery()
    removed = (await connection.execute(delete(UPLOAD).where(UPLOAD.c.id.in_(which), UPLOAD.c.expires_at <= now).returning(UPLOAD.c.parts))).all()
    return len(removed), tuple(part for row in removed for part in _parts(row.parts))


def _as_seen(seen: ResumableUpload) -> tuple[ColumnElement[bool], ...]:
    return (UPLOAD.c.id == seen.id, UPLOAD.c.received == seen.received, UPLOAD.c.document_id.is_(None))


def _read(row: Any) -> ResumableUpload:
    return ResumableUpload(**{**row, "parts": _parts(row["parts"])})


def _parts(rows: Sequence[Sequence[Any]]) -> Parts:
    return tuple((str(key), int(size)) for key, size in rows)


def _written(parts: Parts) -> list[list[Any]]:
    return [[key, size] for key, size in parts]
