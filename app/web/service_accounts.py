"""Service accounts over HTTP. Secrets ignore Idempotency-Key: a replayed answer would hand one out a second time."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.permissions import ADMIN, AUDITOR
from app.domain.retries import StoredAnswer
from app.store.service_accounts import list_service_accounts as find_page
from app.usecases import service_accounts as usecases
from app.usecases.acts import Act
from app.usecases.administering import as_admin, once
from app.web.acting import Acts, ActsAnew, Asks
from app.web.actor import CurrentActor
from app.web.answers import answer, freeze
from app.web.openapi import headed, problems, requires, tagged
from app.web.paging import Paging
from app.web.schemas.service_accounts import ClientSecretShown, NewServiceAccountRequest, ServiceAccountList, ServiceAccountShown
from app.web.session import Db, Now, act

router = APIRouter(prefix="/v1/service-accounts", tags=["people"])

ADMINS: dict[str, Any] = requires(ADMIN)
INSPECTORS: dict[str, Any] = requires(ADMIN, AUDITOR)


@router.get(
    "",
    response_model=ServiceAccountList,
    responses=problems(403, 404),
    openapi_extra=INSPECTORS,
    summary="Daftar akun layanan · Service accounts",
)
async def list_service_accounts(
    asks: Asks,
    paging: Paging,
    office: Annotated[str | None, Query(max_length=40, description="Yang membaca di kantor ini. Those that read at this office.")] = None,
    active: Annotated[bool | None, Query(description="Tidak dicabut dan belum berakhir. Neither revoked nor over.")] = None,
) -> Response:
    """Akun layanan di kantor yang Anda kelola atau periksa, yang lama dahulu. Oldest first; a secret is never shown again."""
    wanted = usecases.visible_to(asks.actor, office=office, is_open=active)
    after = paging.after(UUID)
    rows = await find_page(asks.connection, asks.now, wanted, after=after[0] if after else None, limit=paging.limit + 1)
    return paging.answer(ServiceAccountList, rows, key=lambda row: (row.id,), show=lambda row: ServiceAccountShown.of(row, asks.actor, asks.now))


@router.post(
    "",
    status_code=201,
    response_model=ServiceAccountShown,
    responses=problems(403, 404, 409) | headed(201, "ETag", "Location"),
    openapi_extra=ADMINS,
    summary="Buat akun layanan · Create a service account",
)
async def create_service_account(body: NewServiceAccountRequest, acts: ActsAnew) -> Response:
    """Perlu izin admin di setiap kantor yang disebut. Rahasianya diminta tersendiri (`POST …/secret`).

    Takes `admin` over every office named. A machine reads; it never performs a step, signs, initials, comments or administers.
    """
    new = body.asked()
    admin = usecases.administers(acts.actor, new.offices)

    async def work(act: Act) -> StoredAnswer:
        async def create() -> StoredAnswer:
            made = await usecases.create_service_account(act.connection, act.now, new, actor=admin)
            headers = {"Location": f"/v1/service-accounts/{made.id}"}
            return freeze(ServiceAccountShown.of(made, act.actor, act.now), status=201, version=made.version, headers=headers)

        return await once(act, create)

    return await acts.perform(work)


@router.get(
    "/{service_account_id}",
    response_model=ServiceAccountShown,
    responses=problems(404) | tagged(),
    openapi_extra=INSPECTORS,
    summary="Satu akun layanan · One service account",
)
async def get_service_account(service_account_id: UUID, asks: Asks) -> Response:
    """Untuk admin dan auditor kantornya. For those who administer or inspect one of its offices."""
    found = await usecases.visible(asks.connection, asks.actor, service_account_id)
    return answer(ServiceAccountShown.of(found, asks.actor, asks.now), version=found.version)


@router.post(
    "/{service_account_id}/secret",
    status_code=201,
    response_model=ClientSecretShown,
    responses=problems(403, 404, 409),
    openapi_extra=ADMINS,
    summary="Rahasia baru · A new secret",
)
async def issue_service_account_secret(service_account_id: UUID, actor: CurrentActor, database: Db, now: Now) -> Response:
    """Ditampilkan sekali ini saja; rahasia sebelumnya berakhir saat itu juga, beserta token-tokennya.

    Shown this once. The secret before ends at once, with its tokens. Who may: `admin` over every office where it reads.
    """

    async def work(connection: AsyncConnection) -> usecases.IssuedSecret:
        found = await usecases.to_administer(connection, actor, service_account_id)
        return await usecases.issue_secret(connection, now, found, actor=as_admin(actor, found.home))

    return answer(ClientSecretShown.of(await act(database, work)), status=201)


@router.post(
    "/{service_account_id}/revoke",
    response_model=ServiceAccountShown,
    responses=problems(403, 404, 409, 412) | tagged(),
    openapi_extra=ADMINS,
    summary="Cabut akun layanan · Revoke a service account",
)
async def revoke_service_account(service_account_id: UUID, acts: Acts) -> Response:
    """Permintaannya yang berikut sudah ditolak. Its very next request is refused; it cannot be given a secret again."""

    async def work(act: Act) -> StoredAnswer:
        async def revoke() -> StoredAnswer:
            found = await usecases.to_administer(act.connection, act.actor, service_account_id)
            act.expected.check(found.version)
            revoked = await usecases.revoke_service_account(act.connection, act.now, found, actor=as_admin(act.actor, found.home))
            return freeze(ServiceAccountShown.of(revoked, act.actor, act.now), version=revoked.version)

        return await once(act, revoke)

    return await acts.perform(work)
