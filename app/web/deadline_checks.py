"""The clock's work on demand: for those who cannot wait for its next look, and for a cron job where no worker runs."""

from itertools import count

from fastapi import APIRouter
from fastapi.responses import Response

from app.domain.people import Actor
from app.domain.permissions import ADMIN
from app.domain.problems import Refused
from app.domain.refusals import Refusal
from app.web.acting import Shelved
from app.web.actor import CurrentActor
from app.web.answers import answer
from app.web.clock import Look, look
from app.web.openapi import problems, requires
from app.web.schemas.deadline_checks import DeadlineCheck
from app.web.session import Db, Now

router = APIRouter(tags=["deadlines"])
CHECK_SCOPE = "deadlines:check"
BATCHES = 50
"""Of instances, in one request: a few seconds' work."""


@router.post(
    "/v1/deadlines/check",
    response_model=DeadlineCheck,
    responses=problems(403),
    openapi_extra=requires(ADMIN, scope=CHECK_SCOPE),
    summary="Periksa tenggat sekarang · Check deadlines now",
)
async def check_deadlines(actor: CurrentActor, database: Db, shelf: Shelved, now: Now) -> Response:
    """Kerjakan sekarang apa yang dikerjakan jam dengan sendirinya: hitung ulang tenggat setelah kalender berubah, lalu catat yang segera
    jatuh tempo dan yang terlewat. Hanya kantor yang Anda kelola.

    Does at once what the clock does by itself every few seconds, at the offices that you administer; each thing is told once, whoever asks and
    however often. `remaining`: there is more than one request does, or somebody is acting on it just now; ask again.
    """
    offices = _administered(actor)
    if not offices:
        raise Refused([Refusal("permission_missing", {"permission": ADMIN}, variant="anywhere")])
    batches = count()
    seen = await look(Look(database, shelf, now, offices, go_on=lambda: next(batches) < BATCHES))
    return answer(DeadlineCheck(recomputed=seen.recomputed, due_soon=seen.due_soon, missed=seen.missed, remaining=seen.remaining))


def _administered(actor: Actor) -> list[str]:
    """A machine's scope says so for all of its offices."""
    by_scope = CHECK_SCOPE in actor.scopes
    return sorted(code for code in actor.visible_offices() if by_scope or actor.permitted(ADMIN, code))
