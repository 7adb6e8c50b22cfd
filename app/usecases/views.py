"""One instance as its caller may look at it, outside any act."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.calendars import CalendarHasNoWorkingTime, Pause, due
from app.domain.deadlines import forecast
from app.domain.people import Actor
from app.domain.problems import NotVisible
from app.usecases.acts import Act, Shelf, View, loaded


async def view_instance(connection: AsyncConnection, shelf: Shelf, actor: Actor, *, now: datetime, instance_id: UUID) -> View:
    """Raises NotVisible."""
    return await loaded(Act(connection=connection, shelf=shelf, actor=actor, now=now), instance_id)


def forecast_end(view: View) -> datetime | None:
    """When the instance will end as things stand (while suspended: if it were resumed now); its end once it has one.

    None too where the office's calendar has no office hours left to count in.
    """
    try:
        return _forecast(view)
    except CalendarHasNoWorkingTime:
        return None


def _forecast(view: View) -> datetime | None:
    instance, active, now = view.instance, view.instance.active, view.situation.now
    if active is None or active.due_at is None or active.started_at is None:
        return instance.completed_at
    due_at = active.due_at
    if active.paused_at is not None:
        pauses = tuple(Pause(s.suspended_at, s.resumed_at or max(now, s.suspended_at)) for s in instance.pauses_of(active))
        due_at = due(view.calendar, active.started_at, instance.procedure.step(active.step).duration, pauses=pauses)
    return forecast(instance.procedure, view.calendar, active_step=active.step, due_at=due_at, now=now)


def visible_offices(actor: Actor, office: str | None) -> tuple[str, ...]:
    """The offices a list covers. Raises NotVisible for one that the caller cannot see, or when none is left."""
    visible = actor.visible_offices()
    if office is not None and office not in visible:
        raise NotVisible
    return (office,) if office is not None else tuple(sorted(visible))
