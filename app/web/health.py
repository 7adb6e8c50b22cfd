"""Is the process alive, may it be sent requests, and which version is it: for load balancers and people, without a token."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import text

from app.domain.problems import FieldError, Unavailable
from app.store.database import Database
from app.web.answers import answer
from app.web.errors import Answer, answer_of, problem_response
from app.web.openapi import problems
from app.web.schemas.base import AnswerModel

Ready = Callable[[], Awaitable[bool]]
"""One thing that must be in order before requests are taken."""

PATIENCE_SECONDS = 2

log = structlog.get_logger("alur.health")
router = APIRouter(tags=["health"])


class Liveness(AnswerModel):
    status: str


class Readiness(AnswerModel):
    status: str
    checks: dict[str, str]


class Version(AnswerModel):
    name: str
    version: str


@router.get("/livez", response_model=Liveness, summary="Apakah proses ini hidup · Is this process alive")
async def get_liveness() -> Response:
    """Tanpa memeriksa apa pun di luar proses. Looks at nothing outside the process."""
    return answer(Liveness(status="alive"))


@router.get("/readyz", response_model=Readiness, responses=problems(503), summary="Siap menerima permintaan · Ready for requests")
async def get_readiness(request: Request) -> Response:
    """Basis data menjawab, migrasi mutakhir, penyimpanan dapat ditulis. The database answers, migrations are at head, storage can be written."""
    checks: Mapping[str, Ready] = request.app.state.readiness
    results = dict(zip(checks, await asyncio.gather(*(_holds(name, check) for name, check in checks.items())), strict=True))
    if all(results.values()):
        return answer(Readiness(status="ready", checks=dict.fromkeys(results, "ok")))
    errors = [_not_ready(name) for name, ready in results.items() if not ready]
    headers = answer_of(Unavailable(), request).headers
    return problem_response(request, Answer(503, "not_ready", errors=errors, headers=headers))


@router.get("/version", response_model=Version, summary="Versi · Version")
async def get_version(request: Request) -> Response:
    """Versi yang sedang berjalan. The version that is running."""
    return answer(Version(name=request.app.title, version=request.app.version))


def database_answers(database: Database) -> Ready:
    async def check() -> bool:
        async with database.read() as connection:
            await connection.execute(text("SELECT 1"))
        return True

    return check


async def _holds(name: str, check: Ready) -> bool:
    """Whatever goes wrong while looking is itself the answer; the reason goes into the log, not out of the door."""
    try:
        return await asyncio.wait_for(check(), PATIENCE_SECONDS)
    except Exception:
        log.warning("not ready", check=name, exc_info=True)
        return False


def _not_ready(name: str) -> FieldError:
    return FieldError(pointer=f"/checks/{name}", code=f"{name}_not_ready", id=f"{name} belum siap.", en=f"{name} is not ready.")
