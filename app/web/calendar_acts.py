"""What every change of a calendar shares over HTTP: a dry run or the real thing, judged alike, answered alike."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import Response

from app.domain.calendars.changes import Change, Reason
from app.domain.problems import NotVisible
from app.domain.retries import StoredAnswer
from app.usecases.acts import Act
from app.usecases.calendars import Changed, change_calendar
from app.web.acting import Acting, Work
from app.web.answers import freeze, respond
from app.web.clock import wake
from app.web.openapi import problems, requires, tagged
from app.web.schemas.calendar_changes import CalendarChanged

ADMINS = requires("admin")
DRY_RUN: dict[int | str, dict[str, Any]] = {200: {"model": CalendarChanged, "description": "Dry run: nothing was saved."}}

DryRun = Annotated[
    bool,
    Query(description="Hanya katakan akibatnya, tanpa menyimpan. Only say what would change and which open deadlines would move."),
]


def created(*more: int) -> dict[int | str, dict[str, Any]]:
    """What making something, or many things, may be answered with."""
    return problems(403, 404, 409, 412, *more) | tagged(201) | DRY_RUN


def amended() -> dict[int | str, dict[str, Any]]:
    return problems(403, 404, 409) | tagged()


async def carry_out(
    acting: Acting, office_code: str, change: Callable[[], Change], *, reason: Reason = "edited", dry_run: bool, status: int = 200
) -> Response:
    """`change` raises Invalid for what is wrong in itself: told only to who sees the office. Raises NotVisible."""
    if not acting.actor.sees(office_code):
        raise NotVisible
    wanted = change()

    def show(found: Changed) -> StoredAnswer:
        if dry_run:
            return freeze(CalendarChanged.of(found))
        return freeze(CalendarChanged.of(found), status=status, version=found.inherited.version)

    async def work(act: Act) -> StoredAnswer:
        return await change_calendar(act, office_code, wanted, reason=reason, show=show, dry_run=dry_run)

    if dry_run:
        return await _only_told(acting, work)
    answer = await acting.perform(work)
    wake(acting.request)
    return answer


async def _only_told(acting: Acting, work: Work) -> Response:
    """Without a transaction to write: two thousand deadlines take a second, and SQLite has one writer."""
    async with acting.database.read() as connection:
        return respond(await work(acting.surroundings(connection, None)))
