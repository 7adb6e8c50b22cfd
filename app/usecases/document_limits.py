"""How large documents may be at an office: said there, or by the nearest office above, and never more than the server takes."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.administration import office_refusals
from app.domain.events import NewEvent
from app.domain.problems import NotVisible
from app.domain.procedures import Slot
from app.domain.resumable_uploads import FileLimit
from app.domain.retries import StoredAnswer
from app.store import document_limits as store
from app.store.document_limits import OfficeLimits, OwnLimits
from app.store.errors import Collision
from app.store.events import append_office_events
from app.usecases.acts import Act, refuse
from app.usecases.administering import as_admin

Show = Callable[[OfficeLimits], StoredAnswer]


def of_office(limits: OfficeLimits) -> FileLimit | None:
    return None if limits.file is None else FileLimit(limits.file.most, "office")


def of_parts(limits: OfficeLimits) -> FileLimit | None:
    return None if limits.open is None else FileLimit(limits.open.most, "open")


def of_slot(slot: Slot | None) -> FileLimit | None:
    return None if slot is None or slot.max_bytes is None else FileLimit(slot.max_bytes, "slot")


async def file_limit_of(connection: AsyncConnection, office: str, now: datetime) -> FileLimit | None:
    """What holds at the office; None where no office says anything."""
    return of_office(await store.office_limits(connection, office, now))


async def put_limits(act: Act, office: str, new: OwnLimits, *, show: Show) -> StoredAnswer:
    """`new.version` is not looked at. The same again changes nothing. Raises NotVisible, PreconditionRequired, Stale, Refused, Collision."""
    if not act.actor.sees(office):
        raise NotVisible
    known = (await store.office_limits(act.connection, office, act.now)).own
    act.expected.check(known.version)
    refuse(office_refusals(act.actor, office))
    wanted = OwnLimits(known.version + 1, new.max_file_bytes, new.max_open_bytes)
    if (known.max_file_bytes, known.max_open_bytes) != (new.max_file_bytes, new.max_open_bytes):
        event = NewEvent("office.documents_changed", {"code": office, "from": _told(known), "to": _told(wanted)})
        await append_office_events(act.connection, office, act.now, actor=as_admin(act.actor, office), events=[event])
        if not await store.put_limits(act.connection, office, wanted):
            raise Collision(office)
    return show(await store.office_limits(act.connection, office, act.now))


def _told(limits: OwnLimits) -> dict[str, int | None]:
    return {"max_file_bytes": limits.max_file_bytes, "max_open_bytes": limits.max_open_bytes}
