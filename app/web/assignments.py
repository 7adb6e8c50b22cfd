"""Assignments over HTTP: who holds what at which office, from when to when."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response

from app.domain.advice import Advice
from app.domain.retries import StoredAnswer
from app.store.directory import AssignmentFilter
from app.usecases import assignments as usecases
from app.usecases import directory
from app.usecases.acts import Act
from app.usecases.directory import AssignmentView
from app.web.acting import Acts, ActsAnew, Amends, Asks, readers
from app.web.actor import Terms
from app.web.answers import answer, freeze
from app.web.instances import OfficeFilter
from app.web.openapi import headed, problems, requires, tagged
from app.web.paging import Paging
from app.web.schemas.assignments import AssignmentAmendment, AssignmentEntered, AssignmentList, AssignmentShown, NewAssignment, Revocation
from app.web.schemas.base import Day

router = APIRouter(prefix="/v1/assignments", tags=["people"])
READERS = readers("people:read")
RoleFilter = Annotated[str | None, Query(max_length=63, description="Peran atau izin. A role or permission.", examples=["camat"])]


@router.get("", response_model=AssignmentList, responses=problems(404), openapi_extra=READERS, summary="Daftar penugasan · Assignments")
async def list_assignments(
    asks: Asks,
    terms: Terms,
    paging: Paging,
    office: OfficeFilter = None,
    account: Annotated[UUID | None, Query(description="Akun pemegangnya. The holder's account.")] = None,
    role: RoleFilter = None,
    valid_on: Annotated[Day | None, Query(description="Berlaku pada hari itu. In force on that day.", examples=["2026-11-23"])] = None,
    include_revoked: Annotated[bool, Query(description="Termasuk yang dicabut. Revoked ones too.")] = False,
) -> Response:
    """Penugasan di kantor yang Anda lihat, yang terakhir diberikan dahulu, termasuk yang sudah lewat. Past and future ones too."""
    wanted = AssignmentFilter(office, account, role, valid_on, include_revoked)
    after = paging.after(UUID)
    views = await directory.list_assignments(
        asks.connection, asks.actor, wanted, now=asks.now, demo=terms.demo, after=after[0] if after else None, limit=paging.limit + 1
    )
    return paging.answer(AssignmentList, views, key=lambda view: (view.line.id,), show=AssignmentShown.of)


@router.get("/{assignment_id}", response_model=AssignmentShown, responses=tagged(), openapi_extra=READERS, summary="Satu penugasan · One assignment")
async def get_assignment(assignment_id: UUID, asks: Asks, terms: Terms) -> Response:
    """Termasuk yang sudah berakhir atau dicabut. Also one that is over or revoked."""
    view = await directory.view_assignment(asks.connection, asks.actor, assignment_id, now=asks.now, demo=terms.demo)
    return answer(AssignmentShown.of(view), version=view.line.version)


@router.post(
    "",
    status_code=201,
    response_model=AssignmentEntered,
    responses=problems(403, 404, 409) | headed(201, "ETag", "Location"),
    openapi_extra=requires("admin"),
    summary="Beri jabatan atau izin · Give a position or permission",
)
async def create_assignment(body: NewAssignment, acts: ActsAnew, terms: Terms) -> Response:
    """Plh. atau Plt. berlaku dan berakhir menurut tanggalnya sendiri. Peran baru ikut dalam token pada penyegaran berikutnya.

    Who may: `admin` over that office, for anybody but themselves; a role that no published procedure names (GET /v1/roles) only an `admin` of
    `ID` (422 `unknown_role`). Two definitive holders of one `single_holder` role at once are refused
    (409 `role_already_held`). `warnings` say what is odd and given all the same: `acting_without_end`, `plt_over_three_months`,
    `plt_over_six_months`, `plh_over_three_months`, `also_held`, `instrument_missing`, `unknown_role`, `holder_is_admin`.
    """

    def show(view: AssignmentView, warnings: tuple[Advice, ...]) -> StoredAnswer:
        entered = AssignmentEntered.with_warnings(view, warnings, acts.language)
        return freeze(entered, status=201, version=view.line.version, headers={"Location": f"/v1/assignments/{view.line.id}"})

    async def work(act: Act) -> StoredAnswer:
        return await usecases.enter_assignment(act, body.whom, body.position(), demo=terms.demo, show=show)

    return await acts.perform(work)


@router.patch(
    "/{assignment_id}",
    response_model=AssignmentEntered,
    responses=problems(403, 404, 409) | tagged(),
    openapi_extra=requires("admin"),
    summary="Ubah hari terakhir atau surat · Change the last day or the letter",
)
async def change_assignment(assignment_id: UUID, body: AssignmentAmendment, acts: Amends, terms: Terms) -> Response:
    """Misalnya Plh. yang berakhir lebih cepat. Hari yang sudah lewat tidak ditulis ulang.

    The last day is yesterday at the earliest (then it ends at once), and what was over before yesterday is not prolonged (409
    `assignment_over`). The rules and warnings are those of giving it.
    """

    def show(view: AssignmentView, warnings: tuple[Advice, ...]) -> StoredAnswer:
        return freeze(AssignmentEntered.with_warnings(view, warnings, acts.language), version=view.line.version)

    async def work(act: Act) -> StoredAnswer:
        return await usecases.amend_assignment(act, assignment_id, body.as_change(), demo=terms.demo, show=show)

    return await acts.perform(work)


@router.post(
    "/{assignment_id}/revoke",
    response_model=AssignmentShown,
    responses=problems(403, 404, 409) | tagged(),
    openapi_extra=requires("admin"),
    summary="Cabut sekarang juga · Revoke at once",
)
async def revoke_assignment(assignment_id: UUID, acts: Acts, terms: Terms, body: Revocation | None = None) -> Response:
    """Permintaan pemegangnya yang berikut sudah tanpa jabatan itu. The holder's next request is made without it."""

    def show(view: AssignmentView, _: tuple[Advice, ...]) -> StoredAnswer:
        return freeze(AssignmentShown.of(view), version=view.line.version)

    async def work(act: Act) -> StoredAnswer:
        return await usecases.revoke_assignment(act, assignment_id, reason=None if body is None else body.reason, demo=terms.demo, show=show)

    return await acts.perform(work)
