"""How an account gets in, as its administrator sees to it: one-time secrets, second factors, sessions.

A secret ignores Idempotency-Key: a replayed answer would hand it out a second time.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.people import Actor
from app.domain.retries import StoredAnswer
from app.store.database import Database
from app.store.sessions import living_sessions
from app.usecases import accounts as usecases
from app.usecases import credentials
from app.usecases.acts import Act
from app.usecases.administering import as_admin
from app.usecases.directory import PersonView
from app.usecases.entries import ActorData
from app.web.acting import Acts, Asks
from app.web.actor import CurrentActor, Terms
from app.web.answers import answer, freeze
from app.web.openapi import problems, requires, tagged
from app.web.paging import Paging
from app.web.schemas.accounts import AccountShown, OneTimeSecretShown
from app.web.schemas.me import SessionList, SessionShown
from app.web.session import Db, Now, act

router = APIRouter(prefix="/v1/accounts/{account_id}", tags=["sessions"])
WHO = "Who may: `admin` over the account's home office and over every office where it holds something; nobody for themselves."
NO_STORE = {"Cache-Control": "no-store"}
T = TypeVar("T")


@router.post(
    "/password-reset",
    response_model=OneTimeSecretShown,
    responses=problems(403, 404, 409),
    openapi_extra=requires("admin"),
    summary="Rahasia sekali pakai · A one-time secret",
    description=(
        "Serahkan langsung kepada orangnya; dengan itu ia menetapkan kata sandi sendiri (`POST /v1/auth/password-resets`). Hand it over in person."
        " The password before works until then. The secret is good for 24 hours, for as long as you administer all that the account holds, and"
        f" until the account moves to another office, is closed, or has its second factor removed.\n\n{WHO}"
    ),
)
async def issue_password_reset(account_id: UUID, actor: CurrentActor, database: Db, now: Now, terms: Terms) -> Response:
    async def work(connection: AsyncConnection) -> credentials.OneTimeSecret:
        found = await usecases.to_reset(connection, actor, account_id, now=now, demo=terms.demo)
        return await credentials.issue_reset(connection, now, account_id, actor=as_admin(actor, found.person.office))

    return answer(OneTimeSecretShown.of(await act(database, work)), headers=NO_STORE)


@router.post(
    "/second-factor-removal",
    response_model=AccountShown,
    responses=problems(403, 404, 409) | tagged(),
    openapi_extra=requires("admin"),
    summary="Lepas faktor kedua · Remove the second factor",
    description="Untuk telepon yang hilang; semua sesi dan langganan kalendernya berakhir. For a lost telephone; all its sessions and calendar"
    f" feeds end.\n\n{WHO}",
)
async def remove_account_second_factor(account_id: UUID, acts: Acts, terms: Terms) -> Response:
    def show(view: PersonView) -> StoredAnswer:
        return freeze(AccountShown.of(view), version=view.person.version)

    async def work(act: Act) -> StoredAnswer:
        return await usecases.remove_factor(act, account_id, demo=terms.demo, show=show)

    return await acts.perform(work)


@router.get(
    "/sessions",
    response_model=SessionList,
    responses=problems(403),
    openapi_extra=requires("admin"),
    summary="Sesi akun · An account's sessions",
    description=f"Yang masih terbuka. Those still open.\n\n{WHO}",
)
async def list_account_sessions(account_id: UUID, asks: Asks, terms: Terms, paging: Paging) -> Response:
    await usecases.to_administer(asks.connection, asks.actor, account_id, now=asks.now, demo=terms.demo)
    after = paging.after(datetime, UUID)
    found = await living_sessions(asks.connection, asks.now, account_id, idle=terms.idle, after=after, limit=paging.limit + 1)
    return paging.answer(
        SessionList, found, key=lambda session: (session.created_at, session.id), show=lambda session: SessionShown.of(session, current=None)
    )


@router.delete(
    "/sessions",
    status_code=204,
    responses=problems(403, 409),
    openapi_extra=requires("admin"),
    summary="Akhiri semua sesinya · End all its sessions",
    description="Permintaan berikutnya ditolak (401); langganan kalendernya berakhir juga. Its next request is nobody's, and its calendar feeds end"
    f" too. For a person of another issuer: all tokens issued until now"
    f" are refused; who stays signed in there comes in again with the next one (close the account to lock them out).\n\n{WHO}",
)
async def end_account_sessions(account_id: UUID, actor: CurrentActor, database: Db, now: Now, terms: Terms) -> Response:
    async def work(connection: AsyncConnection, admin: ActorData) -> int:
        return await credentials.end_sessions(connection, now, account_id, actor=admin)

    await _administer(database, actor, account_id, work, now=now, demo=terms.demo)
    return Response(status_code=204)


@router.delete(
    "/sessions/{session_id}",
    status_code=204,
    responses=problems(403, 409),
    openapi_extra=requires("admin"),
    summary="Akhiri satu sesinya · End one of its sessions",
    description=f"404 bila sesi itu bukan miliknya atau sudah berakhir. 404 where it is none of its open ones.\n\n{WHO}",
)
async def end_account_session(account_id: UUID, session_id: UUID, actor: CurrentActor, database: Db, now: Now, terms: Terms) -> Response:
    async def work(connection: AsyncConnection, admin: ActorData) -> int:
        return await credentials.end_sessions(connection, now, account_id, actor=admin, session_id=session_id)

    await _administer(database, actor, account_id, work, now=now, demo=terms.demo)
    return Response(status_code=204)


async def _administer(
    database: Database,
    actor: Actor,
    account_id: UUID,
    work: Callable[[AsyncConnection, ActorData], Awaitable[T]],
    *,
    now: datetime,
    demo: bool,
) -> T:
    """Raises NotVisible, Refused."""

    async def judged(connection: AsyncConnection) -> T:
        found = await usecases.to_administer(connection, actor, account_id, now=now, demo=demo)
        return await work(connection, as_admin(actor, found.person.office))

    return await act(database, judged)
