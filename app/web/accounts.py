"""Accounts over HTTP: the people of an office, and their administration."""

from typing import Annotated
from uuid import UUID

import structlog
from fastapi import APIRouter, Query
from fastapi.responses import Response

from app.domain.accounts import NewAccount
from app.domain.nip import nip_warnings
from app.domain.retries import StoredAnswer
from app.store.directory import PeopleFilter
from app.usecases import accounts as usecases
from app.usecases import directory
from app.usecases.acts import Act
from app.usecases.directory import PersonView
from app.web.acting import Acts, ActsAnew, Amends, Asks, readers
from app.web.actor import Terms
from app.web.answers import answer, freeze
from app.web.assignments import RoleFilter
from app.web.instances import OfficeFilter
from app.web.openapi import headed, problems, requires, tagged
from app.web.paging import Paging
from app.web.schemas.accounts import (
    WITHOUT_PASSWORD,
    AccountAmendment,
    AccountEntered,
    AccountList,
    AccountShown,
    Closing,
    NewAccountRequest,
    NipShown,
)

log = structlog.get_logger("alur.accounts")
router = APIRouter(prefix="/v1/accounts", tags=["people"])
READERS = readers("people:read")
ACTIVE = (
    "Terbuka atau ditutup; bawaan: keduanya, tetapi dengan role hanya yang terbuka."
    " Open or closed; both when not given, but with `role` only open ones."
)
ADMIN_OF_ALL = "Who may: `admin` over the account's home office and over every office where it holds something; nobody for themselves."


@router.get("", response_model=AccountList, responses=problems(404), openapi_extra=READERS, summary="Daftar orang · People")
async def list_accounts(
    asks: Asks,
    terms: Terms,
    paging: Paging,
    office: OfficeFilter = None,
    role: RoleFilter = None,
    q: Annotated[str | None, Query(min_length=1, max_length=200, description="Dalam nama atau nama pengguna. In name or username.")] = None,
    active: Annotated[bool | None, Query(description=ACTIVE)] = None,
) -> Response:
    """Orang di kantor yang Anda lihat, menurut nama pengguna.

    With `role`: who holds it today, open accounts alone unless `active=false` asks for the closed ones (`?office=64.02.13&role=pegawai` are
    those of whom a team can be formed); with `office` alone: who is at home there, or holds something there now or later. Machines are
    listed at `/v1/service-accounts`.
    """
    wanted = PeopleFilter(office, role, q, True if role is not None and active is None else active)
    after = paging.after(str)
    views = await directory.list_people(
        asks.connection, asks.actor, wanted, now=asks.now, demo=terms.demo, after=after[0] if after else None, limit=paging.limit + 1
    )
    return paging.answer(AccountList, views, key=lambda view: (view.person.username,), show=AccountShown.of)


@router.get("/{account_id}", response_model=AccountShown, responses=tagged(), openapi_extra=READERS, summary="Satu orang · One person")
async def get_account(account_id: UUID, asks: Asks, terms: Terms) -> Response:
    """Nama dan jabatannya; selebihnya hanya untuk orangnya, admin, dan auditor. Name and positions; the rest is null for others."""
    view = await directory.view_person(asks.connection, asks.actor, account_id, now=asks.now, demo=terms.demo)
    return answer(AccountShown.of(view), version=view.person.version)


@router.get(
    "/{account_id}/nip", response_model=NipShown, responses=problems(403), openapi_extra=requires("admin"), summary="NIP lengkap · The whole NIP"
)
async def get_account_nip(account_id: UUID, asks: Asks, terms: Terms) -> Response:
    """Untuk orangnya sendiri dan `admin` atas akun ini. It tells a date of birth: each look stands in the access log."""
    nip = await usecases.nip_of(asks.connection, asks.actor, account_id, now=asks.now, demo=terms.demo)
    log.info("nip read", of=str(account_id))
    return answer(NipShown(nip=nip), headers={"Cache-Control": "no-store"})


@router.post(
    "",
    status_code=201,
    response_model=AccountEntered,
    responses=problems(403, 404, 409) | headed(201, "ETag", "Location"),
    openapi_extra=requires("admin"),
    summary="Buat akun · Create an account",
)
async def create_account(body: NewAccountRequest, acts: ActsAnew, terms: Terms) -> Response:
    """Belum memiliki kata sandi, dan belum memegang apa pun.

    Then `POST /v1/accounts/{account_id}/password-reset` gives a one-time secret for its person, and `POST /v1/assignments` its positions.
    Who may: `admin` over the home office. `warnings` say what is odd about a NIP.
    """
    new = NewAccount(body.username, body.name, body.office, nip=body.nip)

    def show(view: PersonView) -> StoredAnswer:
        warnings = (*(nip_warnings(body.nip) if body.nip else ()), WITHOUT_PASSWORD)
        entered = AccountEntered.with_warnings(view, warnings, acts.language)
        return freeze(entered, status=201, version=view.person.version, headers={"Location": f"/v1/accounts/{view.person.id}"})

    async def work(act: Act) -> StoredAnswer:
        return await usecases.enter_account(act, new, demo=terms.demo, show=show)

    return await acts.perform(work)


@router.patch(
    "/{account_id}",
    response_model=AccountEntered,
    responses=problems(403, 404, 409) | tagged(),
    openapi_extra=requires("admin"),
    summary="Ubah nama, NIP, atau kantor · Change name, NIP or office",
    description=f"Yang tidak disebut tetap. What is not named stays.\n\n{ADMIN_OF_ALL} A new home office must be within that reach too.",
)
async def change_account(account_id: UUID, body: AccountAmendment, acts: Amends, terms: Terms) -> Response:
    def show(view: PersonView) -> StoredAnswer:
        warnings = nip_warnings(body.nip) if body.nip else ()
        return freeze(AccountEntered.with_warnings(view, warnings, acts.language), version=view.person.version)

    async def work(act: Act) -> StoredAnswer:
        return await usecases.amend_account(act, account_id, body.as_change(), demo=terms.demo, show=show)

    return await acts.perform(work)


@router.post(
    "/{account_id}/close",
    response_model=AccountShown,
    responses=problems(403, 404, 409) | tagged(),
    openapi_extra=requires("admin"),
    summary="Tutup akun · Close an account",
    description="Semua sesi dan langganan kalendernya berakhir saat itu juga. Its sessions and calendar feeds end at once; what it holds stays on"
    f" record and gives nothing.\n\n{ADMIN_OF_ALL}",
)
async def close_account(account_id: UUID, acts: Acts, terms: Terms, body: Closing | None = None) -> Response:
    async def work(act: Act) -> StoredAnswer:
        return await usecases.close_account(act, account_id, reason=None if body is None else body.reason, demo=terms.demo, show=_frozen)

    return await acts.perform(work)


@router.post(
    "/{account_id}/reopen",
    response_model=AccountShown,
    responses=problems(403, 404, 409) | tagged(),
    openapi_extra=requires("admin"),
    summary="Buka kembali · Reopen an account",
    description=f"Yang masih berlaku memberi wewenang lagi. What it still holds gives its authority again.\n\n{ADMIN_OF_ALL}",
)
async def reopen_account(account_id: UUID, acts: Acts, terms: Terms) -> Response:
    async def work(act: Act) -> StoredAnswer:
        return await usecases.reopen_account(act, account_id, demo=terms.demo, show=_frozen)

    return await acts.perform(work)


def _frozen(view: PersonView) -> StoredAnswer:
    return freeze(AccountShown.of(view), version=view.person.version)
