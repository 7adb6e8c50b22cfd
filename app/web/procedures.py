"""Procedures over HTTP: the catalog, one version, a check that saves nothing, and publishing."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import Response

from app.domain.procedure_checks import check
from app.domain.retries import StoredAnswer
from app.store.procedures import list_latest
from app.usecases import procedures as usecases
from app.usecases.acts import Act
from app.web.acting import Acts, Asks
from app.web.answers import answer, freeze
from app.web.openapi import headed, problems, requires, tagged
from app.web.paging import Paging
from app.web.schemas.procedure_drafts import DraftBody
from app.web.schemas.procedures import ProcedureList, ProcedureProblemShown, ProcedureShown, ProcedureSummary, ProcedureVerdict

router = APIRouter(prefix="/v1/procedures", tags=["procedures"])

SIGNED_IN = requires("signed_in", scope="procedures:read")
"""Procedures are the same for every office, and no secret among those who work with them."""

_SAME_TEXT: dict[str, Any] = {"model": ProcedureShown, "description": "Naskah ini sudah terbit. This text stood there before."}

KeyInPath = Annotated[str, Path(pattern=r"^[a-z0-9-]+$", max_length=80, examples=["pengumpulan-data-kinerja"])]
VersionInPath = Annotated[int, Path(ge=1, le=2**31 - 1, examples=[1])]


@router.get("", response_model=ProcedureList, openapi_extra=SIGNED_IN, summary="Daftar prosedur · Procedures")
async def list_procedures(asks: Asks, paging: Paging) -> Response:
    """Versi terakhir setiap prosedur, menurut kuncinya. The latest version of each, by key."""
    after = paging.after(str)
    lines = await list_latest(asks.connection, after[0] if after else None, paging.limit + 1)
    return paging.answer(ProcedureList, lines, key=lambda line: (line.key,), show=ProcedureSummary.of)


@router.get("/{key}", response_model=ProcedureShown, responses=tagged(), openapi_extra=SIGNED_IN, summary="Versi terakhir · The latest version")
async def get_procedure(key: KeyInPath, asks: Asks) -> Response:
    """Seluruh SOP sebagai data: blok identitas, pelaksana, langkah, mutu baku. The whole SOP as data."""
    return _shown(await usecases.view_procedure(asks.connection, key))


@router.get(
    "/{key}/versions/{version}", response_model=ProcedureShown, responses=tagged(), openapi_extra=SIGNED_IN, summary="Satu versi · One version"
)
async def get_procedure_version(key: KeyInPath, version: VersionInPath, asks: Asks) -> Response:
    """Versi yang sudah terbit tidak pernah berubah. A published version never changes; an instance keeps the one it started with."""
    return _shown(await usecases.view_procedure(asks.connection, key, version))


@router.post("/check", response_model=ProcedureVerdict, openapi_extra=SIGNED_IN, summary="Periksa rancangan · Check a draft")
async def check_procedure(body: DraftBody, asks: Asks) -> Response:
    """Semua masalah sekaligus beserta tempatnya; tidak menyimpan apa pun.

    Every problem at once, each with its place (a JSON pointer) and a stable code. Mistakes of form come first; once the form is sound,
    everything that is wrong with its meaning.
    """
    found = [ProcedureProblemShown.of(problem, asks.language) for problem in check(body)]
    return answer(ProcedureVerdict(ok=not found, problems=found))


@router.post(
    "",
    status_code=201,
    response_model=ProcedureShown,
    responses=problems(403, 409) | headed(201, "ETag", "Location") | {200: _SAME_TEXT | headed(200, "ETag", "Location")[200]},
    openapi_extra=requires("admin"),
    summary="Terbitkan versi baru · Publish a new version",
)
async def publish_procedure(body: DraftBody, acts: Acts) -> Response:
    """201 dengan versi baru; 200 bila naskahnya sama dengan versi terakhir. Yang sedang berjalan tetap memakai versinya.

    Who may: `admin` of the national office (`ID`), because a procedure serves every office; nobody publishes for the others. 422
    `procedure_rejected` lists every problem, as `POST /v1/procedures/check` does. `If-Match` names the latest version that you know.
    """
    procedure = usecases.publishable(acts.actor, body)

    def show(view: usecases.ProcedureView, published: usecases.Published) -> StoredAnswer:
        headers = {"Location": f"/v1/procedures/{published.key}/versions/{published.version}"}
        return freeze(ProcedureShown.showing(view), status=201 if published.created else 200, version=published.version, headers=headers)

    async def work(act: Act) -> StoredAnswer:
        return await usecases.publish_procedure(act, procedure, show)

    return await acts.perform(work)


def _shown(view: usecases.ProcedureView) -> Response:
    return answer(ProcedureShown.showing(view), version=view.published.version)
