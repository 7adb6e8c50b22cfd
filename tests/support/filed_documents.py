"""Thousands of filed documents, put into the tables as they are: for what only reads them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.filing import Filing, Kept
from app.store.tables import (
    AccountRow,
    DocumentRecordRow,
    DocumentRow,
    DocumentVersionRow,
    InstanceRow,
    OfficeCoverRow,
    OfficeRow,
    ProcedureRow,
    StepRoundRow,
    table,
)
from tests.support.office import KEY

EARLY = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


@dataclass(frozen=True)
class Put:
    """A document as it is to stand in the tables. `filing` None: nobody described it; `state` of its instance."""

    kept: Kept
    state: str
    filing: Filing | None


async def put_offices(connection: AsyncConnection, zones: dict[str, str]) -> None:
    """Each under none, with a procedure and an account to refer to."""
    await connection.execute(insert(table(OfficeRow)), [{"code": code, "name": code, "time_zone": zone} for code, zone in zones.items()])
    covers = [{"ancestor": code, "code": code, "from_at": EARLY, "depth": 0} for code in zones]
    await connection.execute(insert(table(OfficeCoverRow)), covers)
    procedure = {"key": KEY, "version": 1, "title": KEY, "definition": {}, "sha256": "0" * 64, "published_at": EARLY}
    await connection.execute(insert(table(ProcedureRow)), [procedure])
    account = {"id": uuid4(), "username": "a", "name": "A", "office_code": next(iter(zones)), "password_hash": "!", "created_at": EARLY}
    await connection.execute(insert(table(AccountRow)), [account])


async def put_documents(connection: AsyncConnection, rows: Sequence[Put]) -> None:
    """Each in an instance of its own. A cancelled one was closed when its last round ended: it has no end of its own."""
    account = (await connection.execute(select(table(AccountRow).c.id).limit(1))).scalar_one()
    await connection.execute(insert(table(InstanceRow)), [_instance(row, number, account) for number, row in enumerate(rows)])
    await connection.execute(insert(table(StepRoundRow)), [_round(row) for row in rows])
    documents = [{"id": row.kept.document_id, "instance_id": row.kept.instance_id, "slot": row.kept.slot} for row in rows]
    await connection.execute(insert(table(DocumentRow)), documents)
    await connection.execute(insert(table(DocumentVersionRow)), [version(row.kept, number) for row in rows for number in (1, 2)])
    if records := [_record(row.kept, row.filing) for row in rows if row.filing is not None]:
        await connection.execute(insert(table(DocumentRecordRow)), records)


def _instance(row: Put, number: int, account: UUID) -> dict[str, Any]:
    kept = row.kept
    own = {"id": kept.instance_id, "office_code": kept.office, "title": kept.instance_title, "state": row.state, "started_at": EARLY}
    known = {"procedure_key": KEY, "procedure_version": 1, "period_key": f"{number:07}", "version": 1, "started_by": account}
    head = {"planned_end_at": EARLY, "event_sequence": 1, "event_hash": "0" * 64, "event_at": EARLY, "team_instrument": None}
    return own | known | head | {"completed_at": kept.closed_at if row.state == "completed" else None}


def _round(row: Put) -> dict[str, Any]:
    where = {"instance_id": row.kept.instance_id, "step": 1, "round": 1, "office_code": row.kept.office}
    return where | {"state": "cancelled" if row.state == "cancelled" else "completed", "completed_at": row.kept.closed_at}


def version(kept: Kept, number: int) -> dict[str, Any]:
    where = {"instance_id": kept.instance_id, "document_id": kept.document_id, "version": number, "step": 1, "round": 1}
    what = {"sha256": f"{number}" * 64, "size": number, "media_type": "application/pdf", "filename": f"v{number}.pdf", "storage_key": "k"}
    return where | what | {"uploaded_by": {}, "uploaded_at": EARLY}


def _record(kept: Kept, filing: Filing) -> dict[str, Any]:
    where = {"document_id": kept.document_id, "instance_id": kept.instance_id, "office_code": kept.office}
    return where | asdict(filing) | {"described_by": {}, "described_at": EARLY}
