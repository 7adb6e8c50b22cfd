"""Sessions over HTTP: sign in, refresh, sign out, who am I, and the keys that verify our tokens.

These ignore Idempotency-Key: a replayed answer would hand out secrets a second time.
"""

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.problems import Unauthenticated
from app.store.offices import office_names
from app.usecases import sessions as usecases
from app.usecases.sessions import SignedIn
from app.web.actor import CurrentActor, Terms
from app.web.answers import answer
from app.web.openapi import problems, requires
from app.web.schemas.sessions import Credentials, Discovery, KeySet, MeShown, RefreshRequest, SessionTokens
from app.web.session import Db, Now, Reading, act

router = APIRouter(tags=["sessions"])


@router.post(
    "/v1/auth/sessions",
    status_code=201,
    response_model=SessionTokens,
    responses=problems(401, 429),
    summary="Masuk · Sign in",
)
async def sign_in(body: Credentials, database: Db, now: Now, terms: Terms) -> Response:
    """Token akses berlaku singkat; token penyegar dipakai sekali saja. Nama yang tidak dikenal dan kata sandi yang salah dijawab sama.

    The access token is short-lived; a refresh token serves once. An unknown username and a wrong password get the same
    answer (401 `bad_credentials`).
    """
    async with database.read() as connection:
        account = await usecases.find_account(connection, body.username, terms=terms)
    recognised = await usecases.recognise(account, body.password)

    async def work(connection: AsyncConnection) -> SignedIn:
        return await usecases.sign_in(connection, now, recognised, terms=terms)

    return answer(SessionTokens.of(await act(database, work)), status=201)


@router.post(
    "/v1/auth/sessions/refresh",
    response_model=SessionTokens,
    responses=problems(401),
    summary="Perbarui token · Refresh the tokens",
)
async def refresh_session(body: RefreshRequest, database: Db, now: Now, terms: Terms) -> Response:
    """Peran yang baru diperoleh ikut dalam token baru. Token penyegar lama yang dipakai lagi mengakhiri sesi.

    A role gained since the last token comes with the new one. An older refresh token presented again ends the session,
    for whoever holds any of its tokens (401 `session_ended`).
    """

    async def work(connection: AsyncConnection) -> SignedIn | None:
        return await usecases.refresh(connection, now, body.refresh_token, terms=terms)

    signed_in = await act(database, work)
    if signed_in is None:
        raise Unauthenticated("session_ended")
    return answer(SessionTokens.of(signed_in))


@router.delete("/v1/auth/sessions/current", status_code=204, summary="Keluar · Sign out", openapi_extra=requires("signed_in"))
async def sign_out(actor: CurrentActor, database: Db, now: Now) -> Response:
    """Sesi berakhir saat itu juga, beserta semua tokennya. The session ends at once, and with it all of its tokens."""

    async def work(connection: AsyncConnection) -> None:
        await usecases.sign_out(connection, now, actor)

    await act(database, work)
    return Response(status_code=204)


@router.get("/v1/me", response_model=MeShown, summary="Siapa saya · Who am I", openapi_extra=requires("signed_in"))
async def get_me(actor: CurrentActor, connection: Reading, now: Now) -> Response:
    """Jabatan dan izin yang berlaku sekarang: yang disebut token dan masih ditugaskan.

    The positions and permissions that hold now: named by the token and still assigned.
    """
    held = await usecases.held_by(connection, actor, now)
    names = await office_names(connection, {assignment.office for assignment in held}, now)
    return answer(MeShown.of(actor, held, names))


@router.get("/.well-known/jwks.json", response_model=KeySet, summary="Kunci publik · Public keys")
async def get_key_set(terms: Terms, now: Now) -> Response:
    """Untuk memeriksa token akses tanpa bertanya kepada kami. To verify access tokens without asking us."""
    return answer(KeySet.of(terms.tokens.jwks(now)), headers={"Cache-Control": "public, max-age=300"})


@router.get("/.well-known/openid-configuration", response_model=Discovery, summary="Penerbit token · The issuer of tokens")
async def get_open_id_configuration(terms: Terms, now: Now) -> Response:
    """Siapa penerbit token dan di mana kunci publiknya. Who issues our tokens, and where the public keys are."""
    found = Discovery.of(terms.tokens.issuer, terms.tokens.jwks(now))
    return answer(found, headers={"Cache-Control": "public, max-age=300"})
