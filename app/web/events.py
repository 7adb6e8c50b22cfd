"""The one log over HTTP: the pull feed, an instance's timeline, and the proof that both are as written."""

from collections.abc import Coroutine
from typing import Annotated
from uuid import UUID

from anyio import CapacityLimiter, WouldBlock
from fastapi import APIRouter, Query
from fastapi.responses import Response

from app.domain.people import Actor
from app.domain.problems import Refused, TooManyRequests
from app.domain.refusals import Refusal
from app.store import feed
from app.usecases.audit import Verdict, verify
from app.usecases.views import view_instance
from app.web.acting import Asks, Shelved, readers
from app.web.actor import CurrentActor
from app.web.answers import answer
from app.web.openapi import problems, requires
from app.web.paging import MAX_LIMIT, Paging, read_cursor, write_cursor
from app.web.schemas.events import AuditVerdict, BreakShown, EventFeed, EventList, EventShown, FeedPage
from app.web.session import Db, Now

router = APIRouter(tags=["events"])
READERS = readers("events:read")

_FEED = "/v1/events"
AUDITORS = ("auditor", "admin")
AUDIT_SCOPE = "audit:read"
RETRY_AFTER_SECONDS = 10
_one_at_a_time = CapacityLimiter(1)


@router.get(_FEED, response_model=EventFeed, responses=problems(404), openapi_extra=READERS, summary="Semua kejadian · All events")
async def list_events(
    asks: Asks,
    after: Annotated[str, Query(max_length=2000, description="`page.resume_after` dari tarikan sebelumnya. From the pull before.")] = "",
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 100,
) -> Response:
    """Ikuti `page.resume_after` dan setiap kejadian terbaca tepat sekali, dalam urutan tercatatnya.

    Events of the instances you may read; those of an office's own stream (accounts, assignments) only for its admins and auditors.
    """
    actor = asks.actor
    place = read_cursor(after, _FEED, (int, int)) if after else None
    found = await feed.feed(asks.connection, offices=sorted(actor.visible_offices()), office_streams=_audited(actor), after=place, limit=limit + 1)
    shown = found[:limit]
    last = write_cursor(shown[-1].place, _FEED) if shown else after or None
    page = FeedPage(next_cursor=last if len(found) > limit else None, limit=limit, resume_after=last)
    return answer(EventFeed(items=[EventShown.model_validate(event.shown) for event in shown], page=page))


@router.get(
    "/v1/instances/{instance_id}/events",
    response_model=EventList,
    responses=problems(404),
    openapi_extra=READERS,
    tags=["instances"],
    summary="Riwayat · The timeline",
)
async def list_instance_events(instance_id: UUID, asks: Asks, paging: Paging) -> Response:
    """Seluruh riwayat pelaksanaan ini, yang lama dahulu. The whole timeline, oldest first."""
    await asks.instance(instance_id)
    after = paging.after(int)
    rows = await feed.timeline(asks.connection, instance_id, after=0 if after is None else after[0], limit=paging.limit + 1)
    return paging.answer(EventList, rows, key=lambda row: (row["sequence"],), show=EventShown.model_validate)


@router.get(
    "/v1/audit/verify",
    response_model=AuditVerdict,
    responses=problems(403, 404, 429),
    openapi_extra=requires(*AUDITORS, scope=AUDIT_SCOPE),
    tags=["audit"],
    summary="Periksa keutuhan catatan · Verify the log",
)
async def verify_audit(
    actor: CurrentActor,
    database: Db,
    shelf: Shelved,
    now: Now,
    instance: Annotated[UUID | None, Query(description="Hanya pelaksanaan ini. This instance only.")] = None,
) -> Response:
    """Hitung ulang setiap hash di kantor Anda sendiri, dan cocokkan isi tabel dengan catatannya: kata, dokumen, keadaan, tenggat, jabatan.

    Recomputes every hash and holds what is kept against the log: words, documents, states, due times, accounts, positions, offices. Names
    the first break of each stream. One verification at a time: 429 while another runs.
    """
    offices = _audited(actor)
    if instance is not None:
        async with database.read() as connection:
            view = await view_instance(connection, shelf, actor, now=now, instance_id=instance)
        offices = [code for code in offices if code == view.instance.office.code]
    if not offices:
        raise Refused([Refusal("permission_missing", {"permission": " / ".join(AUDITORS)}, variant="anywhere")])
    verdict = await _alone(verify(database, offices, instance_id=instance))
    broken = [BreakShown(stream=b.stream, sequence=b.sequence, code=b.code) for b in verdict.broken]
    return answer(AuditVerdict(intact=verdict.intact, instances=verdict.instances, events=verdict.events, broken=broken))


async def _alone(verification: Coroutine[None, None, Verdict]) -> Verdict:
    """Raises TooManyRequests while this process verifies already."""
    try:
        _one_at_a_time.acquire_nowait()
    except WouldBlock:
        verification.close()
        raise TooManyRequests(RETRY_AFTER_SECONDS) from None
    try:
        return await verification
    finally:
        _one_at_a_time.release()


def _audited(actor: Actor) -> list[str]:
    """The offices that the caller may audit: those whose own streams they read, who was given what and by whom."""
    by_scope = AUDIT_SCOPE in actor.scopes
    return sorted(code for code in actor.visible_offices() if by_scope or any(actor.permitted(name, code) for name in AUDITORS))
