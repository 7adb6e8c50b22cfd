"""Tries to sign through the gateway, each written down before the call and again when its end is known."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.gateway_signing import Signing
from app.store.guarded import Change
from app.store.rows import as_row, columns
from app.store.tables import SigningRow, table

SIGNING = table(SigningRow)


def intent_change(instance_id: UUID, signing: Signing) -> Change:
    return Change("insert", SIGNING, [as_row(signing) | {"instance_id": instance_id}])


def end_change(signing: Signing) -> Change:
    names = ("id", "state", "code", "gateway_document", "made_version", "ended_at")
    row: dict[str, Any] = as_row(signing)
    return Change("update", SIGNING, [{name: row[name] for name in names}])


async def signings_of(connection: AsyncConnection, document_id: UUID) -> Sequence[Signing]:
    """Those of one document, the latest first. A slot holds few versions, and a version is signed once."""
    statement = select(*(SIGNING.c[name] for name in columns(Signing))).where(SIGNING.c.document_id == document_id)
    found = await connection.execute(statement.order_by(SIGNING.c.intended_at.desc(), SIGNING.c.id.desc()).limit(_MOST))
    return [Signing(**row) for row in found.mappings()]


_MOST = 200
