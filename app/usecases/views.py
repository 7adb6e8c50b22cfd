"""One instance as its caller may look at it, outside any act."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.calendars import CalendarHasNoWorkingTime, Pause, due
from app.domain.deadlines import Forecast, forecast
from app.domain.lkjip import LkjipRisk, lkjip_risk
from app.domain.people import Actor
from app.domain.problems import NotVisible
from app.usecases.acts import Act, Shelf, View, loaded


async def view_instance(connection: AsyncConnection, shelf: Shelf, actor: Actor, *, now: datetime, instance_id: UUID) -> View:
    """Raises NotVisible."""
    return await loaded(Act(connection=connection, shelf=shelf, actor=actor, now=now), instance_id)


def forecast_of(view: View) -> Forecast | None:
    """How the instance goes on as things stand (while suspended: if it were resumed now), or how it ended.

    None for one that was cancelled, and where the office's calendar has no office hours left to count in.
    """
    try:
        return _forecast(view)
    except CalendarHasNoWorkingTime:
        return None


def _forecast(view: View) -> Forecast | None:
    instance, active, now = view.instance, view.instance.active, view.situation.now
    if active is None or active.due_at is None or active.started_at is None:
        return None if instance.completed_at is None else Forecast(instance.completed_at)
    due_at = active.due_at
    if active.paused_at is not None:
        pauses = tuple(Pause(s.suspended_at, s.resumed_at or max(now, s.suspended_at)) for s in instance.pauses_of(active))
        due_at = due(view.calendar, active.started_at, instance.procedure.step(active.step).duration, pauses=pauses)
    return forecast(instance.procedure, view.calendar, active_step=active.step, due_at=due_at, now=now)


@dataclass(frozen=True, slots=True)
class Lkjip:
    """When the report that waits for the instance is due, and whether that can be met; `risk` None where nothing can be foretold."""

    due_on: date
    risk: LkjipRisk | None


def lkjip(view: View, foretold: Forecast | None) -> Lkjip | None:
    """None for a procedure that no LKJIP waits for."""
    instance = view.instance
    if not instance.procedure.lkjip:
        return None
    report = view.calendar.report_date(instance.period.year)
    if foretold is None:
        return Lkjip(report.due_on, None)
    return Lkjip(report.due_on, lkjip_risk(view.calendar, report, ends_at=foretold.ends_at, is_over=instance.completed_at is not None))


def is_recomputing(view: View) -> bool:
    """Whether the calendar has changed since the active step's due time was computed, and it is still to be computed anew."""
    active = view.instance.active
    return active is not None and active.calendar_version < view.instance.office.calendar_version


def visible_offices(actor: Actor, office: str | None) -> tuple[str, ...]:
    """The offices a list covers. Raises NotVisible for one that the caller cannot see, or when none is left."""
    visible = actor.visible_offices()
    if office is not None and office not in visible:
        raise NotVisible
    return (office,) if office is not None else tuple(sorted(visible))
