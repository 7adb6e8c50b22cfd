"""Calendar feeds over HTTP. Those who subscribe are signed in; a calendar program is not, and has only the secret in its address.

The secret is in the path: the log writes route templates, no answer repeats it, and no page links on from it. The public address comes from
the settings and never from the request, or whoever chose the Host header would be sent the secret.
"""

from typing import Annotated
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Header, Path
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.calendar_feeds import Feed
from app.render.icalendar_feed import CALENDAR_TYPE, Kind, as_icalendar, fingerprint
from app.store import calendar_feeds as store
from app.usecases import calendar_feeds as usecases
from app.usecases.calendar_feeds import Subscribed
from app.web.acting import Shelved
from app.web.actor import CurrentActor, CurrentPerson, Terms
from app.web.answers import answer
from app.web.etags import unchanged
from app.web.openapi import headed, problems, requires
from app.web.paging import Paging
from app.web.schemas.calendar_feeds import CalendarFeedCreated, CalendarFeedList, CalendarFeedRequest, CalendarFeedShown
from app.web.session import Db, Now, Reading, act

router = APIRouter()
ONESELF = requires("signed_in")

Secret = Annotated[str, Path(pattern="^[A-Za-z0-9_-]{43}$", description="Rahasia langganan. The feed's secret.")]
IfNoneMatch = Annotated[str | None, Header(alias="If-None-Match", include_in_schema=False)]
FEED = headed(200, "ETag")[200] | {
    "description": "iCalendar (RFC 5545, RFC 7986).",
    "content": {"text/calendar": {"schema": {"type": "string"}}},
}


@router.post(
    "/v1/me/calendar-feeds",
    tags=["me"],
    status_code=201,
    response_model=CalendarFeedCreated,
    responses=problems(403, 404, 409),
    openapi_extra=ONESELF,
    summary="Langganan kalender · Subscribe a calendar",
)
async def create_calendar_feed(body: CalendarFeedRequest, actor: CurrentActor, database: Db, now: Now, terms: Terms) -> Response:
    """Alamat rahasia untuk program kalender: yang menunggu Anda, atau tenggat satu kantor. Paling banyak 20; dapat dicabut.

    A secret address for a calendar program, shown this once: what waits for you, or the deadlines of an office that you see. It reads with
    what you hold at each moment, without a second factor; positions that need one are in it only if you had one when you made it.
    """

    async def work(connection: AsyncConnection) -> Subscribed:
        return await usecases.subscribe(connection, now, actor, office=body.office)

    return answer(CalendarFeedCreated.of(await act(database, work), base=terms.tokens.issuer), status=201)


@router.get(
    "/v1/me/calendar-feeds",
    tags=["me"],
    response_model=CalendarFeedList,
    responses=problems(403),
    openapi_extra=ONESELF,
    summary="Langganan saya · My calendar feeds",
)
async def list_calendar_feeds(actor: CurrentPerson, connection: Reading, paging: Paging) -> Response:
    """Yang belum dicabut, tanpa alamatnya. Those not revoked, without their addresses: what looks foreign is best revoked."""
    after = paging.after(UUID)
    found = await store.list_feeds(connection, actor.account_id, after=after[0] if after else None, limit=paging.limit + 1)
    return paging.answer(CalendarFeedList, found, key=lambda feed: (feed.id,), show=CalendarFeedShown.of)


@router.delete(
    "/v1/me/calendar-feeds/{feed_id}",
    tags=["me"],
    status_code=204,
    responses=problems(403, 409),
    openapi_extra=ONESELF,
    summary="Cabut langganan · Revoke a calendar feed",
)
async def revoke_calendar_feed(feed_id: UUID, actor: CurrentPerson, database: Db, now: Now) -> Response:
    """Alamatnya tidak menjawab siapa pun lagi. Its address answers nobody any more."""

    async def work(connection: AsyncConnection) -> None:
        await usecases.revoke(connection, now, actor, feed_id)

    await act(database, work)
    return Response(status_code=204)


@router.get(
    "/v1/calendar-feeds/{secret}/events.ics",
    tags=["deadlines"],
    response_class=Response,
    responses=problems(404) | {200: FEED},
    summary="Tenggat sebagai acara · Deadlines as events",
)
async def get_calendar_events(
    secret: Secret, connection: Reading, shelf: Shelved, now: Now, terms: Terms, if_none_match: IfNoneMatch = None
) -> Response:
    """Untuk program kalender; rahasianya adalah kuncinya. For calendar programs: the secret is the key, and there is no token.

    Paling banyak 1000 tenggat, yang terdekat dahulu. At most 1000 entries, the nearest first; the calendar's description says when it is cut.
    404 where it is unknown or revoked, and where its owner may not see this any more.
    """
    feed = await usecases.read_feed(connection, shelf, now, secret, terms=terms)
    return await _written(feed, "events", if_none_match)


@router.get(
    "/v1/calendar-feeds/{secret}/tasks.ics",
    tags=["deadlines"],
    response_class=Response,
    responses=problems(404) | {200: FEED},
    summary="Tenggat sebagai tugas · Deadlines as tasks",
)
async def get_calendar_tasks(
    secret: Secret, connection: Reading, shelf: Shelved, now: Now, terms: Terms, if_none_match: IfNoneMatch = None
) -> Response:
    """Yang sama sebagai VTODO. The same as VTODO, for programs that know tasks."""
    feed = await usecases.read_feed(connection, shelf, now, secret, terms=terms)
    return await _written(feed, "tasks", if_none_match)


async def _written(feed: Feed, kind: Kind, if_none_match: str | None) -> Response:
    """Programs ask every few minutes: who holds it already costs no writing. A full feed takes long enough to let others be answered meanwhile."""
    tag = f'"{fingerprint(feed, kind)}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Referrer-Policy": "no-referrer", "Content-Type": CALENDAR_TYPE}
    if unchanged(if_none_match, tag):
        del headers["Content-Type"]
        return Response(status_code=304, headers=headers)
    return Response(await to_thread.run_sync(as_icalendar, feed, kind), headers=headers)
