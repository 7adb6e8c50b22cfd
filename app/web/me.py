"""Oneself over HTTP: who am I, my password, my second factor, my sessions.

Open also to who has not passed the second factor that a position needs: here it is enrolled. What changes how an account is secured asks
for the password or a code again, counts failures by session, and ignores Idempotency-Key: a replay would hand out secrets twice.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.people import Actor
from app.domain.problems import NotVisible, Refused
from app.domain.refusals import Refusal
from app.outside.passwords import hash_password
from app.store import sessions
from app.usecases import credentials, second_factor
from app.usecases.me import view_me
from app.usecases.second_factor import Enrolment
from app.web.actor import AnyCaller, CurrentPerson, Terms
from app.web.addresses import Address
from app.web.answers import answer
from app.web.openapi import problems, requires
from app.web.paging import Paging
from app.web.proofs import recorded
from app.web.schemas.me import CodeProof, EnrolmentShown, MeShown, PasswordChange, PasswordProof, RecoveryCodes, SessionList, SessionShown
from app.web.session import Db, Now, Reading, act
from app.web.tries import counted_again, no_failure

router = APIRouter(prefix="/v1/me", tags=["me"])

ONESELF = requires("signed_in")


async def _owner(actor: CurrentPerson) -> Actor:
    if actor.session_id is None:
        raise Refused([Refusal("account_of_issuer")])
    return actor


Owner = Annotated[Actor, Depends(_owner)]
"""Who signs in here: people of another issuer have their password and their second factor there."""


@router.get("", response_model=MeShown, summary="Siapa saya · Who am I", openapi_extra=ONESELF)
async def get_me(actor: AnyCaller, connection: Reading, now: Now, terms: Terms) -> Response:
    """Jabatan dan izin yang berlaku sekarang: yang disebut token dan masih ditugaskan. `waiting`: yang belum disebut token, dan apa sebabnya.

    The positions and permissions that hold now: named by the token and still assigned. `waiting` is what the token does not name yet, and why.
    """
    return answer(MeShown.of(await view_me(connection, actor, now, required=terms.second_factor)))


@router.post("/password", status_code=204, responses=problems(403, 409, 429), summary="Ganti kata sandi · Change the password", openapi_extra=ONESELF)
async def change_password(body: PasswordChange, actor: Owner, database: Db, now: Now, address: Address) -> Response:
    """Sesi lain akun ini berakhir. Sedikitnya 12 karakter; kata sandi yang umum dan yang berisi nama sendiri ditolak.

    The account's other sessions end. 12 characters or more; common ones are refused, and those made of one's own names.
    """
    async with database.read() as connection:
        found = await credentials.own_credentials(connection, actor)
    with recorded("password_change", account=actor.account_id, address=address):
        tried = await counted_again(database, now, actor, "password")
        async with no_failure(database, now, tried):
            await credentials.prove_password(found, body.current_password)
            await credentials.check_new_password(body.new_password, about=found.about)
            credentials.check_changed(body.new_password, before=body.current_password)
            password_hash = await hash_password(body.new_password)

        async def work(connection: AsyncConnection) -> None:
            await credentials.change_password(connection, now, found, actor=actor, password_hash=password_hash, tried=tried)

        await act(database, work)
    return Response(status_code=204)


@router.get("/sessions", response_model=SessionList, responses=problems(403), summary="Sesi saya · My sessions", openapi_extra=ONESELF)
async def list_my_sessions(actor: CurrentPerson, connection: Reading, now: Now, terms: Terms, paging: Paging) -> Response:
    """Sesi akun ini yang masih terbuka. This account's open sessions; what looks foreign is best ended, and the password changed."""
    after = paging.after(datetime, UUID)
    found = await sessions.living_sessions(connection, now, actor.account_id, idle=terms.idle, after=after, limit=paging.limit + 1)
    return paging.answer(SessionList, found, key=lambda s: (s.created_at, s.id), show=lambda s: SessionShown.of(s, current=actor.session_id))


@router.delete("/sessions/{session_id}", status_code=204, responses=problems(403), summary="Akhiri sesi · End a session", openapi_extra=ONESELF)
async def end_my_session(session_id: UUID, actor: CurrentPerson, database: Db, now: Now) -> Response:
    """Berakhir saat itu juga, beserta semua tokennya. It ends at once, and with it all of its tokens."""

    async def work(connection: AsyncConnection) -> bool:
        return await sessions.revoke_one_of(connection, now, actor.account_id, session_id)

    if not await act(database, work):
        raise NotVisible
    return Response(status_code=204)


@router.post(
    "/second-factor",
    response_model=EnrolmentShown,
    responses=problems(403, 409, 429),
    summary="Pasang faktor kedua · Enrol a second factor",
    openapi_extra=ONESELF,
)
async def begin_second_factor(body: PasswordProof, actor: Owner, database: Db, now: Now, terms: Terms, address: Address) -> Response:
    """Masukkan rahasianya ke aplikasi autentikator (TOTP), lalu kirim kodenya ke …/confirmation. Sebelum itu tidak ada yang berubah.

    Enter the secret into an authenticator (TOTP), then send its code to …/confirmation. Nothing changes before that.
    """
    async with database.read() as connection:
        found = await credentials.own_credentials(connection, actor)
    with recorded("second_factor_enrolment", account=actor.account_id, address=address):
        tried = await counted_again(database, now, actor, "password")
        async with no_failure(database, now, tried):
            await credentials.prove_password(found, body.password)

        async def work(connection: AsyncConnection) -> Enrolment:
            return await second_factor.begin_enrolment(connection, now, found, seal=terms.seal, tried=tried)

        done = await act(database, work)
    return answer(EnrolmentShown.of(done))


@router.post(
    "/second-factor/confirmation",
    response_model=RecoveryCodes,
    responses=problems(403, 409, 429),
    summary="Konfirmasi faktor kedua · Confirm the second factor",
    openapi_extra=ONESELF,
)
async def confirm_second_factor(body: CodeProof, actor: Owner, database: Db, now: Now, terms: Terms, address: Address) -> Response:
    """Sejak ini masuk memerlukan kode. Sesi lain berakhir; segarkan token untuk memperoleh jabatan yang memerlukan faktor kedua.

    From now on signing in takes a code. Other sessions end; refresh the token to get the positions that need a second factor.
    """
    with recorded("second_factor_confirmation", account=actor.account_id, address=address):
        tried = await counted_again(database, now, actor, "code")

        async def work(connection: AsyncConnection) -> list[str]:
            return await second_factor.confirm_enrolment(connection, now, actor, code=body.code, seal=terms.seal, tried=tried)

        done = await act(database, work)
    return answer(RecoveryCodes(recovery_codes=done))


@router.post(
    "/second-factor/recovery-codes",
    response_model=RecoveryCodes,
    responses=problems(403, 409, 429),
    summary="Kode pemulihan baru · New recovery codes",
    openapi_extra=ONESELF,
)
async def renew_recovery_codes(body: CodeProof, actor: Owner, database: Db, now: Now, terms: Terms, address: Address) -> Response:
    """Kode pemulihan yang lama tidak berlaku lagi. The ones before are void."""
    with recorded("recovery_codes_renewal", account=actor.account_id, address=address):
        tried = await counted_again(database, now, actor, "code")

        async def work(connection: AsyncConnection) -> list[str]:
            return await second_factor.renew_recovery_codes(connection, now, actor, code=body.code, seal=terms.seal, tried=tried)

        done = await act(database, work)
    return answer(RecoveryCodes(recovery_codes=done))


@router.post(
    "/second-factor/removal",
    status_code=204,
    responses=problems(403, 409, 429),
    summary="Lepas faktor kedua · Remove the second factor",
    openapi_extra=ONESELF,
)
async def remove_second_factor(body: CodeProof, actor: Owner, database: Db, now: Now, terms: Terms, address: Address) -> Response:
    """Ditolak selama ada jabatan yang memerlukannya (409 `second_factor_needed`). Refused while a position that is held needs it."""
    async with database.read() as connection:
        await second_factor.refuse_while_needed(connection, now, actor, required=terms.second_factor)
    with recorded("second_factor_removal", account=actor.account_id, address=address):
        tried = await counted_again(database, now, actor, "code")

        async def work(connection: AsyncConnection) -> None:
            await second_factor.remove_own(connection, now, actor, code=body.code, seal=terms.seal, required=terms.second_factor, tried=tried)

        await act(database, work)
    return Response(status_code=204)
