"""Offices over HTTP: the tree that a caller sees, new offices, names, and moves under another parent."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from app.domain.names import name_mistakes
from app.domain.offices import office_mistakes
from app.domain.problems import NotVisible
from app.domain.retries import StoredAnswer
from app.store import offices as store
from app.store.offices import KnownOffice
from app.usecases import offices as usecases
from app.usecases.acts import Act
from app.usecases.entries import check
from app.web.acting import Acting, Acts, ActsAnew, Amends, Asks, readers
from app.web.answers import answer, freeze
from app.web.clock import wake
from app.web.openapi import headed, problems, requires, tagged
from app.web.paging import Paging
from app.web.schemas.offices import OfficeCreation, OfficeList, OfficeMove, OfficeRenaming, OfficeShown, OfficeSummary

router = APIRouter(prefix="/v1/offices", tags=["people"])
READERS = readers("people:read")

OfficeInPath = Annotated[str, Path(max_length=40, description="Kode kantor. The office's region code.", examples=["64.02.13"])]


@router.get("", response_model=OfficeList, responses=problems(404), openapi_extra=READERS, summary="Daftar kantor · Offices")
async def list_offices(
    asks: Asks,
    paging: Paging,
    parent: Annotated[
        str | None, Query(max_length=40, description="Tepat di bawah kantor ini. Directly below this office.", examples=["64.02"])
    ] = None,
    q: Annotated[str | None, Query(max_length=200, description="Kata dalam nama atau kode. Words in the name or the code.")] = None,
) -> Response:
    """Semua kantor yang boleh Anda lihat, menurut kodenya: tempat Anda memegang jabatan atau izin, dan semua di bawahnya sekarang.

    By code: where you hold a position or a permission, and all below. 404 for a `parent` that you cannot see.
    """
    if parent is not None and not asks.actor.sees(parent):
        raise NotVisible
    after = paging.after(str)
    held_at = {holding.office for holding in asks.actor.holdings}
    lines = await store.list_offices(
        asks.connection, held_at, asks.now, parent=parent, words=q, after=after[0] if after else None, limit=paging.limit + 1
    )
    return paging.answer(OfficeList, lines, key=lambda line: (line.code,), show=OfficeSummary.of)


@router.post(
    "",
    status_code=201,
    response_model=OfficeShown,
    responses=problems(403, 404, 409) | headed(201, "ETag", "Location"),
    openapi_extra=requires("admin"),
    summary="Tambah kantor · Add an office",
)
async def create_office(body: OfficeCreation, acts: ActsAnew) -> Response:
    """Kantor baru di bawah kantor yang ada. Who may: `admin` of the parent, or of an office above it.

    404 for a parent that you cannot see; 422 `office_exists` when the code is taken, in whichever letters. The code begins with the parent's
    and a full stop (422 `not_below_parent`), except where an `admin` of `ID` gives it. `time_zone` is a place (Asia/Makassar), or UTC.
    """
    office = body.asked()
    check(office_mistakes(office))

    def show(found: KnownOffice) -> StoredAnswer:
        return _frozen(found, acts, status=201)

    async def work(act: Act) -> StoredAnswer:
        return await usecases.create_office(act, office, show)

    return await acts.perform(work)


@router.get(
    "/{office_code}",
    response_model=OfficeShown,
    responses=problems(404) | tagged(),
    openapi_extra=READERS,
    summary="Satu kantor · One office",
)
async def get_office(office_code: OfficeInPath, asks: Asks) -> Response:
    """Beserta semua kantor atasannya menurut waktu, juga yang akan datang. With all its parents in time, also those to come."""
    found = await usecases.view_office(asks.connection, asks.actor, office_code, asks.now)
    return answer(OfficeShown.of(found, asks.now), version=found.version)


@router.patch(
    "/{office_code}",
    response_model=OfficeShown,
    responses=problems(403, 404, 409) | tagged(),
    openapi_extra=requires("admin"),
    summary="Ganti nama kantor · Rename an office",
)
async def rename_office(office_code: OfficeInPath, body: OfficeRenaming, amends: Amends) -> Response:
    """Kodenya tetap. The code stays. Who may: `admin` of the office, or of an office above it."""
    check(name_mistakes(body.name))

    def show(found: KnownOffice) -> StoredAnswer:
        return _frozen(found, amends, status=200)

    async def work(act: Act) -> StoredAnswer:
        return await usecases.rename_office(act, office_code, body.name, show)

    return await amends.perform(work)


@router.post(
    "/{office_code}/parents",
    status_code=201,
    response_model=OfficeShown,
    responses=problems(403, 404, 409, 412) | headed(201, "ETag", "Location"),
    openapi_extra=requires("admin"),
    summary="Pindahkan kantor · Move an office",
)
async def move_office(office_code: OfficeInPath, body: OfficeMove, acts: Acts) -> Response:
    """Kantor ini berada di bawah kantor atasan lain sejak awal hari `valid_from`, di zona waktunya sendiri; berlaku dengan sendirinya.

    It takes effect by itself at midnight, for what people may see and for the calendars that are inherited. Who may: `admin` of the office,
    of the parent that it leaves and of the one that it comes under. The day is today at the earliest, and within ten years (409 and
    422 say what speaks against it); the last move that is still to come can be replaced on its own day, and undone by naming the parent before it.
    """
    move = body.asked(office_code)

    def show(found: KnownOffice) -> StoredAnswer:
        return _frozen(found, acts, status=201)

    async def work(act: Act) -> StoredAnswer:
        return await usecases.move_office(act, move, show)

    moved = await acts.perform(work)
    wake(acts.request)
    return moved


def _frozen(found: KnownOffice, acting: Acting, *, status: int) -> StoredAnswer:
    headers = {"Location": f"/v1/offices/{found.code}"} if status == 201 else None
    return freeze(OfficeShown.of(found, acting.now), status=status, version=found.version, headers=headers)
