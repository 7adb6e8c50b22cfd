"""The worklist: what waits for the caller now."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from app.domain.permissions import PERMISSIONS
from app.store import listings
from app.web.acting import Asks
from app.web.openapi import requires
from app.web.paging import Paging
from app.web.schemas.listing_view import show_task, titles_of
from app.web.schemas.worklists import TaskList

router = APIRouter(prefix="/v1/tasks", tags=["tasks"])


@router.get("", response_model=TaskList, openapi_extra=requires("role:any"), summary="Yang menunggu saya · What waits for me")
async def list_tasks(asks: Asks, paging: Paging) -> Response:
    """Langkah, paraf, dan tanda tangan yang menunggu Anda, yang paling mendesak dahulu. Nothing while an instance is suspended."""
    held = sorted({(holding.office, holding.role) for holding in asks.actor.holdings if holding.role not in PERMISSIONS})
    after = paging.after(datetime, UUID, str, str, str)
    caller = listings.Caller(asks.actor.account_id, sorted({office for office, _ in held}), held)
    rows = await listings.tasks(asks.connection, caller, after=after, limit=paging.limit + 1)
    procedures = await titles_of(asks.connection, asks.shelf, rows)
    return paging.answer(
        TaskList,
        rows,
        key=lambda row: (row.due_at, row.about.instance_id, row.kind, row.role, row.slot),
        show=lambda row: show_task(row, procedures, asks.now, caller=asks.actor.account_id),
    )
